"""What a batch has done so far, in its folder: a line for each thing that is done, so that whoever stops it loses nothing."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from renderer.batch.index_model import ClipEntry, Failure
from renderer.errors import OperationError, RequestError

NAME: Final = ".batch.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Begun(_Line):
    """The first line. `digest`: of what was asked for."""

    is_a: Literal["begun"] = "begun"
    digest: str


class Seen(_Line):
    """A session was looked into: what it is, and its clips; or why it could not be. `number`: from 1. `events`: the file of its events."""

    is_a: Literal["seen"] = "seen"
    number: int
    session: str
    events: str | None = None
    recording_id: str | None = None
    clips: tuple[ClipEntry, ...] = ()
    error: Failure | None = None


class Filmed(_Line):
    """A clip was made, or could not be."""

    is_a: Literal["filmed"] = "filmed"
    clip: ClipEntry


_LINE: Final[TypeAdapter[Begun | Seen | Filmed]] = TypeAdapter(
    Annotated[Begun | Seen | Filmed, Field(discriminator="is_a")]
)


class Journal:
    """A context manager around the file, which one batch has at a time. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None, digest: str) -> None:
        """Raises OperationError `bad_output_folder`, RequestError: another_batch, batch_running."""
        self.seen: dict[str, Seen] = {}
        """By session."""
        self.filmed: dict[str, ClipEntry] = {}
        """By the clip's id."""
        self._file = None
        if folder is None:
            return
        path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Without a buffer: what a full disk did not take must not come up once more when the file is closed.
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise OperationError(
                "bad_output_folder",
                f"{folder} cannot be written ({os.strerror(error.errno or 0)}): choose another folder with --output",
            ) from error
        try:
            self._take(folder)
            self._read(digest, folder)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: Seen | Filmed) -> None:
        """Raises OperationError when the disk will not have it."""
        self._note(line)
        self._write(line)

    def _take(self, folder: Path) -> None:
        assert self._file is not None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RequestError(
                "batch_running", f"another batch is at work in {folder}: wait for it, or choose another --output"
            ) from None

    def _read(self, digest: str, folder: Path) -> None:
        """A last line that a crash left unfinished is cut off; another that cannot be read is as if it were not there."""
        assert self._file is not None
        self._file.seek(0)
        written = self._file.read()
        whole = written.rfind(b"\n") + 1
        lines = [_line_of(text) for text in written[:whole].split(b"\n")[:-1]]
        if lines and not (isinstance(lines[0], Begun) and lines[0].digest == digest):
            raise RequestError(
                "another_batch",
                f"{folder} holds a batch with other rules or options: choose another --output, or say what was said then",
            )
        for line in lines:
            if isinstance(line, Seen | Filmed):
                self._note(line)
        if whole < len(written):
            self._file.truncate(whole)
        if not lines:
            self._write(Begun(digest=digest))

    def _note(self, line: Seen | Filmed) -> None:
        if isinstance(line, Seen):
            self.seen[line.session] = line
        else:
            self.filmed[line.clip.id] = line.clip

    def _write(self, line: Begun | Seen | Filmed) -> None:
        if self._file is None:
            return
        try:
            left = memoryview(line.model_dump_json().encode() + b"\n")
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise OperationError(
                "journal_not_written",
                f"the batch cannot note what it has done ({os.strerror(error.errno or 0)}): free some space and run it again",
                retryable=True,
            ) from error


def _line_of(text: bytes) -> Begun | Seen | Filmed | None:
    try:
        return _LINE.validate_json(text)
    except ValidationError:
        return None


def files_are_there(clip: ClipEntry, folder: Path) -> bool:
    """Whether all files of a clip that was made are as long as they were."""
    try:
        return all((folder / file.path).stat().st_size == file.bytes for file in clip.files.values())
    except OSError:
        return False
