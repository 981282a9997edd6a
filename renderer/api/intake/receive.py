"""From a request to a recording in the store and its events beside it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request

from renderer.api.intake.body import FORM, as_encoded, kind_of
from renderer.api.intake.form import Form
from renderer.api.intake.stream import blocks_of
from renderer.api.problems import FieldError, ProblemError
from renderer.errors import InputError, RendererError
from renderer.jobs.recordings import Recordings
from renderer.sources.events import fetch_events
from renderer.store.recordings.model import StoredRecording
from renderer.timeline.forms.limits import MAX_FILE_BYTES

FILE: Final = "file"
EVENTS: Final = "events"
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """`events`: the name of the events file in the store, None without one."""

    stored: StoredRecording
    events: str | None


def receive(request: Request, recordings: Recordings) -> Received:
    """In a thread. Whatever is raised, nothing of the upload is left: ProblemError, RecordingError, StoreError, ClientDisconnect."""
    kind = kind_of(request.headers)
    blocks = blocks_of(request)
    if kind != FORM:
        return Received(recordings.uploads.put(as_encoded(blocks, request.headers)), None)
    with tempfile.TemporaryDirectory(prefix="renderer-upload-") as folder:
        return _receive_form(Form(blocks, request.headers["content-type"]), recordings, Path(folder))


def _receive_form(form: Form, recordings: Recordings, folder: Path) -> Received:
    stored: StoredRecording | None = None
    events: Path | None = None
    try:
        for field in form:
            if field.name == FILE and stored is None:
                with _about(FILE):
                    stored = recordings.uploads.put(field.blocks)
            elif field.name == EVENTS and events is None:
                events = _spool(field.blocks, folder / "events.json")
            else:
                _refuse(field.name)
        if stored is not None:
            return Received(stored, _put_events(recordings, stored.id, events))
    except BaseException:
        if stored is not None:
            with suppress(RendererError):
                recordings.forget_unless_owned(stored.id)
        raise
    raise _wrong(FILE, "missing", "it is missing: the recording")


def _put_events(recordings: Recordings, recording_id: str, path: Path | None) -> str | None:
    if path is None:
        return None
    with _about(EVENTS):
        fetch_events(str(path))
    return recordings.uploads.put_events(recording_id, path)


def _refuse(name: str) -> None:
    if name in {FILE, EVENTS}:
        raise _wrong(name, "given_twice", "it is given twice")
    raise _wrong(name, "extra_forbidden", "there is no such field; a form has `file` and `events`")


def _spool(blocks: Iterator[bytes], path: Path) -> Path:
    size_bytes = 0
    with path.open("wb") as file:
        for block in blocks:
            size_bytes += len(block)
            if size_bytes > MAX_FILE_BYTES:
                raise ProblemError(
                    413, "events_too_large", f"the events are larger than {MAX_FILE_BYTES // _MIB} MiB; send fewer"
                )
            file.write(block)
    return path


@contextmanager
def _about(field: str) -> Iterator[None]:
    """What is wrong with a field's content names the field."""
    try:
        yield
    except InputError as error:
        problem = ProblemError.of(error)
        if problem.status_code != 422:
            raise
        raise _wrong(field, error.code, error.message) from None


def _wrong(field: str, code: str, detail: str) -> ProblemError:
    error = FieldError(detail=detail, code=code, location="form", parameter=field)
    return ProblemError(422, code, f"{field}: {detail}", errors=(error,))
