"""One GET of one public thing: no cookies, no credentials, no referrer, and nothing believed that the server says."""

import asyncio
import errno
import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import httpcore2

from renderer import __version__
from renderer.assets.asset import Kind
from renderer.assets.budget import Budget, Health
from renderer.assets.cache import Hop
from renderer.assets.dial import AddressRefusedError, GuardedBackend, Network
from renderer.assets.failure import FetchError, causes
from renderer.assets.inflate import ACCEPT_ENCODING, Inflater
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import NameBook
from renderer.assets.urls import BadUrlError, Target, parse_target

_ACCEPT: Final[dict[Kind, str]] = {
    "picture": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "font": "font/woff2,font/woff;q=0.9,*/*;q=0.8",
    "stylesheet": "text/css,*/*;q=0.1",
}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# 4xx are a server's considered answers, but for these, which ask for patience; 204 and 205 have no body by definition.
_IMPATIENT: Final = frozenset({408, 425, 429})
# This machine has no way there: its own trouble, not the server's.
_NO_NETWORK: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN})


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and `body_bytes` (decompressed) are for one request, `budget_bytes` for the clip."""

    connect_s: float = 4.0
    read_s: float = 6.0
    total_s: float = 12.0
    body_bytes: int = 24 * 1024 * 1024
    budget_bytes: int = 400 * 1024 * 1024
    redirects: int = 5
    connections: int = 24
    connections_per_server: int = 6


@dataclass(slots=True)
class Fetched:
    """`hops` is filled on the way, so that it also tells how far a failed fetch came; `answered` counts responses begun."""

    answered: int = 0
    hops: list[Hop] = field(default_factory=list)
    final: Target | None = None
    content_type: str = ""
    body: bytes = b""


class Fetcher:
    """Belongs to one event loop and one clip."""

    def __init__(self, policy: AssetPolicy, network: Network, limits: Limits, budget_s: float) -> None:
        self._policy = policy
        self._limits = limits
        self._budget = Budget(budget_s, limits.budget_bytes)
        self._health = Health()
        self._guard = GuardedBackend(policy, NameBook(network.resolver, limits.connect_s), network.backend)
        # Connections to a server are bounded by `_slots`; idle ones must not keep others from the pool.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=network.ssl_context,
            max_connections=limits.connections,
            keepalive_expiry=10.0,
            network_backend=self._guard,
        )
        self._all_slots = asyncio.Semaphore(limits.connections)
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(limits.connections_per_server)
        )

    async def fetch(self, target: Target, kind: Kind, fetched: Fetched) -> None:
        """Fill `fetched`. Raises FetchError, and nothing else but cancellation."""
        try:
            with self._budget.waiting():
                try:
                    async with asyncio.timeout(self._budget.left_s):
                        await self._follow(target, kind, fetched)
                except TimeoutError:
                    raise FetchError("failed", "budget") from None
        except FetchError:
            raise
        except Exception as error:
            # The answer is a stranger's: whatever it made a library trip over is a failed picture, not a failed clip.
            raise FetchError("failed", "protocol") from error

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def _follow(self, target: Target, kind: Kind, fetched: Fetched) -> None:
        for _ in range(self._limits.redirects + 1):
            if objection := self._policy.objection(target):
                # Its reach is not known and does not matter: a later run judges by what the policy says of the host.
                fetched.hops.append(Hop(_server(target), "public"))
                raise FetchError("refused", objection)
            location = await self._visit(target, kind, fetched)
            if location is None:
                fetched.final = target
                return
            try:
                following = parse_target(location, base=target)
            except BadUrlError as error:
                raise FetchError("refused", str(error)) from None
            if target.scheme == "https" and following.scheme == "http":
                # As browsers do for what a secure page shows.
                raise FetchError("refused", "downgrade")
            target = following
        raise FetchError("failed", "redirects")

    async def _visit(self, target: Target, kind: Kind, fetched: Fetched) -> str | None:
        """One request. Returns where it redirects to, or None when `fetched` has the body."""
        server = _server(target)
        self._health.check(server)
        try:
            reach = await self._guard.vet(target)
        except AddressRefusedError as error:
            fetched.hops.append(Hop(server, error.reach))
            raise
        fetched.hops.append(Hop(server, reach))
        async with self._slots[server], self._all_slots:
            # While this one stood in the queue, the server may have been found dead.
            self._health.check(server)
            try:
                async with asyncio.timeout(self._limits.total_s):
                    location = await self._request_twice(target, kind, fetched, server)
            except (TimeoutError, httpcore2.ReadTimeout, httpcore2.WriteTimeout, httpcore2.PoolTimeout):
                self._health.timed_out(server)
                raise FetchError("failed", "timeout") from None
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                reason = _connect_reason(error)
                self._health.unreachable(server, reason)
                raise FetchError("failed", reason) from None
            except (httpcore2.NetworkError, httpcore2.ProtocolError):
                raise FetchError("failed", "protocol") from None
        return location

    async def _request_twice(self, target: Target, kind: Kind, fetched: Fetched, server: str) -> str | None:
        """Again if the connection broke before an answer began: a server may close an idle one just as it is used again."""
        before = fetched.answered
        try:
            return await self._request(target, kind, fetched, server)
        except (httpcore2.ReadError, httpcore2.WriteError, httpcore2.RemoteProtocolError):
            if fetched.answered > before:
                raise
            return await self._request(target, kind, fetched, server)

    async def _request(self, target: Target, kind: Kind, fetched: Fetched, server: str) -> str | None:
        limits = self._limits
        host = target.url.removeprefix(f"{target.scheme}://").partition("/")[0]
        headers = {
            "Host": host,
            "User-Agent": f"renderer/{__version__}",
            "Accept": _ACCEPT[kind],
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        url = httpcore2.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        timeouts = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s, "pool": limits.total_s}
        async with self._pool.stream(
            "GET", url, headers=list(headers.items()), extensions={"timeout": timeouts}
        ) as response:
            self._health.answered(server)
            fetched.answered += 1
            answer = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and answer.get("location"):
                return answer["location"]
            if response.status not in (200, 203):
                missing = response.status in (204, 205) or (
                    response.status // 100 == 4 and response.status not in _IMPATIENT
                )
                raise FetchError("missing" if missing else "failed", f"http_{response.status}")
            declared = answer.get("content-length", "")
            if declared.isdigit() and int(declared) > limits.body_bytes:
                raise FetchError("refused", "too_big")
            inflater = Inflater(answer.get("content-encoding", ""), limits.body_bytes)
            async for piece in response.aiter_stream():
                self._budget.spend_bytes(inflater.feed(piece))
            fetched.body = inflater.finish()
            fetched.content_type = answer.get("content-type", "")
        return None


def _server(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.scheme}://{host}:{target.port}"


def _connect_reason(error: Exception) -> str:
    for cause in causes(error):
        if isinstance(cause, OSError) and cause.errno in _NO_NETWORK:
            return "no_network"
        if isinstance(cause, ssl.SSLError):
            return "tls"
    return "connect"
