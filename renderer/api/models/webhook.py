"""Webhooks and deliveries, as they are asked for and told."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from renderer.api.models.asked import Deliver
from renderer.api.models.base import Given, Instant, Told, in_words
from renderer.api.models.clip import Delivery
from renderer.jobs.webhooks import WebhookEvent

WebhookUrl = Annotated[
    str,
    Field(
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[!-~]{1,2000}$",
        description="Where messages are sent, signed as Standard Webhooks asks.",
        examples=["https://support.example.com/hooks/renderer"],
        json_schema_extra={"format": "uri"},
    ),
    in_words("it is no http or https address"),
]
_Events = Annotated[
    tuple[WebhookEvent, ...],
    Field(min_length=1, max_length=len(get_args(WebhookEvent)), description="What it hears of."),
]


class WebhookCreate(Given):
    """An endpoint of yours that hears how clips end."""

    url: WebhookUrl
    events: _Events = ("clip.succeeded", "clip.failed")


class WebhookChange(Given):
    """What is left out stays as it is."""

    url: WebhookUrl | None = None
    events: _Events | None = None
    enabled: Annotated[
        bool | None, Field(strict=True, description="False: it hears of nothing. True: it hears again, as after a 410.")
    ] = None


class Webhook(Told):
    """An endpoint that hears how clips end."""

    id: Annotated[str, Field(examples=["whk_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["webhook"] = "webhook"
    url: str
    events: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None
    created_at: Instant


class WebhookWithSecret(Webhook):
    """`secret` is told once: what messages are signed with."""

    secret: Annotated[str, Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


class Webhooks(Told):
    data: tuple[Webhook, ...]


class WebhookTest(Told):
    """What came of a test message."""

    delivered: bool
    status: Annotated[int | None, Field(description="The HTTP status that it was answered with.")] = None
    code: Annotated[str | None, Field(description="A stable word for what went wrong.")] = None
    detail: Annotated[str | None, Field(description="What went wrong.")] = None


class DeliveryCreate(Deliver):
    """Where a clip is to go."""


class Deliveries(Told):
    data: tuple[Delivery, ...]
