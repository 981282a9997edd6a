"""Recordings that the real SDKs made a moment ago, in a real browser, replay as their page looked."""

import json
import re
import zlib
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from renderer.recording.model import EventType, Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from renderer.redact import DEFAULT, Policy, redact_recording
from renderer.redact.policy.model import NONE
from renderer.timeline.build import build_timeline
from tests.integration.filming import Film, film_recording
from tests.recorders.record import Recorded, Sdk, record

RED, GREEN = (255, 0, 0), (0, 128, 0)
LABEL_GROUND = (0xEE, 0xF0, 0xF4)
Colour = tuple[int, int, int]

# Places of page.html, near the upper right corner: away from words and the pointer.
PLACES = {
    "attribute": (75, 5), "canvas": (175, 5), "adopted sheet of a shadow tree": (275, 5), "adopted sheet": (375, 5), "inserted rule": (475, 5),
    "changed declaration": (575, 5), "scrolled": (275, 105), "custom element": (375, 105), "dialog": (570, 115), "frame": (75, 205),
    "frame of another origin": (175, 205),
}  # fmt: skip
# rrweb knows constructed sheets, custom elements and frames of other origins since 2.0.
NEW_IN_2 = ("adopted sheet of a shadow tree", "adopted sheet", "custom element", "frame of another origin")
# It records no frames: they are boxes.
NOT_IN_SENTRY = ("frame", "frame of another origin")
# It records no canvases, and only a page of one's own in a frame.
NOT_IN_AMPLITUDE = ("canvas", "frame of another origin")


@cache
def recorded(sdk: Sdk) -> Recorded:
    return record(sdk)


def read(made: Recorded, folder: Path) -> Recording:
    path = folder / f"{made.sdk}.json"
    path.write_bytes(made.content)
    return read_recording(RawRecording(path.name, path, len(made.content)))


def colours(shot: Image.Image, without: tuple[str, ...]) -> dict[str, bool | None]:
    """By place: whether it is green (the button was pressed) or red; None for anything else."""
    seen = {name: shot.getpixel(place) for name, place in PLACES.items() if name not in without}
    return {
        name: True if near(colour, GREEN) else False if near(colour, RED) else None for name, colour in seen.items()
    }


def near(one: object, other: Colour) -> bool:
    """Canvases are recorded as lossy pictures."""
    assert isinstance(one, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("sdk", "without"),
    [
        ("rrweb1", NEW_IN_2),
        ("rrweb2", ()),
        ("rrweb-packed", ("frame of another origin",)),
        ("sentry", NOT_IN_SENTRY),
        ("sentry-compressed", NOT_IN_SENTRY),
        ("amplitude", NOT_IN_AMPLITUDE),
        ("amplitude-packed", NOT_IN_AMPLITUDE),
    ],
)
def test_what_an_sdk_recorded_is_shown_before_and_after(sdk: Sdk, without: tuple[str, ...], tmp_path: Path) -> None:
    made = recorded(sdk)
    recording = read(made, tmp_path)
    pressed_ms = made.pressed_ms - recording.started_at_ms
    shown = film_recording(recording, tmp_path, size="640x360")
    before, after = colours(shown.at(pressed_ms - 40), without), colours(shown.at(pressed_ms + 1300), without)
    assert before == dict.fromkeys(before, False) | {"dialog": None}
    assert after == dict.fromkeys(after, True)
    end = shown.at(recording.duration_ms)
    assert colours(end, without)["dialog"] is None, "it was closed"
    assert is_typed(end)
    assert not shown.notices.keys() & {"events_failed", "nodes_missing", "canvas_in_part"}
    assert ("canvas_not_recorded" in shown.notices) == ("canvas" in without)
    if sdk == "rrweb2":
        assert is_focused(shown, end)
    if without == NOT_IN_SENTRY:
        assert end.getpixel((5, 205)) == LABEL_GROUND


def is_typed(shot: Image.Image) -> bool:
    return ImageStat.Stat(shot.crop((4, 104, 100, 156)).convert("L")).extrema[0][0] < 100


def is_focused(shown: Film, end: Image.Image) -> bool:
    """After a modal dialog, which rrweb leaves half open."""
    return shown.at(0).getpixel((90, 100)) == (255, 255, 255) and end.getpixel((90, 100)) != (255, 255, 255)


def test_sentrys_own_events_feed_the_timeline(tmp_path: Path) -> None:
    recording = read(recorded("sentry"), tmp_path)
    assert recording.kind == "sentry-envelopes"
    assert recording.duration_ms < 60_000, "its spans carry seconds among milliseconds"
    assert {notice.code for notice in recording.notices} <= {"out_of_order"}
    told = build_timeline(redact_recording(recording, DEFAULT).recording).entries
    assert [entry.title for entry in told if entry.kind in ("click", "input")] == [
        "Clicked “Press”",
        "Typed in a text field",
    ]
    (message,) = [entry for entry in told if entry.kind == "console"]
    assert (message.level, "jane@example.com" in message.title) == ("error", False)
    failed = next(entry for entry in told if entry.kind == "request" and entry.level == "error")
    assert (failed.properties["method"], failed.properties["path"], failed.properties["status"]) == (
        "GET",
        "/missing",
        404,
    )
    assert not [entry for entry in told if entry.kind == "custom"]
    pressed_ms = recorded("sentry").pressed_ms - recording.started_at_ms
    assert all(abs(entry.at_ms - pressed_ms) < 500 for entry in (message, failed))


def test_sentrys_download_of_segments_reads_the_same(tmp_path: Path) -> None:
    """As GET …/replays/ID/recording-segments/?download=true gives it: a list of segments, each a list of events."""
    made = recorded("sentry")
    segments = [json.loads(line) for line in made.content.splitlines() if line.startswith(b"[")]
    download = Recorded("sentry", json.dumps(segments).encode(), made.pressed_ms)
    one, other = read(made, tmp_path), read(download, tmp_path)
    assert [(event.at_ms, event.type) for event in one.windows[0].events] == [
        (event.at_ms, event.type) for event in other.windows[0].events
    ]
    assert one.started_at_ms == other.started_at_ms


@pytest.mark.parametrize("sdk", ["amplitude", "amplitude-packed"])
def test_amplitudes_own_events_feed_the_timeline(sdk: Sdk, tmp_path: Path) -> None:
    recording = read(recorded(sdk), tmp_path)
    assert (recording.kind, recording.notices) == ("amplitude", ())
    assert b"apiKey" not in texts(recording), "its configuration"
    told = build_timeline(redact_recording(recording, DEFAULT).recording).entries
    assert [entry.title for entry in told if entry.kind != "console"] == [
        "Opened “Recorded page”",
        "Clicked “Press”",
        "GET /missing failed with 404",
        "Typed in a text field",
    ]
    assert [entry.level for entry in told if entry.kind == "console"] == ["error"]
    assert not [entry for entry in told if "jane@example.com" in str(entry)]


def test_events_that_rrweb_packed_are_those_events(tmp_path: Path) -> None:
    made = recorded("rrweb-packed")
    strings = json.loads(made.content)
    assert all(one.startswith("x\x9c") for one in strings), "zlib"
    plain = [json.loads(zlib.decompress(one.encode("latin-1"))) for one in strings]
    recording = read(made, tmp_path)
    assert (recording.kind, recording.notices) == ("rrweb-packed", ())
    assert [json.loads(bytes(event.raw)) for event in recording.windows[0].events] == plain


def test_segments_that_sentry_compressed_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    made = recorded("sentry-compressed")
    assert b'"segment_id":1}\nx' in made.content, "zlib"
    envelopes = re.split(rb'\n(?={"event_id")', made.content)
    assert len(envelopes) > 1
    turned = Recorded(made.sdk, b"\n".join(reversed(envelopes)), made.pressed_ms)
    one, other = read(made, tmp_path), read(turned, tmp_path)
    assert (one.kind, one.notices) == (other.kind, other.notices) == ("sentry-envelopes", one.notices)
    assert {notice.code for notice in one.notices} <= {"out_of_order"}
    assert [bytes(event.raw) for event in one.windows[0].events] == [
        bytes(event.raw) for event in other.windows[0].events
    ]


@pytest.mark.parametrize(
    ("hides", "gone"),
    [({"console": "drop"}, b"recorded console error"), ({"network": {"bodies": "drop"}}, b"<!DOCTYPE"), ({"network": {"headers": "drop"}}, b"content-type")],
    ids=["console", "bodies", "headers"],
)  # fmt: skip
def test_policies_hold_for_sentrys_events(hides: dict[str, object], gone: bytes, tmp_path: Path) -> None:
    recording = read(recorded("sentry"), tmp_path)
    policy = Policy.model_validate(NONE.model_dump() | hides)
    assert gone in texts(recording)
    assert gone not in texts(redact_recording(recording, policy).recording)


def test_what_sentry_says_of_an_element_is_not_told(tmp_path: Path) -> None:
    """Its breadcrumbs hold an element's text and attributes, which a policy may hide in the page."""
    recording = read(recorded("sentry"), tmp_path)
    assert b"button#text" in texts(recording)
    left = texts(redact_recording(recording, DEFAULT).recording)
    assert b"button#text" not in left
    assert b"<!DOCTYPE" not in left
    assert b"jane@example.com" not in left


def texts(recording: Recording) -> bytes:
    return b"\n".join(bytes(event.raw) for event in recording.windows[0].events if event.type == EventType.CUSTOM)
