"""The clients of the clouds. Credentials, regions and endpoints are those of the clouds' own environment variables."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

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


def open_store(
    scheme: str,
    bucket: str,
    s3_endpoint: str | None,
    client: "ClientConfig" = CLIENT,
    retry: "RetryConfig" = RETRY,
    prefix: str | None = None,
) -> CloudStore:
    """The store of a bucket or container, or of what is below `prefix` in it; connects to nothing.

    `s3_endpoint`: of an S3 that is not Amazon's. Raises RequestError `bad_endpoint`, and what obstore makes of credentials that
    cannot be read.
    """
    if scheme == "gs":
        return GCSStore(bucket, prefix=prefix, client_options=client, retry_config=retry)
    if scheme == "az":
        return AzureStore(bucket, prefix=prefix, client_options=client, retry_config=retry)
    if s3_endpoint is None:
        return S3Store(bucket, prefix=prefix, client_options=client, retry_config=retry)
    if not _is_web_address(s3_endpoint):  # object_store 0.14 panics over it, past every except clause
        raise RequestError(
            "bad_endpoint", "the S3 endpoint in the environment is not a web address; write it as https://HOST:PORT"
        )
    options: ClientConfig = {**client, "allow_http": True} if s3_endpoint.startswith("http:") else client
    return S3Store(bucket, prefix=prefix, endpoint=s3_endpoint, client_options=options, retry_config=retry)


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and address.isprintable()
    except ValueError:
        return False
