"""Finished files go to where they were asked for: all of them, under their names at once, or none."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from renderer.errors import OperationError


def publish(files: Mapping[Path, Path], texts: Mapping[Path, str]) -> None:
    """Copies `files` (target -> source) and writes `texts` (target -> content) beside their targets, then renames them.

    Until everything is on the disk nothing appears under its name. OperationError `publish_failed` leaves no new file.
    """
    parts: dict[Path, Path] = {}
    try:
        for target, source in files.items():
            shutil.copyfile(source, _part(target, parts))
        for target, text in texts.items():
            _part(target, parts).write_text(text, "utf-8")
        for part in parts.values():
            _sync(part)
        for target, part in parts.items():
            part.replace(target)
    except OSError as error:
        raise OperationError(
            "publish_failed",
            f"the clip is done but cannot be written to {target.parent}: {os.strerror(error.errno or 0)}; "
            "check the folder's rights and free space",
            retryable=True,
        ) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _part(target: Path, parts: dict[Path, Path]) -> Path:
    parts[target] = target.with_name(f".{target.name}.{os.getpid()}.part")
    return parts[target]


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
