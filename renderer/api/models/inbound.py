"""What ticket systems are answered, which is shown in their logs of deliveries."""

from typing import Annotated

from pydantic import Field

from renderer.api.models.base import Told


class Taken(Told):
    """A clip is made, and put on the ticket once it has ended."""

    clip: Annotated[str, Field(examples=["clip_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    to: Annotated[str, Field(examples=["zendesk:48213"])]


class Ignored(Told):
    """Nothing is done."""

    ignored: Annotated[str, Field(description="Why.", examples=["no line with /clip"])]
