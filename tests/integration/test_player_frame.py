"""What stands around the page: it covers nothing, can be read, costs a picture a tick, and is the same wherever a segment begins."""

from pathlib import Path
from typing import Any

import pytest

from renderer.player.protocol import Scene
from renderer.player.scene.build import bare_scene
from tests.integration.filming import Film, film
from tests.integration.scenes import IDLE_MS, LENGTH_MS, hostile_scene, told_scene
from tests.selfdescribing.dom import document, el
from tests.selfdescribing.session import Session

EVERYTHING = "ripples,labels,skips,header,timeline,steps,llm,console,network"

# Left, top, width and height of the page and of all parts, and how much the parts' own words are cut.
BOXES = """(() => {
    const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; };
    const found = Object.fromEntries(['stage', 'header', 'panel', 'steps', 'timeline']
        .map((name) => [name, document.querySelector('.' + name)]).filter(([, e]) => e).map(([name, e]) => [name, box(e)]));
    return found;
})()"""

# Every piece of text: its size, and its contrast by WCAG 2 with the nearest background that is not transparent.
READ = """(() => {
    const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const ground = (e) => {
        for (let n = e; n; n = n.parentElement) {
            const c = numbers(getComputedStyle(n).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
    };
    const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const ours = ['header', 'panel', 'steps', 'timeline', 'click-name'].flatMap((name) => [...document.querySelectorAll('.' + name)]);
    const texts = [];
    for (const part of ours) {
        const outer = part.getBoundingClientRect();
        for (const e of [part, ...part.querySelectorAll('*')]) {
            if (!e.checkVisibility() || !own(e)) continue;
            const style = getComputedStyle(e);
            const [one, other] = [light(numbers(style.color)), light(ground(e))].sort((a, b) => b - a);
            const b = e.getBoundingClientRect();
            texts.push({
                name: e.className, text: e.textContent.slice(0, 20), size: parseFloat(style.fontSize), contrast: (one + 0.05) / (other + 0.05),
                inside: b.left >= outer.left - 0.5 && b.right <= outer.right + 0.5 && b.top >= outer.top - 0.5 && b.bottom <= outer.bottom + 0.5,
                told: e.classList.contains('told'), cut: e.scrollWidth > e.clientWidth + 1 && !!e.clientWidth,
            });
        }
    }
    const marks = [...document.querySelectorAll('.mark')].map((e) => {
        const [one, other] = [light(numbers(getComputedStyle(e).color)), light(ground(e.parentElement))].sort((a, b) => b - a);
        return { name: e.className, contrast: (one + 0.05) / (other + 0.05) };
    });
    return { texts, marks, ran: window.ran ?? 0, markup: document.querySelectorAll('.frame img, .frame script, .click-name img').length };
})()"""


def still(*, width: int = 1280, height: int = 720, moves: bool = False, turned_ms: int | None = None) -> Session:
    """A page of one colour with a mark in its middle. `moves`: somebody is there all the time but in IDLE_MS. At `turned_ms` the
    window becomes a phone's."""
    middle = el("div", style="position: fixed; left: 45%; top: 45%; width: 10%; height: 10%; background: #204060")
    page = document(middle, css="body { margin: 0; background: #3fae7c }")
    session = Session(page=page, width=width, height=height, every_ms=None)
    session.click(1000, width / 2, height / 2)
    if moves:
        session.moves([(at, 9, 9) for at in range(1500, LENGTH_MS, 500) if not IDLE_MS[0] < at < IDLE_MS[1]])
    if turned_ms is not None:
        session.resize(turned_ms, 390, 844)
    return session.end(LENGTH_MS)


def told(tmp_path: Path, session: Session | None = None, **options: Any) -> Film:
    return film(session or still(), tmp_path, **({"overlays": EVERYTHING, "fps": 2, "scene": told_scene} | options))


@pytest.mark.parametrize("cards", [True, False])
def test_nothing_covers_the_page(cards: bool, tmp_path: Path) -> None:
    """Cards, toasts, lines, the note about skipped time: the page's pixels are the same in every frame."""

    def scene(plan: Any) -> Scene:
        return told_scene(plan) if cards else told_scene(plan, cards=[])

    overlays = EVERYTHING.removeprefix("ripples,")
    made = told(tmp_path, still(moves=True), overlays=overlays, idle="skip", peek=BOXES, scene=scene)
    assert made.plan.skips
    (boxes,) = {str(found): found for found in made.peeks.values()}.values()
    assert set(boxes) == {"stage", "header", "steps", "timeline"} | ({"panel"} if cards else set())
    left, top, width, height = boxes["stage"]
    assert width / 1280 >= (0.77 if cards else 0.8)
    inside = (int(left) + 1, int(top) + 1, int(left + width) - 1, int(top + height) - 1)
    crops = {made.picture(frame).crop(inside).tobytes() for frame in made.frames}
    assert len(made.frames) > 30
    assert len(crops) == 1
    page = made.picture(0).crop(inside)
    assert page.getpixel((0, 0)) == (0x3F, 0xAE, 0x7C)
    assert page.getpixel((page.width // 2, page.height // 2)) == (0x20, 0x40, 0x60)


def test_a_still_page_costs_one_picture_a_tick_and_none_else(tmp_path: Path) -> None:
    def scene(plan: Any) -> Scene:
        return bare_scene(plan).model_copy(
            update={"ticks_ms": list(range(0, LENGTH_MS, 1000)), "places": told_scene(plan).places[:1]}
        )

    session = Session(page=document(el("p", None, "still")), every_ms=None).end(LENGTH_MS)
    made = told(tmp_path, session, overlays="auto", size="640x360", fps=25, scene=scene)
    assert [made.clock.session_ms(frame) for frame in made.frames] == list(range(0, LENGTH_MS, 1000))
    assert made.tally.pictures == LENGTH_MS / 1000


def test_a_segment_may_begin_anywhere(tmp_path: Path) -> None:
    """In a name, a toast, a card's counter, a gap, after the window became a phone's: the pictures are those of an unsplit run."""

    hashes = []
    for name, cuts in {"whole": [], "split": [1400, 5200, 12_700, 18_100, 24_000]}.items():
        (tmp_path / name).mkdir()
        made = told(tmp_path / name, still(width=640, height=360, turned_ms=17_000), cuts=cuts, size="640x360", fps=5)
        assert not made.problem
        hashes.append(made.looks())
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) > 40


@pytest.mark.parametrize("size", ["1280x720", "720x1280"])
def test_everything_can_be_read(size: str, tmp_path: Path) -> None:
    made = told(tmp_path, size=size, peek=READ)
    texts = [text for found in made.peeks.values() for text in found["texts"]]
    names = {name for text in texts for name in text["name"].split()}
    assert {"title", "url", "time", "whole", "chip-text", "lane-name", "end", "panel-title", "panel-count", "empty", "model", "card-time",
            "label", "state", "facts", "clock-name", "toast-count", "click-name", "told", "clamped"} <= names  # fmt: skip
    assert [text for text in texts if text["contrast"] < 4.5] == []
    marks = [mark for found in made.peeks.values() for mark in found["marks"]]
    assert len({mark["name"] for mark in marks}) >= 8
    assert [mark for mark in marks if mark["contrast"] < 3] == [], "WCAG asks less of drawings"
    assert [text for text in texts if not text["inside"]] == []
    assert [text for text in texts if text["cut"] and not text["told"]] == [], "our own words are never cut"
    if size == "1280x720":
        assert [text for text in texts if text["size"] < 14] == []


def test_hostile_text_is_drawn_as_text_and_moves_nothing(tmp_path: Path) -> None:
    both = f"[{BOXES}, {READ}]"
    films = []
    for name, scene in {"told": told_scene, "hostile": hostile_scene}.items():
        (tmp_path / name).mkdir()
        films.append(told(tmp_path / name, scene=scene, peek=both, range={"from_ms": 0, "to_ms": 20_000}))
    benign, hostile = ({at: found[0] for at, found in made.peeks.items()} for made in films)
    assert hostile == {at: benign[at] for at in hostile}
    found = [peek[1] for peek in films[1].peeks.values()]
    assert not any(peek["ran"] or peek["markup"] for peek in found)
    assert [text for peek in found for text in peek["texts"] if not text["inside"]] == []
    assert [text for peek in found for text in peek["texts"] if text["cut"] and not text["told"]] == []
    assert any(text["text"].startswith("<img src=x") for peek in found for text in peek["texts"])


def test_parts_that_are_not_wanted_leave_their_room_to_the_page(tmp_path: Path) -> None:
    widths = {}
    for overlays in ("none", "timeline", "llm", "header,timeline,steps,llm"):
        (tmp_path / overlays).mkdir()
        made = told(tmp_path / overlays, overlays=overlays, peek=BOXES, range={"from_ms": 3000, "to_ms": 3500})
        (boxes,) = made.peeks.values()
        assert set(boxes) - {"stage"} == {name.replace("llm", "panel") for name in overlays.split(",")} - {"none"}
        widths[overlays] = boxes["stage"][2]
    assert widths["none"] == 1280
    assert 1280 > widths["timeline"] > widths["llm"] >= widths["header,timeline,steps,llm"] > 980
