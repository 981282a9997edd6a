"""One POST to a stranger's server: dialled at addresses that were judged, followed nowhere, over in a given time."""

import asyncio
import errno
import ssl
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

import httpcore2

from renderer import __version__
from renderer.assets.dial import AddressRefusedError, GuardedBackend, Network
from renderer.assets.failure import FetchError, causes
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import NameBook
from renderer.assets.urls import DEFAULT_PORTS, Target
from renderer.deliver.webhooks.judge import private_address
from renderer.errors import DestinationError
from renderer.retry_after import retry_after_s

_SHOWN: Final = 200
_READ_BYTES: Final = 4096
# Of what was said after the status. Whoever talks on is not listened to: the status is the answer.
_READ_S: Final = 2.0
_NO_WAY: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


@dataclass(frozen=True, slots=True)
class Times:
    """`total_s`: from the look-up of the name to the status."""

    connect_s: float = 8.0
    total_s: float = 20.0


TIMES: Final = Times()


@dataclass(frozen=True, slots=True)
class Answer:
    """`text`: the beginning of the body, printable, in one line. `took_ms`: until the status was there."""

    status: int
    text: str
    retry_after_s: float | None
    took_ms: int


def post(
    target: Target, body: bytes, headers: dict[str, str], policy: AssetPolicy, network: Network, times: Times = TIMES
) -> Answer:
    """Whatever it answered, redirects included. Not to be called in an event loop.

    Raises RequestError `webhook_private_address`, and DestinationError (retryable): webhook_unreachable, webhook_tls,
    webhook_timeout, webhook_broken_off.
    """
    return asyncio.run(_post(target, body, headers, policy, network, times))


async def _post(
    target: Target, body: bytes, headers: dict[str, str], policy: AssetPolicy, network: Network, times: Times
) -> Answer:
    begun_s = time.monotonic()
    guard = GuardedBackend(policy, NameBook(network.resolver, times.connect_s), network.backend)
    pool = httpcore2.AsyncConnectionPool(
        ssl_context=network.ssl_context, max_connections=1, max_keepalive_connections=0, network_backend=guard
    )
    url = httpcore2.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
    )
    sent = {
        "Host": _authority(target),
        "User-Agent": f"renderer/{__version__}",
        "Accept": "*/*",
        # What is shown of an answer is not worth inflating it.
        "Accept-Encoding": "identity",
        "Content-Length": str(len(body)),
        **headers,
    }
    limits = dict.fromkeys(("read", "write", "pool"), times.total_s) | {"connect": times.connect_s}
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(times.total_s):
                await guard.vet(target)
                await stack.enter_async_context(pool)
                response = await stack.enter_async_context(
                    pool.stream("POST", url, headers=list(sent.items()), content=body, extensions={"timeout": limits})
                )
        except AddressRefusedError:
            raise private_address(target) from None
        except FetchError:
            raise DestinationError(
                "webhook_unreachable", f"{target.host} cannot be looked up; check the name", retryable=True
            ) from None
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise _timeout(target, error, times) from None
        except httpcore2.ConnectError as error:
            raise _no_connection(target, error) from None
        except Exception:
            raise DestinationError(
                "webhook_broken_off", f"{target.host} hung up, or did not answer in HTTP; try again", retryable=True
            ) from None
        took_ms = round((time.monotonic() - begun_s) * 1000)
        given = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        after_s = retry_after_s(given.get(b"retry-after"), time.time())
        return Answer(response.status, await _beginning(response), after_s, took_ms)


async def _beginning(response: httpcore2.Response) -> str:
    read = b""
    with suppress(TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        async with asyncio.timeout(_READ_S):
            async for piece in response.aiter_stream():
                read += piece[: _READ_BYTES - len(read)]
                if len(read) >= _READ_BYTES:
                    break
    text = "".join(letter if letter.isprintable() else " " for letter in read.decode("utf-8", "replace"))
    return " ".join(text.split())[:_SHOWN]


def _timeout(target: Target, error: BaseException, times: Times) -> DestinationError:
    if isinstance(error, httpcore2.ConnectTimeout):
        return DestinationError(
            "webhook_unreachable", f"{target.host} does not take a connection; check the address", retryable=True
        )
    return DestinationError(
        "webhook_timeout",
        f"{target.host} did not answer within {times.total_s:g} s; answer at once and do the work afterwards",
        retryable=True,
    )


def _no_connection(target: Target, error: BaseException) -> DestinationError:
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return DestinationError(
                "webhook_tls",
                f"the certificate of {target.host} is not good ({cause.verify_message}); renew it or name its host right",
                retryable=True,
            )
        if isinstance(cause, ssl.SSLError):
            return DestinationError(
                "webhook_tls",
                f"{target.host} does not speak TLS that we do; check its port and TLS version",
                retryable=True,
            )
        if isinstance(cause, OSError) and cause.errno in _NO_WAY:
            return DestinationError(
                "webhook_unreachable", f"there is no way from here to {target.host}; check the network", retryable=True
            )
    return DestinationError(
        "webhook_unreachable", f"{target.host} does not take a connection; check the address", retryable=True
    )


def _authority(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == DEFAULT_PORTS[target.scheme] else f"{host}:{target.port}"
