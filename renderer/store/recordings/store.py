"""The recording store: takes recordings in parts, keeps them by content, lists, reads and deletes them."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from renderer.recording.raw import RawRecording
from renderer.store.recordings import disk
from renderer.store.recordings.kept import KeptRecordings
from renderer.store.recordings.model import Page, StoredPart, StoredRecording, StoreLimits
from renderer.store.recordings.uploads import Uploads

_LAYOUT = "v1"
_FOLDERS = ("uploads", "finished", "kept", "gone", "tmp")


class RecordingStore:
    """Everything below `root`; any number of threads and processes may use it at once, and any may be killed at any moment.

        v1/kept/ID/          a recording and its facts; ID is the SHA-256 of its text
        v1/uploads/UPLOAD/   parts that have arrived, and those that are arriving
        v1/finished/UPLOAD   which recording an upload became, for who asks again
        v1/gone/             deleted, and being removed

    What is kept was not redacted: folders are for their owner alone. Every method may raise SetupError `store_unwritable`.
    """

    def __init__(
        self,
        root: Path,
        limits: StoreLimits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = root / _LAYOUT
        self._kept = KeptRecordings(self._root)
        self._uploads = Uploads(self._root, self._kept, limits or StoreLimits(), clock)

    def begin(self) -> str:
        """A new upload's id. Sweeps away abandoned uploads on the way."""
        with disk.disk(self._root):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in _FOLDERS:
                (self._root / name).mkdir(mode=0o700, exist_ok=True)
        self._uploads.sweep()
        return self._uploads.begin()

    def append(self, upload: str, blocks: Iterable[bytes], number: int | None = None) -> StoredPart:
        """Takes in one part: an array, a document or JSON lines, plain, gzip or zstd. It is stored when this returns.

        Parts are put in the order of their `number`s (from 0 or 1 on, in any order of arrival), or without numbers in that
        of their first events. The same part again is taken for a repetition. What `blocks` raises passes through.

        Raises RequestError: upload_not_found, upload_finished, bad_part_number, part_conflict, mixed_parts. RecordingError:
        part_too_large, too_many_parts, recording_too_large, not_a_recording, and what `parts.examine_part` raises of
        compression, limits and JSON; such a part leaves nothing behind.
        """
        return self._uploads.append(upload, blocks, number)

    def finish(self, upload: str, parts: int | None = None) -> StoredRecording:
        """Makes a recording of the parts; `parts` is how many there must be. Asked again it gives the same answer.

        Raises RequestError: upload_not_found, missing_parts (more may be appended then). RecordingError: too_many_events,
        recording_not_found when it was deleted since. OperationError `store_damaged`.
        """
        return self._uploads.finish(upload, parts)

    def abort(self, upload: str) -> None:
        """Takes an upload away. Raises RequestError: upload_not_found, upload_finished."""
        self._uploads.abort(upload)

    def put(self, blocks: Iterable[bytes]) -> StoredRecording:
        """A whole recording in one part. Raises as `append` and `finish` do; nothing is left then."""
        upload = self.begin()
        try:
            self.append(upload, blocks)
            return self.finish(upload)
        except BaseException:
            self._uploads.drop(upload)
            raise

    def get(self, recording_id: str) -> StoredRecording:
        """Raises RecordingError `recording_not_found`."""
        return self._kept.get(recording_id)

    def read(self, recording_id: str) -> RawRecording:
        """The recording's file and its id. Raises RecordingError `recording_not_found`."""
        return self._kept.read(recording_id)

    def page(self, cursor: str | None = None, limit: int = 100) -> Page:
        """What is kept, newest first. Raises RequestError: bad_cursor, bad_limit."""
        return self._kept.page(cursor, limit)

    def delete(self, recording_id: str) -> None:
        """Gone for good when this returns. Raises RecordingError `recording_not_found`."""
        self._kept.delete(recording_id)

    def sweep(self) -> int:
        """Takes away uploads that were abandoned and what kills left behind; says how many uploads."""
        return self._uploads.sweep() if self._root.is_dir() else 0
