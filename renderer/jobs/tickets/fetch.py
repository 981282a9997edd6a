"""A clip's files from the store to this machine's disk, where they are sent from."""

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Final, get_args

from renderer.attach import read_manifest
from renderer.deliver.parcel import FileKind
from renderer.errors import DestinationError, StoreError
from renderer.jobs.tickets.rows import InHand
from renderer.manifest.model import Manifest
from renderer.store.clips.model import ClipStore

_WANTED: Final = frozenset({*get_args(FileKind), "summary", "manifest"})


def fetch(hand: InHand, store: ClipStore, folder: Path) -> tuple[Manifest, dict[str, Path]]:
    """The manifest, and files by kind. Raises StoreError; DestinationError `clip_incomplete`."""
    found: dict[str, Path] = {}
    for file in hand.files:
        if file["kind"] in _WANTED:
            path = folder / str(file["name"])
            _copy(store, f"renders/{hand.render_id}/{file['name']}", path, str(file["sha256"]))
            found[str(file["kind"])] = path
    if "manifest" not in found:
        raise DestinationError("clip_incomplete", "the clip has no manifest in the store: make the clip again")
    return read_manifest(found["manifest"]), found


def _copy(store: ClipStore, name: str, target: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    opened = store.open(name)
    with closing(opened.blocks) as blocks, target.open("wb") as file:
        for block in blocks:
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != sha256:
        raise StoreError(
            "store_damaged", f"{target.name} came out of the store damaged: check RENDERER_STORE_URL", retryable=True
        )
