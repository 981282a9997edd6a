"""A recording is hostile input: nothing in it runs, nothing in it reaches the network, and what rrweb cannot take is skipped."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.assets.site import Site
from tests.integration.filming import film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.pictures import picture
from tests.selfdescribing.reader import Eye
from tests.selfdescribing.rich import rich_session
from tests.selfdescribing.session import BLUR, CLICK, FOCUS, Session

RUN = "top.ran = (top.ran || 0) + 1; top.document.title = 'ran'; new Image().src = '{}/ran'"
WITNESS = "[window.ran ?? 0, document.title, inner.defaultView.ran ?? 0, inner.querySelectorAll('[data-ran]').length]"
UNTOUCHED = [0, "renderer player", 0, 0]


class Listener:
    """A port that counts whoever knocks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self.knocks: list[bytes] = []
        self._over = False
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(0.2)
                try:
                    self.knocks.append(connection.recv(200))
                except OSError:
                    self.knocks.append(b"")

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.close()


def scripts(origin: str) -> list[Node]:
    """Every way of running something that a recorded page can name."""
    run = RUN.format(origin)
    page = f'<script>{run}</script><img src=x onerror="{run}">'
    data = f"data:text/html,{page}"
    upper = el("SCRIPT", None, run)
    svg_script = el("script", None, run)
    svg_script.flags = {"isSVG": True}
    return [
        el("script", None, run),
        upper,
        el("script", src=f"{origin}/script.js"),
        el("script", {"type": "module"}, run),
        el("script", {"type": "speculationrules"}, f'{{"prefetch": [{{"source": "list", "urls": ["{origin}/speculation"]}}]}}'),
        el("noscript", None, page),
        el("img", src=f"{origin}/missing.png", onerror=run, onload=run),
        el("div", {"onclick": run, "onmouseover": run, "onmousedown": run, "onfocus": run, "tabindex": "0"}, "press"),
        el("body", onload=run),
        el("details", {"open": "", "ontoggle": run}, "open"),
        el("i", style="animation: spin 100ms", onanimationstart=run, onanimationend=run),
        el("input", autofocus="", onfocus=run),
        el("a", {"href": f"javascript:{run}", "ping": f"{origin}/ping"}, "link"),
        el("a", {"href": f"{origin}/navigated", "target": "_top", "ping": f"{origin}/ping"}, "link"),
        el("form", {"action": f"{origin}/form"}, el("button", {"type": "submit"}, "send"), el("input", {"type": "image", "src": f"{origin}/i.png"})),
        el("svg", {"onload": run}, svg_script, el("set", attributeName="href", to=f"javascript:{run}", begin="0s", onbegin=run)),
        el("svg", None, el("a", {"href": f"javascript:{run}"}, el("rect", width="9", height="9")), el("animate", onbegin=run, dur="1s")),
        el("svg", None, el("foreignObject", None, el("iframe", srcdoc=page))),
        el("iframe", src=f"{origin}/frame.html"),
        el("iframe", src=f"javascript:{run}"),
        el("iframe", src=data),
        el("iframe", srcdoc=page, sandbox="allow-scripts allow-same-origin allow-top-navigation"),
        el("frame", src=f"{origin}/frame.html"),
        el("object", data=f"{origin}/object"),
        el("object", {"data": data, "type": "text/html"}),
        el("embed", src=f"{origin}/embed"),
        el("embed", src=data, type="text/html"),
        el("portal", src=f"{origin}/portal"),
        el("video", None, el("source", src=f"{origin}/film.mp4", onerror=run), el("track", src=f"{origin}/track.vtt", default=""), src=f"{origin}/film.mp4", autoplay=""),
        el("audio", src=f"{origin}/sound.mp3", autoplay=""),
    ]  # fmt: skip


def metas(origin: str) -> tuple[Node, ...]:
    return (
        el("meta", {"http-equiv": "refresh", "content": f"0;url={origin}/refreshed"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": "script-src * 'unsafe-inline'; style-src 'none'; img-src 'none'"}),
        el("meta", {"http-equiv": "set-cookie", "content": "a=b"}),
        el("base", href=f"{origin}/base/", target="_top"),
    )  # fmt: skip


def resources(origin: str) -> list[Node]:
    """Every way of naming a URL."""
    css = f"""
    @import url({origin}/import.css);
    @font-face {{ font-family: Asked; src: url({origin}/font.woff2); }}
    .asked {{ font-family: Asked; background: url({origin}/background.png); cursor: url({origin}/cursor.cur), auto;
      list-style-image: url({origin}/bullet.png); border-image: url({origin}/border.png) 1; content: url({origin}/content.png);
      mask-image: url({origin}/mask.svg#m); filter: url({origin}/filter.svg#f); shape-outside: url({origin}/shape.png); }}
    .asked::after {{ content: image-set(url({origin}/set.png) 1x); }}
    """
    links = ["stylesheet", "icon", "manifest", "prefetch", "preconnect", "dns-prefetch", "preload", "modulepreload", "prerender", "import", "alternate stylesheet"]  # fmt: skip
    return [
        el("style", None, css),
        el("p", {"class": "asked"}, "asked"),
        *(el("link", {"rel": rel, "href": f"{origin}/link-{rel.replace(' ', '-')}", "as": "image"}) for rel in links),
        el("img", {"src": f"{origin}/img.png", "srcset": f"{origin}/one.png 1x, {origin}/two.png 2x"}),
        el("picture", None, el("source", srcset=f"{origin}/source.png"), el("img", src=f"{origin}/picture.png")),
        el("input", {"type": "image", "src": f"{origin}/input.png"}),
        el("table", {"background": f"{origin}/table.png"}, el("tbody", None, el("tr", None, el("td", background=f"{origin}/cell.png")))),
        el("svg", None, el("image", href=f"{origin}/svg.png"), el("use", href=f"{origin}/use.svg#part"), el("image", {"xlink:href": f"{origin}/xlink.png"})),
        el("video", {"poster": f"{origin}/poster.png", "src": f"{origin}/film.mp4"}),
        el("div", {"style": f"background: url({origin}/inline.png)"}),
        el("div").with_shadow(el("style", None, f"p {{ background: url({origin}/shadow.png) }}"), el("p", None, "shadow")),
        frame(document(el("img", src=f"{origin}/inner.png"), css=f"body {{ background: url({origin}/inner-background.png) }}")),
    ]  # fmt: skip


def nasty_session(origin: str) -> Session:
    nodes = [*scripts(origin), *resources(origin)]
    session = Session(*nodes, css="@keyframes spin { to { opacity: 0.5 } }", every_ms=40)
    # The same again by mutations, and a hand that touches all of it.
    for index, node in enumerate([*metas(origin), *scripts(origin), *resources(origin)]):
        session.add(100 + 10 * index, node)
    at = session.painted[-1] + 50
    touched = [node for node in session.page.tree() if node.kind == 2]
    for node in touched:
        at += 2
        session.move(at, 200, 160, over=node)
        for kind in (FOCUS, CLICK, BLUR, 3, 4):
            session.interact(at, kind, node, 200, 160)
    session.set(at, touched[20], onclick=RUN.format(origin), href=f"javascript:{RUN.format(origin)}")
    session.incremental(at, 10, family="F", fontSource=f"url({origin}/font-event.woff2)", buffer=False, descriptors={})
    session.adopt(at, session.page, 5, f"p {{ background: url({origin}/adopted.png) }}")
    session.incremental(
        at,
        8,
        id=session.page.children[1].children[0].children[0].id,
        adds=[{"rule": f"p {{ background: url({origin}/rule.png) }}", "index": 0}],
    )
    return session.end(at + 400)


def test_recorded_scripts_never_run_and_chromium_asks_for_nothing(listener: Listener, tmp_path: Path) -> None:
    session = nasty_session(f"http://127.0.0.1:{listener.port}")
    made = film(session, tmp_path, peek=WITNESS, fps=5)
    assert list(made.peeks.values()) == [UNTOUCHED] * len(made.peeks)
    assert listener.knocks == []
    # The page is still the recorded one, and not where it wanted to go.
    eye = Eye.of(session, session.width, session.height)
    for number in range(made.plan.frame_count):
        assert eye.read(made.picture(number)) == session.shown_at(made.clock.session_ms(number))


def test_of_an_allowed_host_only_pictures_fonts_and_styles_are_asked_for(tmp_path: Path) -> None:
    with Site() as site:
        site.table["*"] = lambda handler: handler.reply(200, picture((1, 2, 3)), "image/png")
        session = nasty_session(f"http://127.0.0.1:{site.port}")
        made = film(session, tmp_path, peek=WITNESS, fps=5, assets=f"127.0.0.1:{site.port}")
        asked = set(site.count())
    assert list(made.peeks.values()) == [UNTOUCHED] * len(made.peeks)
    words = ("script", "frame", "object", "embed", "film", "track", "sound", "ping", "navigated", "form", "portal", "refreshed", "speculation", "prefetch", "prerender", "manifest", "ran", "import.html")  # fmt: skip
    assert [path for path in asked if any(word in path for word in words)] == []
    assert {"/one.png", "/background.png", "/inline.png", "/inner.png", "/adopted.png"} <= asked


def test_a_page_that_refreshes_itself_stays(tmp_path: Path) -> None:
    refresh = el("meta", {"http-equiv": "refresh", "content": "0;url=http://elsewhere.test/"})
    session = Session(every_ms=40, page=None)
    session.add(100, refresh, session.page.children[1].children[0])
    session.checkout(500)
    made = film(session.end(1500), tmp_path)
    eye = Eye.of(session, session.width, session.height)
    assert [eye.read(made.picture(number)) for number in range(38)] == [n * 40 for n in range(38)]


def oddities(session: Session) -> list[tuple[int, dict[str, Any]]]:
    """Events that rrweb cannot take, or names of things that are not there: (source, data)."""
    words = session.body.children[1].children[0]
    gone = 999_999
    nothing: dict[str, Any] = {"texts": [], "attributes": [], "removes": [], "adds": []}
    bad_element = {
        "type": 2,
        "tagName": "1<a b>",
        "attributes": {"1 x": "y", "onclick": 3, "style": {"color": {}}},
        "childNodes": [],
        "id": 5001,
    }
    return [
        (1, {"positions": [{"x": 5, "y": 5, "id": words.id, "timeOffset": 0}]}),
        (1, {"positions": [{"x": 5, "y": 5, "id": session.page.id, "timeOffset": 0}]}),
        (1, {"positions": []}),
        (1, {"positions": [{"x": 5, "y": 5, "id": gone, "timeOffset": -100}]}),
        (2, {"type": 2, "id": gone, "x": 1, "y": 1}),
        (2, {"type": 5, "id": words.id}),
        (2, {"type": 99, "id": session.body.id, "x": 1, "y": 1}),
        (2, {"type": 1, "id": words.id, "x": 1e300, "y": -1e300}),
        (3, {"id": words.id, "x": 0, "y": 1e12}),
        (3, {"id": gone, "x": 0, "y": 0}),
        (4, {"width": -5, "height": 0}),
        (5, {"id": words.id, "text": "x", "isChecked": True}),
        (5, {"id": gone, "text": "x", "isChecked": False}),
        (8, {"id": words.id, "adds": [{"rule": "}}} {{{", "index": 77}]}),
        (8, {"id": gone, "removes": [{"index": [1, 2, 3]}]}),
        (10, {"family": "", "fontSource": "not a url(", "buffer": True, "descriptors": {}}),
        (13, {"id": session.body.id, "index": [0, 1], "set": {"property": "color", "value": "x"}}),
        (14, {"ranges": [{"start": gone, "startOffset": 5, "end": words.id, "endOffset": 500}]}),
        (15, {"id": gone, "styleIds": [7], "styles": [{"styleId": 7, "rules": [{"rule": "@@", "index": 9}]}]}),
        (15, {"id": session.page.id, "styleIds": [12345]}),
        (0, nothing | {"adds": [{"parentId": session.body.id, "nextId": None, "node": bad_element}]}),
        (0, nothing | {"adds": [{"parentId": gone, "nextId": gone, "node": {"type": 3, "textContent": "x", "id": 5002}}]}),
        (0, nothing | {"adds": [{"parentId": words.id, "nextId": None, "node": {"type": 3, "textContent": "x", "id": 5003}}]}),
        (0, nothing | {"adds": [{"parentId": session.body.id, "nextId": None, "node": {"type": 77, "id": 5004}}]}),
        (0, nothing | {"removes": [{"parentId": gone, "id": words.id}, {"parentId": session.body.id, "id": gone}]}),
        (0, nothing | {"texts": [{"id": gone, "value": "x"}, {"id": session.body.children[1].id, "value": None}]}),
        (0, nothing | {"attributes": [{"id": gone, "attributes": {"a": "b"}}, {"id": session.body.id, "attributes": {"a b": "c", "": "d"}}]}),
    ]  # fmt: skip


def test_what_rrweb_cannot_take_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    session = Session(el("p", None, "words"), every_ms=40)
    for number, (source, data) in enumerate(oddities(session)):
        session.incremental(210 + 40 * number, source, **data)
    made = film(session.end(1600), tmp_path)
    eye = Eye.of(session, session.width, session.height)
    assert [eye.read(made.picture(number)) for number in range(41)] == [n * 40 for n in range(41)]
    assert made.notices["nodes_missing"] >= 5
    assert made.notices["events_failed"] >= 1
    assert made.problem


ODD_VALUES = st.sampled_from([None, -1, 0, 7, 1e9, 1.5, True, "x", "", [], {}, [None], {"id": 3}, "</script><script>top.ran=1</script>"])  # fmt: skip


@st.composite
def twisted(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of the rich session of which many have a value, key or entry somewhere that is not what it should be."""
    events = [
        event for event in rich_session(2600, checkouts=()).events if event["type"] == 3 and event["timestamp"] > 0
    ]
    picked = draw(st.lists(st.sampled_from(range(len(events))), min_size=10, max_size=40))
    out = []
    for index in picked:
        event = _copy(events[index])
        for _ in range(draw(st.integers(1, 3))):
            _twist(draw, event["data"])
        out.append(event)
    return out


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _twist(draw: st.DrawFn, value: Any) -> None:
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            value = inner
            continue
        match draw(st.sampled_from(["replace", "drop", "double"])):
            case "drop":
                del value[key]
            case "double" if isinstance(value, list):
                value.append(_copy(inner))
            case _:
                value[key] = draw(ODD_VALUES)
        return


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(twisted())
def test_twisted_events_neither_stop_the_clip_nor_outlive_a_snapshot(
    tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, Any]]
) -> None:
    session = rich_session(2600, checkouts=())
    session.events += events
    session.checkout(2800)
    session.end(3200)
    made = film(
        session, tmp_path_factory.mktemp("twisted"), peek="window.ran ?? 0", fps=5, settings={"frame_timeout_s": 10.0}
    )
    assert set(made.peeks.values()) == {0}
    eye = Eye.of(session, session.width, session.height)
    # Whatever the twisted events have done to the page, a new snapshot shows it right.
    for at_ms in (2800, 3000, 3200):
        assert eye.read(made.at(at_ms)) == session.shown_at(at_ms)
