"""A real S3 server, SeaweedFS, on loopback: started in a second, stopped for good."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

BUCKET = "recordings"
_START_S = 30.0
_IDENTITIES = [
    {
        "name": "owner",
        "credentials": [{"accessKey": "OWNERKEY", "secretKey": "owner-secret-canary"}],
        "actions": ["Admin", "Read", "Write", "List"],
    },
    {
        "name": "stranger",
        "credentials": [{"accessKey": "STRANGERKEY", "secretKey": "stranger-secret-canary"}],
        "actions": ["Read:elsewhere", "List:elsewhere"],
    },
]
OWNER = ("OWNERKEY", "owner-secret-canary")
STRANGER = ("STRANGERKEY", "stranger-secret-canary")


@dataclass(frozen=True)
class S3Server:
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, key: str, data: bytes) -> None:
        obstore.put(self.store(), key, data)

    def delete(self, prefix: str) -> None:
        store = self.store()
        for page in obstore.list(store, prefix):
            obstore.delete(store, [meta["path"] for meta in page])

    def store(self) -> S3Store:
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=OWNER[0],
            secret_access_key=OWNER[1],
            client_options={"allow_http": True},
        )


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Its data and its log are in `folder`."""
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": _IDENTITIES}))
    ports = _free_ports(9)
    names = ("master", "volume", "filer", "s3")
    command = [
        str(Path(sys.executable).with_name("weed")),
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-admin.ui=false",
        "-webdav=false",
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-bucket={BUCKET}",
        f"-s3.config={config}",
        f"-admin.port={ports[8]}",
        *(f"-{name}.port={port}" for name, port in zip(names, ports[:4], strict=True)),
        *(f"-{name}.port.grpc={port}" for name, port in zip(names, ports[4:8], strict=True)),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        server = S3Server(ports[3])
        _wait_for(server, process, folder / "log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """It listens before it can store."""
    deadline = time.monotonic() + _START_S
    store = server.store()
    while True:
        try:
            obstore.put(store, "ready", b"")
            return
        except (BaseError, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the S3 server does not start: {log.read_text()[-2000:]}") from error
            time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
