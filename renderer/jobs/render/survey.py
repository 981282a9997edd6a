"""Looking through sessions for a batch: which ones a source has, and what rules find in some of them."""

import json
from pathlib import Path
from typing import Final

from renderer.batch.request import WHOLE
from renderer.batch.tasks import Look, look
from renderer.bootstrap import build_events_path, build_listings
from renderer.database.engine import now_ms
from renderer.errors import RendererError, RequestError
from renderer.jobs.model import Failure
from renderer.jobs.render.archive import archive
from renderer.jobs.render.line import Line
from renderer.jobs.render.local import local_request
from renderer.jobs.render.messages import Found, Looked, Made, NotLooked, Told
from renderer.jobs.survey.model import FoundSession, Source, Survey, ToLook
from renderer.redact.policy.load import load_policy
from renderer.request import ClipRequest
from renderer.rules.load import load_rules
from renderer.settings import Settings
from renderer.sources.model import Listing
from renderer.store.work import work_folder

_AT_ONCE: Final = 50


def survey(line: Line, asked: Survey) -> None:
    """Raises the tree of `renderer.errors` when the source cannot be asked; a session that cannot be read is told of."""
    settings = Settings()
    was_cut = asked.is_listing and _list(line, asked, settings)
    for each in asked.sessions:
        try:
            line.tell(_looked(asked, each, settings))
        except RendererError as error:
            line.tell(NotLooked(each.number, Failure.of(error)))
    line.tell(Made([], {"was_cut": was_cut}))


def _list(line: Line, asked: Survey, settings: Settings) -> bool:
    """Whether there are more than were asked for, as far as one can tell."""
    source = asked.spec.source
    listing = build_listings(settings).get(source.name) if source is not None else None
    if source is None or listing is None:
        raise RequestError("unknown_source", "sessions cannot be listed from there")
    with work_folder(settings) as folder:
        found = _sessions(listing, source, asked, settings, folder, line)
    for start in range(0, len(found), _AT_ONCE):
        line.tell(Found([each for each in found[start : start + _AT_ONCE] if each is not None]))
    return len(found) >= source.limit


def _sessions(
    listing: Listing, source: Source, asked: Survey, settings: Settings, folder: Path, line: Line
) -> list[FoundSession | None]:
    """None in the place of one that goes on still: its end is not known yet."""
    filters: Path | None = None
    if source.filter is not None:
        filters = folder / "filter.json"
        filters.write_text(json.dumps(source.filter), encoding="utf-8")
    request = _request(asked, "-", settings, None)
    narrowing = None if source.every_session or request.rules is None else load_rules(request.rules)
    found = listing.sessions(
        str(filters) if filters is not None else None,
        max(0, now_ms() - source.from_ms),
        source.limit,
        load_policy(request.redaction),
        lambda words: line.tell(Told("fetching", 0.0, words)),
        narrowing,
    )
    return [
        FoundSession(recording=f"{source.name}:{each.id}", replay_url=each.url) for each in found if not each.is_ongoing
    ]


def _looked(asked: Survey, session: ToLook, settings: Settings) -> Looked:
    events = build_events_path(settings, session.events) if session.events else None
    request = _request(asked, session.recording, settings, events)
    looked = look(
        Look(
            number=session.number,
            clip=request,
            rules=request.rules or WHOLE,
            replay_url=session.replay_url,
            most_clips=asked.spec.most_clips,
        )
    )
    archived = archive(session.recording, settings) if looked.clips and asked.spec.archive else None
    clips = [clip.model_dump(mode="json") for clip in looked.clips]
    return Looked(session.number, looked.recording_id, clips, archived)


def _request(asked: Survey, recording: str, settings: Settings, events: Path | None) -> ClipRequest:
    stored = {**asked.spec.clip, "recording": recording, "rules": asked.spec.rules}
    return local_request(stored, settings, events)
