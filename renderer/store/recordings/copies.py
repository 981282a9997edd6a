"""This machine's copies of what lies in a store that all machines reach."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from renderer.errors import RecordingError, StoreError
from renderer.notices import Notice
from renderer.store.clips import faults
from renderer.store.clips.model import ClipStore
from renderer.store.recordings.kept import not_found


class Cache(Protocol):
    """Files that were fetched before, as `renderer.sources.kept.Kept` keeps them."""

    def find(self, key: str) -> tuple[Path, tuple[Notice, ...]] | None: ...
    def room(self) -> AbstractContextManager[Path]: ...
    def writing(self) -> AbstractContextManager[None]: ...
    def keep(self, key: str, file: Path) -> Path: ...
    def forget(self, key: str) -> None: ...


class Copies:
    """The store is asked every time: a copy of what was deleted there is no good any more.

    Every method may raise RecordingError `recording_not_found`, StoreError, and SetupError `cache_unwritable`.
    """

    def __init__(self, store: ClipStore, cache: Cache) -> None:
        self._store = store
        self._cache = cache

    def look(self, name: str) -> None:
        """Nothing when it is in the store."""
        try:
            with _as_recording():
                self._store.find(name)
        except RecordingError:
            self.forget(name)
            raise

    def get(self, name: str, is_right: Callable[[Path], bool]) -> Path:
        """The file, fetched if it was not before; StoreError `store_damaged` when what came is not right."""
        self.look(name)
        if (found := self._cache.find(_key(name))) is not None:
            return found[0]
        with self._cache.room() as room:
            path = room / "fetched"
            with self._cache.writing():
                file = path.open("wb")
            with file:
                for block in self._blocks(name):
                    with self._cache.writing():
                        file.write(block)
                with self._cache.writing():
                    file.flush()
            if not is_right(path):
                raise faults.damaged(name)
            return self._cache.keep(_key(name), path)

    def forget(self, name: str) -> None:
        self._cache.forget(_key(name))

    def _blocks(self, name: str) -> Iterator[bytes]:
        with _as_recording():
            yield from self._store.open(name).blocks


@contextmanager
def _as_recording() -> Iterator[None]:
    """A file that is not there is a recording that is not."""
    try:
        yield
    except StoreError as error:
        if error.code == "file_not_found":
            raise not_found() from None
        raise


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
