"""Where clips may be delivered to, as far as it can be told when it is asked for."""

from typing import Final

from renderer.deliver.registry import Destinations as TicketSystems
from renderer.deliver.registry import Listed
from renderer.errors import RequestError
from renderer.jobs.webhooks import Webhooks

_WEBHOOK: Final = "webhook"


class Destinations:
    """Webhooks are a tenant's own; ticket systems are set up by the operator, for every key that may deliver."""

    def __init__(self, webhooks: Webhooks, systems: TicketSystems) -> None:
        self._webhooks = webhooks
        self._systems = systems

    def check(self, tenant: str, destination: str) -> str:
        """The destination in its right spelling. Raises RequestError: unknown_destination, webhook_not_found, webhook_disabled,
        destination_not_set_up, destination_bad_setting, destination_bad_url, bad_ticket_reference.
        """
        kind, _, name = destination.partition(":")
        if kind == _WEBHOOK:
            if self._webhooks.get(tenant, name).disabled_ms is not None:
                raise RequestError("webhook_disabled", "this webhook is disabled; enable it first")
            return destination
        return self._systems.resolve_of_service(destination)

    def demand_withdrawals(self, destination: str) -> None:
        """That what was delivered there can be taken away again. Raises RequestError: cannot_withdraw, unknown_destination,
        destination_bad_setting.
        """
        system = self._systems.kind(destination.partition(":")[0])
        if not system.capabilities.withdraws:
            raise RequestError("cannot_withdraw", f"{system.title} has no way to take a note away: do it there")

    def systems(self) -> list[Listed]:
        """Those that are there for callers."""
        return self._systems.of_service()
