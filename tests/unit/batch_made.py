"""What a batch has noted: sessions that were looked into, clips that were made or not, as a journal keeps them."""

from collections.abc import Sequence

from renderer.batch.index_model import ClipEntry, Failure
from renderer.batch.journal import Seen
from renderer.batch.request import BatchRequest, Wanted
from renderer.request import ClipRequest
from tests.unit.batch_fixtures import NO_FILM, a_clip

UNREADABLE = Failure(code="bad_json", message="it ends in the middle of its JSON")


def seen(
    number: int, clips: Sequence[ClipEntry] = (), recording_id: str | None = None, name: str | None = None
) -> Seen:
    return Seen(
        number=number, session=name or f"{number}.json", recording_id=recording_id or f"r{number}", clips=tuple(clips)
    )


def unreadable(number: int) -> Seen:
    return Seen(number=number, session=f"{number}.json", error=UNREADABLE)


def waiting(number: int, **changes: object) -> ClipEntry:
    return a_clip(number, **{"status": "waiting", "files": {}, "steps": (), **changes})


def failed(clip: ClipEntry) -> ClipEntry:
    return clip.model_copy(update={"status": "failed", "error": NO_FILM, "files": {}})


def asked(*sessions: str, rules: str = "whole", **clip: object) -> BatchRequest:
    return BatchRequest(
        sessions=tuple(Wanted(each) for each in sessions),
        rules=rules,
        clip=ClipRequest.model_validate({"recording": "-", **clip}),
    )
