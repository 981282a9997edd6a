"""`file:` recordings: a file, or a folder of parts."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from renderer.errors import RecordingError
from renderer.notices import Notice, Notices
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.sources import file
from renderer.sources.joined import MAX_PARTS, by_name, join_parts, too_large, too_many_parts
from renderer.sources.kept import Kept, key_of
from renderer.sources.model import Fetched


class FilesAndFolders:
    """A file is read where it lies. The parts of a folder are joined into a file that is kept for as long as they do not change."""

    def __init__(self, kept: Kept, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._kept = kept
        self._limits = limits

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """`name`: what follows `file:`. Raises what `file.fetch_url` and `joined.join_parts` raise, RecordingError
        recording_too_large and too_many_parts, and SetupError `cache_unwritable`.
        """
        path = Path(file.path_of_url(name))
        if not path.is_dir():
            return Fetched(raw=file.fetch_url(name))
        return self._folder(path, tell)

    def _folder(self, folder: Path, tell: Callable[[str], None]) -> Fetched:
        name = file.safe_name(str(folder.absolute()))
        found = sorted(self._parts(folder, name), key=lambda part: by_name(str(part[0].relative_to(folder))))
        if not found:
            raise RecordingError(
                "recording_not_found", f"there are no files in the folder {name}; give the folder that holds the parts"
            )
        key = key_of("file", *((str(path.absolute()), *_identity(status)) for path, status in found))
        kept = self._kept.find(key)
        if kept is None:
            kept = self._join(found, name, key, tell)
        path, notices = kept
        return Fetched(raw=RawRecording(name=name, path=path, size_bytes=path.stat().st_size), notices=notices)

    def _parts(self, folder: Path, name: str) -> Iterator[tuple[Path, os.stat_result]]:
        count, size_bytes = 0, 0
        for parent, _, names in os.walk(folder):
            for each in names:
                path = Path(parent, each)
                try:
                    status = path.stat()
                except OSError:  # a link to nowhere, or gone
                    continue
                if not stat.S_ISREG(status.st_mode) or not status.st_size:
                    continue
                count += 1
                size_bytes += status.st_size
                if count > MAX_PARTS:
                    raise too_many_parts(name)
                if size_bytes > self._limits.file_bytes:
                    raise too_large(name, self._limits.file_bytes)
                yield path, status

    def _join(
        self, found: list[tuple[Path, os.stat_result]], name: str, key: str, tell: Callable[[str], None]
    ) -> tuple[Path, tuple[Notice, ...]]:
        def parts() -> Iterator[RawRecording]:
            for number, (path, status) in enumerate(found, 1):
                tell(f"{number} of {len(found)} parts")
                yield RawRecording(name=file.safe_name(path.name), path=path, size_bytes=status.st_size)

        notices = Notices()
        with self._kept.room() as room:
            joined = room / "joined"
            with self._kept.writing():
                join_parts(parts(), joined, name, self._limits, notices)
            return self._kept.keep(key, joined, notices), tuple(notices)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Changes when the content does."""
    return status.st_ino, status.st_size, status.st_mtime_ns
