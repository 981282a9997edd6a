"""Who may do what, and who did."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class ApiKey(Base):
    """`id`: the part of a key that may be shown. `digest`: HMAC-SHA256 (hex) of the whole key under the service's secret.

    `replaced_by`: the key that took its place; until `expires_ms` both are good. Limits that are None are the service's.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[list[str]]
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None]
    revoked_ms: Mapped[int | None]
    last_used_ms: Mapped[int | None]
    replaced_by: Mapped[str | None]
    requests_per_minute: Mapped[int | None]
    concurrent_clips: Mapped[int | None]
    clips_per_day: Mapped[int | None]


class ShareLink(Base):
    """`name`: the one file that it opens, None for all files of the clip."""

    __tablename__ = "share_links"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), index=True)
    name: Mapped[str | None]
    created_ms: Mapped[int]
    expires_ms: Mapped[int]
    revoked_ms: Mapped[int | None]
    views: Mapped[int] = mapped_column(default=0)


class Idempotency(Base):
    """An `Idempotency-Key` of a tenant. `status` is None while the first request is under way; `answer`: its body."""

    __tablename__ = "idempotency"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class AuditEntry(Base):
    """Append-only; `digest` covers the entry and the digest before it, so that a change or a gap shows."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int]
    tenant: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str]
