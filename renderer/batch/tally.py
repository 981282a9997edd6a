"""From what a batch has noted to what its index says: duplicates left out, and totals that add up."""

from collections.abc import Sequence
from datetime import UTC, datetime

from renderer import __version__
from renderer.batch.index_model import ClipEntry, Index, RulesUsed, SessionEntry, Totals
from renderer.batch.journal import Journal, Seen
from renderer.batch.request import WHOLE, BatchRequest
from renderer.rules.load import load_rules


def own_sessions(journal: Journal) -> list[Seen]:
    """Those that could be read, each recording once, however many names it goes by. By number.

    Of several names it is the one whose clips are being made already, else the one with most moments, as not all of them may have the
    events beside; else the first.
    """

    def merit(seen: Seen) -> tuple[bool, int, int]:
        is_begun = any(clip.id in journal.filmed for clip in seen.clips)
        return is_begun, sum(len(clip.moments) for clip in seen.clips), -seen.number

    found: dict[str | None, Seen] = {}
    for seen in journal.seen.values():
        if seen.error is None:
            found[seen.recording_id] = max(seen, found.get(seen.recording_id, seen), key=merit)
    return sorted(found.values(), key=_number)


def clips_of(journal: Journal) -> list[ClipEntry]:
    """All clips of the batch as they are now, in the order of the sessions."""
    return [journal.filmed.get(clip.id, clip) for seen in own_sessions(journal) for clip in seen.clips]


def build_index(journal: Journal, request: BatchRequest, rules: RulesUsed, *, finished: bool) -> Index:
    """The sessions of the request, and those of earlier runs in the same folder."""
    own = {seen.session for seen in own_sessions(journal)}
    sessions = [_session(seen, is_own=seen.session in own) for seen in sorted(journal.seen.values(), key=_number)]
    clips = clips_of(journal)
    named = {wanted.reference for wanted in request.sessions} | journal.seen.keys()
    return Index(
        created_at=datetime.now(UTC),
        renderer=__version__,
        finished=finished,
        rules=rules,
        totals=_totals(len(named), sessions, clips),
        clips=tuple(clips),
        sessions=tuple(sessions),
    )


def _number(seen: Seen) -> int:
    return seen.number


def _session(seen: Seen, *, is_own: bool) -> SessionEntry:
    if seen.error is not None:
        return SessionEntry(session=seen.session, status="unreadable", moments=0, error=seen.error)
    if not is_own:
        return SessionEntry(session=seen.session, status="duplicate", moments=0, error=None)
    return SessionEntry(
        session=seen.session,
        status="matched" if seen.clips else "no_match",
        moments=sum(len(clip.moments) for clip in seen.clips),
        error=None,
    )


def _totals(named: int, sessions: Sequence[SessionEntry], clips: Sequence[ClipEntry]) -> Totals:
    statuses = [session.status for session in sessions]
    return Totals(
        sessions=named,
        read=statuses.count("matched") + statuses.count("no_match"),
        unreadable=statuses.count("unreadable"),
        duplicates=statuses.count("duplicate"),
        matched=statuses.count("matched"),
        moments=sum(session.moments for session in sessions),
        clips=len(clips),
        made=sum(clip.status == "made" for clip in clips),
        failed=sum(clip.status == "failed" for clip in clips),
        waiting=sum(clip.status == "waiting" for clip in clips),
    )


def rules_used(request: BatchRequest) -> RulesUsed:
    """Read once, at the beginning: who writes on the file meanwhile must not cost the index. Raises RequestError: rules_not_found, bad_rules."""
    if request.rules == WHOLE:
        return RulesUsed(source="whole sessions", digest="", names=())
    rules = load_rules(request.rules)
    return RulesUsed(source=rules.source, digest=rules.digest, names=rules.names)
