"""What may be shown of a key."""

from dataclasses import dataclass, field
from typing import Literal

from renderer.access.caller import Caller, KeyLimits
from renderer.database.tables import ApiKey

KeyState = Literal["active", "replaced", "expired", "revoked"]


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """Times are Unix time in milliseconds. `replaced_by`: the id of the key that takes its place."""

    id: str
    tenant: str
    name: str
    scopes: tuple[str, ...]
    limits: KeyLimits
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    last_used_ms: int | None
    replaced_by: str | None

    def state(self, at_ms: int) -> KeyState:
        """`replaced`: still good, but its successor is there."""
        if self.revoked_ms is not None:
            return "revoked"
        if self.expires_ms is not None and self.expires_ms <= at_ms:
            return "expired"
        return "active" if self.replaced_by is None else "replaced"

    def caller(self) -> Caller:
        return Caller(
            key_id=self.id, tenant=self.tenant, name=self.name, scopes=frozenset(self.scopes), limits=self.limits
        )


@dataclass(frozen=True)
class NewKey:
    """`text` is nowhere else: it is shown once."""

    facts: KeyFacts
    text: str = field(repr=False)


def facts_of(row: ApiKey) -> KeyFacts:
    return KeyFacts(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        scopes=tuple(row.scopes),
        limits=KeyLimits(
            requests_per_minute=row.requests_per_minute,
            concurrent_clips=row.concurrent_clips,
            clips_per_day=row.clips_per_day,
        ),
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
        revoked_ms=row.revoked_ms,
        last_used_ms=row.last_used_ms,
        replaced_by=row.replaced_by,
    )
