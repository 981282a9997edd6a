"""Pictures and fonts are waited for in real time, not in video time, and what never comes costs one deadline."""

import base64
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from renderer.assets.placeholder import GREY
from renderer.capture.stage import Stage
from tests.integration.assets.site import Handler, Site
from tests.integration.filming import film
from tests.selfdescribing.dom import Node, document, el, frame
from tests.selfdescribing.pictures import picture
from tests.selfdescribing.session import Session

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
LATE_S = 1.5
PLACE = "position: absolute; left: 20px; top: 60px; width: 100px; height: 60px"
SPOT = (70, 90)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


def is_late(site: Site, path: str, body: bytes, content_type: str, seconds: float = LATE_S) -> None:
    """The server thinks for a while before it answers."""

    def answer(handler: Handler) -> None:
        site.over.wait(seconds)
        handler.reply(200, body, content_type)

    site.table[path] = answer


def url(site: Site, path: str) -> str:
    return f"http://127.0.0.1:{site.port}{path}"


def host(site: Site) -> str:
    return f"127.0.0.1:{site.port}"


def seen(shot: Image.Image, spot: tuple[int, int] = SPOT) -> object:
    return shot.getpixel(spot)


def image(site: Site, path: str) -> Node:
    return el("img", style=PLACE, src=url(site, path))


def background(site: Site, path: str) -> Node:
    return el("div", style=f"{PLACE}; background: url({url(site, path)})")


def in_svg(site: Site, path: str) -> Node:
    return el(
        "svg", {"style": PLACE}, el("image", href=url(site, path), width="100", height="60", preserveAspectRatio="none")
    )


def by_stylesheet(site: Site, path: str) -> Node:
    del path
    return el("div", {"class": "linked", "style": PLACE}, el("link", rel="stylesheet", href=url(site, "/late.css")))


def in_shadow(site: Site, path: str) -> Node:
    return el("div").with_shadow(image(site, path))


def in_frame(site: Site, path: str) -> Node:
    inner = document(el("img", src=url(site, path), style="width: 100px; height: 60px"), css="body { margin: 0 }")
    return frame(inner, style=f"{PLACE}; border: 0")


@pytest.mark.parametrize("made_by", [image, background, in_svg, by_stylesheet, in_shadow, in_frame])
def test_the_first_frame_that_shows_the_element_shows_its_picture(made_by: object, site: Site, tmp_path: Path) -> None:
    assert callable(made_by)
    is_late(site, "/late.png", picture(RED), "image/png")
    is_late(site, "/late.css", b".linked { background: url(late.png) }", "text/css", 0.4)
    session = Session(every_ms=40)
    session.add(400, made_by(site, "/late.png"))
    made = film(session.end(800), tmp_path, assets=host(site))
    colours = [seen(made.picture(number)) for number in range(made.plan.frame_count)]
    assert colours == [(255, 255, 255)] * 10 + [RED] * (made.plan.frame_count - 10)
    assert site.count()["/late.png"] == 1
    assert "late_assets" not in made.notices


def test_a_second_film_asks_for_nothing_and_looks_the_same(site: Site, tmp_path: Path) -> None:
    site.has("/one.png", picture(RED), "image/png")
    site.has("/two.png", picture(BLUE), "image/png")
    session = Session(image(site, "/one.png"), every_ms=40)
    session.add(200, background(site, "/two.png"))
    session.end(400)
    first = film(session, tmp_path, assets=host(site))
    asked = site.count()
    again = film(session, tmp_path, assets=host(site))
    assert again.looks() == first.looks()
    assert site.count() == asked == {"/one.png": 1, "/two.png": 1}


@pytest.mark.parametrize("method", ["beginframe", "screenshot"])
def test_pictures_from_the_cache_are_never_a_frame_late(method: str, site: Site, tmp_path: Path) -> None:
    """Backgrounds tell nobody that they are coming; every one of these must be there in its very first frame."""
    count = 12
    for number in range(count):
        site.has(f"/{number}.png", picture((10 * number, 100, 200)), "image/png")
    box = el("div", style=PLACE)
    session = Session(box, every_ms=None)
    for number in range(count):
        session.set(100 + 40 * number, box, style=f"{PLACE}; background: url({url(site, f'/{number}.png')})")
    made = film(session.end(640), tmp_path, assets=host(site), method=method)
    assert [seen(made.at(120 + 40 * number)) for number in range(count)] == [(10 * n, 100, 200) for n in range(count)]


def test_a_lazy_picture_is_there_when_it_is_scrolled_to(site: Site, tmp_path: Path) -> None:
    is_late(site, "/lazy.png", picture(BLUE), "image/png", 0.5)
    lazy = el(
        "img",
        {"loading": "lazy", "src": url(site, "/lazy.png"), "style": "display: block; width: 300px; height: 200px"},
    )
    session = Session(el("div", style="height: 6000px"), lazy, every_ms=None)
    session.scroll(400, session.page, 6000)
    made = film(session.end(800), tmp_path, assets=host(site))
    assert seen(made.at(360)) == (255, 255, 255)
    assert seen(made.at(400)) == BLUE
    assert site.count()["/lazy.png"] == 1


def font_bytes(name: str) -> bytes:
    said = subprocess.run(["fc-match", "-f", "%{file}", name], check=True, capture_output=True, text=True)
    return Path(said.stdout).read_bytes()


def ink(shot: Image.Image) -> tuple[int, int, int, int]:
    """The box of the dark pixels below the clock face."""
    dark = shot.crop((0, 45, shot.width, shot.height)).convert("L").point(lambda level: 255 * (level < 128))
    box = dark.getbbox()
    assert box
    return box


@pytest.mark.parametrize("source", ["server", "data", "font event"])
def test_the_first_frame_with_a_text_has_its_font(source: str, site: Site, tmp_path: Path) -> None:
    """A text in a web font takes the place that the same text takes in the same font of the machine, from its first frame on."""
    body = font_bytes("Liberation Serif")
    is_late(site, "/serif.ttf", body, "font/ttf")
    data = f"data:font/ttf;base64,{base64.b64encode(body).decode()}"
    place = data if source == "data" else url(site, "/serif.ttf")
    css = "" if source == "font event" else f"@font-face {{ font-family: Late; src: url({place}) }}"

    def words(family: str) -> Session:
        text = el(
            "p", {"style": f"position: absolute; top: 60px; font: 30px '{family}', 'Liberation Mono'"}, "Which font?"
        )
        session = Session(css=css, every_ms=None)
        if source == "font event":
            session.incremental(100, 10, family="Late", fontSource=f"url({place})", buffer=False, descriptors={})
        session.add(400, text)
        return session.end(800)

    (tmp_path / "web").mkdir()
    (tmp_path / "own").mkdir()
    web = film(words("Late"), tmp_path / "web", assets=host(site))
    own = film(words("Liberation Serif"), tmp_path / "own", assets="offline")
    fallback = film(words("No such font"), tmp_path, assets="offline")
    assert list(web.frames) == [0, 10], "the text is seen at once, and in its last shape"
    assert ink(web.at(400)) == pytest.approx(ink(own.at(400)), abs=1)
    assert ink(web.at(400)) != pytest.approx(ink(fallback.at(400)), abs=3)


def test_a_picture_that_never_comes_costs_one_deadline_and_is_a_counted_box(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.is_silent("/never.png")
    site.is_silent("/never-either.png")
    session = Session(every_ms=40)
    session.add(200, image(site, "/never.png"))
    session.add(200, el("div", style=f"{PLACE}; left: 160px; background: url({url(site, '/never-either.png')})"))
    waited_s: list[float] = []
    settle = Stage._settle

    async def settle_and_measure(stage: Stage, session_ms: int, fonts: int) -> None:
        began = time.monotonic()
        await settle(stage, session_ms, fonts)
        waited_s.append(time.monotonic() - began)

    monkeypatch.setattr(Stage, "_settle", settle_and_measure)
    made = film(session.end(2000), tmp_path, assets=host(site), settings={"asset_wait_s": 1.0})
    assert [round(seconds) for seconds in waited_s if seconds > 0.7] in ([1], [2]), "45 pictures are taken after it"
    assert seen(made.at(200)) == (GREY, GREY, GREY)
    assert seen(made.at(200), (200, 90)) == (GREY, GREY, GREY)
    assert seen(made.at(1960)) == (GREY, GREY, GREY)
    assert made.notices["missing_assets"] == 2
    assert made.notices["late_assets"] == 2


def test_a_missing_picture_is_a_neutral_box_and_counted(site: Site, tmp_path: Path) -> None:
    session = Session(image(site, "/gone.png"), every_ms=None).end(400)
    made = film(session, tmp_path, assets=host(site))
    assert seen(made.picture(0)) == (GREY, GREY, GREY)
    assert made.notices["missing_assets"] == 1
