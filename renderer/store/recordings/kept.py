"""Recordings that are kept, each in a folder named after its content."""

import os
import re
from pathlib import Path
from typing import Final

import msgspec

from renderer.errors import OperationError, RecordingError, RequestError
from renderer.recording.raw import RawRecording
from renderer.store.recordings import disk
from renderer.store.recordings.model import Page, StoredRecording

RECORDING: Final = "recording"
FACTS: Final = "facts.json"
MAX_PAGE: Final = 1000

_ID = re.compile(r"[0-9a-f]{64}")
_CURSOR = re.compile(r"(\d{1,19})-([0-9a-f]{64})")


class KeptRecordings:
    """The recordings below `root`/kept. The modification time of a folder is when its recording was stored."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept = root / "kept"
        self._gone = root / "gone"

    def add(self, folder: Path, facts: StoredRecording) -> StoredRecording:
        """Publishes `folder`, which holds the file `recording`. Of two with the same content the first one stays."""
        with disk.disk(self._root):
            disk.write(folder / FACTS, [msgspec.json.encode(facts)])
            stored_ns = round(facts.stored_s * 1e9)
            os.utime(folder, ns=(stored_ns, stored_ns))
            if disk.publish_folder(folder, self._kept / facts.id):
                return facts
        return self.get(facts.id)

    def get(self, recording_id: str) -> StoredRecording:
        """Raises RecordingError `recording_not_found`."""
        path = self._folder(recording_id)
        try:
            return msgspec.json.decode((path / FACTS).read_bytes(), type=StoredRecording)
        except (FileNotFoundError, NotADirectoryError):
            raise not_found() from None
        except ValueError:
            raise OperationError(
                "store_damaged", f"the recording in {path} is damaged; delete it and store it again"
            ) from None

    def read(self, recording_id: str) -> RawRecording:
        """The file of a recording; it stays readable for who has opened it, deleted or not. Raises as `get` does."""
        path = self._folder(recording_id) / RECORDING
        try:
            size_bytes = path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            raise not_found() from None
        return RawRecording(name=f"recording:{recording_id[:12]}…", path=path, size_bytes=size_bytes, id=recording_id)

    def page(self, cursor: str | None, limit: int) -> Page:
        """Raises RequestError: bad_cursor, bad_limit."""
        if not 1 <= limit <= MAX_PAGE:
            raise RequestError("bad_limit", f"a page has 1 to {MAX_PAGE} recordings, not {limit}")
        after = _parse(cursor)
        stored = sorted(self._stored(), reverse=True)
        rest = [each for each in stored if after is None or each < after]
        shown = rest[:limit]
        more = len(rest) > limit
        return Page(
            recordings=tuple(facts for _, name in shown if (facts := self._still(name)) is not None),
            next_cursor=f"{shown[-1][0]}-{shown[-1][1]}" if more else None,
        )

    def delete(self, recording_id: str) -> None:
        """Gone for good when this returns. Raises RecordingError `recording_not_found`."""
        folder = self._folder(recording_id)
        with disk.disk(self._root):
            gone = disk.discard(folder, self._gone)
        if not gone:
            raise not_found()

    def _stored(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        if not self._kept.is_dir():
            return found
        with disk.disk(self._root), os.scandir(self._kept) as entries:
            for entry in entries:
                if is_recording_id(entry.name):
                    try:
                        found.append((entry.stat().st_mtime_ns, entry.name))
                    except FileNotFoundError:
                        continue
        return found

    def _still(self, recording_id: str) -> StoredRecording | None:
        """None when it was deleted since it was listed."""
        try:
            return self.get(recording_id)
        except RecordingError:
            return None

    def _folder(self, recording_id: str) -> Path:
        if not is_recording_id(recording_id):
            raise RecordingError(
                "recording_not_found", "this is no recording's id, which is 64 hexadecimal digits; check it"
            )
        return self._kept / recording_id


def is_recording_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _parse(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise RequestError("bad_cursor", "this cursor is not one that a page of recordings gave; begin without one")
    return int(match[1]), match[2]


def not_found() -> RecordingError:
    return RecordingError("recording_not_found", "there is no such recording here; it was deleted, or never stored")
