"""Azurite, Microsoft's own emulator of Azure Blob Storage: it checks keys and tokens."""

import base64
import hashlib
import hmac
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

from obstore.store import AzureStore

from tests.integration.sources.object_server import BUCKET, ObjectServer, free_ports, serving

ACCOUNT = "northwind"
KEY = base64.b64encode(b"owner-secret-canary").decode()
_AZURITE = Path(__file__).parents[2] / "emulators" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"


@contextmanager
def azure_server(folder: Path) -> Iterator[ObjectServer]:
    """Its log is in `folder`, its data in its memory."""
    (port,) = free_ports(1)
    command = [
        "node",
        str(_AZURITE),
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--disableTelemetry",
        "--silent",
    ]
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    with serving(
        command, folder, {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}, lambda: _make_container(endpoint)
    ):
        store = AzureStore(
            BUCKET, account_name=ACCOUNT, account_key=KEY, endpoint=endpoint, client_options={"allow_http": True}
        )
        credentials = {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": KEY}
        yield ObjectServer("az", port, store, credentials, path=f"/{ACCOUNT}")


def _make_container(endpoint: str) -> None:
    """obstore makes none. Signed as Azure's "Authorize with Shared Key" says; the account is in the path twice, as emulators have it."""
    headers = f"x-ms-date:{formatdate(usegmt=True)}\nx-ms-version:2023-11-03"
    text = "PUT" + 12 * "\n" + f"{headers}\n/{ACCOUNT}/{ACCOUNT}/{BUCKET}\nrestype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)).decode()
    request = urllib.request.Request(f"{endpoint}/{BUCKET}?restype=container", method="PUT")
    for line in (*headers.split("\n"), f"Authorization:SharedKey {ACCOUNT}:{signature}"):
        request.add_header(*line.split(":", 1))
    with urllib.request.urlopen(request, timeout=5):
        pass
