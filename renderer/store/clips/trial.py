"""A proof that a clip store works: a small file goes in, comes out and goes away."""

import tempfile
from pathlib import Path
from typing import Final
from uuid import uuid4

from renderer.store.clips import faults
from renderer.store.clips.model import ClipStore

FOLDER: Final = "checks"


def try_out(store: ClipStore) -> None:
    """Raises StoreError as `ClipStore` does."""
    name, text = f"{FOLDER}/{uuid4().hex}", uuid4().bytes
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        store.put(name, Path(file.name), "application/octet-stream")
    try:
        if b"".join(store.open(name).blocks) != text:
            raise faults.damaged(name)
    finally:
        store.delete(name)
