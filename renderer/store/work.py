"""The work folder of one render: pictures and unfinished files, gone when the render is over."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from renderer.errors import SetupError
from renderer.settings import Settings

MEMORY = Path("/dev/shm")  # noqa: S108 - a tmpfs is where pictures belong that live for a minute
MEMORY_NEEDED_BYTES = 2 * 1024**3
"""A clip of 20 minutes may spool a gigabyte of pictures; containers often have 64 MB here, which is no use."""

_PREFIX = "renderer-work-"
_LOCK = "lock"


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """RENDERER_WORK_DIR, else memory where there is plenty, else the system's temporary folder."""
    parent = settings.work_dir or _roomy_memory()
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent or Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = (folder / "lock.new").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "lock.new").rename(folder / _LOCK)  # only a lock that is held is ever seen under this name
    except OSError as error:
        raise SetupError(
            "no_work_folder",
            f"no work folder can be made in {parent or tempfile.gettempdir()}: {os.strerror(error.errno or 0)}; set RENDERER_WORK_DIR",
            retryable=True,
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _sweep(parent: Path) -> None:
    """Remove what killed renders left behind. A lock ends with its process, whatever container that ran in."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, or not ours
            continue


def _roomy_memory() -> Path | None:
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    return MEMORY if free >= MEMORY_NEEDED_BYTES and os.access(MEMORY, os.W_OK) else None
