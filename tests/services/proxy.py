"""Stands between us and a real server, and lets requests or their answers get lost on the way.

with running_proxy(server.port) as proxy:
    proxy.lose("POST /api/notes", "answer")
"""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

_WAIT_S = 60.0
_BLOCK = 65_536
What = Literal["request", "answer"]


@dataclass
class Loss:
    """`what` of the next request whose first line matches: the request never gets there, or its answer never comes back. Where it is held, who asked
    waits for it until the asker is gone, else the connection breaks off. `happened` is set when the server has it, or would have.
    """

    request: str
    what: What
    held: bool
    happened: threading.Event = field(default_factory=threading.Event)
    used: bool = False


class Proxy:
    """Each connection is good for one request. `requests`: first lines, as they came."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.requests: list[str] = []
        self._losses: list[Loss] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.port: int = self._server.server_address[1]

    def lose(self, request: str, what: What) -> None:
        self._losses.append(Loss(request, what, held=False))

    def hold(self, request: str, what: What) -> threading.Event:
        """Set when it happened."""
        loss = Loss(request, what, held=True)
        self._losses.append(loss)
        return loss.happened

    def through(self, url: str) -> str:
        return url.replace(f":{self.upstream_port}/", f":{self.port}/")

    def serve(self, client: socket.socket) -> None:
        head, body = _request(client)
        if not head:
            return
        first = head.split(b"\r\n", 1)[0].decode()
        self.requests.append(first)
        loss = next((each for each in self._losses if not each.used and re.search(each.request, first)), None)
        if loss is not None:
            loss.used = True
        if loss is None or loss.what == "answer":
            answer = self._forward(head, body)
            if loss is None:
                client.sendall(answer)
                return
        loss.happened.set()
        if loss.held:
            client.settimeout(_WAIT_S)
            client.recv(1)

    def _forward(self, head: bytes, body: bytes) -> bytes:
        # Servers look at the address that they are asked at.
        head = head.replace(b":%d" % self.port, b":%d" % self.upstream_port)
        head = re.sub(rb"(?im)^Connection:.*\r\n", b"", head).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", self.upstream_port), timeout=_WAIT_S) as server:
            server.sendall(head + b"\r\n\r\n" + body)
            answer = bytearray()
            while block := server.recv(_BLOCK):
                answer += block
        return bytes(answer)

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _request(client: socket.socket) -> tuple[bytes, bytes]:
    """Its head without the blank line, and its body."""
    client.settimeout(_WAIT_S)
    came = b""
    while b"\r\n\r\n" not in came:
        block = client.recv(_BLOCK)
        if not block:
            return b"", b""
        came += block
    head, _, body = came.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^Content-Length: *(\d+)", head)
    parts, missing = [body], int(length[1]) - len(body) if length else 0
    while missing > 0:
        block = client.recv(_BLOCK)
        if not block:
            return b"", b""
        parts.append(block)
        missing -= len(block)
    return head, b"".join(parts)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    proxy: Proxy


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        with suppress(OSError):
            self.server.proxy.serve(self.request)


@contextmanager
def running_proxy(upstream_port: int) -> Iterator[Proxy]:
    proxy = Proxy(upstream_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
