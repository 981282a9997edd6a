"""Taking a delivered clip away again."""

from typing import Final

from renderer.deliver.journal import RECEIPT, Steps
from renderer.deliver.model import Receipt
from renderer.deliver.system import System
from renderer.deliver.understood import understood
from renderer.errors import RequestError

_WITHDRAWN: Final = "withdrawn"


def withdraw(system: System, steps: Steps) -> Receipt:
    """Its receipt. Afterwards the clip may be delivered anew. Raises RequestError: not_delivered, cannot_withdraw; DestinationError."""
    told = steps.known(RECEIPT)
    if told is None:
        raise RequestError(
            "not_delivered", f"this clip was not delivered to {system.title} from here: there is nothing to take away"
        )
    receipt = Receipt.read(told)
    take_away(system, receipt)
    times = withdrawals(steps) + 1
    steps.forget("")
    steps.keep(_WITHDRAWN, {"times": times})
    return receipt


def withdrawals(steps: Steps) -> int:
    """How often it was taken away: what is posted next has a marker of its own, as the old note may still be seen."""
    return int((steps.known(_WITHDRAWN) or {"times": 0})["times"])


def take_away(system: System, receipt: Receipt) -> None:
    """Raises RequestError `cannot_withdraw`; DestinationError."""
    if not system.capabilities.withdraws:
        where = receipt.url or receipt.ticket
        raise RequestError("cannot_withdraw", f"{system.title} has no way to take a note away: do it there, at {where}")
    with understood(system):
        system.withdraw(receipt.ticket, receipt.facts)
