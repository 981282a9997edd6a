"""The disk under a folder of clips."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from renderer.errors import StoreError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_MISCONFIGURED: Final = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP})


@contextmanager
def disk(root: Path) -> Iterator[None]:
    """Turns the disk's errors into StoreError. Nothing but the disk may be used inside."""
    try:
        yield
    except OSError as error:
        raise _explain(error, root) from error


def make_folders(folder: Path) -> None:
    """`folder` and what is missing above it, for their owner alone."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sync_up(folder: Path, root: Path) -> None:
    """Names in `folder` and in those above it, up to `root`, survive a power cut."""
    for each in (folder, *folder.parents):
        with suppress(FileNotFoundError):  # tidied away meanwhile
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if each == root:
            break


def remove(path: Path) -> None:
    """A file, or a folder and all in it, whoever else is removing it at the same time."""
    while os.path.lexists(path):
        with suppress(FileNotFoundError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def prune(folder: Path, root: Path) -> None:
    """Tidies away `folder` and those above it that are empty, below `root`."""
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def _explain(error: OSError, root: Path) -> StoreError:
    why = os.strerror(error.errno or 0)
    if error.errno in _FULL:
        return StoreError(
            "store_full", f"the store in {root} is full: {why}; make room or keep clips for fewer days", retryable=True
        )
    if error.errno in _DENIED:
        return StoreError("store_denied", f"the store in {root} cannot be used: {why}; check the rights of the folder")
    if error.errno in _MISCONFIGURED:
        return StoreError("store_misconfigured", f"the store cannot be in {root}: {why}; check RENDERER_STORE_URL")
    return StoreError("store_failed", f"the store in {root} failed: {why}; check its disk", retryable=True)
