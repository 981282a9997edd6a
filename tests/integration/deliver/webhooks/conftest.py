"""A receiver at a public name over HTTPS, and who sends to it."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renderer.deliver.webhooks.judge import webhook_policy
from renderer.deliver.webhooks.post import Times
from renderer.deliver.webhooks.webhook import Receipt, Webhook
from renderer.settings import Settings
from tests.integration.assets.site import PUBLIC, Loopback, Names, certificate, network
from tests.integration.deliver.webhooks.receiver import Receiver

HOST = "hooks.example.test"
KEY = bytes(range(32))
# Generous where an answer is to come, since the machine may be busy; hasty where none will.
PATIENT = Times(connect_s=10.0, total_s=20.0)
HASTY = Times(connect_s=0.6, total_s=1.2)

Send = Callable[..., Receipt]


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and a client's that trusts it."""
    return certificate(tmp_path_factory.mktemp("tls"), HOST)


@pytest.fixture
def receiver(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Receiver]:
    with Receiver(contexts[0]) as running:
        yield running


@pytest.fixture
def names() -> Names:
    return Names({HOST: [PUBLIC]})


@pytest.fixture
def wire(receiver: Receiver) -> Loopback:
    inside = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:10.0.0.5"]
    return Loopback(dict.fromkeys([PUBLIC, *inside], receiver.port), silent=["93.184.216.99"])


@pytest.fixture
def send(tmp_path: Path, wire: Loopback, names: Names, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Send:
    def send(
        url: str = f"https://{HOST}/hook",
        body: bytes = b'{"type":"clip.succeeded"}',
        *,
        hosts: str | None = None,
        times: Times = PATIENT,
        secrets: tuple[bytes | str, ...] = (KEY,),
        trust: ssl.SSLContext | None = contexts[1],
    ) -> Receipt:
        policy = webhook_policy(Settings(data_dir=tmp_path, webhook_hosts=hosts))
        return Webhook(policy, network(names, wire, trust), times).send(url, "dlv_01", body, secrets)

    return send
