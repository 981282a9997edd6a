"""An object store on loopback, and what a client has to have in its environment for it."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, S3Store

BUCKET = "recordings"
ENDPOINT: Final = {"s3": "AWS_ENDPOINT_URL", "gs": "GOOGLE_BASE_URL", "az": "AZURE_STORAGE_ENDPOINT"}
"""The variable that names it."""
_START_S: Final = 30.0


@dataclass(frozen=True)
class ObjectServer:
    """`store`: its owner's way in. `path`: of its endpoint. `credentials`: the environment of somebody who may read."""

    scheme: str
    port: int
    store: S3Store | AzureStore
    credentials: Mapping[str, str]
    path: str = ""

    @property
    def container(self) -> str:
        """Its reference, without a slash at the end."""
        return f"{self.scheme}://{BUCKET}"

    def endpoint(self, port: int | None = None) -> str:
        """`port`: of a link to it."""
        return f"http://127.0.0.1:{port or self.port}{self.path}"

    def environment(self, port: int | None = None) -> dict[str, str]:
        return {ENDPOINT[self.scheme]: self.endpoint(port), **self.credentials}

    def put(self, key: str, data: bytes) -> None:
        obstore.put(self.store, key, data)

    def delete(self, prefix: str) -> None:
        for page in obstore.list(self.store, prefix):
            obstore.delete(self.store, [meta["path"] for meta in page])


@contextmanager
def serving(command: list[str], folder: Path, environment: dict[str, str], ready: Callable[[], None]) -> Iterator[None]:
    """Runs it in `folder`, where its log is, once `ready` does not raise any more; stopped for good."""
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                ready()
                break
            except (BaseError, OSError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"{command[0]} does not start: {log.read_text()[-2000:]}") from error
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
