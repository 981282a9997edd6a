"""Uploads that are under way: parts from any number of processes, until they make a recording or are left alone."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from renderer.errors import RecordingError, RequestError, SetupError
from renderer.recording.limits import MIB
from renderer.store.recordings import disk
from renderer.store.recordings.assembly import assemble
from renderer.store.recordings.intake import take_in
from renderer.store.recordings.kept import KeptRecordings
from renderer.store.recordings.model import StoredPart, StoredRecording, StoreLimits

_ID = re.compile(r"up_[0-9a-f]{32}")
# n<number> or t<first time>, the length of the text, its hash: all that appending must know of the other parts.
_PART = re.compile(r"([nt])(\d+)-(\d+)-([0-9a-f]{64})")
MAX_NUMBER: Final = 99_999_999


@dataclass(frozen=True, slots=True, order=True)
class _Arrived:
    """In the order in which parts are joined: by number, or by the time of their first event."""

    numbered: bool
    order: int
    sha256: str
    text_bytes: int

    @property
    def name(self) -> str:
        return f"{'n' if self.numbered else 't'}{self.order:016d}-{self.text_bytes}-{self.sha256}"


class Uploads:
    """The uploads below `root`/uploads: a folder each, with a lock, what arrived, and what is arriving.

    Any process may be killed at any moment: a part is there whole or not at all, and so is a recording.
    """

    def __init__(self, root: Path, kept: KeptRecordings, limits: StoreLimits, clock: Callable[[], float]) -> None:
        self._root = root
        self._kept = kept
        self._limits = limits
        self._clock = clock

    def begin(self) -> str:
        upload = f"up_{uuid4().hex}"
        with disk.disk(self._root):
            fresh = self._root / "tmp" / upload
            (fresh / "parts").mkdir(parents=True)
            (fresh / "arriving").mkdir()
            (fresh / "lock").touch()
            self._touch(fresh)
            disk.publish_folder(fresh, self._folder(upload))
        return upload

    def append(self, upload: str, blocks: Iterable[bytes], number: int | None) -> StoredPart:
        if number is not None and not 0 <= number <= MAX_NUMBER:
            raise RequestError("bad_part_number", f"parts are numbered from 0 or 1 on, up to {MAX_NUMBER:,}")
        with self._room(upload) as room:
            part = take_in(blocks, number, room, self._limits, self._root)
            arrived = _Arrived(
                numbered=number is not None,
                order=(part.first_ms or 0) if number is None else number,
                sha256=part.sha256,
                text_bytes=part.text_bytes,
            )
            with self._locked(upload) as folder, disk.disk(self._root):
                if self._is_new(arrived, self._arrived(folder)):
                    disk.publish_folder(room, folder / "parts" / arrived.name)
                self._touch(folder)
        return part

    def finish(self, upload: str, parts: int | None) -> StoredRecording:
        with disk.held(self._folder(upload) / "lock") as alone:
            # Asked for again because the answer was lost: the same answer.
            if (recording_id := self._finished(upload)) is not None:
                return self._kept.get(recording_id)
            if not alone:
                raise self._closed(upload)
            return self._finish(upload, parts)

    def _finish(self, upload: str, parts: int | None) -> StoredRecording:
        folder = self._folder(upload)
        with disk.disk(self._root):
            arrived = sorted(self._arrived(folder))
        _refuse_gaps(arrived, parts)
        with self._room(upload) as room:
            texts = [folder / "parts" / each.name for each in arrived]
            facts = assemble(texts, room, self._limits.recording, self._clock(), self._root)
            facts = self._kept.add(room, facts)
        with disk.disk(self._root):
            disk.publish_file(self._root / "finished" / upload, facts.id.encode())
            disk.discard(folder, self._root / "gone")
        return facts

    def abort(self, upload: str) -> None:
        with self._locked(upload) as folder, disk.disk(self._root):
            disk.discard(folder, self._root / "gone")

    def drop(self, upload: str) -> None:
        """Aborts whatever state it is in."""
        with suppress(RequestError):
            self.abort(upload)

    def sweep(self) -> int:
        """Takes away what was left alone for too long, and what kills left behind; says how many uploads that was."""
        count = 0
        with disk.disk(self._root):
            for folder in (self._root / "uploads").iterdir():
                if self._is_abandoned(folder):
                    with disk.held(folder / "lock", wait=False) as alone:
                        if alone and self._is_abandoned(folder):
                            count += disk.discard(folder, self._root / "gone")
            for marker in (self._root / "finished").iterdir():
                if self._is_abandoned(marker):
                    marker.unlink(missing_ok=True)
            for folder in (self._root / "tmp").iterdir():
                if self._is_abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            for folder in (self._root / "gone").iterdir():
                shutil.rmtree(folder, ignore_errors=True)
        return count

    @contextmanager
    def _room(self, upload: str) -> Iterator[Path]:
        """A folder to take a part into, removed unless it was published."""
        folder = self._folder(upload)
        try:
            self._touch(folder)
            room = Path(tempfile.mkdtemp(dir=folder / "arriving"))
        except FileNotFoundError:
            raise self._closed(upload) from None
        try:
            yield room
        except (SetupError, RecordingError):
            if folder.exists():
                raise
            raise self._closed(upload) from None  # aborted or swept away while the part was on its way
        finally:
            shutil.rmtree(room, ignore_errors=True)

    @contextmanager
    def _locked(self, upload: str) -> Iterator[Path]:
        """The folder of an upload that is under way, for nobody else."""
        folder = self._folder(upload)
        with disk.held(folder / "lock") as alone:
            if not alone:
                raise self._closed(upload)
            yield folder

    def _closed(self, upload: str) -> RequestError:
        if self._finished(upload) is not None:
            return RequestError("upload_finished", "this upload is finished; begin another one")
        return RequestError(
            "upload_not_found", "there is no such upload; it was aborted, or left alone for too long: begin another one"
        )

    def _finished(self, upload: str) -> str | None:
        """The id of the recording that it became."""
        try:
            return (self._root / "finished" / upload).read_text("ascii")
        except FileNotFoundError:
            return None

    def _arrived(self, folder: Path) -> list[_Arrived]:
        names = (_PART.fullmatch(path.name) for path in (folder / "parts").iterdir())
        return [_Arrived(name[1] == "n", int(name[2]), name[4], int(name[3])) for name in names if name]

    def _is_new(self, part: _Arrived, arrived: list[_Arrived]) -> bool:
        """Whether it is to be added; False when it has been before, as after an answer that was lost."""
        for other in arrived:
            if other.numbered != part.numbered:
                raise RequestError(
                    "mixed_parts", "either all parts of an upload are numbered or none; begin a new upload"
                )
            if part.numbered and other.order == part.order and other.sha256 != part.sha256:
                raise RequestError(
                    "part_conflict", f"part {part.order} has arrived before and was another one; begin a new upload"
                )
            if other == part:
                return False
        if len(arrived) >= self._limits.parts:
            raise RecordingError(
                "too_many_parts", f"an upload has at most {self._limits.parts:,} parts; send longer ones"
            )
        limit_bytes = self._limits.recording.text_bytes
        if part.text_bytes + sum(other.text_bytes for other in arrived) > limit_bytes:
            raise RecordingError(
                "recording_too_large",
                f"the parts are more than {limit_bytes / MIB:g} MiB when decompressed; upload a shorter recording",
            )
        return True

    def _folder(self, upload: str) -> Path:
        if not _ID.fullmatch(upload):
            raise RequestError("upload_not_found", "this is no upload's id; begin an upload to get one")
        return self._root / "uploads" / upload

    def _touch(self, folder: Path) -> None:
        os.utime(folder, (self._clock(), self._clock()))

    def _is_abandoned(self, path: Path) -> bool:
        try:
            return self._clock() - path.stat().st_mtime > self._limits.abandoned_s
        except FileNotFoundError:
            return False


def _refuse_gaps(arrived: list[_Arrived], parts: int | None) -> None:
    if not arrived:
        raise RequestError("missing_parts", "no part of this upload has arrived; send them before finishing it")
    if arrived[0].numbered:
        first = min(arrived[0].order, 1)
        count = parts if parts is not None else arrived[-1].order - first + 1
        missing = sorted(set(range(first, first + count)) - {part.order for part in arrived})
        if missing:
            shown = ", ".join(map(str, missing[:5])) + (", …" if len(missing) > 5 else "")
            raise RequestError(
                "missing_parts", f"{len(missing)} parts have not arrived ({shown}); send them and finish again"
            )
    if parts is not None and len(arrived) != parts:
        raise RequestError(
            "missing_parts",
            f"{len(arrived)} different parts have arrived and not {parts}; send the others and finish again",
        )
