"""What was drawn before leaves no trace: a segment filmed from a fresh page gives the frames of a page that came there step by step."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.capture import hand
from renderer.capture.camera import BeginFrameCamera
from tests.integration.filming import Film, film
from tests.integration.test_capture_determinism import differing, font_source
from tests.selfdescribing.dom import Node, el
from tests.selfdescribing.pictures import picture
from tests.selfdescribing.session import Session

VIEW = "overflow: auto; height: 80px; width: 200px"
SLOPE = "background: linear-gradient(#0d9488, #facc15)"


Seam = Callable[..., tuple[Film, Film]]


@pytest.fixture
def seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seam:
    """Films a session in two segments: by one page that goes on, and by a fresh page for each."""

    def film_both(session: Session, cut_ms: int, **options: Any) -> tuple[Film, Film]:
        made = []
        for name, pictures in (("on", hand.PICTURES_A_BROWSER), ("fresh", 0)):
            monkeypatch.setattr(hand, "PICTURES_A_BROWSER", pictures)
            folder = tmp_path / name
            folder.mkdir()
            made.append(film(session, folder, cuts=[cut_ms], **options))
            assert len(made[-1].plan.segments) == 2
        return made[0], made[1]

    return film_both


def block(height: int, style: str = SLOPE) -> Node:
    return el("div", style=f"height: {height}px; {style}")


def scroller(kind: str) -> Session:
    """Something scrolls, changes its height and scrolls again; the page rests from 1,400 ms to 2,000 ms."""
    top, middle, below = block(120), block(60), block(50, "background: #334155")
    view = el("div", {"style": VIEW}, top, middle, below)
    host = el("div").with_shadow(view) if kind == "in a shadow tree" else view
    session = Session(host, every_ms=None, css="body { margin: 0 }")
    session.scroll(400, view, 150)  # as far down as it goes
    if kind == "shrinks and grows between two frames":
        session.set(1005, below, style="height: 10px; background: #334155")
        session.set(1010, below, style="height: 50px; background: #334155")
    else:
        session.set(1005, below, style="height: 47px; background: #334155")
        session.scroll(1010, view, 147)
    session.set(2005, below, style="height: 90px; background: #334155")
    return session.end(2600)


@pytest.mark.parametrize("kind", ["in the page", "in a shadow tree", "shrinks and grows between two frames"])
def test_a_scroll_position_is_the_recorded_one_wherever_a_segment_begins(kind: str, seam: Seam) -> None:
    top = "[...inner.querySelectorAll('div')].map(e => e.shadowRoot?.firstElementChild ?? e).find(e => e.style.overflow).scrollTop"
    on, fresh = seam(scroller(kind), 1800, peek=top)
    wanted = 150 if kind.startswith("shrinks") else 147
    assert (on.peeks[2040], fresh.peeks[2040]) == (wanted, wanted)
    assert differing(on, fresh) == []


def test_a_page_scrolls_as_far_as_it_was_scrolled_although_its_pictures_come_later(seam: Seam) -> None:
    source = f"data:image/png;base64,{base64.b64encode(picture((13, 148, 136), (20, 600))).decode()}"
    view = el("div", {"style": VIEW}, el("p", None, "words"), el("img", src=source, style="display: block"), block(300))
    session = Session(view, every_ms=None)
    session.scroll(400, view, 700)
    session.end(1400)
    on, fresh = seam(session, 1000, peek="inner.querySelector('[style*=overflow]').scrollTop")
    assert (on.peeks[1000], fresh.peeks[1000]) == (700, 700)
    assert differing(on, fresh) == []


@pytest.mark.parametrize("kind", ["src", "source", "src that is set later"])
def test_the_controls_of_media_that_are_not_there_look_the_same_at_once(kind: str, seam: Seam) -> None:
    """Chromium turns a ring while it looks for a video, and takes it away when its own clock lets it."""
    place = "http://media.test/a.webm"
    video = el("video", {"controls": "", "style": "width: 300px; height: 150px"})
    if kind == "src":
        video.attributes["src"] = place
    elif kind == "source":
        video.children.append(el("source", src=place))
    session = Session(video, every_ms=None)
    if kind == "src that is set later":
        session.set(400, video, src=place)
    on, fresh = seam(session.end(2000), 1500)
    assert differing(on, fresh) == []


def test_nothing_is_drawn_while_a_font_is_on_its_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn with invisible text, a layer that gets its text afterwards can lie a part of a pixel off for a few frames."""
    waiting: list[int] = []
    draw = BeginFrameCamera.advance

    async def drawn(camera: BeginFrameCamera, session_ms: int) -> None:
        said = await camera._session.send(
            "Runtime.evaluate", {"expression": "player.pending().fonts", "returnByValue": True}
        )
        waiting.append(said["result"]["value"])
        await draw(camera, session_ms)

    monkeypatch.setattr(BeginFrameCamera, "advance", drawn)
    css = f"@font-face {{ font-family: Own; src: {font_source()} }} p {{ font: 20px Own }}"
    film(Session(el("p", None, "Which font?"), every_ms=None, css=css).end(400), tmp_path)
    assert waiting
    assert not any(waiting)
