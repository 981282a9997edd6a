"""Where clips go, and who hears of them."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class Delivery(Base):
    """`destination`: `webhook:ID`, `zendesk:48213` and its kin. `event`: clip.succeeded, clip.failed, … `receipt`: what came back. `options`: of a
    delivery to a ticket system, see `renderer.jobs.going.Going`. `attempt` is the fence and never falls; `failures` since it was last asked
    for.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_queue", "status", "available_ms"),
        UniqueConstraint("clip_id", "destination", "event", name="deliveries_once"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), index=True)
    destination: Mapped[str]
    event: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    status: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    available_ms: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_ms: Mapped[int]
    finished_ms: Mapped[int | None]


class DeliveryStep(Base):
    """What a delivery to a ticket system has done so far. `delivery`: the id of a Delivery, or the key of one that the command line made."""

    __tablename__ = "delivery_steps"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    result: Mapped[dict[str, Any]]
    at_ms: Mapped[int]


class Webhook(Base):
    """The signing secret is derived from the service's own secret, the id and `secret_version`: none is stored.

    `rotated_ms`: when the version before this one was replaced; for a day it is signed with too.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    secret_version: Mapped[int] = mapped_column(default=1)
    rotated_ms: Mapped[int | None]
    created_ms: Mapped[int]
    disabled_ms: Mapped[int | None]
    disabled_why: Mapped[str | None]
