"""Where clips can be delivered to."""

from typing import Any

from fastapi import APIRouter

from renderer.api.deps import Here, Reader
from renderer.api.models.destination import TicketSystem, TicketSystems
from renderer.api.problems.responses import problems

router = APIRouter(tags=["deliveries"])


@router.get("/v1/destinations", response_model=TicketSystems, responses=problems())
def list_destinations(service: Here, caller: Reader) -> Any:
    """The ticket systems that clips can be delivered to, those that are set up first."""
    return TicketSystems(
        data=tuple(
            TicketSystem(
                name=each.name,
                title=each.system.title,
                ready=each.is_ready,
                reference=each.system.reference_says,
                takes={str(kind): limit for kind, limit in each.system.capabilities.takes.items()},
                inline=tuple(sorted(each.system.capabilities.inline)),
                readers=each.system.capabilities.readers,
                dialect=each.system.capabilities.dialect,
                withdraws=each.system.capabilities.withdraws,
            )
            for each in service.destinations.systems()
            if each.system is not None
        )
    )
