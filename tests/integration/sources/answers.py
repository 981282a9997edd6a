"""A server that answers what it is told to, as clouds do when something is wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """`body` may be endless: it is written for as long as the client takes it."""

    status: int
    body: bytes | Callable[[], Iterator[bytes]] = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Answers:
    port: int
    asked: list[Asked]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Iterator[Answers]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            given = answer(asked[-1])
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            if isinstance(given.body, bytes) and "Content-Length" not in given.headers:
                self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            try:
                for block in [given.body] if isinstance(given.body, bytes) else given.body():
                    self.wfile.write(block)
            except OSError:
                pass

        do_HEAD = do_GET  # noqa: N815 - the base class looks it up by this name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Answers(server.server_port, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
