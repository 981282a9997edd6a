"""A recording of several windows is followed: every frame shows the right window, at its own newest time, and whole."""

import base64
import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from renderer.capture import hand
from renderer.recording.model import Recording
from tests.integration.filming import Film, film_recording
from tests.selfdescribing.dom import el
from tests.selfdescribing.reader import Eye
from tests.selfdescribing.session import Session
from tests.selfdescribing.several import recording_of_windows

RED, BLUE, PICTURE, AROUND = (248, 113, 113), (96, 165, 250), (5, 150, 105), (18, 21, 28)
CUTS_MS = range(300, 6000, 640)


def page(color: tuple[int, int, int], every_ms: int = 40, **more: Any) -> Session:
    """It paints its own time all the while, whether the user is there or not: a busy tab in the background."""
    css = f"html, body {{ background: rgb{color} !important; }}"
    return Session(el("p", None, "words"), el("p", None, "more"), css=css, every_ms=every_ms, **more)


def two_tabs(folder: Path) -> Recording:
    """Red at first, blue from 1,500, red from 3,000 (for 160 ms disturbed by blue), blue again from 4,500 to 6,000 ms."""
    red, blue = page(RED, 40), page(BLUE, 56)
    red.moves([(at, at / 20, 120) for at in range(100, 1400, 50)])
    blue.moves([(1500, 40, 110), (1700, 90, 130)])
    red.click(3000, 100, 100)
    blue.moves([(2000, 100, 140), (2100, 120, 140), (3400, 150, 100)])
    red.moves([(3560, 30, 150), (3600, 60, 150)])
    blue.click(4500, 160, 100)
    blue.checkout(5000)
    return recording_of_windows({"red": red.end(5500), "blue": blue.end(6000)}, folder)


SIZE = (320, 180)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """A segment for each shot, by one browser."""
    folder = tmp_path_factory.mktemp("whole")
    return film_recording(two_tabs(folder), folder, size="320x180", cuts=[])


def seen(film: Film, number: int) -> tuple[str, int]:
    """Which window a frame shows, by its colour, and which time, by its clock face."""
    picture = film.picture(number)
    name = {RED: "red", BLUE: "blue"}[picture.getpixel((2, 175))]  # type: ignore[index]
    return name, Eye.of(page(RED), *SIZE).read(picture)


def newest(window: str, at_ms: int) -> int:
    """A window paints every 40 or 56 ms, at its snapshots too."""
    return at_ms // (40 if window == "red" else 56) * (40 if window == "red" else 56)


def test_every_frame_shows_the_window_of_the_user_at_its_newest_time(whole: Film) -> None:
    times = [whole.clock.session_ms(number) for number in range(whole.plan.frame_count)]
    right = ["red" if at < 1500 or 3000 <= at < 4500 else "blue" for at in times]
    assert [seen(whole, number) for number in range(len(times))] == [
        (name, newest(name, min(at, 5500 if name == "red" else 6000))) for name, at in zip(right, times, strict=True)
    ]
    assert [(shot.window_id, shot.tab, shot.from_ms, shot.to_ms) for shot in whole.plan.shots] == [
        ("red", 1, 0, 1500),
        ("blue", 2, 1500, 3000),
        ("red", 1, 3000, 4500),
        ("blue", 2, 4500, 6000),
    ]
    report = whole.tally.report
    assert report is not None
    assert (report.events_failed, report.nodes_missing, whole.problem) == (0, 0, "")


@pytest.mark.parametrize("browsers", [1, 2])
def test_segments_and_browsers_change_nothing(
    browsers: int, whole: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if browsers == 1:  # a fresh one for each segment
        monkeypatch.setattr(hand, "PICTURES_A_BROWSER", 0)
    parts = film_recording(two_tabs(tmp_path), tmp_path, size="320x180", cuts=CUTS_MS, browsers=browsers)
    assert len(parts.plan.segments) > 10
    assert parts.looks() == whole.looks()


def test_the_other_method_shows_the_same(whole: Film, tmp_path: Path) -> None:
    span = {"from_ms": 1200, "to_ms": 3200}
    shots = film_recording(two_tabs(tmp_path), tmp_path, size="320x180", method="screenshot", range=span)
    assert shots.looks() == whole.looks()[30:80]


def test_one_window_is_shown_as_if_it_were_the_only_one(tmp_path: Path) -> None:
    both = film_recording(two_tabs(tmp_path), tmp_path, size="320x180", window="blue")
    assert {seen(both, number)[0] for number in range(both.plan.frame_count)} == {"blue"}
    (alone,) = (window for window in two_tabs(tmp_path).windows if window.id == "blue")
    assert [shot.window_id for shot in both.plan.shots] == [alone.id]
    assert (both.plan.from_ms, both.plan.to_ms) == (0, 6000)
    assert all(before.first < after.first for before, after in pairwise(both.plan.segments))


def _picture() -> str:
    data = io.BytesIO()
    Image.new("RGB", (40, 40), PICTURE).save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def test_the_first_frame_of_a_tab_is_whole_and_in_its_own_shape(tmp_path: Path) -> None:
    """The second window is higher than wide, opens late, and holds a picture that has to be decoded."""
    wide, high = page(RED), page(BLUE, width=180, height=320)
    wide.click(1000, 50, 120)
    high.add(100, el("img", {"src": _picture(), "style": "position: fixed; left: 0; bottom: 0; width: 40px"}))
    high.move(700, 90, 90)
    wide.click(3600, 60, 120)
    recording = recording_of_windows({"wide": wide.end(4000), "high": high.end(2500)}, tmp_path, {"high": 1200})
    made = film_recording(recording, tmp_path, size="320x320")
    # It was opened by the click; it ends at 3,700 ms, when the user is back in the other one.
    assert [(shot.window_id, shot.from_ms, shot.first) for shot in made.plan.shots] == [
        ("wide", 0, 0),
        ("high", 1200, 30),
        ("wide", 3600, 90),
    ]
    before, first, last, after = (made.picture(number) for number in (29, 33, 89, 90))
    assert (before.getpixel((160, 240)), before.getpixel((160, 20))) == (RED, AROUND)
    for picture in (first, last):
        assert (picture.getpixel((240, 160)), picture.getpixel((20, 160))) == (BLUE, AROUND)
        assert picture.getpixel((75, 310)) == PICTURE
    assert after.getpixel((160, 240)) == RED
    eye = Eye.of(high, 320, 320)
    assert [eye.read(made.picture(number)) for number in (30, 40, 89)] == [0, 400, 2360]
