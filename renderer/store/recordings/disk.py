"""The disk under the store: what is published is complete, what is discarded is gone, and both survive a power cut."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from renderer.errors import SetupError

_ALREADY_THERE = frozenset({errno.EEXIST, errno.ENOTEMPTY})


@contextmanager
def disk(root: Path) -> Iterator[None]:
    """Turns the disk's errors into SetupError `store_unwritable`. Nothing but the disk may be used inside."""
    try:
        yield
    except OSError as error:
        raise SetupError(
            "store_unwritable",
            f"recordings cannot be kept in {root}: {os.strerror(error.errno or 0)}; check its rights and free space, or set RENDERER_DATA_DIR",
            retryable=True,
        ) from error


def write(path: Path, blocks: Iterable[bytes]) -> None:
    """A file that is on the disk when this returns."""
    with path.open("wb") as file:
        file.writelines(blocks)
        file.flush()
        os.fsync(file.fileno())


def publish_folder(folder: Path, target: Path) -> bool:
    """Gives `folder` its name, for good; False when there is such a folder already, which is then left as it is."""
    sync_folder(folder)
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno in _ALREADY_THERE:
            return False
        raise
    sync_folder(target.parent)
    return True


def publish_file(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        write(beside, [data])
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def discard(folder: Path, gone: Path) -> bool:
    """Takes a whole folder away at once, then its files. What a kill leaves in `gone` is nobody's any more."""
    grave = gone / uuid4().hex
    try:
        folder.rename(grave)
    except FileNotFoundError:
        return False
    sync_folder(folder.parent)
    shutil.rmtree(grave, ignore_errors=True)
    return True


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def held(lock: Path, *, wait: bool = True) -> Iterator[bool]:
    """Holds a lock file against every thread and process; a lock ends with its process.

    False when its folder was taken away, or when somebody else holds it and `wait` is not wanted.
    """
    try:
        file = lock.open("r")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        still_there = False
        with suppress(FileNotFoundError):
            still_there = lock.stat().st_ino == os.fstat(file.fileno()).st_ino
        yield still_there
