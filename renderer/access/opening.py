"""Who may be let in when a service starts."""

import ipaddress

from renderer.access.caller import Actor
from renderer.access.keys import Keys
from renderer.errors import SetupError

_SERVICE = Actor(name="service")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`: an address, or `localhost`. A name may lead anywhere."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def first_key(keys: Keys, host: str) -> str | None:
    """On loopback, where there never was a key: the text of a new admin key, to be shown once; else None. Of processes that start at
    the same time one gets it.
    """
    if not is_loopback(host):
        return None
    made = keys.create_first("first key", by=_SERVICE)
    return None if made is None else made.text


def require_keys(keys: Keys, host: str) -> None:
    """Raises SetupError `no_keys` where other machines could reach a service that lets nobody in."""
    if not is_loopback(host) and not keys.has_usable_key():
        raise SetupError(
            "no_keys",
            f"{host} is not loopback, and there is no API key: make one first with renderer keys create NAME --scopes admin",
        )
