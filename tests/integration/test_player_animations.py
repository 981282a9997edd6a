"""Whatever moves by itself in the replayed page is where session time says, and costs nothing when nobody can see it."""

from pathlib import Path

import pytest
from PIL import Image

from tests.integration.filming import Film, film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.session import FOCUS, Session

MARKS = """
.mark { position: absolute; left: 0; width: 10px; height: 10px; background: #000000; }
@keyframes go { from { left: 0; } to { left: 250px; } }
@keyframes fade { from { opacity: 0; } to { opacity: 1; } }
"""
"""250 px in 1,000 ms: a whole number of pixels at every frame of 40 ms."""


def mark(top: int, animation: str) -> Node:
    return el("i", class_="mark", style=f"top: {top}px; animation: {animation}")


def left_edge(picture: Image.Image, top: int) -> int:
    """Where the black mark in the row begins."""
    row = [picture.getpixel((x, top + 5)) for x in range(picture.width)]
    return next(x for x, pixel in enumerate(row) if isinstance(pixel, tuple) and max(pixel) < 60)


def grey(picture: Image.Image, x: int, y: int) -> int:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel[0]


@pytest.mark.parametrize(("method", "fps"), [("beginframe", 25), ("screenshot", 5)])
def test_css_animations_are_where_session_time_puts_them(method: str, fps: int, tmp_path: Path) -> None:
    host = el("div").with_shadow(el("style", None, MARKS), mark(100, "go 1000ms linear infinite"))
    inner = document(mark(0, "go 1000ms linear infinite"), css=MARKS + "body { margin: 0 }")
    session = Session(
        mark(40, "go 1000ms linear infinite"),
        mark(55, "go 1000ms linear infinite alternate"),
        mark(70, "go 1000ms linear 500ms infinite both"),
        mark(85, "go 2500ms linear -1000ms infinite"),
        host,
        frame(inner, style="position: absolute; left: 0; top: 115px; width: 320px; height: 12px; border: 0"),
        css=MARKS,
        every_ms=None,
    )
    session.add(510, mark(130, "go 1000ms linear infinite"))
    session.add(510, el("div").with_shadow(el("style", None, MARKS), mark(145, "go 1000ms linear infinite")))
    made = film(session.end(2400), tmp_path, method=method, fps=fps)
    for number in range(made.plan.frame_count):
        at, picture = made.clock.session_ms(number), made.picture(number)
        turn = at % 2000
        assert left_edge(picture, 40) == at % 1000 // 4, at
        assert left_edge(picture, 55) == (turn if turn < 1000 else 2000 - turn) // 4, at
        assert left_edge(picture, 70) == max(0, at - 500) % 1000 // 4, at
        assert left_edge(picture, 85) == (at + 1000) % 2500 // 10, at
        assert left_edge(picture, 100) == left_edge(picture, 115) == at % 1000 // 4, at
        if at >= 510:
            assert left_edge(picture, 130) == pytest.approx((at - 510) % 1000 / 4, abs=1), at
            assert left_edge(picture, 145) == left_edge(picture, 130), at


def test_paused_by_the_page_stands_still_and_goes_on(tmp_path: Path) -> None:
    node = mark(60, "go 1000ms linear infinite")
    session = Session(node, css=MARKS, every_ms=None)
    session.set(400, node, style="top: 60px; animation: go 1000ms linear infinite; animation-play-state: paused")
    session.set(1000, node, style="top: 60px; animation: go 1000ms linear infinite")
    made = film(session.end(1600), tmp_path)
    assert [left_edge(made.at(at), 60) for at in (200, 400, 720, 1000, 1200)] == [50, 100, 100, 100, 150]


def test_entry_animations_end_opaque(tmp_path: Path) -> None:
    """An entry animation that stands at its first keyframe is an invisible answer, and passes for a blank page."""
    there = mark(50, "fade 400ms linear both")
    session = Session(there, css=MARKS, every_ms=None)
    session.add(520, mark(80, "fade 400ms linear both"))
    session.add(520, mark(110, "fade 400ms linear 200ms both"))
    made = film(session.end(2000), tmp_path)
    assert grey(made.at(0), 5, 55) == 0, "it played when the page was built, before the recording"
    at_once = [grey(made.at(at), 5, 85) for at in (480, 520, 720, 920, 1960)]
    delayed = [grey(made.at(at), 5, 115) for at in (520, 720, 920, 1120, 1960)]
    assert at_once == [255, 255, pytest.approx(127, abs=2), 0, 0]
    assert delayed == [255, 255, pytest.approx(127, abs=2), 0, 0]


@pytest.mark.parametrize("length_ms", [700, 2600])
@pytest.mark.parametrize("framed", [False, True], ids=["in the page", "in a frame"])
def test_finite_animations_are_not_played_again_after_a_snapshot(framed: bool, length_ms: int, tmp_path: Path) -> None:
    inner = document(css=MARKS + "body { margin: 0 }")
    holder = frame(inner, style="position: absolute; left: 0; top: 0; width: 320px; height: 100px; border: 0")
    session = Session(holder, css=MARKS, every_ms=None)
    session.add(200, mark(60, f"go {length_ms}ms linear both"), inner.children[-1].children[-1] if framed else None)
    session.checkout(3500)
    session.paint(4000)
    made = film(session.end(4400), tmp_path)
    assert [left_edge(made.at(at), 60) for at in (3000, 3480, 3520, 3600, 4000, 4400)] == [250] * 6


def test_a_long_animation_of_the_first_page_is_played(tmp_path: Path) -> None:
    session = Session(mark(60, "go 5000ms linear both"), css=MARKS, every_ms=None)
    made = film(session.end(1200), tmp_path)
    assert [left_edge(made.at(at), 60) for at in (0, 400, 1200)] == [0, 20, 60]


def test_transitions_start_where_the_page_stood(tmp_path: Path) -> None:
    """Hover and focus fade over 400 ms; taken back half-way they return from there."""
    css = (
        "button, input { position: absolute; left: 0; width: 40px; height: 20px; border: 0; padding: 0; outline: 0;"
        " background: #ffffff; transition: background-color 400ms linear } button { top: 50px } input { top: 80px }"
        " button:hover, input:focus { background: #000000 }"
    )
    button, field = el("button"), el("input")
    session = Session(button, field, css=css, every_ms=None)
    session.move(520, 20, 60, over=button)
    session.interact(530, FOCUS, field)
    session.move(720, 200, 150)
    made = film(session.end(1400), tmp_path, overlays="none")
    hover = {at: grey(made.at(at), 30, 60) for at in (520, 600, 720, 800, 1000, 1400)}
    assert hover[520] == 255
    assert hover[600] == pytest.approx(255 * 0.8, abs=2)
    assert hover[720] == pytest.approx(255 * 0.5, abs=2)
    # Back with half the time, as CSS shortens a reversed transition: 200 ms for half of the way.
    assert hover[800] == pytest.approx(255 * 0.7, abs=2)
    assert hover[1000] == hover[1400] == 255
    assert grey(made.at(800), 30, 90) == pytest.approx(255 * (1 - 270 / 400), abs=2)
    assert grey(made.at(1400), 30, 90) == 0


@pytest.mark.parametrize("method", ["beginframe", "screenshot"])
def test_a_tick_that_only_scrolls_is_drawn_at_once(method: str, tmp_path: Path) -> None:
    bands = "background: linear-gradient(#ff0000 100px, #00ff00 100px 200px, #0000ff 200px 300px)"
    box = el("div", None, el("div", style=f"height: 300px; {bands}"))
    box.attributes["style"] = "position: absolute; left: 0; top: 40px; width: 60px; height: 50px; overflow: scroll"
    inner = document(el("div", style=f"height: 300px; {bands}"), css="body { margin: 0 }")
    holder = frame(inner, style="position: absolute; left: 80px; top: 40px; width: 60px; height: 50px; border: 0")
    page = el("div", style=f"position: absolute; left: 160px; top: 0; width: 60px; height: 300px; {bands}")
    session = Session(box, holder, page, every_ms=None, height=90)
    session.scroll(200, box, 100)
    session.scroll(400, inner, 200)
    session.scroll(600, session.page, 110)
    made = film(session.end(800), tmp_path, method=method)
    places = {"box": (20, 70), "frame": (100, 70), "page": (180, 60)}

    def seen(at_ms: int) -> dict[str, str]:
        names = {(255, 0, 0): "red", (0, 255, 0): "green", (0, 0, 255): "blue"}
        picture = made.at(at_ms)
        return {name: names.get(picture.getpixel(place), "?") for name, place in places.items()}  # type: ignore[arg-type]

    assert seen(160) == {"box": "red", "frame": "red", "page": "red"}
    assert seen(200) == {"box": "green", "frame": "red", "page": "red"}
    assert seen(360) == seen(200)
    assert seen(400) == {"box": "green", "frame": "blue", "page": "red"}
    assert seen(600)["page"] == "green"
    # No frame more than there are changes: the picture did not come late either.
    assert list(made.frames) == [0, 5, 10, 15]


@pytest.mark.parametrize(
    "node",
    [
        el("progress", style="position: absolute; top: 60px"),
        el("svg", None, el("circle", None, el("animate", attributeName="r", values="1;9", dur="1s", repeatCount="indefinite"), r="5")),
        el("div").with_shadow(el("div", {"style": "height: 60px; overflow: scroll; scroll-behavior: smooth"}, el("div", style="height: 900px"))),
        el("input", type="text", value="words", autofocus=""),
    ],
    ids=["progress", "svg", "smooth scroll", "caret"],
)  # fmt: skip
def test_what_chromium_moves_by_itself_does_not_depend_on_when_pictures_are_taken(node: Node, tmp_path: Path) -> None:
    def session() -> Session:
        made = Session(node, every_ms=None)
        if node.tag == "input":
            made.interact(100, FOCUS, node)
        if node.shadow:
            made.scroll(300, node.shadow[0], 500)
        for at_ms in (400, 900):
            made.paint(at_ms)
        return made.end(1200)

    films = []
    for method in ("beginframe", "screenshot"):  # the one draws when told to, the other by Chromium's own clock
        (tmp_path / method).mkdir()
        films.append(film(session(), tmp_path / method, method=method))
    assert films[0].looks() == films[1].looks()
    assert films[0].tally.pictures <= 6


def test_an_idle_page_costs_a_handful_of_pictures(tmp_path: Path) -> None:
    """A minute of an idle page that has spinners, all of them out of sight."""
    spin = "go 900ms linear infinite"
    hidden = el("div", {"style": "display: none"}, mark(60, spin))
    invisible = el("div", {"style": "visibility: hidden"}, mark(60, spin))
    circle = el(
        "circle", None, el("animate", attributeName="r", values="1;9", dur="1s", repeatCount="indefinite"), r="5"
    )
    drawing = el("div", {"style": "display: none"}, el("svg", None, circle))
    below = el("i", {"class": "mark", "style": f"top: 4000px; animation: {spin}"})
    session = Session(hidden, invisible, drawing, below, mark(80, "fade 300ms"), css=MARKS, every_ms=None)
    session.paint(20_000)
    session.incremental(30_000, 11, level="log")
    session.checkout(40_000)
    made: Film = film(session.end(60_000), tmp_path)
    assert made.plan.frame_count == 1501
    assert made.tally.pictures <= 9, made.frames.keys()
    assert [made.clock.session_ms(index) for index in made.frames] == [0, 20_000]
