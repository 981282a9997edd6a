"""A real S3 server, SeaweedFS. It is Google's too: Cloud Storage's XML API, which obstore speaks, is that of S3 but for signatures."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.integration.sources.object_server import BUCKET, ObjectServer, free_ports, serving

OWNER = ("OWNERKEY", "owner-secret-canary")
STRANGER = ("STRANGERKEY", "stranger-secret-canary")
_IDENTITIES = [
    {
        "name": "owner",
        "credentials": [{"accessKey": OWNER[0], "secretKey": OWNER[1]}],
        "actions": ["Admin", "Read", "Write", "List"],
    },
    {
        "name": "stranger",
        "credentials": [{"accessKey": STRANGER[0], "secretKey": STRANGER[1]}],
        "actions": ["Read:elsewhere", "List:elsewhere"],
    },
    {"name": "anonymous", "actions": ["Read", "List"]},
]


@contextmanager
def s3_server(folder: Path) -> Iterator[ObjectServer]:
    """Its data and its log are in `folder`."""
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": _IDENTITIES}))
    ports = free_ports(9)
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
    store = S3Store(
        BUCKET,
        endpoint=f"http://127.0.0.1:{ports[3]}",
        access_key_id=OWNER[0],
        secret_access_key=OWNER[1],
        client_options={"allow_http": True},
    )

    def ready() -> None:
        """It listens before it can store."""
        obstore.put(store, "ready", b"")

    with serving(command, folder, environment, ready):
        credentials = {"AWS_ACCESS_KEY_ID": OWNER[0], "AWS_SECRET_ACCESS_KEY": OWNER[1]}
        yield ObjectServer("s3", ports[3], store, credentials)


def as_google(s3: ObjectServer) -> ObjectServer:
    """The same, without credentials, as a public bucket is read."""
    return replace(s3, scheme="gs", credentials={"GOOGLE_SKIP_SIGNATURE": "true"})
