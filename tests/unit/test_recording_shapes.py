"""The same events in every file shape and compression are the same recording."""

import gzip
import hashlib
import json
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.errors import RecordingError
from renderer.recording.decode.elements import walk
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from tests.unit import recordings as build


def content(recording: Recording) -> tuple[object, ...]:
    """All of a recording but its id, kind and window name."""
    window = recording.windows[0]
    times = [(event.at_ms, event.type, event.source) for event in window.events]
    return (
        recording.started_at_ms,
        recording.duration_ms,
        recording.notices,
        window.viewports,
        times,
        build.played(recording),
    )


@pytest.mark.parametrize("shape", build.SHAPES)
def test_every_shape_gives_the_same_recording(shape: str, tmp_path: Path) -> None:
    events = build.session()
    write, kind, window = build.SHAPES[shape]
    recording = build.read(tmp_path, write(events))
    assert (recording.kind, [each.id for each in recording.windows]) == (kind, [window])
    assert build.played(recording) == events
    assert content(recording) == content(build.read(tmp_path, events))


@pytest.mark.parametrize("shape", sorted(set(build.SHAPES) - {"export v1"}))
def test_arrays_too_long_for_a_list_are_walked(shape: str, tmp_path: Path) -> None:
    """At the limit of events every array here has more commas than events are allowed."""
    events = build.session()
    text = build.SHAPES[shape][0](events)
    recording = build.read(tmp_path, text, Limits(events=len(events)))
    assert build.played(recording) == events
    with pytest.raises(RecordingError) as caught:
        build.read(tmp_path, text, Limits(events=len(events) - 1))
    assert caught.value.code == "too_many_events"


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_walking_an_array_finds_its_elements(value: object) -> None:
    for array in ([value], [value, [], value], []):
        for indent in (None, 1):
            text = json.dumps(array, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
            assert [json.loads(bytes(element)) for element in walk(memoryview(text))] == json.loads(text)


@pytest.mark.parametrize("compression", build.COMPRESSIONS)
@pytest.mark.parametrize("shape", ["array", "posthog pairs", "export v2"])
def test_compression_is_told_from_content(shape: str, compression: str, tmp_path: Path) -> None:
    events = build.session()
    data = build.COMPRESSIONS[compression](build.SHAPES[shape][0](events).encode())
    recording = build.read(tmp_path, data)
    assert build.played(recording) == events
    assert recording.id == hashlib.sha256(data).hexdigest()
    assert recording.notices == ()


# Lone surrogates included, which json.dumps writes as recorders do.
cut_strings = st.text(st.characters(), max_size=6) | st.sampled_from(["\ud83d", "a\ude00", "\\\ud83d\ude00\ud83d"])
random_events = st.lists(
    st.one_of(
        st.builds(build.move, st.integers(2, 60), st.integers(0, 3)),
        st.builds(lambda at, text: build.mutation(at, [build.add(10, text=text)]), st.integers(2, 60), cut_strings),
        st.builds(build.custom, st.integers(0, 60), st.sampled_from(["note", "$pageview"]), cut_strings),
        st.builds(build.resize, st.integers(2, 60), st.integers(1, 2000), st.integers(1, 2000)),
    ),
    max_size=25,
)


def whole(event: build.Json) -> build.Json:
    """The event with U+FFFD for halves of characters."""
    text = json.dumps(event, ensure_ascii=False)
    mended: build.Json = json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return mended


@given(
    events=random_events,
    shape=st.sampled_from(sorted(build.SHAPES)),
    compression=st.sampled_from(sorted(build.COMPRESSIONS)),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip_of_random_sessions(events: list[build.Json], shape: str, compression: str, tmp_path: Path) -> None:
    events = [build.meta(0), build.full(1), *events]
    data = build.COMPRESSIONS[compression](build.SHAPES[shape][0](events).encode())
    assert content(build.read(tmp_path, data)) == content(build.read(tmp_path, events))


@given(events=random_events, random=st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_is_by_time_stable_and_without_repetitions(
    events: list[build.Json], random: Random, tmp_path: Path
) -> None:
    events = [build.meta(0), build.full(1), *events]
    events = [whole(event) for event in events]
    shuffled = events + random.sample(events, random.randrange(len(events)))
    random.shuffle(shuffled)
    recording = build.read(tmp_path, shuffled)
    expected: list[build.Json] = []
    for event in sorted(shuffled, key=lambda event: event["timestamp"]):  # sorted() is stable
        if event not in expected:
            expected.append(event)
    assert build.played(recording) == expected
    at = [event.at_ms for event in recording.windows[0].events]
    assert at == sorted(at)
    assert at == [event["timestamp"] - build.START_MS for event in expected]
    assert build.notices(recording).get("duplicate_event", 0) == len(shuffled) - len(expected)


def test_windows_are_split_and_share_one_clock(tmp_path: Path) -> None:
    first = [["a", event] for event in (build.meta(100), build.full(105), build.move(400))]
    second = [["b", event] for event in (build.meta(0, 800, 600), build.full(5), build.move(900))]
    recording = build.read(tmp_path, build.lines([pair for both in zip(first, second, strict=True) for pair in both]))
    assert [window.id for window in recording.windows] == ["b", "a"]
    assert [[event.at_ms for event in window.events] for window in recording.windows] == [[0, 5, 900], [100, 105, 400]]
    assert (recording.started_at_ms, recording.duration_ms, recording.event_count) == (build.START_MS, 900, 6)
    assert recording.windows[1].viewports[0].at_ms == 100


@pytest.mark.parametrize(("given_id", "kept"), [(1, "1"), ("0199-AB", "0199-AB"), ("窓", "窓")])
def test_window_ids_are_kept_as_given(given_id: object, kept: str, tmp_path: Path) -> None:
    flat = build.lines([{"windowId": given_id, **event} for event in build.session()])
    assert [window.id for window in build.read(tmp_path, flat).windows] == [kept]
    pairs = build.lines([[given_id, event] for event in build.session()])
    assert [window.id for window in build.read(tmp_path, pairs).windows] == [kept]


def test_events_without_a_window_belong_to_the_only_named_one(tmp_path: Path) -> None:
    events = build.session()
    text = build.lines([["w", event] for event in events[:3]]) + build.lines(events[3:])
    recording = build.read(tmp_path, text)
    assert [window.id for window in recording.windows] == ["w"]
    assert build.played(recording) == events


def test_bad_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    events = build.session()
    text = "\n".join(["garbage", build.dump(events[0]), "", "{]", *map(build.dump, events[1:]), "17", '"x"', ""])
    recording = build.read(tmp_path, text)
    assert build.played(recording) == events
    assert build.notices(recording) == {"bad_lines": 2, "not_an_event": 2}


def test_a_cut_last_line_is_told(tmp_path: Path) -> None:
    text = build.lines(build.session())
    recording = build.read(tmp_path, text + text[: len(text) // 3].splitlines()[-1])
    assert build.notices(recording) == {"cut_last_line": 1}
    assert recording.event_count == 5


def test_lines_longer_than_a_block_are_put_together(tmp_path: Path) -> None:
    long = build.mutation(300, [build.add(11, text="x" * 3_000_000)])
    for compress in (bytes, lambda data: gzip.compress(data, 1), zstandard.compress):
        recording = build.read(tmp_path, compress(build.lines([*build.session()[:4], long]).encode()))
        assert build.played(recording)[-1] == long


HALF = "\\ud83d"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (HALF, "�"),
        (f"a{HALF}b", "a�b"),
        ("\\ude00x", "�x"),
        ("\\ud83d\\ude00", "😀"),
        (f"{HALF}\\ud83d\\ude00\\ude00", "�😀�"),
        ("\\\\ud83d", "\\ud83d"),
        (f"{HALF}\\\\ud83d\\ude00", "�\\ud83d�"),
    ],
)
@pytest.mark.parametrize("shape", ["array", "lines", "posthog pairs", "export v2"])
def test_strings_cut_in_mid_emoji_are_mended(shape: str, written: str, read: str, tmp_path: Path) -> None:
    events = [*build.session(), build.custom(1100, "note", "MARK")]
    recording = build.read(tmp_path, build.SHAPES[shape][0](events).replace("MARK", written))
    assert build.played(recording)[-1]["data"]["payload"] == read
    assert [event["type"] for event in build.played(recording)] == [4, 2, 3, 3, 3, 5]


@pytest.mark.parametrize("shape", ["array", "lines"])
def test_bytes_that_are_not_utf8_are_replaced(shape: str, tmp_path: Path) -> None:
    events = [*build.session(), build.custom(1100, "note", "MARK é")]
    text = json.dumps(events, ensure_ascii=False) if shape == "array" else build.lines(events)
    recording = build.read(tmp_path, text.encode().replace(b"MARK", b"\xed\xa0\xbd|"))
    assert build.played(recording)[-1]["data"]["payload"] == "���| é"
    assert build.notices(recording) == {"invalid_utf8": 1}


@pytest.mark.parametrize("shape", ["array", "lines"])
def test_numbers_that_are_not_finite_are_null(shape: str, tmp_path: Path) -> None:
    values = [float("nan"), float("inf"), float("-inf"), 'NaN "Infinity" \\', -1]
    events = [*build.session(), build.custom(1100, "note", values)]
    recording = build.read(tmp_path, build.SHAPES[shape][0](events))
    assert build.played(recording)[-1]["data"]["payload"] == [None, None, None, 'NaN "Infinity" \\', -1]
    assert build.notices(recording) == {"non_finite_numbers": 1}
