"""A server between a client and an object store that does not do, or does not tell, what it should."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Said:
    """An answer on its way. `body` may be changed; its length is told anew unless `length` says another."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int | None = None


@dataclass(frozen=True)
class Question:
    method: str
    path: str

    @property
    def puts(self) -> bool:
        """Puts an object, whole or the first step of it in parts."""
        return self.method == "PUT" or (self.method == "POST" and "uploads" in self.path)


Meddle = Callable[[Question, Callable[[], Said]], Said | None]
"""Of a question and a way to have it answered: what is told. None: nothing ever is."""


@dataclass
class Meddler:
    port: int
    meddle: Meddle | None = None
    asked: list[Question] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def meddling(port: int) -> Iterator[Meddler]:
    """In front of the server on `port`; honest until `meddle` is set."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            question = Question(self.command, self.path)
            meddler.asked.append(question)
            ask = self._asking(body)
            said = meddler.meddle(question, ask) if meddler.meddle else ask()
            if said is None:
                meddler.over.wait(60)
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(said.body) if said.length is None else said.length))
            self.end_headers()
            try:
                self.wfile.write(said.body)
            except OSError:
                self.close_connection = True
            if said.length is not None:
                self.close_connection = True

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the base class looks them up by these names

        def _asking(self, body: bytes) -> Callable[[], Said]:
            def ask() -> Said:
                link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                try:
                    # Signed with the headers as they came, the host's included.
                    link.request(self.command, self.path, body, dict(self.headers))
                    answer = link.getresponse()
                    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
                    if self.command == "HEAD":
                        kept["Content-Length"] = answer.headers.get("Content-Length", "0")
                    return Said(answer.status, kept, answer.read())
                finally:
                    link.close()

            return ask

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    meddler = Meddler(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield meddler
    finally:
        meddler.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


_HOP = frozenset({"content-length", "transfer-encoding", "connection", "date", "server"})
