"""A proof that a clip store works: a small file goes in, comes out and goes away."""

import os
import tempfile
from pathlib import Path
from typing import Final
from uuid import uuid4

from renderer.errors import SetupError
from renderer.store.clips import faults
from renderer.store.clips.model import ClipStore

FOLDER: Final = "checks"


def try_out(store: ClipStore) -> None:
    """Raises StoreError as `ClipStore` does, and SetupError `no_work_folder`."""
    name, text = f"{FOLDER}/{uuid4().hex}", uuid4().bytes
    try:
        descriptor, path = tempfile.mkstemp()
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    except OSError as error:
        raise SetupError(
            "no_work_folder", f"no file can be written to {tempfile.gettempdir()}: {os.strerror(error.errno or 0)}"
        ) from error
    try:
        store.put(name, Path(path), "application/octet-stream")
    finally:
        Path(path).unlink()
    try:
        if b"".join(store.open(name).blocks) != text:
            raise faults.damaged(name)
    finally:
        store.delete(name)
