"""Recordings that were fetched before, on disk, so that a second render fetches nothing.

    v1/HASH        the recording, as it was fetched or joined
    v1/HASH.json   its size and the notices of fetching it
    v1/tmp/        what is being fetched

Any number of processes may share it: files are written beside and renamed, and immutable under their names.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from renderer.errors import SetupError
from renderer.notices import Notice

GIB: Final = 1024**3
MAX_BYTES: Final = 10 * GIB
DAY_S: Final = 86_400.0
UNUSED_S: Final = 7 * DAY_S
"""Recordings are personal data: what nobody asks for any more is not kept."""
# A render opens its recording seconds after fetching it.
_IN_USE_S: Final = 3600.0
_ABANDONED_S: Final = DAY_S


class _Entry(msgspec.Struct, frozen=True):
    size_bytes: int
    notices: tuple[Notice, ...] = ()


class Kept:
    """The cache below `root`, made when it is first written to. Raises SetupError `cache_unwritable`."""

    def __init__(self, root: Path, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.time) -> None:
        self._root = root / "v1"
        self._max_bytes = max_bytes
        self._clock = clock

    def find(self, key: str) -> tuple[Path, tuple[Notice, ...]] | None:
        path = self._root / key
        try:
            entry = msgspec.json.decode(_facts(path).read_bytes(), type=_Entry)
            if path.stat().st_size != entry.size_bytes:
                return None
            os.utime(path, (self._clock(), self._clock()))
        except (OSError, ValueError):
            return None
        return path, entry.notices

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A folder to fetch into, removed with all that was not kept."""
        with self.writing():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._root / "tmp").mkdir(exist_ok=True)
            self._sweep()
            folder = Path(tempfile.mkdtemp(dir=self._root / "tmp"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, key: str, file: Path, notices: Iterable[Notice] = ()) -> Path:
        """Publishes `file`, from a room, under `key`."""
        path = self._root / key
        facts = file.with_suffix(".json")
        with self.writing():
            facts.write_bytes(msgspec.json.encode(_Entry(file.stat().st_size, tuple(notices))))
            facts.replace(_facts(path))
            os.utime(file, (self._clock(), self._clock()))
            file.replace(path)
        return path

    def forget(self, key: str) -> None:
        with self.writing():
            for path in (self._root / key, _facts(self._root / key)):
                path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        now_s = self._clock()
        for folder in (self._root / "tmp").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if now_s - folder.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(folder, ignore_errors=True)
        kept = []
        for path in self._root.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and path.suffix != ".json":
                    kept.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(size for _, size, _ in kept)
        for used_s, size, path in sorted(kept):
            if now_s - used_s <= UNUSED_S and (total <= self._max_bytes or now_s - used_s <= _IN_USE_S):
                continue
            path.unlink(missing_ok=True)
            _facts(path).unlink(missing_ok=True)
            total -= size

    @contextmanager
    def writing(self) -> Iterator[None]:
        """To be held around nothing but writing: every OSError inside is taken for the disk's."""
        try:
            yield
        except OSError as error:
            raise SetupError(
                "cache_unwritable",
                f"the recording cannot be kept in {self._root.parent}: {os.strerror(error.errno or 0)}; set RENDERER_CACHE_DIR",
            ) from error


def key_of(*parts: object) -> str:
    """The name of an entry: a hash, so that no bucket, key or signature is ever written down."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _facts(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
