"""A pointer that moves over a page that stays as it is costs no picture; where the page answers to it, nothing is lost."""

from pathlib import Path
from unittest.mock import patch

import pytest

from renderer.capture.film import Script
from tests.integration.filming import Film, film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.rich import rich_session
from tests.selfdescribing.session import Session


def film_every_frame(session: Session, folder: Path) -> Film:
    """A picture of every output frame, whatever the page says."""

    def next_frame(self: Script, frame: int, next_ms: int | None, end: int) -> int:
        return min(frame + 1, end)

    with patch.object(Script, "next_look", next_frame), patch.object(Script, "wants", return_value=True):
        made = film(session, folder)
    assert made.tally.pictures == made.plan.frame_count
    return made


def compare(session: Session, folder: Path) -> tuple[Film, Film]:
    """The session filmed where it can change, and at every frame: the same to the bit."""
    films = []
    for name, made in (("changes", film), ("every", film_every_frame)):
        (folder / name).mkdir()
        films.append(made(session, folder / name))
    assert films[0].looks() == films[1].looks()
    return films[0], films[1]


def test_nothing_is_lost_by_not_looking(tmp_path: Path) -> None:
    """Hover with transitions, frames, shadow trees, focus, scrolls, animations, clicks, moves in batches."""
    compare(rich_session(4500), tmp_path)


def still_page(css: str) -> tuple[Session, dict[str, Node]]:
    names = {
        "plain": el("p", None, "plain"),
        "link": el("a", None, "link"),
        "other": el("a", {"class": "other"}, "other"),
    }
    return Session(*names.values(), every_ms=None, css=f"a {{ display: block }} {css}"), names


@pytest.mark.parametrize(
    ("css", "pictures"),
    [
        # The first, and from 500 ms on what changes: on the link, on the other, on the text.
        ("b:hover, .other:active { color: red }", 1),
        ("a:hover { background: rgb(255, 0, 0) }", 4),
        (".other:hover { background: rgb(255, 0, 0) }", 3),
        ("@media screen { a { &.other:hover { background: rgb(255, 0, 0) } } }", 3),
        # In doubt: also where the pointer appears.
        ("p:not(:hover) { color: green }", 5),
    ],
)
def test_a_picture_is_taken_where_the_page_can_answer_to_the_pointer(css: str, pictures: int, tmp_path: Path) -> None:
    session, on = still_page(css)
    for at, name in ((0, "plain"), (500, "link"), (1000, "other"), (1500, "plain")):
        session.moves([(at + step, 100 + step / 10, 40 + at / 50) for step in range(50, 450, 50)], over=on[name])
    ours, _ = compare(session.end(2000), tmp_path)
    assert ours.tally.pictures == pictures
    assert len(ours.frames) > 30, "the pointer moves"
    places = {(frame.sprites[0].x_px, frame.sprites[0].y_px) for frame in ours.frames.values() if frame.sprites}
    assert len(places) == 4 * 8


def test_a_click_that_changes_nothing_costs_a_picture_at_most(tmp_path: Path) -> None:
    """Pressing the button down is handed to the page as an event; its ripple and all else is laid over."""
    session, on = still_page("")
    session.move(200, 100, 50, over=on["plain"])
    session.click(1000, 101, 50, on["plain"])
    ours, _ = compare(session.end(2500), tmp_path)
    assert ours.tally.pictures == 2
    rings = [sprite.step for frame in ours.frames.values() for sprite in frame.sprites if sprite.kind == "ring"]
    assert rings == list(range(7))


def test_hover_in_an_embedded_page_and_in_a_shadow_tree_is_seen(tmp_path: Path) -> None:
    rule = "b:hover { background: rgb(255, 0, 0) }"
    inside, shadowed = el("b", None, "inside"), el("b", None, "shadowed")
    embedded = frame(document(inside, css=rule), style="width: 200px; height: 50px")
    session = Session(
        el("div").with_shadow(el("style", None, rule), shadowed), embedded, el("b", None, "not here"), every_ms=None
    )
    for at, over in ((500, inside), (1500, shadowed), (2500, session.body)):
        session.moves([(at + step, 20 + step / 10, 10) for step in range(0, 400, 50)], over=over)
    ours, _ = compare(session.end(3500), tmp_path)
    assert ours.tally.pictures == 5, "the first, three for the pointer, and where the frame's label would fall due"
