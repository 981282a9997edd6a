"""Headers that callers steer with: Range, Prefer, If-None-Match; and what is said of what they got wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.api.answers import matches
from renderer.api.prefer import wait_s
from renderer.api.problems.codes import status_of
from renderer.api.problems.invalid import field_errors
from renderer.api.problems.model import pointer_to
from renderer.api.ranges import UnsatisfiableError, parse_range
from renderer.errors import (
    AccessError,
    DestinationError,
    RecordingError,
    RendererError,
    RequestError,
    SetupError,
    SourceError,
    TryLaterError,
)


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True), st.integers(0, 1000))
def test_a_range_lies_in_the_file_or_is_none(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except UnsatisfiableError:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=5", 5),
        ('wait="7"', 7),
        ("WAIT = 3", 3),
        ("wait=999", 30),
        ("wait=-1", 0),
        ("wait=x", 0),
        ("return=minimal, wait=4; x=y", 4),
        ("respond-async", 0),
        ("respond-async, wait=4", 0),
        ("wait=" + "9" * 30, 0),
    ],
)
def test_how_long_a_caller_would_wait(header: str | None, seconds: int) -> None:
    assert wait_s(header) == seconds


def test_etags_are_compared_weakly() -> None:
    assert matches('"a"', '"a"')
    assert matches('W/"a"', '"a"')
    assert matches('"b", "a"', '"a"')
    assert matches("*", '"a"')
    assert not matches(None, '"a"')
    assert not matches("a", '"a"')


def test_pointers_are_written_as_rfc_6901_asks() -> None:
    assert pointer_to(()) == "#"
    assert pointer_to(("range", "to_ms")) == "#/range/to_ms"
    assert pointer_to(("outputs", 0)) == "#/outputs/0"
    assert pointer_to(("a/b~c", 'd e"')) == "#/a~1b~0c/d%20e%22"
    assert len(pointer_to(("x" * 5000,))) < 200


def test_what_was_given_is_never_in_what_is_told() -> None:
    error = {"type": "int_type", "loc": ("body", "fps"), "msg": "Input should be a valid integer", "input": "hunter2"}
    errors, malformed = field_errors([error, error])
    assert (len(errors), malformed) == (1, False)
    assert "hunter2" not in str(errors)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestError("clip_not_found", ""), 404),
        (RequestError("clip_gone", ""), 410),
        (RequestError("clip_ended", ""), 409),
        (RequestError("anything", ""), 422),
        (TryLaterError("queue_full", "", retry_after_s=5), 429),
        (RecordingError("recording_too_large", ""), 413),
        (RecordingError("not_json", ""), 422),
        (AccessError("bad_key", ""), 401),
        (AccessError("scope_missing", ""), 403),
        (AccessError("link_revoked", ""), 410),
        (SourceError("posthog_unreachable", ""), 502),
        (DestinationError("webhook_refused", ""), 502),
        (SetupError("database_unreachable", "", retryable=True), 503),
        (SetupError("no_chromium", ""), 500),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_errors_have_statuses(error: RendererError, status: int) -> None:
    assert status_of(error) == status
