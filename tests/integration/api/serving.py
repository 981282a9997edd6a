"""The application behind a real socket, in a thread, and raw connections to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn

from renderer.api.server import address_of, build_server, listen
from tests.integration.api.desk import Desk


class Served:
    def __init__(self, desk: Desk, address: str, server: uvicorn.Server) -> None:
        self.desk = desk
        self.address = address
        self.server = server

    def client(self, key: str | None = None) -> httpx2.Client:
        """With the admin's key unless another is given; "" is none."""
        key = self.desk.key if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=30)

    def connect(self) -> socket.socket:
        host, port = self.address.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=30)

    def stop(self) -> None:
        """As a signal does."""
        self.desk.service.stopping.set()
        self.server.should_exit = True


@contextmanager
def serving(desk: Desk) -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    ready = threading.Event()
    server = build_server(desk.app, desk.service, ready.set)
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]))
    thread.start()
    assert ready.wait(30)
    served = Served(desk, address_of(listening), server)
    try:
        yield served
    finally:
        served.stop()
        thread.join(30)
        listening.close()
        assert not thread.is_alive()
