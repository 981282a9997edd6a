"""What a batch's folder says of itself: `index.json` for programs, `index.csv` for spreadsheets, `index.html` for people."""

import os
from collections.abc import Mapping
from pathlib import Path

from renderer.batch.index_csv import write_csv
from renderer.batch.index_model import Index
from renderer.batch.page import write_page
from renderer.errors import OperationError

__all__ = ["Index", "write_index"]


def write_index(folder: Path, index: Index) -> None:
    """Writes the three files beside their names and then renames them, so that a reader finds an old one or a new one.

    It may be called again and again while a batch goes on. OperationError `index_not_written` leaves what was there before.
    """
    _publish(
        folder,
        {
            "index.json": (index.model_dump_json(indent=2) + "\n").encode(),
            "index.csv": write_csv(index),
            # Last: who sees the page finds the others.
            "index.html": write_page(index.model_dump_json()).encode(),
        },
    )


def _publish(folder: Path, contents: Mapping[str, bytes]) -> None:
    parts = {name: folder / f".{name}.{os.getpid()}.part" for name in contents}
    try:
        for name, part in parts.items():
            with part.open("wb") as file:
                file.write(contents[name])
                file.flush()
                os.fsync(file.fileno())
        for name, part in parts.items():
            part.replace(folder / name)
    except OSError as error:
        raise OperationError(
            "index_not_written",
            f"the batch's index cannot be written to {folder}: {os.strerror(error.errno or 0)}; "
            "check the folder's rights and free space",
            retryable=True,
        ) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
