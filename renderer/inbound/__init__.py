"""From the other side: a ticket system tells of a ticket, and what it tells becomes a clip that is asked for."""

from renderer.inbound.model import Asked, Ignored, Ticket
from renderer.inbound.receive import asked, check_signature, secret_of
from renderer.inbound.systems import SYSTEMS, SystemName

__all__ = ["SYSTEMS", "Asked", "Ignored", "SystemName", "Ticket", "asked", "check_signature", "secret_of"]
