"""The folder in which a film is made to fit: gone afterwards, or swept by the next one when the process was killed."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from renderer.encode.disk import disk_errors
from renderer.settings import Settings

_PREFIX = "renderer-refit-"
_LOCK = "lock"


@contextmanager
def refit_folder(settings: Settings) -> Iterator[Path]:
    """In RENDERER_WORK_DIR, else in the system's temporary folder. Raises EncodeError `disk_full` or `disk_failed`."""
    with disk_errors():
        parent = settings.work_dir or Path(tempfile.gettempdir())
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve()
        lock = (folder / "lock.new").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "lock.new").rename(folder / _LOCK)  # only a lock that is held is ever seen under this name
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, or not ours
            continue
