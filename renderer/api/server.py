"""The process that serves: a socket, uvicorn, and an end without cutting anybody off."""

import errno
import gc
import os
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from renderer.api.service import Service
from renderer.errors import RequestError, SetupError

# Longer than any answer takes but downloads: those are cut off then, and may go on by Range elsewhere.
_GRACE_S: Final = 20
_KEEP_ALIVE_S: Final = 65
"""Longer than the 60 s of common load balancers: else they would send a request into a connection that we close."""
_HEADERS_BYTES: Final = 64 * 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one. Raises SetupError: port_in_use, port_denied; RequestError: bad_address."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # Bound to "::", IPv4 is meant too.
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6() and address[0] == "::"
        listening = socket.create_server(address[:2], family=family, backlog=2048, dualstack_ipv6=both)
        # asyncio switches Nagle off only on sockets that say that they are TCP, and this one does not: without this every answer on a
        # connection that is kept waits 40 ms for the client's acknowledgement. What is accepted inherits it.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except socket.gaierror:
        raise RequestError("bad_address", f"{host} is no address of this machine: give --host an IP address") from None
    except OSError as error:
        where = f"port {port} of {host}"
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                "port_in_use", f"{where} is in use: stop what listens there, or give another with --port"
            ) from None
        if error.errno == errno.EACCES:
            raise SetupError(
                "port_denied", f"{where} may not be used by this user: give one above 1023 with --port"
            ) from None
        raise RequestError(
            "bad_address", f"{where} cannot be listened at: {os.strerror(error.errno or 0)}; check --host and --port"
        ) from None


def address_of(listening: socket.socket) -> str:
    """`http://HOST:PORT`, as it is reached from this machine."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def build_server(app: FastAPI, service: Service, ready: Callable[[], None]) -> uvicorn.Server:
    """Its `run(sockets=[…])` returns once a signal has ended it and everybody has been answered. `ready` is called once it serves."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
        h11_max_incomplete_event_size=_HEADERS_BYTES,
    )
    return _Server(config, service, ready)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays: a collection that goes through all of it stops every answer; one was seen to take 265 ms.
        gc.collect()
        gc.freeze()
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Streams of events would be waited for until the grace is over: they look at this, and end.
        self._service.stopping.set()
        super().handle_exit(sig, frame)
