"""A session with everything in it that a frame can depend on: for tests that compare two ways of filming the same thing."""

from collections.abc import Callable

from tests.selfdescribing.dom import document, el, frame
from tests.selfdescribing.session import FOCUS, Session

CSS = """
body { font: 12px 'Liberation Sans'; height: 900px; }
.track { position: relative; height: 14px; }
.track > * { position: absolute; width: 12px; height: 12px; background: #1d4ed8; }
@keyframes run { from { transform: translateX(0); } to { transform: translateX(300px); } }
@keyframes glow { 50% { background: #f59e0b; left: 200px; } }
@keyframes enter { from { opacity: 0; transform: translateY(20px); } }
.endless { animation: run 1700ms linear infinite alternate; }
.late { animation: glow 3s ease-in-out 1500ms 2; }
.dots::after { content: ""; position: absolute; width: 8px; height: 8px; left: 330px; background: #16a34a; animation: glow 900ms steps(5) infinite; }
.entry { animation: enter 400ms ease-out both; }
button { background: #e5e7eb; border: 0; width: 90px; height: 22px; transition: background 600ms linear, width 300ms; }
button:hover { background: #dc2626; width: 140px; }
input, textarea { font: 12px 'Liberation Sans'; width: 120px; transition: background-color 500ms; background: #ffffff; }
input:focus, textarea:focus { background: #bfdbfe; outline: 2px solid #1d4ed8; }
#box { height: 40px; width: 200px; overflow: scroll; border: 1px solid #9ca3af; }
#box > div { height: 400px; background: linear-gradient(#fef08a, #7c3aed); }
iframe { width: 220px; height: 44px; border: 2px solid #111827; }
"""

INNER_CSS = """
body { margin: 0; font: 11px 'Liberation Sans'; height: 300px; background: linear-gradient(#ecfeff, #0e7490); }
a { display: inline-block; width: 60px; height: 16px; background: #a7f3d0; transition: background 400ms; }
a:hover { background: #be185d; }
i { position: absolute; top: 22px; width: 10px; height: 10px; background: #000000; animation: slide 1100ms linear infinite; }
@keyframes slide { to { left: 150px; } }
"""


def rich_session(length_ms: int = 8000, *, checkouts: tuple[int, ...] = (2500, 5100)) -> Session:
    """480 x 270 pixels; events lie off the 40 ms grid wherever they can."""
    link = el("a", None, "inside")
    inside = document(link, el("i"), css=INNER_CSS)
    embedded = frame(inside)
    button = el("button", None, "hover me")
    field = el("input", type="text", value="")
    box = el("div", {"id": "box"}, el("div"))
    check = el("input", type="checkbox")
    area = el("textarea")
    paragraph = el("p", None, "Some words to be selected by the user")
    pulse = (
        "<style>"
        + "i{display:block;width:14px;height:14px;background:#9333ea;animation:pulse 800ms infinite alternate}"
    )
    host = el("div").with_shadow(
        el("style", None, pulse.removeprefix("<style>") + "@keyframes pulse{to{opacity:.1}}"), el("i")
    )
    session = Session(
        el("div", {"class": "track"}, el("i", {"class": "endless"}), el("b", {"class": "late"})),
        el("div", {"class": "track"}, el("span", {"class": "dots"})),
        button,
        field,
        check,
        area,
        paragraph,
        host,
        box,
        embedded,
        css=CSS,
        width=480,
        height=270,
    )
    happenings: list[tuple[int, Callable[[int], object]]] = [
        (130, lambda at: session.moves([(at, 400, 200), (at + 90, 300, 150), (at + 210, 100, 100)])),
        (461, lambda at: session.moves([(at, 40, 90), (at + 40, 45, 92)], over=button)),
        (700, lambda at: session.click(at, 45, 92, button)),
        (983, lambda at: session.interact(at, FOCUS, field)),
        (1110, lambda at: session.input(at, field, "a")),
        (1290, lambda at: session.input(at, field, "ab")),
        (1505, lambda at: session.add(at, el("p", {"class": "entry"}, "An answer that fades in"))),
        (1700, lambda at: session.scroll(at, box, 60)),
        (1733, lambda at: session.scroll(at, box, 140)),
        (2099, lambda at: session.input(at, check, "on", checked=True)),
        (2210, lambda at: session.moves([(at, 20, 10), (at + 100, 30, 8)], over=link)),
        (2701, lambda at: session.select(at, paragraph.children[0], 5, 19)),
        (2950, lambda at: session.click(at, 25, 8, link)),
        (3177, lambda at: session.scroll(at, session.page, 37)),
        (3400, lambda at: session.adopt(at, session.page, 1, ".track > * { background: #0d9488 !important; }")),
        (3815, lambda at: session.scroll(at, inside, 70)),
        (4003, lambda at: session.moves([(at, 50, 60), (at + 80, 55, 62)], over=button)),
        (4460, lambda at: session.interact(at, FOCUS, area)),
        (4530, lambda at: session.input(at, area, "streamed")),
        (4611, lambda at: session.add(at, el("p", {"class": "entry"}, "Another answer"), before=paragraph)),
        (5700, lambda at: session.interact(at, FOCUS, field)),
        (5903, lambda at: session.set(at, box, style="width: 150px; transition: width 700ms")),
        (6120, lambda at: session.set(at, box, style="width: 250px; transition: width 700ms")),
        (6333, lambda at: session.moves([(at, 200, 120), (at + 300, 260, 200)])),
        (6809, lambda at: session.click(at, 260, 200)),
        (7001, lambda at: session.scroll(at, session.page, 0)),
    ]
    happenings += [(at, session.checkout) for at in checkouts]
    for at, happening in sorted(happenings, key=lambda pair: pair[0]):
        if at < length_ms:
            happening(at)
    return session.end(length_ms)
