"""All of this room, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from renderer.access.audit import Audit
from renderer.access.fingerprint import refuse_other_secret
from renderer.access.keys import Keys
from renderer.access.quotas import Quotas
from renderer.access.rates import RateLimits
from renderer.access.secret import ServiceSecret
from renderer.access.shares import Shares
from renderer.database.engine import Database, now_ms
from renderer.settings import Settings


@dataclass(frozen=True)
class Access:
    secret: ServiceSecret
    keys: Keys
    shares: Shares
    audit: Audit
    rates: RateLimits
    quotas: Quotas


def build_access(settings: Settings, database: Database, clock: Callable[[], int] = now_ms) -> Access:
    """`database` is up to date. Raises SetupError: those of `ServiceSecret.load`, bad_broker_url, other_secret."""
    secret = ServiceSecret.load(settings)
    refuse_other_secret(database, secret)
    return Access(
        secret=secret,
        keys=Keys(database, secret, clock),
        shares=Shares(database, secret, clock),
        audit=Audit(database, secret, clock),
        rates=RateLimits(settings, clock),
        quotas=Quotas(settings, clock),
    )
