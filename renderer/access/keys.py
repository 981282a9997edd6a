"""API keys: made and shown once, kept as keyed hashes, verified, replaced, revoked. Each step is in the audit log with it."""

import hmac
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from renderer.access import checks
from renderer.access.audit import Audit
from renderer.access.caller import Actor, Caller, KeyLimits
from renderer.access.key_facts import KeyFacts, NewKey, facts_of
from renderer.access.key_text import is_key_id, key_id_of, new_key
from renderer.access.scopes import parse_scopes
from renderer.access.secret import ServiceSecret
from renderer.access.verified import Known, VerifiedKeys
from renderer.database.engine import Database, now_ms
from renderer.database.locks import alone
from renderer.database.tables import ApiKey
from renderer.errors import AccessError, RequestError, SetupError

DEFAULT_TENANT: Final = "default"
OVERLAP_MS: Final = 24 * 3_600_000
_USED_EVERY_MS: Final = 60_000
_PURPOSE: Final = "api key"
_LOCK: Final = "first key"
_NO_DIGEST: Final = "0" * 64


class Keys:
    """Safe to use from any number of threads, and from any number of processes with one database."""

    def __init__(self, database: Database, secret: ServiceSecret, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._audit = Audit(database, secret, clock)
        self._verified = VerifiedKeys()

    def create(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        by: Actor,
        tenant: str = DEFAULT_TENANT,
        expires_ms: int | None = None,
        limits: KeyLimits | None = None,
    ) -> NewKey:
        """Raises RequestError: bad_key_name, bad_tenant, bad_scopes, bad_expiry, bad_limit."""
        row, text = self._new(name, scopes, tenant, expires_ms, limits or KeyLimits())
        with self._database.write() as session:
            self._add(session, row, by)
        return NewKey(facts_of(row), text)

    def create_first(self, name: str, *, by: Actor) -> NewKey | None:
        """An admin key where there never was a key, else None. Of processes that ask at the same time one gets it."""
        row, text = self._new(name, ["admin"], DEFAULT_TENANT, None, KeyLimits())
        with self._database.write() as session:
            alone(session, _LOCK)
            if session.scalar(select(ApiKey.id).limit(1)) is not None:
                return None
            self._add(session, row, by)
        return NewKey(facts_of(row), text)

    def verify(self, text: str) -> Caller:
        """Raises AccessError: bad_key (no such key, and nothing more is told), key_revoked, key_expired.

        What was found good is believed for 3 s: so long may a key still be taken after another process revoked it.
        """
        key_id = key_id_of(text)
        if key_id is None:
            raise _bad_key()
        digest = self._secret.digest(_PURPOSE, text)
        now = self._clock()
        known = self._verified.find(digest, now)
        if known is None:
            facts = self._look_up(key_id, digest, now)
            self._note_use(facts, now)
            known = self._verified.keep(digest, Known(facts.caller(), facts.expires_ms, now))
        _refuse_expired(known.expires_ms, now)
        return known.caller

    def recall(self, text: str) -> Caller | None:
        """As `verify`, of a key that was found good a moment ago; None for any other, without asking the database."""
        now = self._clock()
        known = self._verified.find(self._secret.digest(_PURPOSE, text), now)
        if known is None:
            return None
        _refuse_expired(known.expires_ms, now)
        return known.caller

    def list(self, tenant: str | None = None) -> list[KeyFacts]:
        """Oldest first; of one tenant or of all."""
        query = select(ApiKey).order_by(ApiKey.created_ms, ApiKey.id)
        if tenant is not None:
            query = query.where(ApiKey.tenant == tenant)
        with self._database.read() as session:
            return [facts_of(row) for row in session.scalars(query)]

    def revoke(self, key_id: str, *, by: Actor, tenant: str | None = None) -> KeyFacts:
        """For good and at once; does nothing to a key that was revoked before. Raises RequestError `key_not_found`."""
        with self._database.write() as session:
            row = _find(session, key_id, tenant)
            if row.revoked_ms is None:
                row.revoked_ms = self._clock()
                self._audit.append(session, by, "key.revoke", f"key:{row.id}", tenant=row.tenant)
        self._verified.forget(key_id)
        return facts_of(row)

    def rotate(self, key_id: str, *, by: Actor, overlap_ms: int = OVERLAP_MS, tenant: str | None = None) -> NewKey:
        """A new key with the same name, scopes, limits and lifetime; the old one is good for `overlap_ms` more, or until it expires.

        Raises RequestError: key_not_found, key_not_active, bad_overlap.
        """
        checks.overlap(overlap_ms)
        with self._database.write() as session:
            old = _find(session, key_id, tenant)
            now = self._clock()
            state = facts_of(old).state(now)
            if state != "active":
                raise RequestError(
                    "key_not_active",
                    f"the key {old.id} cannot be replaced: it is {state}; "
                    + ("rotate its successor" if old.replaced_by else "make a new one with renderer keys create"),
                )
            expires_ms = None if old.expires_ms is None else now + old.expires_ms - old.created_ms
            row, text = self._new(old.name, old.scopes, old.tenant, expires_ms, facts_of(old).limits)
            session.add(row)
            old.replaced_by = row.id
            old.expires_ms = min(now + overlap_ms, old.expires_ms or now + overlap_ms)
            self._audit.append(
                session,
                by,
                "key.rotate",
                f"key:{old.id}",
                tenant=old.tenant,
                detail={"replaced_by": row.id, "overlap_ms": overlap_ms},
            )
        self._verified.forget(key_id)
        return NewKey(facts_of(row), text)

    def has_usable_key(self) -> bool:
        """Whether anybody can be let in."""
        query = (
            select(ApiKey.id)
            .where(ApiKey.revoked_ms.is_(None), or_(ApiKey.expires_ms.is_(None), ApiKey.expires_ms > self._clock()))
            .limit(1)
        )
        with self._database.read() as session:
            return session.scalar(query) is not None

    def _new(
        self, name: str, scopes: Iterable[str], tenant: str, expires_ms: int | None, limits: KeyLimits
    ) -> tuple[ApiKey, str]:
        now = self._clock()
        key_id, text = new_key()
        row = ApiKey(
            id=key_id,
            tenant=checks.tenant(tenant),
            name=checks.key_name(name),
            digest=self._secret.digest(_PURPOSE, text),
            scopes=list(parse_scopes(scopes)),
            created_ms=now,
            expires_ms=checks.expiry(expires_ms, now),
            **vars(checks.limits(limits)),
        )
        return row, text

    def _add(self, session: Session, row: ApiKey, by: Actor) -> None:
        session.add(row)
        detail = {"name": row.name, "scopes": row.scopes, "expires_ms": row.expires_ms}
        self._audit.append(session, by, "key.create", f"key:{row.id}", tenant=row.tenant, detail=detail)

    def _look_up(self, key_id: str, digest: str, now: int) -> KeyFacts:
        with self._database.read() as session:
            row = session.get(ApiKey, key_id)
        # Whether there is such an id must not be heard from how long it takes or from what is said.
        same = hmac.compare_digest(digest, row.digest if row is not None else _NO_DIGEST)
        if row is None or not same:
            raise _bad_key()
        if row.revoked_ms is not None:
            raise AccessError("key_revoked", "this API key was revoked: ask for a new one")
        _refuse_expired(row.expires_ms, now)
        return facts_of(row)

    def _note_use(self, facts: KeyFacts, now: int) -> None:
        """Once a minute."""
        if facts.last_used_ms is not None and facts.last_used_ms > now - _USED_EVERY_MS:
            return
        unused = or_(ApiKey.last_used_ms.is_(None), ApiKey.last_used_ms <= now - _USED_EVERY_MS)
        try:
            with self._database.write() as session:
                session.execute(update(ApiKey).where(ApiKey.id == facts.id, unused).values(last_used_ms=now))
        except SetupError:
            # It could be read: a full disk or a database in recovery must not keep anybody from reading.
            return


def _find(session: Session, key_id: str, tenant: str | None) -> ApiKey:
    query = select(ApiKey).where(ApiKey.id == key_id).with_for_update()
    if tenant is not None:
        query = query.where(ApiKey.tenant == tenant)
    row = session.scalar(query) if is_key_id(key_id) else None
    if row is None:
        raise RequestError("key_not_found", "there is no API key of this id; renderer keys list shows them")
    return row


def _refuse_expired(expires_ms: int | None, now: int) -> None:
    if expires_ms is not None and expires_ms <= now:
        raise AccessError("key_expired", "this API key has expired: ask for a new one")


def _bad_key() -> AccessError:
    return AccessError("bad_key", "this is no API key of this service: check that it was copied whole")
