"""Recordings made by the real SDKs: a page is opened in headless Chromium with one of them, used, and what it recorded is kept.

`npm ci && npm run build` in this folder (the Makefile does) bundles the SDKs into dist/.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, sync_playwright

from renderer.capture.chromium import choose
from renderer.settings import Settings

HERE = Path(__file__).parent
SIZE = (640, 360)

Sdk = Literal["rrweb1", "rrweb2", "sentry"]


@dataclass
class Recorded:
    """`content`: the file as somebody would have it; `pressed_ms`: Unix time of the one press of the page's button."""

    sdk: Sdk
    content: bytes
    pressed_ms: int


@dataclass
class _Server:
    port: int
    envelopes: list[bytes] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, envelopes: list[bytes], **more: Any) -> None:
        self._envelopes = envelopes
        super().__init__(*args, directory=str(HERE), **more)

    def do_POST(self) -> None:
        self._envelopes.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving() -> Iterator[_Server]:
    envelopes: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, envelopes=envelopes))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield _Server(server.server_port, envelopes)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def record(sdk: Sdk) -> Recorded:
    """Some 3 s of a visit: the button is pressed after a second, which changes everything on the page; then the field is filled in."""
    path = choose(Settings())[0].path
    with _serving() as server, sync_playwright() as playwright:
        # localhost and 127.0.0.1 are two origins of one server.
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--force-color-profile=srgb", "--site-per-process"],
            chromium_sandbox=os.geteuid() != 0,
        )
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto(f"http://127.0.0.1:{server.port}/page.html?sdk={sdk}", wait_until="load")
        page.add_script_tag(path=str(HERE / "dist" / f"{sdk}.js"))
        page.evaluate(
            "void startRecorder()"
        )  # Playwright calls a function that an expression gives, and this one stops
        page.evaluate("void frameIn()")
        page.wait_for_timeout(1000)
        pressed_ms = int(page.evaluate("Date.now()"))
        page.click("#text")
        page.wait_for_timeout(1000)
        page.evaluate("document.getElementById('dialog').close()")
        page.type("#field", "typed", delay=30)
        page.wait_for_timeout(700)
        content = _sentry(page, server) if sdk == "sentry" else json.dumps(page.evaluate("recorded")).encode()
        browser.close()
    return Recorded(sdk, content, pressed_ms)


def _sentry(page: Page, server: _Server) -> bytes:
    """The envelopes as they came, one after another."""
    page.evaluate("void stopRecorder()")
    for _ in range(50):
        if any(b'"replay_recording"' in envelope for envelope in server.envelopes):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)
    return b"\n".join(server.envelopes)
