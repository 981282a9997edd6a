"""What went wrong between us and a ticket system, each in one line: whose fault it is, and whether a later try may do."""

import socket
import ssl

import httpx2

from renderer.assets.failure import causes
from renderer.errors import DestinationError


def unauthorized(system: str, settings: str) -> DestinationError:
    """`settings`: the variables that hold the credentials, in words."""
    return DestinationError("destination_credentials", f"{system} does not accept the credentials: check {settings}")


def forbidden(system: str, needs: str) -> DestinationError:
    """`needs`: the permissions that a delivery takes, in words."""
    return DestinationError("destination_forbidden", f"{system} does not allow this: its account needs {needs}")


def not_found(system: str, ticket: str) -> DestinationError:
    return DestinationError(
        "ticket_not_found", f"{system} has no {ticket}, or its account may not see it: check the reference"
    )


def too_large(system: str, name: str, limit_bytes: int | None = None) -> DestinationError:
    limit = f" of more than {limit_bytes:,} bytes" if limit_bytes else f" as large as {name}"
    return DestinationError("file_too_large", f"{system} takes no file{limit}", limit_bytes=limit_bytes)


def type_refused(system: str, name: str) -> DestinationError:
    return DestinationError("file_type_refused", f"{system} does not take files like {name}: allow their type there")


def upload_lost(system: str) -> DestinationError:
    """The next attempt uploads again."""
    return DestinationError(
        "upload_lost", f"{system} has forgotten the files that were uploaded: they are sent again", retryable=True
    )


def not_internal(why: str, accept: str) -> DestinationError:
    """`accept`: the risk that a caller may accept, a word of `Risk`; empty where only a public note would do."""
    way = f'accept it with "{accept}"' if accept else "ask for a public note"
    return DestinationError("not_internal", f"{why}: nothing was posted; mend that, or {way}")


def damaged(system: str, name: str, why: str) -> DestinationError:
    return DestinationError("attachment_damaged", f"{name} did not arrive whole in {system}: {why}")


def bad_answer(system: str, settings: str) -> DestinationError:
    return DestinationError(
        "destination_bad_answer",
        f"what answers is not {system} (a page of a proxy, perhaps): check {settings} and what stands before it",
        retryable=True,
        may_have_happened=True,
    )


def redirected(system: str, host: str, settings: str) -> DestinationError:
    return DestinationError(
        "destination_redirected",
        f"{host} sends {system}'s requests elsewhere, where credentials do not follow: set {settings} to the final address",
    )


def limited(system: str, after_s: float | None) -> DestinationError:
    when = f"in {after_s:.0f} s" if after_s is not None else "later"
    return DestinationError(
        "destination_limited", f"{system} limits requests: try again {when}", retryable=True, retry_after_s=after_s
    )


def failed(system: str, status: int, after_s: float | None) -> DestinationError:
    return DestinationError(
        "destination_failed",
        f"{system} failed with {status}: try again later",
        retryable=True,
        retry_after_s=after_s,
        may_have_happened=True,
    )


def refused(system: str, said: str) -> DestinationError:
    """`said`: the system's own words, bounded and printable; nothing of what we sent."""
    return DestinationError("destination_refused", f"{system} does not take it: {said}")


def of_transport(error: httpx2.TransportError, system: str, host: str, settings: str) -> DestinationError:
    found = list(causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in found):
        return _unreachable(f"there is no host {host} to be found: check {settings} and the network")
    is_new = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
    if is_new and any(isinstance(cause, ssl.SSLError) for cause in found):
        return DestinationError(
            "destination_tls", f"{host} cannot prove who it is (TLS): check {settings} and the machine's certificates"
        )
    if is_new:
        return _unreachable(f"{host} cannot be reached: check {settings} and the network")
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.ProxyError):
        return _unreachable(f"the proxy on the way to {host} refuses: check HTTPS_PROXY")
    if isinstance(error, httpx2.TimeoutException):
        return DestinationError(
            "destination_timeout", f"{system} takes too long to answer", retryable=True, may_have_happened=True
        )
    return DestinationError(
        "destination_broken_off", f"the connection to {host} broke off", retryable=True, may_have_happened=True
    )


def _unreachable(said: str) -> DestinationError:
    return DestinationError("destination_unreachable", said, retryable=True)
