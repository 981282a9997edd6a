"""The sample's three origins in one server, told apart by host name: chat.*, status.* and ingest.*.

`python serve.py` shows the app at http://chat.localhost:8000 (browsers take *.localhost for this machine).
"""

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ingest import Ingest
from model import generation

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
ANSWERS: list[dict[str, Any]] = json.loads((HERE / "answers.json").read_text())
CLOCK_AHEAD_S = 1.8
"""The server's clock goes so far ahead of the browser's. No two clocks agree, and a clip has to put both on one line."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


def data_url(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def page(name: str, host: str) -> bytes:
    """A file of app/, with the typefaces, the poster and the other origin's address put in."""
    if name == "vendor/posthog.js":
        return (MODULES / "posthog-js/dist/module.full.no-external.js").read_bytes()
    path = HERE / "app" / name
    if path.suffix not in TYPES or not path.is_file() or path.parent != HERE / "app":
        raise FileNotFoundError(name)
    values: dict[str, Callable[[], str]] = {
        "{{inter}}": lambda: data_url(
            MODULES / "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "font/woff2"
        ),
        "{{mono}}": lambda: data_url(
            MODULES / "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2", "font/woff2"
        ),
        "{{poster}}": lambda: "data:image/svg+xml," + quote((HERE / "app/poster.svg").read_text().strip()),
        "{{status_origin}}": lambda: "http://" + host.replace("chat.", "status.", 1),
    }
    text = path.read_text()
    for mark, value in values.items():
        if mark in text:
            text = text.replace(mark, value())
    return text.encode()


def words(text: str, email: str) -> Iterator[dict[str, str]]:
    """Text word by word; `**bold**`, `` `code` `` and the visitor's address keep their marks."""
    for i, bold in enumerate(text.split("**")):
        for j, code in enumerate(bold.split("`")):
            for word in [code] if j % 2 else [w for w in code.replace(" ", " \0").split("\0") if w]:
                before, mark, after = word.partition("{{email}}")
                if mark:
                    yield from ({"text": before},) if before else ()
                    yield {"text": email, "mark": "pii"}
                    yield {"text": after}
                elif j % 2:
                    yield {"text": word, "mark": "code"}
                elif i % 2:
                    yield {"text": word, "mark": "strong"}
                else:
                    yield {"text": word}


def parts(answer: dict[str, Any], email: str) -> Iterator[dict[str, Any]]:
    """What /api/chat streams: `block` opens a block, `text` and `row` fill it, `usage` ends the answer."""
    for block in answer["blocks"]:
        ((kind, content),) = block.items()
        yield {"block": kind}
        if kind == "table":
            yield from ({"row": row} for row in content)
        elif kind == "code":
            yield from ({"text": line} for line in content.splitlines(keepends=True))
        else:
            yield from words(content, email)
    if "warning" in answer:
        yield {"warning": answer["warning"]}
    yield {"usage": answer["usage"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "northwind", ""
    server: "Origins"

    @property
    def host(self) -> str:
        return self.headers.get("Host", "")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/")
        if self.host.startswith("ingest."):
            self.reply(*self.server.ingest.get(path))
        elif self.host.startswith("status."):
            self.reply(200, page("status.html", self.host), TYPES[".html"])
        else:
            # Paths without a suffix are places inside the app.
            name = path if "." in path else "index.html"
            try:
                self.reply(200, page(name, self.host), TYPES[Path(name).suffix])
            except FileNotFoundError:
                self.reply(404, b"not found")

    def do_OPTIONS(self) -> None:
        self.reply(204, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path.strip("/")
        if self.host.startswith("ingest."):
            self.reply(*self.server.ingest.post(path, body))
        elif path == "api/chat":
            self.chat(json.loads(body))
        elif path == "api/feedback":
            # The bug of the story: a bad rating is stored with a reason that this page never asks for.
            good = json.loads(body)["rating"] == "up"
            time.sleep(0.12)
            self.reply(
                200 if good else 500,
                b'{"ok":true}' if good else b'{"error":"reason must not be null"}',
                "application/json",
            )
        else:
            self.reply(404, b"not found")

    def chat(self, body: dict[str, Any]) -> None:
        question = body["question"].lower()
        answer = next((one for one in ANSWERS if one["asked"] in question), ANSWERS[0])
        began = time.monotonic()
        time.sleep(answer["think_ms"] / 1000)
        if "fails_first_with" in answer and answer["asked"] not in self.server.failed:
            self.server.failed.add(answer["asked"])
            self.tell(answer, body, began, None, answer["fails_first_with"])
            self.reply(answer["fails_first_with"], b'{"error":"model_overloaded"}', "application/json")
            return
        first_token_s = time.monotonic() - began
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        due = time.monotonic()
        for part in parts(answer, body["email"]):
            line = json.dumps(part).encode() + b"\n"
            self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            self.wfile.flush()
            if "usage" in part:
                break
            due += answer["word_ms"] / 1000 * (4 if "row" in part else 1)
            time.sleep(max(0.0, due - time.monotonic()))
        self.tell(answer, body, began, first_token_s, 200)
        self.wfile.write(b"0\r\n\r\n")

    def tell(
        self, answer: dict[str, Any], body: dict[str, Any], began: float, first_token_s: float | None, status: int
    ) -> None:
        """The session is known from the headers that posthog-js adds for the hosts in `tracing_headers`."""
        event = generation(
            answer,
            body["question"],
            email=body["email"],
            session_id=self.headers.get("X-POSTHOG-SESSION-ID", ""),
            distinct_id=self.headers.get("X-POSTHOG-DISTINCT-ID", ""),
            ended_unix_s=time.time() + CLOCK_AHEAD_S,
            latency_s=time.monotonic() - began,
            first_token_s=first_token_s,
            http_status=status,
        )
        self.server.ingest.keep(event)

    def reply(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.host.startswith("ingest."):
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Access-Control-Allow-Headers", self.headers.get("Access-Control-Request-Headers", "*"))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Origins(ThreadingHTTPServer):
    """All three origins on one free port of the loopback address."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ingest = Ingest()
        self.failed: set[str] = set()


if __name__ == "__main__":
    server = Origins(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
    print(f"http://chat.localhost:{server.server_port}")
    server.serve_forever()
