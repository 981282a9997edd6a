"""Every kind of event that rrweb knows: what each becomes in the picture, or that it is counted. docs/replay.md says the same."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from renderer.timeline.build import build_timeline
from tests.integration.filming import Film, film, film_recording, recording_of
from tests.integration.test_capture_assets import font_bytes
from tests.integration.test_player_canvas import a_frame
from tests.selfdescribing.dom import Node, document, el
from tests.selfdescribing.session import Session

ROOT = Path(__file__).parents[2]
GREEN = (0, 128, 0)
MUTATION, MOUSE_MOVE, INTERACTION, SCROLL, RESIZE, INPUT, TOUCH_MOVE, MEDIA, STYLE_RULE, CANVAS, FONT, LOG, DRAG = (
    range(13)
)
STYLE_DECLARATION, SELECTION, ADOPTED, CUSTOM_ELEMENT = range(13, 17)
FOCUS = 5
WIDTH, HEIGHT = 640, 360
BOX = (40, 30)
EVERY_MS = 200
CSS = """
body { margin: 0; background: #ffffff; font: 12px 'Liberation Sans' }
body > * { position: absolute; width: 40px; height: 30px; box-sizing: border-box; margin: 0; border: 0; padding: 0; overflow: hidden }
.over { background: #ff0000 } .over:hover { background: #008000 }
#focused { background: #ff0000; outline: none } #focused:focus { background: #008000 }
#checked { appearance: none; background: #ff0000 } #checked:checked { background: #008000 }
#declared { background: #ff0000 }
x-box { background: #ff0000 } x-box:defined { background: #008000 }
#lettered { font-family: Told, 'Liberation Sans' }
#sized { background: #ff0000 } @media (max-width: 400px) { #sized { background: #008000 } }
"""


@dataclass
class Kind:
    """`tell` has the page recorded do it; afterwards its box is green, or, `green` False, looks other than before."""

    source: int
    node: Callable[[], Node]
    tell: Callable[[Session, int, Node], None]
    green: bool = True


def box(**attributes: str) -> Callable[[], Node]:
    return lambda: el("div", None, **attributes)


def canvas_drawn(session: Session, at_ms: int, node: Node) -> None:
    session.incremental(at_ms, CANVAS, id=node.id, type=0, commands=a_frame(GREEN, BOX))


def moved(source: int) -> Callable[[Session, int, Node], None]:
    def tell(session: Session, at_ms: int, node: Node) -> None:
        x, y = place_of(node)
        session.incremental(at_ms, source, positions=[{"x": x + 20, "y": y + 15, "id": node.id, "timeOffset": 0}])

    return tell


def place_of(node: Node) -> tuple[int, int]:
    found = re.match(r"left: (\d+)px; top: (\d+)px", node.attributes["style"])
    assert found
    return int(found[1]), int(found[2])


def font_told(session: Session, at_ms: int, node: Node) -> None:
    """As a script loads it from bytes."""
    told = {"family": "Told", "fontSource": json.dumps(list(font_bytes("Liberation Mono"))), "buffer": True}
    session.incremental(at_ms, FONT, **told)


KINDS = (
    Kind(MUTATION, box(), lambda session, at, node: session.set(at, node, style=node.attributes["style"] + "; background: #008000")),
    Kind(MOUSE_MOVE, box(class_="over"), moved(MOUSE_MOVE)),
    Kind(TOUCH_MOVE, box(class_="over"), moved(TOUCH_MOVE)),
    Kind(DRAG, box(class_="over"), moved(DRAG)),
    Kind(INTERACTION, lambda: el("input", id="focused"), lambda session, at, node: session.interact(at, FOCUS, node)),
    Kind(SCROLL, lambda: el("div", None, el("div", style="height: 30px"), el("div", style="height: 90px; background: #008000")),
         lambda session, at, node: session.scroll(at, node, 40)),
    Kind(INPUT, lambda: el("input", id="checked", type="checkbox"), lambda session, at, node: session.input(at, node, "on", checked=True)),
    Kind(MEDIA, lambda: el("video", style="width: 300px"), lambda session, at, node: session.incremental(at, MEDIA, type=0, id=node.id, currentTime=65.0),
         green=False),
    Kind(STYLE_RULE, box(id="ruled"),
         lambda session, at, node: session.incremental(at, STYLE_RULE, id=style_of(session).id, adds=[{"rule": "#ruled { background: #008000 }", "index": 0}])),
    Kind(CANVAS, lambda: el("canvas", width="40", height="30"), canvas_drawn),
    Kind(FONT, lambda: el("div", None, "Willi", id="lettered"), font_told, green=False),
    Kind(STYLE_DECLARATION, box(id="declared"),
         lambda session, at, node: session.incremental(
             at, STYLE_DECLARATION, id=style_of(session).id, index=[declared(session)], set={"property": "background", "value": "#008000"})),
    Kind(SELECTION, lambda: el("div", None, "Willi"), lambda session, at, node: session.select(at, node.children[0], 0, 5), green=False),
    Kind(ADOPTED, box(id="adopted"), lambda session, at, node: session.adopt(at, session.page, 7, "#adopted { background: #008000 }")),
    Kind(CUSTOM_ELEMENT, lambda: el("x-box"), lambda session, at, _: session.incremental(at, CUSTOM_ELEMENT, define={"name": "x-box"})),
    # The last, as it scales the picture: twice as large as before, the corner stays.
    Kind(RESIZE, box(id="sized"), lambda session, at, _: session.resize(at, WIDTH // 2, HEIGHT // 2)),
)  # fmt: skip
SHOWS_NOTHING = {LOG}


def style_of(session: Session) -> Node:
    return next(node for node in session.page.tree() if node.tag == "style")


def declared(session: Session) -> int:
    """The rule's number in the sheet, after the one that another kind has put in front."""
    rules = re.findall(r"[^{}]+\{(?:[^{}]|\{[^{}]*\})*\}", style_of(session).children[0].text)
    return next(number for number, rule in enumerate(rules) if rule.strip().startswith("#declared")) + 1


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[Image.Image, Image.Image, bool]]:
    """One session with all kinds, one after another: by source, its box before and after, and whether green is meant."""
    nodes = [kind.node() for kind in KINDS]
    for number, node in enumerate(nodes):
        left, top = (0, 0) if KINDS[number].source == RESIZE else (number % 8 * 70 + 40, number // 8 * 80 + 60)
        if KINDS[number].source == MEDIA:
            left, top = 0, 300
        node.attributes["style"] = f"left: {left}px; top: {top}px; {node.attributes.get('style', '')}".strip()
    session = Session(width=WIDTH, height=HEIGHT, every_ms=None, page=document(*nodes, css=CSS))
    for number, (kind, node) in enumerate(zip(KINDS, nodes, strict=True)):
        kind.tell(session, EVERY_MS * (number + 1), node)
    made = film(
        session.end(EVERY_MS * (len(KINDS) + 2)),
        tmp_path_factory.mktemp("kinds"),
        size=f"{WIDTH}x{HEIGHT}",
        overlays="labels",
    )
    assert not made.notices.keys() & {"events_failed", "nodes_missing"}, made.problem
    return {
        kind.source: (*boxes(made, number, node), kind.green)
        for number, (kind, node) in enumerate(zip(KINDS, nodes, strict=True))
    }


def boxes(made: Film, number: int, node: Node) -> tuple[Image.Image, Image.Image]:
    left, top = place_of(node)
    wide = 300 if node.tag == "video" else BOX[0]
    at_ms = EVERY_MS * (number + 1)
    before, after = (made.at(at).crop((left, top, left + wide, top + BOX[1])) for at in (at_ms - 40, at_ms + 40))
    return before, after


@pytest.mark.parametrize("source", [kind.source for kind in KINDS])
def test_a_kind_shows(source: int, filmed: dict[int, tuple[Image.Image, Image.Image, bool]]) -> None:
    before, after, green = filmed[source]
    assert ImageChops.difference(before, after).getbbox() is not None
    if green:
        assert after.getpixel((30, 25)) == GREEN
        assert before.getpixel((30, 25)) != GREEN


def test_the_table_has_every_source_that_rrweb_knows() -> None:
    types = (ROOT / "player_assets/node_modules/@rrweb/types/dist/index.d.ts").read_text(encoding="utf-8")
    enum = re.search(r"enum IncrementalSource \{([^}]*)\}", types)
    assert enum
    known = {int(number): name for name, number in re.findall(r"(\w+) = (\d+)", enum[1])}
    assert set(known) == {kind.source for kind in KINDS} | SHOWS_NOTHING
    told = (ROOT / "docs/replay.md").read_text(encoding="utf-8")
    assert [name for name in known.values() if f"| {name} |" not in told] == []


def test_events_that_show_nothing_change_no_picture(tmp_path: Path) -> None:
    session = Session(el("p", None, "a page"), every_ms=None)
    for number, (kind, data) in enumerate(
        [(0, {}), (1, {}), (5, {"tag": "mine", "payload": {"a": 1}}), (6, {"plugin": "some/other@1", "payload": {}})]
    ):
        session.until(200 * (number + 1))
        session._emit(200 * (number + 1), kind, data)
    session.incremental(1000, LOG, level="error", payload=['"logged by rrweb 0.9"'], trace=[])
    made = film_recording(recording_of(session.end(1400), tmp_path), tmp_path, size="320x180")
    assert len(set(made.looks())) == 1
    told = build_timeline(recording_of(session, tmp_path)).entries
    assert [entry.title for entry in told if entry.kind in ("custom", "console")] == [
        "Event “mine”", "Console error: logged by rrweb 0.9", "Event “end”",
    ]  # fmt: skip


def test_events_of_a_later_rrweb_are_counted(tmp_path: Path) -> None:
    session = Session(el("p", None, "a page"), every_ms=None)
    session.incremental(200, 17, id=1)
    session._emit(300, 7, {"url": "https://x.test/a.png", "payload": {}})
    found = {notice.code: notice.count for notice in recording_of(session.end(600), tmp_path).notices}
    assert (found["unknown_source"], found["unknown_event_type"]) == (1, 1)
