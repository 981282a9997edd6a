"""What an event of a ticket system says, and what is asked for because of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as an event tells of it.

    `to`: the ticket as a destination, `zendesk:48213`. `fields`: names and values, as they came. `texts`: as they are to be searched, the
    newest first. `command`: what somebody named as the session, who may; nothing else is looked at then. `id`: of the delivery, the same when
    it is sent again.
    """

    to: str
    fields: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    command: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is none of ours. `why`: in a few words, for the log of whoever sent it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A clip that is to be made and put on a ticket.

    `to`: the ticket as a destination. `session`: a recording as `posthog:ID`. `at_ms`: session time that the ticket points to. `is_command`:
    somebody typed it, and knows what was asked for before. `id`: of the delivery.
    """

    to: str
    session: str
    at_ms: int | None = None
    is_command: bool = False
    id: str | None = None
