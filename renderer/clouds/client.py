"""The clients of the clouds. Credentials, regions and endpoints are those of the clouds' own environment variables."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

from obstore.store import AzureStore, GCSStore, S3Store

from renderer.errors import RequestError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CloudStore = S3Store | GCSStore | AzureStore

# A body that goes on flowing may take long; one that stops is asked for again from where it stopped.
CLIENT: "Final[ClientConfig]" = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "1h"}
RETRY: "Final[RetryConfig]" = {
    "max_retries": 4,
    "retry_timeout": timedelta(hours=1),
    "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=3), "base": 2},
}

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?", re.IGNORECASE)
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def open_store(
    scheme: str,
    bucket: str,
    endpoint: str | None,
    client: "ClientConfig" = CLIENT,
    retry: "RetryConfig" = RETRY,
    prefix: str | None = None,
) -> CloudStore:
    """The store of a bucket or container, or of what is below `prefix` in it; connects to nothing.

    `endpoint`: of a server that is not the cloud's own. Raises RequestError `bad_endpoint`, and what obstore makes of credentials
    that cannot be read.
    """
    options = client
    if endpoint is not None:
        options = {**client, "allow_http": _is_plain(scheme, endpoint)}
        endpoint = endpoint.rstrip("/")
    more: Any = {"prefix": prefix, "client_options": options, "retry_config": retry}
    if scheme == "gs":
        return GCSStore(bucket, **more, **_given(base_url=endpoint))
    if scheme == "az":
        return AzureStore(bucket, **more, **_given(endpoint=endpoint))
    return S3Store(bucket, **more, **_given(endpoint=endpoint))


def _given(**values: str | None) -> Any:
    return {name: value for name, value in values.items() if value is not None}


def _is_plain(scheme: str, endpoint: str) -> bool:
    """Whether it is reached without TLS. Requests to S3 are signed; Google's and Azure's may carry a token that anybody could use."""
    parts = _web_address(endpoint)
    if parts is None:  # object_store 0.14 panics over it, past every except clause
        raise RequestError(
            "bad_endpoint", f"the endpoint for {scheme}: is not a web address; write it as https://HOST:PORT"
        )
    plain = parts.scheme == "http"
    if plain and scheme != "s3" and parts.hostname not in _THIS_MACHINE:
        raise RequestError(
            "bad_endpoint",
            f"the endpoint for {scheme}: is not https, and a token could be read on the way there; write it as https://HOST:PORT",
        )
    return plain


def _web_address(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return parts if _ADDRESS.fullmatch(text) and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None
