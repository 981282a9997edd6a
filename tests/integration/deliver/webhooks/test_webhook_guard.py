"""Server-side request forgery by way of webhooks, case by case: what a caller of the API may not make this machine ask for."""

import asyncio
import time
from pathlib import Path

import pytest

from renderer.deliver.webhooks.judge import judge_url, webhook_policy
from renderer.errors import DestinationError, RequestError, SetupError
from renderer.settings import Settings
from tests.integration.assets.site import PUBLIC, PUBLIC_V6, Loopback, Names
from tests.integration.deliver.webhooks.conftest import HOST, Send
from tests.integration.deliver.webhooks.receiver import Receiver

INSIDE = {
    "loopback": "https://127.0.0.1/hook",
    "another loopback": "https://127.8.9.10/hook",
    "unspecified": "https://0.0.0.0/hook",
    "private": "https://10.0.0.5/hook",
    "private 192": "https://192.168.1.1/hook",
    "carrier-grade NAT": "https://100.64.0.1/hook",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata, plain": "http://169.254.169.254/latest/meta-data/",
    "metadata, Azure": "https://168.63.129.16/",
    "metadata, AWS over IPv6": "https://[fd00:ec2::254]/",
    "loopback v6": "https://[::1]/hook",
    "unspecified v6": "https://[::]/",
    "mapped": "https://[::ffff:127.0.0.1]/hook",
    "mapped metadata in hex": "https://[::ffff:a9fe:a9fe]/",
    "compatible": "https://[::127.0.0.1]/hook",
    "NAT64": "https://[64:ff9b::a9fe:a9fe]/",
    "6to4": "https://[2002:a9fe:a9fe::1]/",
    "site local": "https://[fec0::1]/",
    "unique local": "https://[fd12:3456::1]/",
    "localhost": "https://localhost/hook",
    "localhost with a dot": "https://LOCALHOST./hook",
    "below localhost": "https://a.localhost/hook",
    "a name without a dot": "https://redis/hook",
    "Google's metadata": "https://metadata.google.internal/",
    "a printer": "https://printer.local/",
}
UNREADABLE = {
    "decimal": "https://2130706433/hook",
    "octal": "https://0177.0.0.1/hook",
    "hex": "https://0x7f000001/hook",
    "hex parts": "https://0x7f.0.0.0x1/hook",
    "short": "https://127.1/hook",
    "full-width digits": "https://１２７.0.0.1/hook",
    "zone": "https://[fe80::1%25eth0]/hook",
    "userinfo": f"https://{HOST}@127.0.0.1/hook",
    "password": f"https://user:s3cret-canary@{HOST}/hook",
    "encoded at sign": f"https://127.0.0.1%2f@{HOST}/",
    "backslash": f"https://{HOST}\\@127.0.0.1/",
    "line break": f"https://{HOST}/a\r\nHost: 127.0.0.1",
    "null": f"https://{HOST}\0.evil.test/",
    "no host": "https:///hook",
    "port 0": f"https://{HOST}:0/",
    "port 65979, which is 443 after overflow": f"https://{HOST}:65979/",
    "empty": "",
    "relative": "/hook",
    "without a scheme": f"//{HOST}/hook",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript": "javascript:alert(1)",
    "long": f"https://{HOST}/" + "a" * 2048,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def _both(url: str, settings: Settings, names: Names, send: Send, hosts: str | None = None) -> str:
    """The code, which is the same when a webhook is made and when a message is sent."""
    with pytest.raises(RequestError) as judged:
        judge_url(url, settings.model_copy(update={"webhook_hosts": hosts}), names)
    with pytest.raises(DestinationError) as sent:
        send(url, hosts=hosts)
    assert judged.value.code == sent.value.code
    assert judged.value.message == sent.value.message
    assert not sent.value.retryable
    assert "\n" not in judged.value.message
    assert "canary" not in judged.value.message
    return judged.value.code


@pytest.mark.parametrize("url", INSIDE.values(), ids=INSIDE.keys())
def test_addresses_inside_are_refused_unasked(
    settings: Settings, names: Names, send: Send, wire: Loopback, receiver: Receiver, url: str
) -> None:
    assert _both(url, settings, names, send) == "webhook_private_address"
    assert (wire.dialled, names.asked, receiver.came) == ([], [], [])


@pytest.mark.parametrize("url", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_addresses_that_parsers_read_differently_are_refused(
    settings: Settings, names: Names, send: Send, wire: Loopback, url: str
) -> None:
    assert _both(url, settings, names, send) == "webhook_bad_url"
    assert (wire.dialled, names.asked) == ([], [])


@pytest.mark.parametrize("port", [22, 25, 80, 443, 6379, 8443])
def test_public_hosts_are_reached_on_the_ports_of_the_web_alone(
    settings: Settings, names: Names, send: Send, wire: Loopback, port: int
) -> None:
    url = f"https://{HOST}:{port}/hook"
    if port == 443:
        assert send(url).status == 204
    elif port == 80:
        assert send(url).status == 204  # TLS all the same
    else:
        assert _both(url, settings, names, send) == "webhook_port"
        assert wire.dialled == []


def test_plain_http_is_for_named_hosts(settings: Settings, names: Names, send: Send, wire: Loopback) -> None:
    assert _both(f"http://{HOST}/hook", settings, names, send) == "webhook_not_https"
    with Receiver() as plain:
        names.table["intranet"] = ["10.0.0.5"]
        wire.routes = {"10.0.0.5": plain.port}
        assert send("http://intranet/hook", hosts="intranet").status == 204
        assert wire.dialled == [("10.0.0.5", 80)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.5"],
        ["169.254.169.254"],
        ["::ffff:10.0.0.5"],
        ["::1"],
        ["64:ff9b::a9fe:a9fe"],
        [PUBLIC, "10.0.0.5"],
        ["::1", PUBLIC],
        [PUBLIC, PUBLIC_V6, "fd00::1"],
        [PUBLIC, "not an address"],
    ],
    ids=str,
)
def test_a_name_is_refused_when_any_of_its_addresses_is_inside(
    settings: Settings, names: Names, send: Send, wire: Loopback, addresses: list[str]
) -> None:
    names.table["evil.example.test"] = list(addresses)
    assert _both("https://evil.example.test/hook", settings, names, send) == "webhook_private_address"
    assert wire.dialled == []


def test_a_rebinding_name_is_resolved_once_for_each_message_and_judged_each_time(
    settings: Settings, names: Names, send: Send, wire: Loopback, receiver: Receiver
) -> None:
    """Public when the webhook is made and at the first message, inside afterwards."""
    names.table[HOST] = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    judge_url(f"https://{HOST}/hook", settings, names)
    send()
    with pytest.raises(DestinationError) as caught:
        send()
    assert caught.value.code == "webhook_private_address"
    assert names.asked == [HOST] * 3
    assert wire.dialled == [(PUBLIC, 443)]
    assert len(receiver.came) == 1


def test_a_message_dials_what_was_judged_and_asks_no_second_time(names: Names, send: Send, wire: Loopback) -> None:
    names.table[HOST] = [[PUBLIC], ["10.0.0.5"]]
    send()
    assert (names.asked, wire.dialled) == ([HOST], [(PUBLIC, 443)])


@pytest.mark.parametrize(
    ("url", "hosts", "allowed"),
    [
        ("https://10.0.0.5/hook", "10.0.0.5", True),
        ("https://10.0.0.5:8443/hook", "10.0.0.5:8443", True),
        ("https://10.0.0.5:8443/hook", "10.0.0.5", False),
        ("https://10.0.0.6/hook", "10.0.0.5", False),
        ("https://inside.example.test/hook", "INSIDE.example.test , other.test", True),
        ("https://inside.example.test/hook", "example.test", False),
        ("https://metadata.named.test/", "metadata.named.test", False),
        ("https://169.254.169.254/", "169.254.169.254", False),
    ],
)
def test_private_hosts_are_reached_when_they_are_named_in_full(
    settings: Settings, names: Names, send: Send, wire: Loopback, url: str, hosts: str, allowed: bool
) -> None:
    names.table |= {"inside.example.test": ["10.0.0.5"], "metadata.named.test": ["169.254.169.254"]}
    if not allowed:
        assert _both(url, settings, names, send, hosts) in {"webhook_private_address", "webhook_port"}
        assert wire.dialled == []
        return
    judge_url(url, settings.model_copy(update={"webhook_hosts": hosts}), names)
    with pytest.raises(DestinationError) as caught:  # dialled, and its certificate is for another name
        send(url, hosts=hosts)
    assert caught.value.code == "webhook_tls"
    assert [address for address, _ in wire.dialled] == ["10.0.0.5"]


@pytest.mark.parametrize(
    "hosts", ["*.corp.example", "http://hooks.internal", "a b", "hooks.internal/path", "offline", "public,*"]
)
def test_a_list_of_hosts_that_cannot_be_read_is_said_at_once(settings: Settings, hosts: str) -> None:
    with pytest.raises(SetupError) as caught:
        webhook_policy(settings.model_copy(update={"webhook_hosts": hosts}))
    assert caught.value.code == "bad_webhook_hosts"
    assert "RENDERER_WEBHOOK_HOSTS" in caught.value.message


@pytest.mark.parametrize("hosts", [None, "", " ", ","])
def test_no_host_need_be_named(settings: Settings, names: Names, hosts: str | None) -> None:
    judge_url(f"https://{HOST}/hook", settings.model_copy(update={"webhook_hosts": hosts}), names)


def test_a_name_that_is_not_known_yet_or_not_now_is_let_pass(settings: Settings, names: Names) -> None:
    judge_url("https://not-yet.example.test/hook", settings, names)

    async def silent(host: str) -> list[str]:
        await asyncio.sleep(60)
        return []

    begun_s = time.monotonic()
    judge_url(f"https://{HOST}/hook", settings, silent)
    assert time.monotonic() - begun_s < 10
