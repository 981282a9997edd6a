"""Windows: sizes, the Meta before every full snapshot, what precedes the first one, strays."""

import gzip
import json
from pathlib import Path

import pytest

from renderer.recording.limits import HOUR_MS
from renderer.recording.model import EventType, Recording
from tests.unit import recordings as build


def sizes(recording: Recording, window: int = 0) -> list[tuple[int, int, int]]:
    return [(port.at_ms, port.width_px, port.height_px) for port in recording.windows[window].viewports]


def metas(recording: Recording, window: int = 0) -> list[tuple[int, int]]:
    found = (event["data"] for event in build.played(recording, window) if event["type"] == EventType.META)
    return [(data["width"], data["height"]) for data in found]


def test_viewports_follow_metas_and_resizes(tmp_path: Path) -> None:
    events = [
        build.meta(0, href="a"),
        build.full(1),
        build.resize(50, 800, 600.4),
        build.meta(90, 500, 400, href="b"),
        build.full(91),
    ]
    recording = build.read(tmp_path, events)
    assert sizes(recording) == [(0, 1280, 720), (50, 800, 600), (90, 500, 400)]
    assert [port.href for port in recording.windows[0].viewports] == ["a", "a", "b"]


def test_a_missing_meta_takes_the_nearest_size_of_its_window(tmp_path: Path) -> None:
    events = [build.full(5), build.resize(50, 800, 600), build.full(90), build.meta(200, 500, 400), build.full(201)]
    recording = build.read(tmp_path, events)
    assert [event.type for event in recording.windows[0].events] == [4, 2, 3, 4, 2, 4, 2]
    assert metas(recording) == [(800, 600), (800, 600), (500, 400)]
    assert sizes(recording) == [(0, 800, 600), (45, 800, 600), (85, 800, 600), (195, 500, 400)]
    assert {port.href for port in recording.windows[0].viewports} == {"https://shop.example/"}
    assert build.notices(recording) == {"missing_meta": 2}


def test_a_size_is_taken_from_captures_then_from_other_windows(tmp_path: Path) -> None:
    bare = [build.full(0), build.move(9)]
    told = build.capture(bare, "w", **{"$viewport_width": 900, "$viewport_height": 700})
    assert sizes(build.read(tmp_path, [told])) == [(0, 900, 700)]
    other = build.lines(
        [["a", build.full(0)], ["a", build.move(9)], ["b", build.meta(1, 640, 480)], ["b", build.full(2)]]
    )
    recording = build.read(tmp_path, other)
    assert sizes(recording) == [(0, 640, 480)]
    assert build.notices(recording) == {"missing_meta": 1}


def test_without_any_size_a_common_one_is_taken_and_told(tmp_path: Path) -> None:
    recording = build.read(tmp_path, [build.full(0), build.move(9)])
    assert metas(recording) == [(1280, 720)]
    assert recording.windows[0].viewports[0].href == "about:blank"
    assert build.notices(recording) == {"missing_meta": 1, "default_viewport": 1}


@pytest.mark.parametrize(
    ("width", "height"), [(0, 0), (-1, 720), (1280, 20_000), ("800", 600), (None, 600), (True, 600)]
)
def test_absurd_sizes_are_replaced_by_the_nearest_good_one(width: object, height: object, tmp_path: Path) -> None:
    events = [
        build.meta(0, width, height, href="a"),
        build.full(1),
        build.resize(40, width, height),
        build.resize(50, 800, 600),
        build.meta(90, width, height, href="b"),
        build.full(91),
    ]
    recording = build.read(tmp_path, events)
    assert metas(recording) == [(800, 600), (800, 600)]
    assert sizes(recording) == [(0, 800, 600), (50, 800, 600), (90, 800, 600)]
    assert [port.href for port in recording.windows[0].viewports] == ["a", "a", "b"]
    assert build.notices(recording) == {"bad_viewport": 3}


def test_meta_comes_first_when_a_shuffled_file_has_both_in_one_millisecond(tmp_path: Path) -> None:
    recording = build.read(tmp_path, [build.full(0), build.move(0), build.meta(0, 640, 480), build.move(9)])
    assert [event.type for event in recording.windows[0].events] == [4, 2, 3, 3]
    assert recording.notices == ()


def test_what_precedes_the_first_full_snapshot(tmp_path: Path) -> None:
    before = [
        {"type": 0, "data": {}, "timestamp": build.START_MS},
        build.custom(1, "$pageview"),
        build.move(2),
        {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {}}, "timestamp": build.START_MS + 3},
        build.mutation(4, [build.add(9)]),
        build.resize(5, 640, 480),
        {"type": 1, "data": {}, "timestamp": build.START_MS + 6},
    ]
    recording = build.read(tmp_path, [*before, build.full(10), build.move(20)])
    kept = [(event.type, event.source) for event in recording.windows[0].events]
    assert kept == [(0, None), (5, None), (6, None), (3, 4), (1, None), (4, None), (2, None), (3, 1)]
    assert metas(recording) == [(640, 480)]
    assert build.notices(recording) == {"before_snapshot": 2, "missing_meta": 1}


def test_a_window_without_a_full_snapshot_is_left_out(tmp_path: Path) -> None:
    text = build.lines([["a", event] for event in build.session()] + [["b", build.meta(-500)], ["b", build.move(5000)]])
    recording = build.read(tmp_path, text)
    assert [window.id for window in recording.windows] == ["a"]
    assert (recording.started_at_ms, recording.duration_ms) == (build.START_MS, 1000)
    assert build.notices(recording) == {"window_without_snapshot": 1}


def test_repetitions_are_dropped_within_a_window_only(tmp_path: Path) -> None:
    events = build.session()
    text = build.lines([[window, event] for event in events * 3 for window in ("a", "b")])
    recording = build.read(tmp_path, text)
    assert [build.played(recording, window) for window in (0, 1)] == [events, events]
    assert build.notices(recording) == {"out_of_order": 4, "duplicate_event": 20}


def test_a_repetition_in_another_line_shape_is_one(tmp_path: Path) -> None:
    events = build.session()
    text = build.mixed_lines(events, "w") + build.mixed_lines(events[1:], "w")
    recording = build.read(tmp_path, text)
    assert build.played(recording) == events
    assert build.notices(recording)["duplicate_event"] == 4


def test_the_same_content_at_another_time_is_no_repetition(tmp_path: Path) -> None:
    events = [*build.session(), build.move(1000, 50), build.move(1001, 50), build.move(1000, 51)]
    assert build.read(tmp_path, events).event_count == 7


@pytest.mark.parametrize("hours", [-66, 80])
def test_a_custom_event_of_a_wrong_clock_does_not_make_the_session_long(hours: int, tmp_path: Path) -> None:
    stray = build.custom(hours * HOUR_MS, "note")
    events = build.session()
    recording = build.read(tmp_path, [stray, *events] if hours < 0 else [*events, stray])
    assert build.played(recording) == events
    assert (recording.started_at_ms, recording.duration_ms) == (build.START_MS, 1000)
    assert build.notices(recording) == {"stray_event": 1}


@pytest.mark.parametrize("hours", [-20, 20])
def test_a_custom_event_within_a_day_stays(hours: int, tmp_path: Path) -> None:
    recording = build.read(tmp_path, [*build.session(), build.custom(hours * HOUR_MS, "note")])
    assert recording.event_count == 6
    assert recording.duration_ms in {20 * HOUR_MS, 20 * HOUR_MS + 1000}


def test_an_event_out_of_time_between_two_good_ones_is_dropped(tmp_path: Path) -> None:
    """As in rrweb's own video-playback fixture, where one time has a digit too many."""
    events = build.session()
    for away in (-(10**11), 10**12):
        recording = build.read(tmp_path, [*events[:3], build.move(away), *events[3:]])
        assert build.played(recording) == events
        assert build.notices(recording) == {"out_of_order": 1, "stray_event": 1}


def test_a_session_of_a_whole_day_is_read(tmp_path: Path) -> None:
    recording = build.read(tmp_path, [*build.session(), build.move(24 * HOUR_MS)])
    assert recording.duration_ms == 24 * HOUR_MS


def test_deep_documents_are_read(tmp_path: Path) -> None:
    """Deeper than the 512 levels that Chromium's parser makes, and than Python's default limit on recursion."""
    node: build.Json = build.text_node(5000, "chrome-extension://deep")
    for level in range(700):
        node = {"type": 2, "tagName": "div", "attributes": {}, "childNodes": [node], "id": 4000 - level}
    text = "[{},{}]"
    parts = json.dumps(build.meta()), _dump_deep(build.full(1), node)
    recording = build.read(tmp_path, gzip.compress(text.format(*parts).encode()))
    assert bytes(recording.windows[0].events[1].raw).count(b'"childNodes"') == 703


def _dump_deep(event: build.Json, node: build.Json) -> str:
    """json.dumps recurses: the nodes are written from the inside out."""
    inner, chain = node, []
    while inner["type"] == 2:
        chain.append({**inner, "childNodes": []})
        inner = inner["childNodes"][0]
    text = build.dump(inner)
    for each in reversed(chain):
        text = build.dump(each).replace('"childNodes":[]', f'"childNodes":[{text}]')
    return build.dump(event).replace('"childNodes":[],"id":3', f'"childNodes":[{text}],"id":3')
