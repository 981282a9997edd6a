"""The answers as Chromium takes them, over CDP's Fetch domain, which is how `capture` hands them on."""

import asyncio
import base64
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, async_playwright

from renderer.assets.library import AssetLibrary
from renderer.assets.placeholder import GREY
from renderer.assets.policy import AssetPolicy
from tests.integration.assets.site import ELSEWHERE, PUBLIC, Loopback, Names, Site, network, picture

PAGE = """<!doctype html><link rel=stylesheet href="http://cdn.example.test/v1/app.css">
<style>body{margin:0} img{display:block;width:100px;height:100px}</style>
<img src="http://cdn.example.test/there.png"><img src="http://cdn.example.test/gone.png">
<img src="http://cdn.example.test/there.png?cors" crossorigin=use-credentials>
<div id=styled style="width:100px;height:100px"></div>"""


def _font() -> bytes:
    """Some real font of this machine."""
    path = subprocess.run(
        ["fc-match", "-f", "%{file}", "Liberation Sans"], capture_output=True, text=True, check=True
    ).stdout
    return Path(path).read_bytes()


async def _answer_all(browser: Browser, library: AssetLibrary) -> tuple[Any, list[str]]:
    """A page whose every request is answered by the library, except for its own document."""
    page = await browser.new_page(viewport={"width": 100, "height": 400})
    cdp = await page.context.new_cdp_session(page)
    asked: list[str] = []

    async def answer(event: dict[str, Any]) -> None:
        request = {"requestId": event["requestId"]}
        if event["resourceType"] == "Document":
            headers = [{"name": "Content-Type", "value": "text/html"}]
            body = PAGE.encode()
            await cdp.send(
                "Fetch.fulfillRequest", {**request, "responseCode": 200, "responseHeaders": headers, "body": _b64(body)}
            )
            return
        asked.append(event["request"]["url"])
        asset = await library.get(event["request"]["url"], event["resourceType"])
        headers = asset.response_headers(event["request"]["headers"].get("Origin"))
        await cdp.send(
            "Fetch.fulfillRequest",
            {**request, "responseCode": asset.status, "responseHeaders": headers, "body": _b64(asset.body)},
        )

    tasks: set[asyncio.Task[None]] = set()
    cdp.on("Fetch.requestPaused", lambda event: tasks.add(asyncio.ensure_future(answer(event))))
    await cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
    return page, asked


def _b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


@pytest.fixture
def library(tmp_path: Path):
    with Site() as site:
        site.has("/there.png", picture(size=(10, 10), colour=200))
        site.has("/there.png?cors", picture(size=(10, 10), colour=120))
        site.redirects("/v1/app.css", "http://static.example.test/v2/app.css")
        site.has("/v2/app.css", b"#styled{background:url(tile.png)}", "text/css")
        site.has("/v2/tile.png", picture(size=(10, 10), colour=40))
        site.has("/font.ttf", _font(), "application/octet-stream")
        names = Names({"cdn.example.test": [PUBLIC], "static.example.test": [ELSEWHERE]})
        there = network(names, Loopback({PUBLIC: site.port, ELSEWHERE: site.port}))
        with AssetLibrary(tmp_path, AssetPolicy.parse("public"), network=there) as opened:
            yield opened


def test_pictures_boxes_moved_stylesheets_and_fonts(library: AssetLibrary) -> None:
    async def run() -> tuple[Image.Image, list[str], bool]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium-headless-shell"), args=["--no-sandbox"]
            )
            page, asked = await _answer_all(browser, library)
            # Pictures of styles do not count for the load event.
            async with page.expect_event("requestfinished", lambda request: request.url.endswith("tile.png")):
                await page.goto("http://replay.invalid/")
            font = await page.evaluate(
                "new FontFace('Fetched', 'url(http://cdn.example.test/font.ttf)').load().then(() => true, () => false)"
            )
            # Inserted again, the picture is complete at once: it came from Chromium's memory.
            await page.evaluate("document.images[0].replaceWith(document.images[0].cloneNode())")
            await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            shot = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
            await browser.close()
            return shot, asked, font

    shot, asked, font = asyncio.run(run())
    assert [shot.getpixel((50, y)) for y in (50, 150, 250, 350)] == [
        (200, 10, 200),
        (GREY, GREY, GREY),
        (120, 10, 200),
        (40, 10, 200),
    ]
    assert shot.getpixel((1, 101)) == shot.getpixel((98, 198)) == (GREY, GREY, GREY), (
        "the box fills what the page keeps for it"
    )
    assert font
    assert sorted(asked) == [
        "http://cdn.example.test/font.ttf",
        "http://cdn.example.test/gone.png",
        "http://cdn.example.test/there.png",
        "http://cdn.example.test/there.png?cors",
        "http://cdn.example.test/v1/app.css",
        "http://static.example.test/v2/app.css",
        "http://static.example.test/v2/tile.png",
    ]
