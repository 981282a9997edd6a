"""Taking a delivered clip away again."""

from renderer.deliver.journal import RECEIPT, Steps
from renderer.deliver.model import Receipt
from renderer.deliver.system import System
from renderer.errors import RequestError


def withdraw(system: System, steps: Steps) -> Receipt:
    """Its receipt. Afterwards the clip may be delivered anew. Raises RequestError: not_delivered, cannot_withdraw; DestinationError."""
    told = steps.known(RECEIPT)
    if told is None:
        raise RequestError(
            "not_delivered", f"this clip was not delivered to {system.title} from here: there is nothing to take away"
        )
    receipt = Receipt.read(told)
    take_away(system, receipt)
    steps.forget("")
    return receipt


def take_away(system: System, receipt: Receipt) -> None:
    """Raises RequestError `cannot_withdraw`; DestinationError."""
    if not system.capabilities.withdraws:
        where = receipt.url or receipt.ticket
        raise RequestError("cannot_withdraw", f"{system.title} has no way to take a note away: do it there, at {where}")
    system.withdraw(receipt.ticket, receipt.facts)
