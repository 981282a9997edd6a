"""Ticket systems, as they are told."""

from typing import Annotated, Literal

from pydantic import Field

from renderer.api.models.base import Told


class TicketSystem(Told):
    """A ticket system that clips can be delivered to."""

    name: Annotated[str, Field(description="What stands before the colon.", examples=["zendesk"])]
    object: Literal["destination"] = "destination"
    title: Annotated[str, Field(examples=["Zendesk"])]
    ready: Annotated[bool, Field(description="Whether the operator has set it up.")]
    reference: Annotated[str, Field(description="How a ticket is written.", examples=["zendesk:48213"])]
    takes: Annotated[
        dict[str, int | None],
        Field(description="Most bytes of a file, by kind; null where it tells no limit. Larger clips are made to fit."),
    ]
    inline: Annotated[tuple[str, ...], Field(description="Kinds that are seen in the note itself.")]
    readers: Annotated[
        Literal["internal", "members", "addressee"],
        Field(
            description="Who reads a note that is not public: agents alone, whoever sees the ticket, whom it is sent to."
        ),
    ]
    dialect: Annotated[str, Field(description="What the note is written in.", examples=["HTML"])]
    withdraws: Annotated[bool, Field(description="Whether a delivered clip can be taken away again.")]


class TicketSystems(Told):
    data: tuple[TicketSystem, ...]
