"""Where a session's content was not recorded the picture says so, in the very place."""

import base64
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.integration.filming import film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.pictures import picture
from tests.selfdescribing.session import Session

LABEL_GROUND = (0xEE, 0xF0, 0xF4)
PLACE = "position: absolute; left: 40px; top: 50px; width: 240px; height: 100px"
RED_DOT = f"data:image/png;base64,{base64.b64encode(picture((255, 0, 0))).decode()}"


def is_labelled(shot: Image.Image) -> bool:
    """The place's corners have the label's ground, and there is writing in its middle."""
    corners = [shot.getpixel(place) for place in ((44, 54), (276, 54), (44, 146), (276, 146))]
    middle = shot.crop((60, 80, 260, 120)).convert("L")
    darkest = ImageStat.Stat(middle).extrema[0][0]
    return corners == [LABEL_GROUND] * 4 and darkest < 130


def outside(shot: Image.Image) -> bool:
    return all(shot.getpixel(place) == (255, 255, 255) for place in ((36, 100), (284, 100), (160, 46), (160, 154)))


@pytest.mark.parametrize(
    ("node", "notice"),
    [
        (el("canvas", style=PLACE, width="240", height="100"), "canvas_not_recorded"),
        (el("video", style=PLACE, src="http://media.test/film.mp4", autoplay=""), "media_not_recorded"),
        (frame(None, style=f"{PLACE}; border: 0", rr_src="https://other.test/"), "iframe_not_recorded"),
    ],
    ids=["canvas", "video", "cross-origin iframe"],
)
def test_what_was_not_recorded_is_labelled_where_it_was(node: Node, notice: str, tmp_path: Path) -> None:
    session = Session(node, every_ms=None).end(1600)
    made = film(session, tmp_path)
    assert is_labelled(made.at(1200))
    assert outside(made.at(1200))
    assert made.notices[notice] == 1
    without = film(session, tmp_path, overlays="pointer", range={"from_ms": 1200, "to_ms": 1240})
    assert not is_labelled(without.picture(0))
    assert without.notices[notice] == 1, "counted, shown or not"


def test_a_frame_whose_content_comes_a_moment_later_is_not_labelled(tmp_path: Path) -> None:
    """A cross-origin frame with a recorder of its own tells of itself after it has loaded."""
    holder = frame(None, style=f"{PLACE}; border: 0")
    session = Session(holder, every_ms=None)
    holder.document = document(css="body { margin: 0; background: #00ff00 }")
    holder.document.parent = holder
    session.until(700)
    session._attach(700, holder)
    made = film(session.end(1800), tmp_path)
    assert [made.at(at).getpixel((160, 100)) for at in (680, 720, 1040, 1760)] == [(255, 255, 255)] + [(0, 255, 0)] * 3
    assert "iframe_not_recorded" not in made.notices


def test_a_canvas_with_a_recorded_picture_shows_it(tmp_path: Path) -> None:
    node = el("canvas", style=PLACE, width="240", height="100", rr_dataURL=RED_DOT)
    made = film(Session(node, every_ms=None).end(400), tmp_path)
    assert made.picture(0).getpixel((160, 100)) == made.picture(0).getpixel((44, 54)) == (255, 0, 0)
    assert "canvas_not_recorded" not in made.notices


def test_a_video_with_a_recorded_poster_shows_it(tmp_path: Path) -> None:
    node = el("video", style=f"{PLACE}; object-fit: fill", poster=RED_DOT)
    made = film(Session(node, every_ms=None).end(400), tmp_path)
    assert made.picture(0).getpixel((160, 100)) == (255, 0, 0)


def test_labels_scroll_and_are_covered_with_the_page(tmp_path: Path) -> None:
    canvas = el("canvas", style=PLACE, width="240", height="100")
    cover = el(
        "div", style="position: absolute; left: 40px; top: 50px; width: 100px; height: 100px; background: #0000ff"
    )
    session = Session(canvas, cover, el("div", style="height: 2000px"), every_ms=None)
    session.scroll(400, session.page, 60)
    made = film(session.end(800), tmp_path)
    assert made.at(0).getpixel((44, 54)) == (0, 0, 255)
    assert made.at(0).getpixel((276, 146)) == LABEL_GROUND
    assert made.at(400).getpixel((276, 86)) == LABEL_GROUND
    assert made.at(400).getpixel((276, 146)) == (255, 255, 255)
