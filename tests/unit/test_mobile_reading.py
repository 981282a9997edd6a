"""Mobile recordings as a whole: sizes, touches, screens, and everything that can be wrong with them."""

import gzip
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import RecordingError
from renderer.recording.limits import HOUR_MS
from renderer.recording.mobile import convert as converting
from renderer.recording.mobile import screen as screens
from renderer.recording.mobile.tree import BODY
from renderer.recording.model import Recording
from tests import mobile
from tests.mobile import Json, change, full, meta, tap, touch, view, words
from tests.unit import recordings
from tests.unit.recordings import notices, played
from tests.unit.test_mobile_changes import assert_same, shown, texts

BOX = (0, 0, 390, 844)
LABEL = words(5, "Hello", (10, 10, 100, 20))


def clicks(recording: Recording) -> list[Json]:
    return [
        event["data"] for event in played(recording) if event["data"].get("source") == 2 and event["data"]["type"] == 2
    ]


def touched(recording: Recording) -> list[str]:
    """What was written on what each click was for; "" for the screen itself."""
    mirror = shown(recording)
    nodes = [mirror.get(told["id"]) for told in clicks(recording)]
    return ["" if node is None or node.id == BODY else node.text_content(100) or node.tag for node in nodes]


@pytest.mark.parametrize("shape", [shape for shape in recordings.SHAPES if shape != "posthog cv"])
def test_in_every_shape_that_recordings_come_in(shape: str, tmp_path: Path) -> None:
    """But for posthog-js's compression of fields, which mobile recorders do not have."""
    write, _, _ = recordings.SHAPES[shape]
    recording = recordings.read(tmp_path, write(mobile.ios_chat()))
    assert recording.mobile
    assert mobile.ANSWER[:30] in texts(shown(recording, 4200))[-2]
    assert "Daily limit reached" in texts(shown(recording, 5500))


def test_a_web_recording_is_none_of_an_app(tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, recordings.session())
    assert not recording.mobile
    assert played(recording) == recordings.session()


def test_shuffled_lines_come_out_as_if_they_had_not_been(tmp_path: Path) -> None:
    events = mobile.ios_chat()
    mixed = [*events[0:2], *reversed(events[2:])]
    assert texts(shown(recordings.read(tmp_path, mixed))) == texts(shown(recordings.read(tmp_path, events)))


def test_a_page_within_an_app_and_back(tmp_path: Path) -> None:
    events = [
        meta(0, "Home", mobile.IOS),
        full(1, LABEL),
        {**recordings.full(), "timestamp": mobile.START_MS + 100},
        {**recordings.mutation(0, [recordings.add(10)]), "timestamp": mobile.START_MS + 200},
        full(300, LABEL | {"text": "Back"}),
    ]
    recording = recordings.read(tmp_path, events)
    assert recording.mobile
    assert texts(shown(recording)) == ["Back"]
    assert events[3]["data"] in [event["data"] for event in played(recording)]


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,"])
def test_a_turned_phone(prefix: str, tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, mobile.screenshots("JPEG", prefix))
    sizes = [(place.at_ms, place.width_px, place.height_px) for place in recording.windows[0].viewports]
    assert sizes == [(0, 390, 844), (2000, 844, 390)]


def test_a_size_that_is_nowhere_told_is_the_screens(tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, [full(0, view(1, "div", BOX, LABEL)), *tap(10, 20, 20)])
    (place,) = recording.windows[0].viewports
    assert (place.width_px, place.height_px) == (390, 844)
    assert recording.notices == ()


def test_a_picture_of_the_screen_begins_a_recording_whose_first_snapshot_is_lost(tmp_path: Path) -> None:
    shot = view(7, "screenshot", BOX, base64=mobile.picture("#cc0000", (39, 84)))
    recording = recordings.read(tmp_path, [change(0, adds={1: LABEL}), change(5, updates={0: shot}), *tap(10, 20, 20)])
    assert [event["type"] for event in played(recording)][:2] == [4, 2]
    assert notices(recording) == {"before_snapshot": 1}


@pytest.mark.parametrize("own", [0, None, "x", -1, 999, 2**70])
def test_a_touch_finds_what_it_touched_by_its_place(own: object, tmp_path: Path) -> None:
    button = view(30, "input", (10, 100, 80, 40), inputType="button", value="Buy")
    card = view(40, "div", (0, 200, 390, 100), words(41, "A card", (10, 210, 100, 20)))
    events = [full(1, view(1, "div", BOX, button, card, LABEL))]
    for number, (x, y) in enumerate([(20, 120), (300, 290), (20, 15), (380, 830)]):
        events += [told | {"data": told["data"] | {"id": own}} for told in tap(1000 * number + 10, x, y)]
    recording = recordings.read(tmp_path, [meta(0, "Home", mobile.IOS), *events])
    assert touched(recording) == ["Buy", "A card", "Hello", "BuyA cardHello"]


def test_what_is_covered_is_not_touched(tmp_path: Path) -> None:
    below = view(30, "input", (10, 100, 80, 40), inputType="button", value="Buy")
    alert = view(
        50, "rectangle", (0, 0, 390, 400), words(51, "Wait", (150, 200, 60, 20)), style={"backgroundColor": "#fff"}
    )
    events = [
        meta(0, "Home", mobile.IOS),
        full(1, below),
        *tap(10, 20, 120),
        change(200, adds={0: alert}),
        *tap(300, 20, 120),
    ]
    assert touched(recordings.read(tmp_path, events)) == ["Buy", "Wait"]


def test_a_touch_that_knows_its_view_but_not_its_place(tmp_path: Path) -> None:
    told = [
        event | {"data": {name: value for name, value in event["data"].items() if name not in "xy"}}
        for event in tap(10, 1, 1, 5)
    ]
    recording = recordings.read(tmp_path, [full(1, LABEL), *told])
    ids = [event["data"]["id"] for event in played(recording) if event["data"].get("source") == 2]
    node = shown(recording).get(ids[0])
    assert node is not None
    assert node.text_content(50) == "Hello"


@pytest.mark.parametrize(
    ("end", "taps"),
    [
        (touch(100, 9, 205, 105), 1),
        (touch(100, 9, 260, 105), 0),
        (touch(2000, 9, 200, 100), 0),
        (touch(100, 10, 200, 100), 0),
    ],
)
def test_a_tap_is_short_and_stays_where_it_is(end: Json, taps: int, tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, [full(0, LABEL), touch(10, 7, 200, 100), end, *tap(5000, 1, 1)])
    assert len(clicks(recording)) == taps + 1


def test_fingers_move_over_the_screen(tmp_path: Path) -> None:
    positions = [{"x": 1, "y": 2, "id": 0, "timeOffset": -10}, "nonsense", {"x": 3, "y": 4, "id": 77, "timeOffset": 0}]
    moved = {"type": 3, "timestamp": mobile.START_MS + 5, "data": {"source": 6, "positions": positions}}
    recording = recordings.read(tmp_path, [full(0, LABEL), moved, *tap(10, 1, 1)])
    (told,) = [event["data"]["positions"] for event in played(recording) if event["data"].get("source") == 6]
    assert [(place["x"], place["id"]) for place in told] == [(1, BODY), (3, BODY)]


def test_a_screens_name_becomes_an_address(tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, mobile.android_settings())
    told = [event["data"] for event in played(recording) if event["type"] == 5]
    assert told == [{"tag": "$url_changed", "payload": {"href": "Account"}}]


NAN = float("nan")
IDS: list[Any] = [0, -1, 1.5, 2**80, "a" * 300, True, None, [], {}]
INPUTS: list[Any] = ["text", "select", "progress", "button", "toggle", "radio", "text_area", 3, None, []]
PICTURES: list[Any] = [1, [], {}, "", "x", "data:"]
HOSTILE: dict[str, Sequence[Any]] = {
    "numbers that are none": [view(1, "div", (NAN, float("inf"), -5, 1e300), LABEL)],
    "texts for everything": [dict.fromkeys(("id", "type", "x", "y", "width", "height", "style", "childWireframes"), "x")],
    "lists for everything": [{name: [] for name in ("id", "type", "x", "y", "width", "height", "style", "childWireframes")}],
    "objects for everything": [{name: {} for name in ("id", "type", "x", "y", "width", "height", "style", "childWireframes")}],
    "nothing for everything": [dict.fromkeys(("id", "type", "x", "y", "width", "height", "style", "childWireframes"))],
    "no objects": [1, "two", None, [], [[]], True],
    "ids of all kinds": [view(own, "text", BOX, text="t") for own in IDS],
    "fields that are none": [
        view(1, "input", BOX, inputType=kind, value=[], label={}, options={}, max="", checked="yes") for kind in INPUTS
    ],
    "pictures that are none": [view(1, "image", BOX, base64=sent, style={"backgroundImage": sent}) for sent in PICTURES],
    "nothing at all": [],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_views_are_mended_or_left_out(name: str, tmp_path: Path) -> None:
    views = HOSTILE[name]
    changes = {
        "source": 0,
        "adds": [{"parentId": one, "wireframe": one} for one in views],
        "updates": views,
        "removes": views,
    }
    again = {"type": 3, "timestamp": mobile.START_MS + 20, "data": changes}
    recording = recordings.read(
        tmp_path, [meta(0, "Home", mobile.IOS), full(1, LABEL, *views), again, change(30, adds={0: LABEL})]
    )
    assert_same(recording)
    assert "Hello" in texts(shown(recording))
    assert b"NaN" not in b"".join(bytes(event.raw) for event in recording.windows[0].events)


@pytest.mark.parametrize(
    "data", [None, 3, "x", [], {"source": 0}, {"source": 0, "adds": 3}, {"source": 0, "updates": "x"}]
)
def test_hostile_events_are_left_out(data: object, tmp_path: Path) -> None:
    bad = [{"type": kind, "timestamp": mobile.START_MS + 50, "data": data} for kind in (2, 3, 4, 5)]
    recording = recordings.read(tmp_path, [meta(0, "Home", mobile.IOS), full(0, LABEL), *bad, *tap(100, 1, 1)])
    assert texts(shown(recording)) == ["Hello"]


def test_deep_views_are_put_beside_one_another(tmp_path: Path) -> None:
    deep = LABEL
    for own in range(1000, 1450):
        deep = view(own, "div", BOX, deep)
    recording = recordings.read(tmp_path, [full(0, deep), *tap(10, 20, 20)])
    assert texts(shown(recording)) == ["Hello"]
    assert notices(recording) == {"mobile_nested_deep": 350}
    assert touched(recording) == ["Hello"]


def test_more_views_than_a_screen_holds(tmp_path: Path) -> None:
    many = [view(own, "div", (0, 0, 1, 1)) for own in range(1, 25_001)]
    more = change(5, adds={0: view(30_000, "div", BOX, LABEL)})
    recording = recordings.read(tmp_path, [full(0, *many), more, *tap(10, 20, 20)])
    assert notices(recording) == {"mobile_too_many_views": 5_001}
    assert_same(recording)


def test_events_that_ask_for_much_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "_MOST_BYTES", 100_000)
    recording = recordings.read(tmp_path, [full(at_ms, {}) for at_ms in range(1000)])
    assert sum(len(event.raw) for event in recording.windows[0].events) < 150_000
    assert notices(recording)["mobile_too_large"] > 900


def test_many_changes_of_a_full_screen_take_seconds(tmp_path: Path) -> None:
    rows = [
        view(own, "div", (0, 0, 390, 40), words(own + 1, f"row {own}", (0, 0, 390, 40))) for own in range(0, 1000, 2)
    ]
    updates = [
        change(at_ms, updates={1: words(2 * (at_ms % 500) + 1, f"new {at_ms}", (0, 0, 9, 9))})
        for at_ms in range(2, 2000)
    ]
    began = time.monotonic()
    recording = recordings.read(tmp_path, [full(0, *rows), *updates])
    assert time.monotonic() - began < 10
    assert texts(shown(recording)).count("new 1999") == 1


def test_changes_that_cost_hours_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "_MOST_PASSED", 1_000_000)
    many = [view(own, "div", (0, 0, 1, 1)) for own in range(1, 1_001)]
    last = [{"parentId": 0, "wireframe": view(1_000, "div", (0, 0, 2, 2))}] * 100
    changes = [change(at_ms) | {"data": {"source": 0, "updates": last}} for at_ms in range(1, 40)]
    began = time.monotonic()
    recording = recordings.read(tmp_path, [full(0, *many), *changes])
    assert time.monotonic() - began < 5
    assert notices(recording) == {"mobile_too_many_changes": 30}


def test_a_wrong_clock_before_the_screen_does_not_become_video(tmp_path: Path) -> None:
    """PostHog's own example: a network event of 66 hours before the first picture of the screen."""
    early = {
        "type": 6,
        "timestamp": mobile.START_MS - 66 * HOUR_MS,
        "data": {"plugin": "rrweb/network@1", "payload": {}},
    }
    shot = view(7, "screenshot", BOX, base64="data:image/jpeg;base64,/9j/4AAQSkZJR")
    lines = [{"windowId": "w", **event} for event in (early, meta(0, "Home", mobile.IOS), full(0, shot), *tap(9, 1, 1))]
    recording = recordings.read(tmp_path, gzip.compress(recordings.lines(lines).encode()))
    assert recording.duration_ms == 99
    assert notices(recording)["stray_event"] == 1


def test_a_change_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="has no full snapshot to start from"):
        recordings.read(tmp_path, json.dumps([change(0, adds={1: LABEL}), *tap(5, 1, 1)]))
