"""From a request to a recording in the store and its events beside it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Final

from starlette.requests import Request

from renderer.api.intake.body import FORM, as_encoded, kind_of
from renderer.api.intake.form import Form
from renderer.api.intake.stream import blocks_of
from renderer.api.problems import FieldError, ProblemError
from renderer.errors import InputError, RendererError
from renderer.jobs.recordings import Recordings
from renderer.recording.limits import MIB
from renderer.store.recordings.model import StoredRecording
from renderer.timeline.forms.limits import MAX_FILE_BYTES

FILE: Final = "file"
EVENTS: Final = "events"
_MEMORY_BYTES: Final = 4 * MIB
_BLOCK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """`events`: their name in the store, None without any."""

    stored: StoredRecording
    events: str | None


def receive(request: Request, recordings: Recordings) -> Received:
    """In a thread. Whatever is raised, nothing of the upload is left: ProblemError, RecordingError, StoreError, ClientDisconnect."""
    kind = kind_of(request.headers)
    blocks = blocks_of(request)
    if kind != FORM:
        return Received(recordings.shared.take_in(as_encoded(blocks, request.headers)), None)
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as early:
        return _receive_form(Form(blocks, request.headers["content-type"]), recordings, early)


def _receive_form(form: Form, recordings: Recordings, early: IO[bytes]) -> Received:
    """`early`: for events that come before their recording, whose name they are kept under."""
    stored: StoredRecording | None = None
    has_events = False
    try:
        for field in form:
            if field.name == FILE and stored is None:
                with _about(FILE):
                    stored = recordings.shared.take_in(field.blocks)
            elif field.name == EVENTS and not has_events:
                has_events = True
                _spool(field.blocks, early)
            else:
                _refuse(field.name)
        if stored is not None:
            events = _put_events(recordings, stored.id, early) if has_events else None
            return Received(stored, events)
    except BaseException:
        if stored is not None:
            with suppress(RendererError):
                recordings.forget_unless_owned(stored.id)
        raise
    raise _wrong(FILE, "missing", "it is missing: the recording")


def _put_events(recordings: Recordings, recording_id: str, early: IO[bytes]) -> str:
    early.seek(0)
    with _about(EVENTS):
        return recordings.shared.put_events(recording_id, iter(lambda: early.read(_BLOCK_BYTES), b""))


def _refuse(name: str) -> None:
    if name in {FILE, EVENTS}:
        raise _wrong(name, "given_twice", "it is given twice")
    raise _wrong(name, "extra_forbidden", "there is no such field; a form has `file` and `events`")


def _spool(blocks: Iterator[bytes], early: IO[bytes]) -> None:
    size_bytes = 0
    for block in blocks:
        size_bytes += len(block)
        if size_bytes > MAX_FILE_BYTES:
            raise ProblemError(
                413, "events_too_large", f"the events are larger than {MAX_FILE_BYTES // MIB} MiB; send fewer"
            )
        early.write(block)


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
