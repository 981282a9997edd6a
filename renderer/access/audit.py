"""Who did what: an append-only log, each entry sealed together with the one before.

The seal is an HMAC under the service's secret: whoever can write to the database but does not know the secret cannot change, remove
or insert an entry unseen. Entries cut off at the end show against a number and a seal that were noted before (`head`).
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from renderer.access.caller import Actor
from renderer.access.key_text import without_secrets
from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database, now_ms
from renderer.database.locks import alone
from renderer.database.tables import AuditEntry, table_of

Outcome = Literal["ok", "refused", "failed"]
Detail = Mapping[str, str | int | bool | Sequence[str] | None]

_ACTION: Final = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
_LONGEST: Final = 200
_MOST_DETAILS: Final = 20
_PAGE: Final = 1000
_LOCK: Final = "audit"
_PURPOSE: Final = "audit"
# Made once: to put them together takes longer than the database takes to answer them.
_ADD: Final = insert(table_of(AuditEntry))
_ENTRIES: Final = table_of(AuditEntry).c
_LAST: Final = select(_ENTRIES.number, _ENTRIES.digest).order_by(_ENTRIES.number.desc()).limit(1)


class Audit:
    """Entries are numbered from 1 without gaps, in the order in which they were committed, however many processes append."""

    def __init__(self, database: Database, secret: ServiceSecret, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock

    def record(
        self,
        actor: Actor,
        action: str,
        subject: str,
        *,
        tenant: str,
        outcome: Outcome = "ok",
        detail: Detail | None = None,
    ) -> int:
        """The new entry's number. `action` is `clip.delete` and the like, `subject` the id of what it was done to. Neither secrets nor
        recorded content belong here; what looks like one of our secrets is taken out.
        """
        with self._database.write() as session:
            return self.append(session, actor, action, subject, tenant=tenant, outcome=outcome, detail=detail)

    def append(
        self,
        session: Session,
        actor: Actor,
        action: str,
        subject: str,
        *,
        tenant: str,
        outcome: Outcome = "ok",
        detail: Detail | None = None,
    ) -> int:
        """`record` inside a transaction that does what it tells of: both or neither. Last in it, as nobody else can append before its end."""
        if not _ACTION.fullmatch(action):
            raise ValueError("an action is two words with a dot between")
        alone(session, _LOCK)
        number, before = _head(session) or (0, "")
        values = {
            "number": number + 1,
            "at_ms": self._clock(),
            "tenant": _clean(tenant),
            "actor": _clean(actor.name),
            "action": action,
            "object": _clean(subject),
            "outcome": outcome,
            "request_id": None if actor.request_id is None else _clean(actor.request_id),
            "address": None if actor.address is None else _clean(actor.address),
            "detail": _clean_detail(detail or {}),
        }
        # Past the session's unit of work, which takes longer to think of a row than the database to add it.
        session.execute(_ADD, values | {"digest": self._seal(AuditEntry(**values), before)})
        return number + 1

    def verify(self) -> int | None:
        """The number of the first entry that is not as it was written, or is missing; None when all of them are there."""
        expected, before = 1, ""
        while True:
            entries = self._from(expected if expected > 1 else None)
            for entry in entries:
                if entry.number != expected or entry.digest != self._seal(entry, before):
                    return min(entry.number, expected)
                expected, before = expected + 1, entry.digest
            if len(entries) < _PAGE:
                return None

    def head(self) -> tuple[int, str] | None:
        """Number and seal of the last entry: noted elsewhere, they prove later that nothing was cut off."""
        with self._database.read() as session:
            return _head(session)

    def holds(self, number: int, seal: str) -> bool:
        """Whether entry `number` is there, with that seal."""
        entry = next(iter(self.page(1, before=number + 1)), None)
        return entry is not None and entry.number == number and hmac.compare_digest(entry.digest, seal)

    def page(self, limit: int = 100, *, before: int | None = None, tenant: str | None = None) -> list[AuditEntry]:
        """Newest first; those with a lower number than `before`, of one tenant or of all."""
        query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditEntry.number < before)
        if tenant is not None:
            query = query.where(AuditEntry.tenant == tenant)
        with self._database.read() as session:
            return list(session.scalars(query))

    def _from(self, number: int | None) -> list[AuditEntry]:
        query = select(AuditEntry).order_by(AuditEntry.number).limit(_PAGE)
        if number is not None:
            query = query.where(AuditEntry.number >= number)
        with self._database.read() as session:
            return list(session.scalars(query))

    def _seal(self, entry: AuditEntry, before: str) -> str:
        told = [
            before,
            entry.number,
            entry.at_ms,
            entry.tenant,
            entry.actor,
            entry.action,
            entry.object,
            entry.outcome,
            entry.request_id,
            entry.address,
            entry.detail,
        ]
        return self._secret.digest(_PURPOSE, json.dumps(told, sort_keys=True, separators=(",", ":")))


def _head(session: Session) -> tuple[int, str] | None:
    row = session.execute(_LAST).first()
    return None if row is None else (row.number, row.digest)


def _clean(text: str) -> str:
    """One line that any database takes: what came in a header is in here too."""
    line = "".join(letter if letter.isprintable() else "?" for letter in without_secrets(text[: 2 * _LONGEST]))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _clean_detail(detail: Detail) -> dict[str, Any]:
    if len(detail) > _MOST_DETAILS:
        raise ValueError("an entry has 20 details at the most")
    return {_clean(name): _clean_value(value) for name, value in detail.items()}


def _clean_value(value: str | int | bool | Sequence[str] | None) -> str | int | bool | list[str] | None:
    if isinstance(value, str):
        return _clean(value)
    if value is None or isinstance(value, int):
        return value
    return [_clean(each) for each in value[:_MOST_DETAILS]]
