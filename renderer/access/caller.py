"""Who asks."""

from collections.abc import Collection
from dataclasses import dataclass

from renderer.access.scopes import Scope, allows
from renderer.errors import AccessError


@dataclass(frozen=True, kw_only=True)
class KeyLimits:
    """Of one key; None is whatever the service's settings say."""

    requests_per_minute: int | None = None
    concurrent_clips: int | None = None
    clips_per_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something, as the audit log has it: `key:ID`, `share:ID`, `local:USER` (on the command line), `inbound:SYSTEM` or
    `service`.
    """

    name: str
    request_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The owner of a key that was found good."""

    key_id: str
    tenant: str
    name: str
    scopes: Collection[str]
    limits: KeyLimits

    def may(self, scope: Scope) -> bool:
        return allows(self.scopes, scope)

    def require(self, scope: Scope) -> None:
        """Raises AccessError `scope_missing`."""
        if not self.may(scope):
            raise AccessError(
                "scope_missing", f"this API key may not do that: it takes a key with the scope {scope} or admin"
            )

    def actor(self, request_id: str | None = None, address: str | None = None) -> Actor:
        return Actor(name=f"key:{self.key_id}", request_id=request_id, address=address)
