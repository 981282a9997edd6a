"""Where clips may be delivered to, as far as it can be told when it is asked for."""

from typing import Final

from renderer.errors import RequestError
from renderer.jobs.webhooks import Webhooks

_WEBHOOK: Final = "webhook"


class Destinations:
    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def check(self, tenant: str, destination: str) -> None:
        """Raises RequestError: unknown_destination, webhook_not_found, webhook_disabled."""
        kind, _, name = destination.partition(":")
        if kind != _WEBHOOK:
            raise RequestError(
                "unknown_destination", "clips cannot be delivered there; destinations are webhook:ID, of your webhooks"
            )
        if self._webhooks.get(tenant, name).disabled_ms is not None:
            raise RequestError("webhook_disabled", "this webhook is disabled; enable it first")
