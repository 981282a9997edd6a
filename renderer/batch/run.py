"""The journey of a batch, top to bottom: look into the sessions, make the clips that came of it, keep the index true meanwhile."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from renderer.batch.hands import Hands
from renderer.batch.index import write_index
from renderer.batch.index_model import ClipEntry, Failure, Index
from renderer.batch.journal import Filmed, Journal, Seen, files_are_there
from renderer.batch.request import WHOLE, BatchRequest, Wanted
from renderer.batch.tally import build_index, clips_of, rules_used
from renderer.batch.tasks import Film, Look, Looked
from renderer.errors import RendererError
from renderer.request import ClipRequest, Range
from renderer.stages import Progress

_INDEX_S: Final = 10.0

Tell = Callable[[Progress], None]


def look_through(request: BatchRequest, tell: Tell) -> Index:
    """What a batch would make: its clips, all waiting. Nothing is written. Raises RequestError: rules_not_found, bad_rules."""
    rules = rules_used(request)
    with Journal(None, request.digest()) as journal, Hands(request.hands) as hands:
        _look(request, journal, hands, tell)
        return build_index(journal, request, rules, finished=False)


def run_batch(request: BatchRequest, folder: Path, tell: Tell) -> Index:
    """Makes the batch in `folder`, or goes on with it there: what was done is not done again, what failed is tried again.

    Sessions that cannot be read and clips that cannot be made are told in the index, and the rest goes on. Raises RequestError:
    rules_not_found, bad_rules, another_batch, batch_running; OperationError: bad_output_folder, journal_not_written,
    index_not_written.
    """
    rules = rules_used(request)
    with Journal(folder, request.digest()) as journal, Hands(request.hands) as hands:
        _look(request, journal, hands, tell)

        def write(*, finished: bool) -> Index:
            index = build_index(journal, request, rules, finished=finished)
            write_index(folder, index)
            return index

        write(finished=False)
        try:
            _film(request, journal, hands, folder, tell, lambda: write(finished=False))
        except BaseException:  # Ctrl-C most of all: what is made so far is there to be looked at
            with contextlib.suppress(RendererError):
                write(finished=False)
            raise
        return write(finished=True)


def _look(request: BatchRequest, journal: Journal, hands: Hands, tell: Tell) -> None:
    last = max((seen.number for seen in journal.seen.values()), default=0)
    wanted = [each for each in _once(request) if _is_to_be_read(each, journal)]
    numbers = []
    for each in wanted:
        known = journal.seen.get(each.reference)
        last += known is None
        numbers.append(last if known is None else known.number)
    tasks = [
        Look(
            number=number,
            clip=_of_session(request, each),
            rules=request.rules,
            replay_url=each.replay_url,
            most_clips=request.most_clips,
        )
        for number, each in zip(numbers, wanted, strict=True)
    ]
    for count, done in enumerate(hands.work(tasks), 1):
        session, number, result = wanted[done.number].reference, numbers[done.number], done.result
        if isinstance(result, Looked):
            journal.add(
                Seen(
                    number=number,
                    session=session,
                    events=wanted[done.number].events,
                    recording_id=result.recording_id,
                    clips=result.clips,
                )
            )
        elif isinstance(result, Failure):
            journal.add(Seen(number=number, session=session, error=result))
        tell(Progress("looking", count / len(tasks), f"{count} of {len(tasks)} sessions"))


def _once(request: BatchRequest) -> list[Wanted]:
    return list({wanted.reference: wanted for wanted in reversed(request.sessions)}.values())[::-1]


def _is_to_be_read(wanted: Wanted, journal: Journal) -> bool:
    known = journal.seen.get(wanted.reference)
    return known is None or known.error is not None


def _film(
    request: BatchRequest, journal: Journal, hands: Hands, folder: Path, tell: Tell, write: Callable[[], object]
) -> None:
    waiting = [clip for clip in clips_of(journal) if clip.status != "made" or not files_are_there(clip, folder)]
    tasks = [
        Film(clip=_of_clip(request, clip, journal.seen[clip.session].events), entry=clip, folder=folder)
        for clip in waiting
    ]
    shares = _Shares([clip.duration_ms or 1 for clip in waiting], tell)
    written_s = time.monotonic()
    for done in hands.work(tasks, shares.told):
        clip, result = waiting[done.number], done.result
        if isinstance(result, Failure):
            result = clip.model_copy(update={"status": "failed", "error": result, "files": {}})
        if isinstance(result, ClipEntry):
            journal.add(Filmed(clip=result))
        shares.done(done.number)
        if time.monotonic() - written_s > _INDEX_S:
            write()
            written_s = time.monotonic()


class _Shares:
    """One number for all clips: each counts as long as it is."""

    def __init__(self, lengths_ms: list[int], tell: Tell) -> None:
        self._lengths_ms = lengths_ms
        self._parts = [0.0] * len(lengths_ms)
        self._finished = 0
        self._tell = tell

    def told(self, number: int, progress: Progress) -> None:
        # Not all of it before its files are there.
        self._parts[number] = max(self._parts[number], min(progress.done, 0.99))
        self._show()

    def done(self, number: int) -> None:
        self._parts[number] = 1.0
        self._finished += 1
        self._show()

    def _show(self) -> None:
        done = sum(part * length for part, length in zip(self._parts, self._lengths_ms, strict=True))
        words = f"{self._finished} of {len(self._parts)} clips"
        self._tell(Progress("filming", done / sum(self._lengths_ms), words))


def _of_session(request: BatchRequest, wanted: Wanted) -> ClipRequest:
    return request.clip.model_copy(
        update={
            "recording": wanted.reference,
            "events": wanted.events,
            "rules": None if request.rules == WHOLE else request.rules,
        }
    )


def _of_clip(request: BatchRequest, clip: ClipEntry, events: str | None) -> ClipRequest:
    """`events`: as its session was looked into with, which may be in an earlier run."""
    shown = Range.inside(clip.range.from_ms, clip.range.to_ms, clip.session_ms)
    return _of_session(request, Wanted(clip.session, events)).model_copy(update={"range": shown})
