"""One message to a webhook, signed as Standard Webhooks 1.0.0 asks."""

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import standardwebhooks

from renderer.assets.dial import Network
from renderer.assets.policy import AssetPolicy
from renderer.deliver.webhooks.judge import webhook_target
from renderer.deliver.webhooks.post import TIMES, Answer, Times, post
from renderer.errors import DestinationError, RequestError

MAX_BODY_BYTES: Final = 20_000
SECRET_BYTES: Final = 32
"""Standard Webhooks wants 24 to 64."""

_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that was taken. `answer`: the beginning of what was said, printable, at most 200 characters."""

    status: int
    answer: str
    took_ms: int


class Webhook:
    """Sends messages. `policy`: of `webhook_policy`; `network`, `times` and `clock` (Unix time, s) are for tests to replace."""

    def __init__(
        self,
        policy: AssetPolicy,
        network: Network | None = None,
        times: Times = TIMES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._policy = policy
        self._network = network or Network()
        self._times = times
        self._clock = clock

    def send(self, url: str, message_id: str, body: bytes, secrets: Sequence[bytes | str]) -> Receipt:
        """`message_id` is the same at every attempt. `secrets`: keys, or as `whsec_…`; two while one takes the place of the other.

        Nobody is followed anywhere, and it takes 20 s at most. Raises DestinationError: webhook_gone (answered 410: never send there
        again), webhook_private_address, webhook_bad_url, webhook_not_https, webhook_port, webhook_too_large; retryable ones:
        webhook_refused (any other answer than 2xx), webhook_unreachable, webhook_tls, webhook_timeout, webhook_broken_off.
        """
        if len(body) > MAX_BODY_BYTES:
            raise DestinationError(
                "webhook_too_large",
                f"the message has more than {MAX_BODY_BYTES:,} bytes; tell less, and a link to the rest",
            )
        headers = {"Content-Type": "application/json", **signed(message_id, self._clock(), body, secrets)}
        try:
            target = webhook_target(url, self._policy)
            answer = post(target, body, headers, self._policy, self._network, self._times)
        except RequestError as error:
            raise DestinationError(error.code, error.message) from None
        return _receipt(answer, target.host)


def signed(message_id: str, at_s: float, body: bytes, secrets: Sequence[bytes | str]) -> dict[str, str]:
    """The three headers of a message."""
    if not secrets:
        raise ValueError("a message without a signature is nobody's")
    at = datetime.fromtimestamp(int(at_s), UTC)
    signatures = [standardwebhooks.Webhook(secret).sign(message_id, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at_s)),
        "webhook-signature": " ".join(signatures),
    }


def secret_text(key: bytes) -> str:
    """A key as its owner is shown it."""
    return f"whsec_{base64.b64encode(key).decode()}"


def _receipt(answer: Answer, host: str) -> Receipt:
    if 200 <= answer.status < 300:
        return Receipt(answer.status, answer.text, answer.took_ms)
    said = f": {answer.text}" if answer.text else ""
    if answer.status == _GONE:
        raise DestinationError("webhook_gone", f"{host} answered 410, that it wants no more messages{said}")
    if 300 <= answer.status < 400:
        raise DestinationError(
            "webhook_refused",
            f"{host} answered {answer.status}, to go elsewhere, and messages follow nobody; give the webhook's final address",
            retryable=True,
            retry_after_s=answer.retry_after_s,
        )
    raise DestinationError(
        "webhook_refused",
        f"{host} answered {answer.status}{said}",
        retryable=True,
        retry_after_s=answer.retry_after_s,
    )
