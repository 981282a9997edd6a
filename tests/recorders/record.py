"""Recordings made by the real SDKs: a page is opened in headless Chromium with one of them, used, and what it recorded is kept.

`npm ci && npm run build` in this folder (the Makefile does) bundles the SDKs into dist/.
"""

import gzip
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

Sdk = Literal["rrweb1", "rrweb2", "rrweb-packed", "sentry", "sentry-compressed", "amplitude", "amplitude-packed"]

# What a project of theirs answers to its SDK.
_AMPLITUDE_CONFIG = json.dumps(
    {
        "configs": {
            "sessionReplay": {
                "sr_sampling_config": {"capture_enabled": True, "sample_rate": 1},
                "sr_logging_config": {"console": {"enabled": True, "levels": ["error"]}, "network": {"enabled": True}},
            }
        }
    }
).encode()


@dataclass
class Recorded:
    """`content`: the file as somebody would have it; `pressed_ms`: Unix time of the one press of the page's button."""

    sdk: Sdk
    content: bytes
    pressed_ms: int


@dataclass
class _Server:
    port: int
    bodies: list[bytes] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, bodies: list[bytes], **more: Any) -> None:
        self._bodies = bodies
        super().__init__(*args, directory=str(HERE), **more)

    def do_GET(self) -> None:
        if self.path.startswith("/config/"):
            self._answer(_AMPLITUDE_CONFIG)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._bodies.append(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving() -> Iterator[_Server]:
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, bodies=bodies))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield _Server(server.server_port, bodies)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def record(sdk: Sdk) -> Recorded:
    """Some 3 s of a visit: the button is pressed after a second, which changes everything on the page; then the field is filled in."""
    path = choose(Settings())[0].path
    script = sdk.removesuffix("-compressed")
    query = f"sdk={script}&compressed" if script != sdk else f"sdk={script}"
    with _serving() as server, sync_playwright() as playwright:
        # localhost and 127.0.0.1 are two origins of one server.
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--force-color-profile=srgb", "--site-per-process"],
            chromium_sandbox=os.geteuid() != 0,
        )
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.goto(f"http://127.0.0.1:{server.port}/page.html?{query}", wait_until="load")
        page.add_script_tag(path=str(HERE / "dist" / f"{script}.js"))
        page.evaluate(
            "void startRecorder()"
        )  # Playwright calls a function that an expression gives, and this one stops
        page.evaluate("void frameIn()")
        page.wait_for_timeout(1000)
        pressed_ms = int(page.evaluate("Date.now()"))
        page.click("#text")
        page.wait_for_timeout(1500)  # Sentry looks at a canvas twice a second
        if script == "sentry":
            page.evaluate("void flushRecorder()")  # what follows is another segment
        page.evaluate("document.getElementById('dialog').close()")
        page.type("#field", "typed", delay=30)
        page.wait_for_timeout(700)
        content = _sent(page, server) if script.startswith(("sentry", "amplitude")) else _kept(page)
        browser.close()
    return Recorded(sdk, content, pressed_ms)


def _kept(page: Page) -> bytes:
    return str(page.evaluate("JSON.stringify(recorded)")).encode()


def _sent(page: Page, server: _Server) -> bytes:
    """The requests' bodies as they came, but for gzip, one after another."""
    page.evaluate("void flushRecorder()")
    for _ in range(50):
        if sum(b'"replay_recording"' in body or b'"events":' in body for body in server.bodies) > 1:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)
    return b"\n".join(server.bodies)
