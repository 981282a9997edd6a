"""Recorded canvases are shown, from pictures and from commands, and the replayed document has no scripts for it."""

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image

from tests.integration.filming import film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.pictures import picture
from tests.selfdescribing.session import Session

CANVAS_MUTATION = 9
PLACE = "position: absolute; left: 40px; top: 50px; width: 240px; height: 100px"
MIDDLE, CORNER = (160, 100), (44, 54)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
LABEL_GROUND = (0xEE, 0xF0, 0xF4)
Colour = tuple[int, int, int]


def a_canvas(**more: Any) -> Node:
    return el("canvas", style=PLACE, width="240", height="100", **more)


def webp(colour: Colour, size: tuple[int, int] = (240, 100)) -> str:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "WEBP", lossless=True)
    return base64.b64encode(out.getvalue()).decode()


def bitmap(base64_webp: str) -> dict[str, Any]:
    blob = {"rr_type": "Blob", "data": [{"rr_type": "ArrayBuffer", "base64": base64_webp}], "type": "image/webp"}
    return {"rr_type": "ImageBitmap", "args": [blob]}


def a_frame(colour: Colour, size: tuple[int, int] = (240, 100)) -> list[dict[str, Any]]:
    """As rrweb and posthog-js record a canvas by pictures."""
    return [
        {"property": "clearRect", "args": [0, 0, *size]},
        {"property": "drawImage", "args": [bitmap(webp(colour, size)), 0, 0, *size]},
    ]


def call(name: str, *args: Any) -> dict[str, Any]:
    return {"property": name, "args": list(args)}


def put(name: str, value: Any) -> dict[str, Any]:
    return {"property": name, "args": [value], "setter": True}


def draw(session: Session, at_ms: int, canvas: Node, *commands: dict[str, Any], kind: int = 0) -> None:
    session.incremental(at_ms, CANVAS_MUTATION, id=canvas.id, type=kind, commands=list(commands))


def folder(above: Path, name: str) -> Path:
    (above / name).mkdir()
    return above / name


def test_pictures_of_a_canvas_are_shown_from_their_own_time(tmp_path: Path) -> None:
    canvas = a_canvas()
    session = Session(canvas, every_ms=None)
    draw(session, 400, canvas, *a_frame(RED))
    draw(session, 800, canvas, *a_frame(GREEN))
    made = film(session.end(1200), tmp_path, peek="document.querySelector('.stage iframe').getAttribute('sandbox')")
    assert [made.at(at).getpixel(MIDDLE) for at in (360, 400, 760, 800, 1160)] == [WHITE, RED, RED, GREEN, GREEN]
    assert made.at(400).getpixel(CORNER) == RED
    assert not made.notices.keys() & {"canvas_not_recorded", "canvas_in_part", "events_failed"}
    assert set(made.peeks.values()) == {"allow-same-origin"}


def test_a_segment_that_starts_later_shows_the_last_picture(tmp_path: Path) -> None:
    """A snapshot does not hold what a WebGL canvas shows, and a recorder takes no picture of what does not change."""
    canvas = a_canvas()
    session = Session(canvas, every_ms=200)
    draw(session, 300, canvas, *a_frame(RED))
    draw(session, 500, canvas, *a_frame(GREEN))
    session.checkout(4000)
    session.end(9000)
    whole, split = (film(session, folder(tmp_path, str(len(cuts))), cuts=cuts) for cuts in ([], [6400, 7200]))
    assert [whole.at(at).getpixel(MIDDLE) for at in (3960, 4040, 8000)] == [GREEN] * 3
    assert whole.looks() == split.looks()
    assert "canvas_not_recorded" not in split.notices


def test_another_page_does_not_show_the_pictures_of_the_one_before(tmp_path: Path) -> None:
    canvas = a_canvas()
    session = Session(canvas, every_ms=None)
    draw(session, 300, canvas, *a_frame(RED))
    other = a_canvas()
    session.navigate(1000, other)
    # The new page numbers its nodes anew, and one of them has the old canvas's number.
    for event in session.events:
        if event["type"] == 2 and event["timestamp"] % 100_000 == 1000:
            renumber(event["data"], other.id, canvas.id)
    made = film(session.end(1600), tmp_path)
    assert made.at(960).getpixel(MIDDLE) == RED
    assert made.at(1400).getpixel(MIDDLE) == WHITE


def renumber(value: Any, old: int, new: int) -> None:
    if isinstance(value, dict):
        if value.get("id") == old:
            value["id"] = new
        for one in value.values():
            renumber(one, old, new)
    elif isinstance(value, list):
        for one in value:
            renumber(one, old, new)


def test_commands_are_drawn_one_after_another(tmp_path: Path) -> None:
    canvas = a_canvas()
    session = Session(canvas, every_ms=None)
    draw(session, 400, canvas, put("fillStyle", "#ff0000"), call("fillRect", 0, 0, 240, 100))
    # rrweb 1 has one command in each event.
    session.incremental(600, CANVAS_MUTATION, id=canvas.id, type=0, property="fillStyle", args=["#0000ff"], setter=True)
    session.incremental(600, CANVAS_MUTATION, id=canvas.id, type=0, property="fillRect", args=[100, 30, 40, 40])
    image = {"rr_type": "HTMLImageElement", "src": f"data:image/png;base64,{base64.b64encode(picture(GREEN)).decode()}"}
    draw(session, 800, canvas, call("drawImage", image, 0, 0, 20, 20))
    pixels = {"rr_type": "ArrayBuffer", "base64": base64.b64encode(bytes((255, 0, 255, 255)) * 100).decode()}
    data = {"rr_type": "ImageData", "args": [{"rr_type": "Uint8ClampedArray", "args": [pixels]}, 10, 10]}
    draw(session, 800, canvas, call("putImageData", data, 200, 80))
    made = film(session.end(1200), tmp_path)
    assert made.at(400).getpixel(MIDDLE) == RED
    assert made.at(600).getpixel(MIDDLE) == BLUE
    assert made.at(600).getpixel(CORNER) == RED
    assert [made.at(800).getpixel(place) for place in (CORNER, MIDDLE, (245, 135))] == [GREEN, BLUE, (255, 0, 255)]
    assert not made.notices.keys() & {"canvas_not_recorded", "canvas_in_part", "events_failed"}


def test_what_cannot_be_drawn_again_is_counted_and_the_rest_is_drawn(tmp_path: Path) -> None:
    canvas, damaged = a_canvas(), el("canvas", style="position: absolute; left: 0; top: 160px", width="20", height="20")
    session = Session(canvas, damaged, every_ms=None)
    draw(session, 400, canvas, put("fillStyle", "#00ff00"), put("fillStyle", {"rr_type": "CanvasGradient", "index": 0}))
    draw(session, 400, canvas, call("fillRect", 0, 0, 240, 100), call("constructor", "alert(1)"), put("canvas", 1))
    broken = {"rr_type": "Blob", "data": [{"rr_type": "ArrayBuffer", "base64": "AAAA"}], "type": "image/webp"}
    draw(session, 400, damaged, call("clearRect", 0, 0, 20, 20))
    draw(session, 400, damaged, call("drawImage", {"rr_type": "ImageBitmap", "args": [broken]}, 0, 0))
    made = film(session.end(800), tmp_path)
    assert made.at(400).getpixel(MIDDLE) == GREEN
    assert made.notices["canvas_in_part"] == 2
    assert "events_failed" not in made.notices


def test_webgl_commands_are_labelled_and_counted(tmp_path: Path) -> None:
    canvas = a_canvas()
    session = Session(canvas, every_ms=None)
    draw(session, 200, canvas, call("clearColor", 1, 0, 0, 1), call("clear", 16384), kind=1)
    made = film(session.end(800), tmp_path)
    assert made.at(400).getpixel(CORNER) == LABEL_GROUND
    assert made.notices["canvas_in_part"] == made.notices["canvas_not_recorded"] == 1


def test_a_recorded_canvas_is_not_called_unrecorded_before_its_first_picture(tmp_path: Path) -> None:
    canvas, other = a_canvas(), el("canvas", style="position: absolute; left: 0; top: 160px", width="20", height="20")
    session = Session(canvas, other, every_ms=None)
    draw(session, 8000, canvas, *a_frame(RED))
    made = film(session.end(8400), tmp_path, range={"from_ms": 0, "to_ms": 400})
    assert made.at(0).getpixel(CORNER) == WHITE
    assert made.at(0).getpixel((10, 170)) == LABEL_GROUND
    assert made.notices["canvas_not_recorded"] == 1


def test_a_moved_canvas_keeps_its_drawing_and_a_resized_one_loses_it(tmp_path: Path) -> None:
    canvas = a_canvas()
    canvas.attributes["style"] = "width: 240px; height: 100px; display: block"
    home = el("div", style="position: absolute; left: 40px; top: 50px")
    session = Session(canvas, home, every_ms=None)
    draw(session, 200, canvas, put("fillStyle", "#ff0000"), call("fillRect", 0, 0, 240, 100))
    session.remove(400, canvas)
    number = canvas.id
    session.add(400, canvas, home)
    for event in session.events:
        renumber(event["data"], canvas.id, number)
    canvas.id = number
    session.set(800, canvas, width="120", height="50")
    draw(session, 1000, canvas, call("fillRect", 0, 0, 60, 50))
    made = film(session.end(1400), tmp_path)
    assert made.at(400).getpixel(MIDDLE) == RED
    assert made.at(800).getpixel(MIDDLE) == WHITE
    # As in the page, a new size forgets the colour too.
    assert [made.at(1000).getpixel(place) for place in ((100, 100), (220, 100))] == [(0, 0, 0), WHITE]


def test_a_canvas_of_a_frame_and_of_a_shadow_tree_is_shown(tmp_path: Path) -> None:
    inner, shaded = a_canvas(), a_canvas()
    inner.attributes["style"] = shaded.attributes["style"] = "display: block"
    holder = frame(
        document(inner, css="body { margin: 0 }"),
        style="border: 0; width: 240px; height: 100px; position: absolute; left: 0; top: 50px",
    )
    host = el("div", style="position: absolute; left: 250px; top: 50px").with_shadow(shaded)
    session = Session(holder, host, every_ms=None)
    draw(session, 400, inner, *a_frame(RED))
    draw(session, 400, shaded, *a_frame(GREEN))
    made = film(session.end(800), tmp_path)
    assert [made.at(400).getpixel(place) for place in ((100, 100), (300, 100))] == [RED, GREEN]


def test_frames_are_the_same_in_every_run(tmp_path: Path) -> None:
    canvas = a_canvas()
    session = Session(canvas, every_ms=120)
    for number in range(16):
        if number == 8:
            session.checkout(2000)
        draw(session, 240 * (number + 1), canvas, *a_frame((number * 10, 255 - number * 10, 128)))
    session.end(5000)
    runs = [film(session, folder(tmp_path, str(run)), cuts=[4100], browsers=2) for run in range(2)]
    assert runs[0].looks() == runs[1].looks()
    shown = [runs[0].at(240 * (number + 1)).getpixel(MIDDLE) for number in range(16)]
    assert shown == [(number * 10, 255 - number * 10, 128) for number in range(16)]


def test_twisted_canvas_events_stop_nothing(tmp_path: Path) -> None:
    huge = el(
        "canvas",
        style="position: absolute; left: 0; top: 160px; width: 20px; height: 20px",
        width="999999999",
        height="-5",
    )
    canvas = a_canvas()
    session = Session(canvas, huge, every_ms=None)
    deep: Any = "x"
    for _ in range(60):
        deep = {"rr_type": "ImageBitmap", "args": [deep]}
    twisted: list[dict[str, Any]] = [
        {"commands": None}, {"commands": [None, 5, {}, {"property": 7, "args": 3}]}, {"commands": [call("drawImage", deep, 0, 0)]},
        {"property": "fillRect", "args": "abc"}, {"commands": [call("__proto__", 1), put("__proto__", 1), call("toString"), call("getContext", "webgl")]},
        {"commands": [call("drawImage", {"rr_type": "Function", "args": ["window.ran = 1"]}, 0, 0)]},
        {"commands": [put("filter", "url(http://outside.test/f.svg#a)"), call("restore"), call("setTransform", "a", None)]},
        {"commands": [call("drawImage", {"rr_type": "HTMLImageElement", "src": "http://outside.test/a.png"}, 0, 0)]},
        {"commands": [{"property": "clearRect", "args": [0, 0]}, {"property": "drawImage", "args": [{"args": [{"data": [{"base64": '");x'}]}]}, 0, 0]}]},
    ]  # fmt: skip
    for told in twisted:
        session.incremental(200, CANVAS_MUTATION, **({"id": canvas.id, "type": 0} | told))
    session.incremental(200, CANVAS_MUTATION, id="9", type=0, commands=[])
    draw(session, 200, huge, call("fillRect", 0, 0, 10, 10))
    draw(session, 400, canvas, *a_frame(GREEN))
    made = film(session.end(800), tmp_path, peek="String(window.ran)")
    assert made.at(400).getpixel(MIDDLE) == GREEN
    assert made.notices["canvas_in_part"] == 1
    assert set(made.peeks.values()) == {"undefined"}
