"""A clip store in a folder: of one machine, or of a network file system that every machine has mounted."""

import hashlib
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from renderer.store.clips import faults, trial
from renderer.store.clips.disk import disk, make_folders, prune, remove, sync_up
from renderer.store.clips.model import Opened, PutFile, StoredFile
from renderer.store.clips.names import check_name, check_prefix, is_name
from renderer.store.clips.ranges import check_range

# No name begins with a dot.
_INCOMING: Final = ".incoming"
_GONE: Final = ".gone"
_BLOCK_BYTES: Final = 1024 * 1024
_TRIES: Final = 10


class FolderStore:
    """A file lies under its name below `root`. Clips show what people did: the folder is for its owner alone."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        self._root = root
        self._clock = clock

    def put(self, name: str, path: Path, content_type: str) -> PutFile:
        target = self._root / check_name(name)
        with path.open("rb") as given:
            beside = self._hidden(_INCOMING) / uuid4().hex
            try:
                size_bytes, sha256 = self._copy(given, beside)
                with disk(self._root), beside.open("rb") as kept:
                    if hashlib.file_digest(kept, "sha256").hexdigest() != sha256:
                        raise faults.damaged(name)
                with disk(self._root):
                    self._publish(beside, target)
            finally:
                with suppress(OSError):
                    beside.unlink(missing_ok=True)
        return PutFile(name, size_bytes, sha256)

    def find(self, name: str) -> StoredFile:
        if (found := self._look(self._root / check_name(name))) is None:
            raise faults.not_found(name)
        return found

    def open(self, name: str, start: int = 0, end: int | None = None) -> Opened:
        path = self._root / check_name(name)
        with disk(self._root):
            try:
                file = path.open("rb")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise faults.not_found(name) from None
            size_bytes = os.fstat(file.fileno()).st_size
        try:
            last = check_range(name, size_bytes, start, end)
        except BaseException:
            file.close()
            raise
        blocks = self._blocks(name, file, start, last)
        next(blocks)  # begun: only then does closing it close the file
        return Opened(size_bytes, blocks)

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        with disk(self._root):
            for folder, folders, names in os.walk(self._root / check_prefix(prefix), onerror=_refuse):
                folders[:] = [each for each in folders if not each.startswith(".")]
                for each in names:
                    found = self._look(Path(folder, each))
                    if found and is_name(found.name):  # what else lies in the folder is not ours
                        yield found

    def delete(self, prefix: str) -> int:
        path = self._root / check_prefix(prefix, least=2)
        with disk(self._root):
            count = self._count(prefix)
            grave = self._hidden(_GONE) / uuid4().hex
            with suppress(FileNotFoundError, NotADirectoryError):
                path.rename(grave)
                sync_up(path.parent, self._root)
                remove(grave)
            if self._count(prefix):
                raise faults.still_there(prefix)
            prune(path.parent, self._root)
        return count

    def check(self) -> None:
        trial.try_out(self)

    def sweep(self, older_than_s: float) -> int:
        count = 0
        with disk(self._root):
            for hidden in (_INCOMING, _GONE):
                for path in self._hidden(hidden).iterdir():
                    with suppress(FileNotFoundError):
                        # What is deleted has the time of its putting, and nobody wants it any more.
                        if hidden == _GONE or self._clock() - path.stat().st_mtime > older_than_s:
                            remove(path)
                            count += 1
        return count

    def _copy(self, given: BinaryIO, beside: Path) -> tuple[int, str]:
        """Length and SHA-256 of what was given, which is on the disk then."""
        digest, size_bytes = hashlib.sha256(), 0
        with disk(self._root):
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            while block := given.read(_BLOCK_BYTES):
                digest.update(block)
                size_bytes += len(block)
                with disk(self._root):
                    rest = memoryview(block)
                    while rest:
                        rest = rest[file.write(rest) :]
            with disk(self._root):
                os.fsync(file.fileno())
        return size_bytes, digest.hexdigest()

    def _publish(self, beside: Path, target: Path) -> None:
        for left in reversed(range(_TRIES)):
            try:
                make_folders(target.parent)
                beside.replace(target)
                break
            except FileNotFoundError:  # a folder was empty, and somebody else tidied it away
                if not left:
                    raise
        sync_up(target.parent, self._root)

    def _blocks(self, name: str, file: BinaryIO, start: int, end: int) -> Generator[bytes]:
        with file:
            yield b""
            with disk(self._root):
                file.seek(start)
            while start < end:
                with disk(self._root):
                    block = file.read(min(_BLOCK_BYTES, end - start))
                if not block:
                    raise faults.damaged(name)
                start += len(block)
                yield block

    def _look(self, path: Path) -> StoredFile | None:
        """None when there is no such file."""
        with disk(self._root):
            try:
                status = path.stat()
                if path.is_dir():
                    return None
            except (FileNotFoundError, NotADirectoryError):
                return None
        return StoredFile(path.relative_to(self._root).as_posix(), status.st_size, status.st_mtime_ns // 1_000_000)

    def _count(self, prefix: str) -> int:
        here = self._look(self._root / check_prefix(prefix))
        return 1 if here else sum(1 for _ in self.list(prefix))

    def _hidden(self, name: str) -> Path:
        with disk(self._root):
            folder = self._root / name
            make_folders(folder)
            return folder


def _refuse(error: OSError) -> None:
    """Of folders that cannot be listed; one that is not there has nothing in it."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
