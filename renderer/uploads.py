"""Uploaded recordings, wherever they were uploaded: kept where they came in, and handed to other machines through the clip store.

recordings/ID/recording      in the clip store, where that is one that all machines reach
recordings/ID/events-HASH    events that came with it
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from renderer.errors import RecordingError, RendererError
from renderer.recording.raw import RawRecording
from renderer.sources.kept import Kept, key_of
from renderer.store.clips.model import ClipStore, StoredFile
from renderer.store.recordings.model import StoredRecording
from renderer.store.recordings.store import RecordingStore

_FOLDER: Final = "recordings"
_HASH_LENGTH: Final = 32


class Uploads:
    """`shared`: the clip store is another place than this machine's data folder. `kept`: copies of what other machines took in."""

    def __init__(self, local: RecordingStore, store: ClipStore, kept: Kept, *, shared: bool) -> None:
        self.local = local
        self._store = store
        self._kept = kept
        self._shared = shared

    def put(self, blocks: Iterable[bytes]) -> StoredRecording:
        """Takes a whole recording in; every machine can read it when this returns. Raises as `RecordingStore.put`, and StoreError."""
        return self.share(self.local.put(blocks))

    def share(self, stored: StoredRecording) -> StoredRecording:
        """Of a recording that was taken in here. Raises StoreError, and RecordingError `recording_not_found` when it was deleted since."""
        if not self._shared:
            return stored
        name = f"{_FOLDER}/{stored.id}/recording"
        try:
            self._store.put(name, self.local.read(stored.id).path, "application/zstd")
            self.local.delete(stored.id)
        except (RecordingError, FileNotFoundError):  # an equal one, uploaded at the same time, was quicker
            self._find(name)
        return stored

    def put_events(self, recording_id: str, path: Path) -> str:
        """The name under which the events can be had from now on. Raises StoreError."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = f"{_FOLDER}/{recording_id}/events-{digest[:_HASH_LENGTH]}"
        self._store.put(name, path, "application/octet-stream")
        return name

    def read(self, recording_id: str) -> RawRecording:
        """Raises RecordingError `recording_not_found`, StoreError, SetupError `cache_unwritable`."""
        try:
            return self.local.read(recording_id)
        except RecordingError:
            if not self._shared:
                raise
            path = self._fetched(f"{_FOLDER}/{recording_id}/recording")
        return RawRecording(
            name=f"recording:{recording_id[:12]}…", path=path, size_bytes=path.stat().st_size, id=recording_id
        )

    def events(self, name: str) -> Path:
        """A file on this machine. Raises RecordingError `recording_not_found`, StoreError, SetupError `cache_unwritable`."""
        return self._fetched(name)

    def forget(self, recording_id: str) -> None:
        """Takes a recording and its events away, for good; one that is not there is no matter. Raises StoreError."""
        with suppress(RecordingError):
            self.local.delete(recording_id)
        for file in list(self._store.list(f"{_FOLDER}/{recording_id}")):
            self._kept.forget(key_of(file.name))
        self._store.delete(f"{_FOLDER}/{recording_id}")

    def _find(self, name: str) -> StoredFile:
        try:
            return self._store.find(name)
        except RendererError as error:
            if error.code != "file_not_found":
                raise
            raise RecordingError(
                "recording_not_found", "there is no such recording here; it was deleted, or never stored"
            ) from None

    def _fetched(self, name: str) -> Path:
        key = key_of(name)
        if (found := self._kept.find(key)) is not None:
            return found[0]
        self._find(name)
        blocks = self._store.open(name).blocks
        with self._kept.room() as room:
            path = room / "file"
            with self._kept.writing(), path.open("wb") as file:
                for block in blocks:
                    file.write(block)
            return self._kept.keep(key, path)
