"""Apps, filmed: pictures of a screen come out as they went in, changes as a snapshot would, touches and a phone's frame."""

import base64
import io
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageChops

from renderer.notices import Notices
from renderer.player.scene.build import bare_scene, build_scene
from renderer.recording.mobile.screen import Screen
from renderer.redact.recording import redact_recording
from renderer.timeline.build import build_timeline
from tests import mobile
from tests.integration.filming import Film, film_recording
from tests.mobile import change, full, meta, tap, view
from tests.unit.recordings import read
from tests.unit.redact_fixtures import policy
from tests.unit.test_mobile_changes import some_changes, some_view

IOS = "390x844"
PLAIN: dict[str, Any] = {"size": IOS, "fps": 10, "overlays": "labels"}
BEZEL, GROUND = (5, 7, 11), (11, 14, 20)


def noise(seed: int, kind: str = "PNG") -> tuple[str, Image.Image]:
    """A picture of a screen that no scaling and no other coding leaves as it is; its base64, and what it shows."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", mobile.IOS, chance.randbytes(390 * 844 * 3))
    written = io.BytesIO()
    image.save(written, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return base64.b64encode(written.getvalue()).decode(), image


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_screenshot_is_shown_pixel_by_pixel(kind: str, tmp_path: Path) -> None:
    (first, one), (second, other) = noise(1, kind), noise(2, kind)
    box = (0, 0, *mobile.IOS)
    events = [
        meta(0, "Home", mobile.IOS),
        full(1, view(7, "screenshot", box, base64=first)),
        change(1000, updates={0: view(7, "screenshot", box, base64=second)}),
        *tap(1900, 5, 5),
    ]
    film = film_recording(read(tmp_path, events), tmp_path, size=IOS, fps=5, overlays="labels")
    assert ImageChops.difference(film.at(500), one).getbbox() is None
    assert ImageChops.difference(film.at(1500), other).getbbox() is None
    assert film.problem == ""


@pytest.mark.parametrize("seed", [3, 11])
def test_changes_leave_the_screen_as_one_snapshot_of_it_would(seed: int, tmp_path: Path) -> None:
    """In the player: the mirror that unit tests compare is our own."""
    chance = random.Random(seed)
    views = [some_view(chance) for _ in range(4)]
    changes = list(some_changes(chance))
    start, end = meta(0, "Home", mobile.IOS), tap(500, 380, 800)
    changed = film_recording(read(tmp_path, [start, full(1, *views), *changes, *end]), tmp_path / "changed", **PLAIN)
    assert changed.tally.report is not None
    assert (changed.tally.report.nodes_missing, changed.tally.report.events_failed) == (0, 0)

    screen = Screen(Notices())
    screen.replace(views)
    for event in changes:
        screen.change(event["data"])
    snapshot = full(1) | {
        "data": {
            "node": msgspec.json.decode(msgspec.json.encode(screen.document())),
            "initialOffset": {"top": 0, "left": 0},
        }
    }
    whole = film_recording(read(tmp_path, [start, snapshot, *end]), tmp_path / "whole", **PLAIN)
    assert ImageChops.difference(changed.at(450), whole.at(450)).getbbox() is None
    assert len(whole.at(450).getcolors(maxcolors=10_000) or ()) > 20


def chat(folder: Path, overlays: str) -> Film:
    recording = read(folder, mobile.ios_chat())
    timeline = build_timeline(recording)
    scene = (lambda plan: build_scene(plan, timeline, [])) if "header" in overlays else bare_scene
    return film_recording(recording, folder, size="960x540", fps=5, overlays=overlays, scene=scene, peek=PHONE)


PHONE = """(() => { const phone = document.querySelector('.phone');
    if (!phone) return null;
    const box = phone.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom]; })()"""


def test_the_phones_frame_is_around_the_screen(tmp_path: Path) -> None:
    film = chat(tmp_path, "header,timeline")
    left, top, right, bottom = film.peeks[max(film.peeks)]
    picture = film.at(4400)
    middle = (top + bottom) // 2
    assert picture.getpixel((left + 4, middle)) == BEZEL
    assert picture.getpixel((right - 5, middle)) == BEZEL
    assert picture.getpixel(((left + right) // 2, bottom - 5)) == BEZEL
    assert picture.getpixel((left - 3, middle)) == GROUND
    # Its corners are round: outside of them is the letterbox, inside is the screen's own corner, which is square.
    assert picture.getpixel((left + 1, top + 1)) == GROUND
    inside = picture.crop((left + 10, top + 10, right - 10, bottom - 10))
    assert BEZEL not in {inside.getpixel(place) for place in ((0, 0), (inside.width - 1, inside.height - 1))}
    assert abs(inside.width / inside.height - 390 / 844) < 0.01


def test_a_bare_replay_of_an_app_is_the_screen_alone(tmp_path: Path) -> None:
    film = chat(tmp_path, "labels")
    assert film.peeks[max(film.peeks)] is None
    width = round(540 * 390 / 844)
    left = round((960 - width) / 2)
    assert film.at(4400).getpixel((left + 2, 500)) == (255, 255, 255)


def test_touches_are_fingers(tmp_path: Path) -> None:
    film = film_recording(read(tmp_path, mobile.ios_chat()), tmp_path, size=IOS, fps=25, overlays="pointer,ripples")
    down = film.frame(film.clock.frame_at_or_after(930))
    kinds = {sprite.kind for sprite in down.sprites}
    assert kinds == {"finger", "ring"}
    assert {(round(sprite.x_px), round(sprite.y_px)) for sprite in down.sprites} == {(150, 450)}
    swiped = film.frame(film.clock.frame_at_or_after(7120))
    assert (200, 200) in {(round(sprite.x_px), round(sprite.y_px)) for sprite in swiped.sprites}


def test_a_blocked_screenshot_is_a_box(tmp_path: Path) -> None:
    sent, _ = noise(5)
    events = [
        meta(0, "Home", mobile.IOS),
        full(1, view(7, "screenshot", (0, 0, *mobile.IOS), base64=sent)),
        *tap(900, 5, 5),
    ]
    recording = redact_recording(read(tmp_path, events), policy(selectors={"block": [".wf-screenshot"]})).recording
    picture = film_recording(recording, tmp_path, size=IOS, fps=5, overlays="labels").at(500)
    colours = picture.getcolors(maxcolors=5000)
    assert colours is not None, "noise is still to be seen"
    assert max(count for count, _ in colours) > 0.7 * 390 * 844


def test_a_dialog_that_is_a_window_of_its_own_lies_over_the_screen(tmp_path: Path) -> None:
    screen = view(1, "div", (0, 0, *mobile.ANDROID), style={"backgroundColor": "#0044cc"})
    asked = view(11, "div", (40, 330, 331, 240), style={"backgroundColor": "#eeeeee"})
    events = [
        meta(0, "ListActivity", mobile.ANDROID),
        full(1, screen),
        meta(1000, "Dialog", mobile.ANDROID),
        full(1000, asked),
        change(2000, adds={1: view(2, "rectangle", (0, 0, 411, 100), style={"backgroundColor": "#00aa00"})}),
        *tap(2900, 5, 800),
    ]
    film = film_recording(read(tmp_path, events), tmp_path, size="412x914", fps=5, overlays="labels")
    places = [(200, 100), (200, 450), (200, 800)]
    blue, grey, green = (0, 0x44, 0xCC), (0xEE, 0xEE, 0xEE), (0, 0xAA, 0)
    told = {at_ms: [film.at(at_ms).getpixel(place) for place in places] for at_ms in (500, 1500, 2500)}
    assert told == {500: [blue, blue, blue], 1500: [blue, grey, blue], 2500: [blue, blue, blue]}
    assert film.at(2500).getpixel((200, 50)) == green
