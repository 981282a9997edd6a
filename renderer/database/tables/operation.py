"""Who works, whose turn it is, and facts of the service itself."""

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class Worker(Base):
    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    slots: Mapped[int]
    busy: Mapped[int]
    started_ms: Mapped[int]
    seen_ms: Mapped[int]
    version: Mapped[str]


class Turn(Base):
    """When a clip of the tenant was last claimed: whoever waits longest is next."""

    __tablename__ = "turns"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    claimed_ms: Mapped[int]


class Duty(Base):
    """What one process at a time may do, such as sweeping."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    until_ms: Mapped[int] = mapped_column(server_default=text("0"))


class ServiceFact(Base):
    """`secret`: a fingerprint of the service's secret, so that a process with another one is told and not left to wonder."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
