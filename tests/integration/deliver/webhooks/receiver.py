"""A webhook's receiver on loopback, over HTTP or HTTPS: it remembers what came and answers as it is told."""

import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Came:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver.came.append(Came(self.command, self.path, dict(self.headers), body))
        receiver.answer(self)

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 - the base class looks them up by these names

    def reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: "Receiver"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that hang up in the middle are what some tests are about


class Receiver:
    """`answer` is called for each request that came; `over` is set when the test ends."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.came: list[Came] = []
        self.answer: Callable[[Handler], None] = lambda handler: handler.reply(204)
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.receiver = self
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def says(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.answer = lambda handler: handler.reply(status, body, headers)

    def drips(self, first: bytes, every_s: float, piece: bytes) -> None:
        """Says `first`, and then one piece after the other for as long as anybody listens."""

        def drip(handler: Handler) -> None:
            handler.close_connection = True
            with suppress(OSError):
                handler.wfile.write(first)
                while not self.over.wait(every_s):
                    handler.wfile.write(piece)

        self.answer = drip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
