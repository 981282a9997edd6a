"""The only way out: sockets to addresses that were judged, and to no others."""

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpcore2

from renderer.assets.addresses import Reach, worst_reach
from renderer.assets.failure import FetchError
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import NameBook, Resolver, system_resolver
from renderer.assets.urls import Target

_MAX_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Network:
    """What the fetcher stands on; tests put their own name server and loopback dialler here."""

    resolver: Resolver = system_resolver
    backend: httpcore2.AsyncNetworkBackend = field(default_factory=httpcore2.AnyIOBackend)
    ssl_context: ssl.SSLContext = field(default_factory=httpcore2.default_ssl_context)


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """A network backend that resolves nothing: it dials the addresses that `vet` approved for that host and port.

    TLS still checks the certificate against the host name, since only the address below it is pinned.
    """

    def __init__(self, policy: AssetPolicy, names: NameBook, backend: httpcore2.AsyncNetworkBackend) -> None:
        self._policy = policy
        self._names = names
        self._backend = backend
        self._vetted: dict[tuple[str, int], list[str]] = {}

    async def vet(self, target: Target) -> Reach:
        """Resolve the target's host, judge all of its addresses, and pin them. Returns what they are.

        Raises FetchError for names without an answer, and `AddressRefusedError` where the policy says no.
        """
        if target.address:
            addresses = [target.host]
        elif self._policy.names(target):
            # As the caller's other programs read it: /etc/hosts does not know names with a trailing dot.
            addresses = await self._names.addresses(target.host)
        else:
            # Search domains, as Kubernetes sets them, would be asked first and could answer with a neighbour's address.
            addresses = await self._names.addresses(f"{target.host}.")
        reach = worst_reach(addresses)
        if not self._policy.admits(target, reach):
            raise AddressRefusedError(reach)
        self._vetted[target.host, target.port] = addresses[:_MAX_ADDRESSES]
        return reach

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = self._vetted.get((host, port))
        if not addresses:
            raise httpcore2.ConnectError("this address was not judged")
        deadline_s = time.monotonic() + (timeout or 0.0)
        for left in range(len(addresses), 0, -1):
            # One silent address must leave time for the others.
            share_s = None if timeout is None else max(0.001, (deadline_s - time.monotonic()) / left)
            try:
                return await self._backend.connect_tcp(addresses[-left], port, share_s, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure: Exception = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("local sockets are never dialled")


class AddressRefusedError(FetchError):
    """An address that this run may not reach."""

    def __init__(self, reach: Reach) -> None:
        super().__init__("refused", "address")
        self.reach = reach
