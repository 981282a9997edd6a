"""The address of a ticket system, as its owner set it."""

from urllib.parse import urlsplit

from renderer.assets.resolve import is_public_host
from renderer.errors import RequestError


def checked_base(url: str, variable: str, example: str) -> str:
    """Scheme, host and perhaps a path, without a slash at the end. `variable`: where it was set.

    Raises RequestError `destination_bad_url`: it cannot be read, or is plain HTTP over a public network, where anybody could read the
    credentials.
    """
    told = url.strip().rstrip("/")
    if "://" not in told:
        told = f"https://{told}"
    try:
        parts = urlsplit(told)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username is not None:
        raise RequestError("destination_bad_url", f"{variable} is no address: write it as {example}")
    if parts.scheme == "http" and is_public_host(host):
        raise RequestError(
            "destination_bad_url",
            f"{variable} has http: over a public network anybody could read the credentials; write https",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
