"""A page that shows nothing is an error, however busy the pointer is; a page that shows anything is not."""

from pathlib import Path

import pytest

from renderer.errors import CaptureError
from tests.integration.filming import film
from tests.selfdescribing.dom import Node, document, el
from tests.selfdescribing.session import Session

DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs="


def page_of(*body: Node | str, css: str = "") -> Session:
    session = Session(page=document(*body, css=css), every_ms=None)
    session.moves([(at, at / 4, 40) for at in range(40, 600, 40)])
    return session.end(640)


def test_an_empty_page_is_refused_although_every_picture_differs(tmp_path: Path) -> None:
    empty = page_of(el("div", id="root"), css="body { background: #fafafa } #root { width: 0 }")
    with pytest.raises(CaptureError) as refused:
        film(empty, tmp_path)
    assert refused.value.code == "nothing_shown"


@pytest.mark.parametrize(
    ("thing", "css"),
    [
        (el("p", None, "a word"), ""),
        (el("img", src=DOT, width="9", height="9"), ""),
        (el("div", class_="panel"), ".panel { width: 50px; height: 50px; background: #eee }"),
        (el("div", class_="panel"), ".panel { width: 50px; height: 50px; border: 1px solid }"),
        (el("div").with_shadow(el("p", None, "in the shadow")), ""),
    ],
    ids=["text", "picture", "background", "border", "shadow"],
)
def test_a_page_with_a_single_thing_is_filmed(thing: Node, css: str, tmp_path: Path) -> None:
    shown = film(page_of(thing, css=css), tmp_path)
    assert len(set(shown.looks())) > 5


def test_an_animation_that_rests_costs_no_pictures(tmp_path: Path) -> None:
    """A caret that blinks in two steps runs all the time and changes twice a second."""
    css = "@keyframes blink { 50% { opacity: 0 } } .caret { width: 9px; height: 20px; background: #000; animation: blink 1s steps(1) infinite }"
    session = Session(page=document(el("p", None, "a word"), el("div", class_="caret"), css=css), every_ms=None)
    blinking = film(session.end(6000), tmp_path)
    assert len(blinking.frames) >= 12
    assert blinking.tally.pictures <= 14
