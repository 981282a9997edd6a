"""Keeps the cache on disk within its size: bodies leave, least recently used first."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from renderer.assets.cache import LAYOUT

# Down to a little less than the limit, so that the next render does not prune again.
_AIM: Final = 0.9
# A file that is being written is renamed within seconds; older ones belong to processes that died.
_ABANDONED_S: Final = 3600.0
# Longer than any failure is remembered. Entries are small, and one whose body left is merely fetched again.
_UNUSED_ENTRY_S: Final = 90 * 86_400.0


def prune(cache_dir: Path, max_bytes: int, now_s: float) -> int:
    """Delete what is too much and return how many bytes that was. One process prunes, others leave it to it.

    Readers need no lock: a body that is gone is fetched again. OSError is for the caller, when the cache cannot be listed.
    """
    root = cache_dir / LAYOUT
    with _alone(root / "prune.lock") as alone:
        if not alone:
            return 0
        for path, seen in _files(root / "tmp"):
            if now_s - seen.st_mtime > _ABANDONED_S:
                path.unlink(missing_ok=True)
        for path, seen in _files(root / "urls"):
            if now_s - seen.st_mtime > _UNUSED_ENTRY_S:
                path.unlink(missing_ok=True)
        bodies = sorted(_files(root / "bodies"), key=lambda found: found[1].st_mtime)
        total = sum(seen.st_size for _, seen in bodies)
        if total <= max_bytes:
            return 0
        deleted = 0
        for path, seen in bodies:
            if total - deleted <= max_bytes * _AIM:
                break
            path.unlink(missing_ok=True)
            deleted += seen.st_size
        return deleted


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.rglob("*"):
        # Another process may delete it in the meantime: a damaged body, a temporary file.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                yield path, path.stat()


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
