"""Which IP addresses are public, which are private but sensible to allow by name, and which nobody may reach.

Python 3.11's `is_global` is True for 64:ff9b::a9fe:a9fe, 2002:a9fe:a9fe::1, fec0::1, ::127.0.0.1, 224.0.0.1 and 192.0.0.8,
and `is_private` misses 100.64.0.0/10: neither can be relied on alone.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Address = IPv4Address | IPv6Address
Reach = Literal["public", "private", "never"]

_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_MAPPED_V4 = IPv6Network("::ffff:0:0/96")


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part) for part in text.split())


# Services of the machine's cloud, in ranges that are otherwise somebody's own: credentials, not pictures.
_CLOUD_SERVICES = _networks("168.63.129.16/32 100.100.100.200/32 fd00:ec2::/32 fd20:ce::/32 fd00:42::/32")

# Somebody's own network: refused, unless the caller names the host.
_PRIVATE = _networks("127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 ::1/128 fc00::/7")

_NOT_PUBLIC = _networks(
    "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
    "224.0.0.0/4 240.0.0.0/4 "
    # Inside 2000::/3: protocol assignments with Teredo, documentation twice, 6to4. The rest of IPv6 is refused as a whole.
    "2001::/23 2001:db8::/32 3fff::/20 2002::/16"
)


def _in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def reach(address: Address) -> Reach:
    """Judge one address. An IPv4-mapped IPv6 address counts as the IPv4 address inside it; one with a zone is never reached."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "never"
        if address in _MAPPED_V4:
            return reach(IPv4Address(int(address) & 0xFFFFFFFF))
    if _in(address, _CLOUD_SERVICES):
        return "never"
    if _in(address, _PRIVATE):
        return "private"
    if _in(address, _NOT_PUBLIC) or not address.is_global:
        return "never"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST_V6:
        return "never"
    return "public"


def worst_reach(addresses: Iterable[str]) -> Reach:
    """The strictest verdict on a name's addresses: one bad record condemns the name, for it may be the one that is dialled.

    No address at all, or one that cannot be read, is "never".
    """
    found: set[Reach] = set()
    for text in addresses:
        try:
            found.add(reach(ip_address(text)))
        except ValueError:
            return "never"
    if not found or "never" in found:
        return "never"
    return "private" if "private" in found else "public"
