"""Events as strings: rrweb's `pack`, and JSON inside of JSON."""

import json
import zlib
from pathlib import Path

import pytest

from renderer.errors import RecordingError
from renderer.recording.limits import Limits
from tests.unit import recordings as build

EVENTS = [build.meta(), build.full(), build.move(5), build.move(9)]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("pack", [build.packed, build.dump, lambda event: build.raw_dump(build.packed(event))])
def test_two_strings_are_two_events_and_no_window(pack, count: int, tmp_path: Path) -> None:
    made = build.read(tmp_path, build.raw_dump([pack(event) for event in EVENTS[:count]]))
    assert [window.id for window in made.windows] == ["main"]
    assert build.played(made) == EVENTS[:count]


@pytest.mark.parametrize("name", ["x^2", "x\x9c", "{window}", "x"])
def test_a_window_may_have_any_name(name: str, tmp_path: Path) -> None:
    made = build.read(tmp_path, build.lines([[name, event] for event in EVENTS]))
    assert (made.kind, [window.id for window in made.windows], made.notices) == ("posthog-jsonl", [name], ())


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_any_level_of_compression(level: int, tmp_path: Path) -> None:
    strings = [zlib.compress(build.dump(event).encode(), level).decode("latin-1") for event in EVENTS]
    assert build.played(build.read(tmp_path, build.raw_dump(strings))) == EVENTS
    assert build.played(build.read(tmp_path, build.dump(strings))) == EVENTS


def test_a_damaged_event_costs_no_other(tmp_path: Path) -> None:
    good = [build.packed(event) for event in EVENTS]
    damaged = [
        good[2][:-4],
        good[2][:10] + "\xff" * 5 + good[2][15:],
        "x\x9cé中",
        "x^",
        '{"a"',
        '"x\x9c',
        build.packed({})[:-1],
    ]
    made = build.read(tmp_path, build.raw_dump([*good, *damaged]))
    assert build.played(made) == EVENTS
    assert build.notices(made) == {"damaged_events": 7}


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(text_bytes=1_000_000), "recording_too_large"), (Limits(ratio_grace_bytes=1_000_000), "compression_bomb")],
)
def test_a_bomb_is_refused(limits: Limits, code: str, tmp_path: Path) -> None:
    bomb = zlib.compress(b" " * 200_000_000, 9).decode("latin-1")
    with pytest.raises(RecordingError) as caught:
        build.read(tmp_path, build.raw_dump([*map(build.packed, EVENTS), bomb]), limits)
    assert caught.value.code == code


def test_strings_in_strings_end(tmp_path: Path) -> None:
    nested = build.dump(EVENTS[2])
    for _ in range(12):
        nested = build.dump({"events": [nested]})
    made = build.read(tmp_path, build.dump([*EVENTS[:2], nested]))
    assert build.notices(made) == {"not_an_event": 1}


def test_what_rrweb_marks_stays(tmp_path: Path) -> None:
    """`pack` adds its version to the event."""
    marked = [{**event, "v": "v1"} for event in EVENTS]
    assert build.played(build.read(tmp_path, json.dumps([build.packed(event) for event in marked]))) == marked
