"""A TCP link to a server that can be slow, and break, and that counts what it carried."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BLOCK = 64 * 1024


@dataclass
class Link:
    """`down_bytes`: carried from the server so far. `cuts`: how many connections are still to be cut, each after
    `cut_after_bytes`; `stalls` likewise fall silent. `bytes_per_s` slows all of it down.
    """

    port: int = 0
    down_bytes: int = 0
    cuts: int = 0
    stalls: int = 0
    cut_after_bytes: int = 100_000
    bytes_per_s: float = 0
    stalled: threading.Event = field(default_factory=threading.Event)
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def link_to(port: int) -> Iterator[Link]:
    listener = socket.create_server(("127.0.0.1", 0))
    link = Link(port=listener.getsockname()[1])
    accepting = threading.Thread(target=_accept, args=(listener, port, link))
    accepting.start()
    try:
        yield link
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in link.sockets:
            _close(each)
        accepting.join(10)


def _accept(listener: socket.socket, port: int, link: Link) -> None:
    carrying = []
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            link.sockets += [client, server]
            for work in (_up, _down):
                carrying.append(threading.Thread(target=work, args=(client, server, link)))
                carrying[-1].start()
    for thread in carrying:
        thread.join(10)


def _up(client: socket.socket, server: socket.socket, _link: Link) -> None:
    with suppress(OSError):
        while block := client.recv(_BLOCK):
            server.sendall(block)
        server.shutdown(socket.SHUT_WR)


def _down(client: socket.socket, server: socket.socket, link: Link) -> None:
    carried = 0
    with suppress(OSError):
        while block := server.recv(_BLOCK):
            if link.bytes_per_s:
                time.sleep(len(block) / link.bytes_per_s)
            carried += len(block)
            link.down_bytes += len(block)  # before it is sent: whoever has it must find it counted
            client.sendall(block)
            if carried >= link.cut_after_bytes and link.cuts:
                link.cuts -= 1
                break
            if carried >= link.cut_after_bytes and link.stalls:
                link.stalls -= 1
                link.stalled.set()
                return  # open, and silent
        _close(client)
        _close(server)


def _close(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
