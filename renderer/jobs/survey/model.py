"""What a batch looks through sessions for, and what a worker has in hand of it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renderer.jobs.going import Going
from renderer.store.recordings.model import StoredRecording


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sessions there are: `from_ms` (Unix time) or later, that the RecordingsQuery `filter` finds; `limit` at the most."""

    name: str
    from_ms: int
    limit: int
    filter: dict[str, Any] | None = None
    every_session: bool = False


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As it stands in a batch's row. `rules`: "built-in" or a name, None for whole sessions. `clip`: fields of a ClipRequest but for the
    recording. `metadata`, `deliver`: of each clip. `dry_run`: clips are found, and none is made.
    `archive`: sessions in which something is found are kept as uploaded recordings, for as long as nobody deletes them.
    """

    rules: str | None
    clip: dict[str, Any]
    source: Source | None = None
    most_clips: int | None = None
    dry_run: bool = False
    archive: bool = False
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    deliver: tuple[Going, ...] = ()

    def row(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Spec":
        # Rows of earlier versions have destinations alone.
        deliver = [{"to": each} if isinstance(each, str) else each for each in row.get("deliver", ())]
        return msgspec.convert({**row, "deliver": deliver}, cls)


class ToLook(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a batch. `events`: the name of the events that were uploaded with it. `attempt`: the fence."""

    number: int
    recording: str
    events: str | None
    replay_url: str | None
    attempt: int


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What is in hand of one batch: its `sessions` are to be looked into; without any, its source is asked which there are.

    `attempt`: of the listing.
    """

    batch_id: str
    tenant: str
    key_id: str
    owner: str
    spec: Spec
    attempt: int = 0
    sessions: tuple[ToLook, ...] = ()

    @property
    def is_listing(self) -> bool:
        return not self.sessions


class FoundSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that a source has."""

    recording: str
    replay_url: str | None = None


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is kept in the recording store. `events`: the name of its events there."""

    stored: StoredRecording
    events: str | None
