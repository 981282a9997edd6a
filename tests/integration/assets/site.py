"""Real servers on 127.0.0.1 and a network that maps public-looking addresses to them: nothing leaves the machine."""

import asyncio
import functools
import io
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpcore2
from PIL import Image

from renderer.assets.dial import Network

# Real public addresses, which the tests never reach: `Loopback` dials 127.0.0.1 in their stead.
PUBLIC = "93.184.216.34"
ELSEWHERE = "151.101.1.69"
PUBLIC_V6 = "2606:2800:220:1::1"

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from the site's table; remembers what was asked and with which headers."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        site = self.server.site
        with site.lock:
            site.asked.append(self.path)
            site.headers[self.path] = dict(self.headers)
        answer = site.table.get(self.path) or site.table.get("*")
        if answer is None:
            self.reply(404, b"no such thing", "text/plain")
        else:
            answer(self)

    def reply(self, status: int, body: bytes, content_type: str = "", headers: Iterable[tuple[str, str]] = ()) -> None:
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    site: "Site"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that hang up in the middle are what some tests are about


class Site:
    """A server with a table of paths; `asked` is every path in the order of the requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.table: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        self.lock = threading.Lock()
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.site = self
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def has(self, path: str, body: bytes, content_type: str = "", headers: Iterable[tuple[str, str]] = ()) -> None:
        self.table[path] = lambda handler: handler.reply(200, body, content_type, headers)

    def fails(self, path: str, status: int) -> None:
        self.table[path] = lambda handler: handler.reply(status, b"sorry", "text/plain")

    def redirects(self, path: str, location: str, status: int = 302) -> None:
        self.table[path] = lambda handler: handler.reply(status, b"", headers=[("Location", location)])

    def is_silent(self, path: str) -> None:
        """Takes the request and says nothing until the test is over."""
        self.table[path] = lambda handler: self._hold()

    def _hold(self) -> None:
        self.over.wait(10)

    def count(self) -> Counter[str]:
        with self.lock:
            return Counter(self.asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Loopback(httpcore2.AsyncNetworkBackend):
    """Dials `routes[address]` on 127.0.0.1 instead of the address; `silent` addresses never answer, others refuse."""

    def __init__(self, routes: dict[str, int], silent: Iterable[str] = ()) -> None:
        self.routes = routes
        self.silent = set(silent)
        self.dialled: list[tuple[str, int]] = []
        self._real = httpcore2.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> Any:
        self.dialled.append((host, port))
        if host in self.silent:
            await asyncio.sleep(timeout or 60)
            raise httpcore2.ConnectTimeout
        if host not in self.routes:
            raise httpcore2.ConnectError
        return await self._real.connect_tcp("127.0.0.1", self.routes[host], timeout)


@functools.cache
def _usual_trust() -> ssl.SSLContext:
    """Reading the machine's certificates takes 30 ms, too long for every test."""
    return httpcore2.default_ssl_context()


def network(names: "Names", wire: Loopback, trust: ssl.SSLContext | None = None) -> Network:
    return Network(resolver=names, backend=wire, ssl_context=trust or _usual_trust())


class Names:
    """A name server with a table. A list of lists gives another answer each time, as a rebinding one does."""

    def __init__(self, table: dict[str, list[str] | list[list[str]]]) -> None:
        self.table = table
        self.asked: list[str] = []
        self.absolute = 0

    async def __call__(self, host: str) -> list[str]:
        self.absolute += host.endswith(".")
        host = host.removesuffix(".")
        self.asked.append(host)
        answer: Any = self.table.get(host)
        if answer is None:
            raise OSError("unknown name")
        if answer and isinstance(answer[0], list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return list(answer)


def picture(fmt: str = "PNG", size: tuple[int, int] = (4, 3), frames: int = 1, colour: int = 90) -> bytes:
    out = io.BytesIO()
    images = [Image.new("RGB", size, (colour, 10 + 60 * index, 200)) for index in range(frames)]
    more: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": 100} if frames > 1 else {}
    images[0].save(out, fmt, **more)
    return out.getvalue()


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A self-made certificate for `host`: the server's context, and a client's that trusts it and nothing else."""
    key, cert = folder / f"{host}.key", folder / f"{host}.pem"
    how = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    what = ["-keyout", str(key), "-out", str(cert), "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    subprocess.run(["openssl", *how, *what], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    client = ssl.create_default_context(cafile=str(cert))
    return server, client
