"""Whatever the bytes: a recording, or a RecordingError of one line; never another exception."""

import json
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.errors import RecordingError
from renderer.recording.model import EventType
from tests.unit import recordings as build

pytestmark = pytest.mark.slow

quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refuse(folder: Path, content: str | bytes) -> None:
    try:
        recording = build.read(folder, content)
    except RecordingError as error:
        assert "\n" not in error.message
        return
    for number, window in enumerate(recording.windows):
        types = [event.type for event in window.events]
        assert EventType.META in types[: types.index(EventType.FULL_SNAPSHOT)]
        assert [event.at_ms for event in window.events] == sorted(event.at_ms for event in window.events)
        assert 0 <= window.first_ms <= window.last_ms <= recording.duration_ms
        assert all(isinstance(event["data"], dict) for event in build.played(recording, number) if event["type"] > 1)


@given(
    shape=st.sampled_from(sorted(build.SHAPES)),
    compression=st.sampled_from(sorted(build.COMPRESSIONS)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=3),
)
@quick
def test_damaged_files(shape: str, compression: str, edits: list[tuple[float, int, bytes]], tmp_path: Path) -> None:
    data = build.COMPRESSIONS[compression](build.SHAPES[shape][0](build.session()).encode())
    for where, removed, inserted in edits:
        start = int(where * len(data))
        data = data[:start] + inserted + data[start + removed :]
    read_or_refuse(tmp_path, data)


def segments() -> bytes:
    """Envelopes of Sentry's SDK, their segments compressed."""
    events = build.session()
    made = b""
    for number, own in enumerate((events[:3], events[3:])):
        payload = build.dump({"segment_id": number}).encode() + b"\n" + zlib.compress(build.dump(own).encode())
        head = [{"event_id": "a", "sent_at": "2026"}, {"type": "replay_recording", "length": len(payload)}]
        made += build.lines(head).encode() + payload + b"\n"
    return made


@given(
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=3),
)
@quick
def test_damaged_segments(edits: list[tuple[float, int, bytes]], tmp_path: Path) -> None:
    data = segments()
    assert build.read(tmp_path, data).event_count == len(build.session())
    for where, removed, inserted in edits:
        start = int(where * len(data))
        data = data[:start] + inserted + data[start + removed :]
    read_or_refuse(tmp_path, data)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
junk = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner), max_leaves=5
)


def paths(value: object) -> list[tuple[str | int, ...]]:
    """The place of every value inside `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(key, *rest) for key, inner in items for rest in [(), *paths(inner)]]


def replaced(value: object, path: tuple[str | int, ...], by: object) -> object:
    if not path:
        return by
    if isinstance(value, dict):
        return {key: replaced(inner, path[1:], by) if key == path[0] else inner for key, inner in value.items()}
    assert isinstance(value, list)
    return [replaced(inner, path[1:], by) if key == path[0] else inner for key, inner in enumerate(value)]


@given(
    data=st.data(),
    shape=st.sampled_from(["array", "capture", "export v1", "export v2", "posthog batches", "posthog cv"]),
)
@quick
def test_any_field_may_be_anything(data: st.DataObject, shape: str, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in build.SHAPES[shape][0](build.session()).splitlines()]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(lines)))
        new = replaced(lines, path, data.draw(junk))
        assert isinstance(new, list)
        lines = new
    read_or_refuse(tmp_path, build.lines(lines))


@given(
    content=st.binary(max_size=200) | st.text(alphabet='[]{}",:0123456789eE+-.\\u dDtfn\n', max_size=60).map(str.encode)
)
@quick
def test_random_bytes(content: bytes, tmp_path: Path) -> None:
    read_or_refuse(tmp_path, content)
