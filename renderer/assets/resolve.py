"""Names to addresses, each name once per run."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Final

from renderer.assets.addresses import worst_reach
from renderer.assets.failure import FetchError

# Gives every address of a name as text; a trailing dot means that no search domain is to be tried. Raises OSError
# (socket.gaierror included) when there is none.
Resolver = Callable[[str], Awaitable[list[str]]]

# "Try again" is what a machine without a network says of every name.
_TRY_AGAIN: Final = frozenset({socket.EAI_AGAIN, socket.EAI_SYSTEM})


async def system_resolver(host: str) -> list[str]:
    """The operating system's answer."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: OSError | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(error)

    def look_up() -> None:
        addresses: list[str] = []
        error: OSError | None = None
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = [str(address[0]) for *_, address in found]
        except OSError as caught:
            error = caught
        except UnicodeError:
            error = socket.gaierror(socket.EAI_NONAME, "not a host name")
        # The loop has closed when the run ended before the name server answered: nobody wants to know any more.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, addresses, error)

    # Not the default executor: its threads are joined at exit, and getaddrinfo may take half a minute to give up.
    threading.Thread(target=look_up, name="renderer-assets-dns", daemon=True).start()
    return await answer


class NameBook:
    """Remembers the first answer for each name, the failures too: a name that answers differently the second time
    (DNS rebinding) is never asked a second time.
    """

    def __init__(self, resolver: Resolver, timeout_s: float) -> None:
        self._resolver = resolver
        self._timeout_s = timeout_s
        self._answers: dict[str, asyncio.Task[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """All addresses of a name, IPv4 first, each once. Raises FetchError: "name", "name_try_again", "name_timeout"."""
        if host not in self._answers:
            self._answers[host] = task = asyncio.create_task(self._resolve(host))
            # Whoever asked may have run out of budget; an error nobody waits for is not worth a line on stderr.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._answers[host])

    async def _resolve(self, host: str) -> list[str]:
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await self._resolver(host)
        except TimeoutError:
            raise FetchError("failed", "name_timeout") from None
        except OSError as error:
            raise FetchError("failed", "name_try_again" if error.errno in _TRY_AGAIN else "name") from None
        if not found:
            raise FetchError("failed", "name")
        # Machines without a way out over IPv6 are common, without one over IPv4 rare.
        return sorted(dict.fromkeys(found), key=lambda address: ":" in address)


def is_public_host(host: str) -> bool:
    """Whether what is sent there in plain text leaves the network that the caller is in. A name that is not known is not: the request will say so."""
    try:
        addresses = {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return worst_reach(addresses) != "private"
