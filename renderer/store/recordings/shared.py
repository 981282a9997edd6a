"""Uploaded recordings that every machine of the service can read, and the events that came with them."""

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from renderer.errors import RecordingError
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.store.clips.model import ClipStore
from renderer.store.recordings.arriving import check_text, spool_events
from renderer.store.recordings.copies import Cache, Copies
from renderer.store.recordings.kept import MAX_PAGE, is_recording_id, not_found
from renderer.store.recordings.model import StoredRecording
from renderer.store.recordings.store import RecordingStore

FOLDER: Final = "recordings"
LOCAL_S: Final = 86_400.0
"""How long a machine that took a recording in reads its own copy of it: as long as an upload may be finished again."""
_DROP_S: Final = LOCAL_S + 3600.0
"""Later than that, so that nobody who was just given the copy finds it gone."""

_EVENTS = re.compile(rf"{FOLDER}/([0-9a-f]{{64}})/events-([0-9a-f]{{64}})")
_TYPE: Final = "application/octet-stream"


class SharedRecordings:
    """What is uploaded goes into `local` first. With `is_shared`, `store` is one that other machines reach as well, and the truth:

        recordings/ID/recording      a recording; ID is the SHA-256 of its text
        recordings/ID/events-HASH    events that came with it; HASH is the SHA-256 of the file. In `store` whether shared or not

    A recording that is not there any more cannot be read on any machine, whatever copies of it are still in some cache.
    Every method may raise StoreError, and SetupError: store_unwritable, cache_unwritable.
    """

    def __init__(
        self,
        local: RecordingStore,
        store: ClipStore,
        cache: Cache,
        *,
        is_shared: bool,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.local = local
        """Where uploads in parts are begun, appended to and aborted."""
        self._store = store
        self._cache = cache
        self._copies = Copies(store, cache)
        self._is_shared = is_shared
        self._limits = limits or Limits()
        self._clock = clock

    def take_in(self, blocks: Iterable[bytes]) -> StoredRecording:
        """A whole recording; every machine can read it when this returns. Raises as `RecordingStore.put` does."""
        self._drop_old_copies()
        return self._share(self.local.put(blocks))

    def finish(self, upload: str, parts: int | None = None) -> StoredRecording:
        """As `RecordingStore.finish`; every machine can read it when this returns. Asked again it gives the same answer."""
        return self._share(self.local.finish(upload, parts))

    def put_events(self, recording_id: str, blocks: Iterable[bytes]) -> str:
        """Events that came with a recording, of any form, plain, gzip or zstd; gives the name by which they can be had.

        Raises RecordingError: recording_not_found for what is no id, and what `timeline.forms.file` raises; nothing is kept then.
        """
        name = _name(recording_id, "events")
        with self._cache.room() as room:
            path = room / "events"
            name = f"{name}-{spool_events(blocks, path, self._cache.writing)}"
            self._store.put(name, path, _TYPE)
        return name

    def read(self, recording_id: str) -> RawRecording:
        """The file of a recording, fetched if need be. Raises RecordingError `recording_not_found`."""
        if not self._is_shared:
            return self.local.read(recording_id)
        name = _name(recording_id, "recording")
        try:
            self._copies.look(name)
        except RecordingError:
            self._drop(recording_id)
            raise
        with suppress(RecordingError):
            if self._clock() - self.local.get(recording_id).stored_s < LOCAL_S:
                return self.local.read(recording_id)
        path = self._copies.get(name, lambda path: check_text(_raw(recording_id, path), self._limits))
        return _raw(recording_id, path)

    def events_path(self, name: str) -> Path:
        """A file on this machine with the events of that name, which `put_events` gave. Raises RecordingError `recording_not_found`."""
        match = _EVENTS.fullmatch(name)
        if match is None:
            raise not_found()
        return self._copies.get(name, lambda path: _sha256(path) == match[2])

    def delete(self, recording_id: str) -> None:
        """Takes a recording and all events with it away, for good; one that is not there is no matter."""
        if not is_recording_id(recording_id):
            return
        folder = f"{FOLDER}/{recording_id}"
        names = [file.name for file in self._store.list(folder)]
        self._store.delete(folder)
        self._drop(recording_id)
        for name in names:
            self._copies.forget(name)

    def delete_events(self, name: str) -> None:
        """Takes one file of events away, for good; one that is not there is no matter."""
        if _EVENTS.fullmatch(name):
            self._store.delete(name)
            self._copies.forget(name)

    def ages(self) -> Iterator[tuple[str, int]]:
        """Every recording that is kept, by its id, and when it was put (Unix time, ms): for who looks for those that are nobody's."""
        if not self._is_shared:
            yield from ((each.id, int(each.stored_s * 1000)) for each in self._local())
            return
        for file in self._store.list(FOLDER):
            _, recording_id, *rest = file.name.split("/")
            if rest == ["recording"]:
                yield recording_id, file.stored_ms

    def sweep(self) -> int:
        """Takes away uploads that were abandoned, and old copies here of what all machines can read; says how many uploads."""
        self._drop_old_copies()
        return self.local.sweep()

    def _share(self, stored: StoredRecording) -> StoredRecording:
        if self._is_shared:
            # Also when there is one already: what a store lost or damaged is mended by uploading it again.
            try:
                self._store.put(_name(stored.id, "recording"), self.local.read(stored.id).path, _TYPE)
            except FileNotFoundError:
                raise not_found() from None  # deleted since
        return stored

    def _drop(self, recording_id: str) -> None:
        """This machine's own copy."""
        with suppress(RecordingError):
            self.local.delete(recording_id)

    def _drop_old_copies(self) -> None:
        if self._is_shared:
            for each in self._local():
                if self._clock() - each.stored_s > _DROP_S:
                    self._drop(each.id)

    def _local(self) -> Iterator[StoredRecording]:
        cursor: str | None = None
        while True:
            page = self.local.page(cursor, MAX_PAGE)
            yield from page.recordings
            cursor = page.next_cursor
            if cursor is None:
                return


def _raw(recording_id: str, path: Path) -> RawRecording:
    return RawRecording(
        name=f"recording:{recording_id[:12]}…", path=path, size_bytes=path.stat().st_size, id=recording_id
    )


def _name(recording_id: str, what: str) -> str:
    if not is_recording_id(recording_id):
        raise not_found()
    return f"{FOLDER}/{recording_id}/{what}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
