"""Addresses: the vectors that Python's own verdicts get wrong, and the borders of every range."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.assets.addresses import Reach, reach, worst_reach

VECTORS: dict[str, Reach] = {
    "8.8.8.8": "public",
    "93.184.216.34": "public",
    "2606:2800:220:1::1": "public",
    "2a00:1450:4001:81b::200e": "public",
    "::ffff:8.8.8.8": "public",
    "127.0.0.1": "private",
    "10.255.255.255": "private",
    "11.0.0.0": "public",
    "172.15.255.255": "public",
    "172.16.0.0": "private",
    "172.31.255.255": "private",
    "172.32.0.0": "public",
    "192.168.0.1": "private",
    "100.63.255.255": "public",
    "100.64.0.1": "private",
    "100.127.255.255": "private",
    "100.128.0.0": "public",
    "::1": "private",
    "fc00::1": "private",
    "fdff:ffff::1": "private",
    "::ffff:127.0.0.1": "private",
    "::ffff:10.0.0.1": "private",
    "0.0.0.0": "never",
    "0.255.255.255": "never",
    "169.254.169.254": "never",
    "::ffff:169.254.169.254": "never",
    "100.100.100.200": "never",
    "168.63.129.16": "never",
    "fd00:ec2::254": "never",
    "fd20:ce::254": "never",
    "192.0.0.8": "never",
    "192.0.0.192": "never",
    "192.0.2.1": "never",
    "192.88.99.1": "never",
    "198.18.0.1": "never",
    "198.51.100.1": "never",
    "203.0.113.1": "never",
    "224.0.0.1": "never",
    "239.255.255.255": "never",
    "240.0.0.1": "never",
    "255.255.255.255": "never",
    "::": "never",
    "::127.0.0.1": "never",
    "::8.8.8.8": "never",
    "::ffff:0:8.8.8.8": "never",
    "64:ff9b::a9fe:a9fe": "never",
    "64:ff9b::8.8.8.8": "never",
    "64:ff9b:1::1": "never",
    "100::1": "never",
    "2001::1": "never",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "never",
    "2001:20::1": "never",
    "2001:200::1": "public",
    "2001:db8::1": "never",
    "2002:a9fe:a9fe::1": "never",
    "2002:808:808::1": "never",
    "3fff::1": "never",
    "4000::1": "never",
    "5f00::1": "never",
    "fe80::1": "never",
    "fe80::1%eth0": "never",
    "2606:2800:220:1::1%eth0": "never",
    "fec0::1": "never",
    "ff02::1": "never",
}


@pytest.mark.parametrize(("text", "expected"), VECTORS.items())
def test_reach(text: str, expected: Reach) -> None:
    assert reach(ip_address(text)) == expected


@given(st.integers(0, 2**32 - 1))
def test_nothing_that_python_knows_as_private_is_public(number: int) -> None:
    address = IPv4Address(number)
    if reach(address) == "public":
        assert address.is_global
        assert not (address.is_private or address.is_multicast or address.is_reserved or address.is_link_local)
    # The same address in IPv6 clothes is the same address, or nothing at all.
    assert reach(IPv6Address(f"::ffff:{address}")) == reach(address)
    for prefix in ("::", "64:ff9b::", "::ffff:0:"):
        assert reach(IPv6Address(f"{prefix}{address}")) != "public"


@given(st.integers(0, 2**128 - 1))
def test_public_ipv6_is_global_unicast(number: int) -> None:
    address = IPv6Address(number)
    if reach(address) == "public" and address.ipv4_mapped is None:
        assert number >> 125 == 1
        assert address.is_global
        assert address.sixtofour is None
        assert address.teredo is None


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["8.8.8.8", "2606:2800:220:1::1"], "public"),
        (["8.8.8.8", "10.0.0.1"], "private"),
        (["10.0.0.1", "169.254.169.254"], "never"),
        (["8.8.8.8", "0.0.0.0"], "never"),
        (["8.8.8.8", "what"], "never"),
        ([], "never"),
    ],
)
def test_one_bad_record_condemns_a_name(addresses: list[str], expected: Reach) -> None:
    assert worst_reach(addresses) == expected
