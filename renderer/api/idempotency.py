"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same request sent again does nothing again.

A key's row is there before anything is done, and gets its answer in the transaction that does it: a request that a crash cut off
has done all of it or nothing, and is answered or done by the next one that brings the key.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from renderer.api.problems import ProblemError
from renderer.database.engine import Database, now_ms
from renderer.database.tables import Idempotency

KEPT_MS: Final = 24 * 3600 * 1000
ABANDONED_MS: Final = 60 * 1000
"""Longer than any request takes: who began so long ago and has not answered is dead."""
REPLAYED: Final = {"Idempotency-Replayed": "true"}
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_OWNER: Final = "owner"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that brought a key, `owner` for this time."""

    tenant: str
    key: str
    owner: str


class IdempotencyKeys:
    def __init__(self, database: Database, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._now_ms = clock

    def begin(self, tenant: str, key: str, fingerprint: str) -> Begun | Answer:
        """The answer that was given before, if one was.

        Raises ProblemError: bad_idempotency_key, idempotency_in_flight (409), idempotency_other_request (422).
        """
        if not _KEY.fullmatch(key):
            raise ProblemError(
                422, "bad_idempotency_key", "Idempotency-Key is 1 to 255 visible ASCII characters, such as a UUID"
            )
        begun = Begun(tenant, key, uuid4().hex)
        try:
            with self._database.write() as session:
                session.execute(delete(Idempotency).where(Idempotency.created_ms < self._now_ms() - KEPT_MS))
                row = session.get(Idempotency, (tenant, key), with_for_update=True)
                if row is not None:
                    return self._again(row, fingerprint, begun)
                session.add(
                    Idempotency(
                        tenant=tenant,
                        key=key,
                        fingerprint=fingerprint,
                        headers={_OWNER: begun.owner},
                        created_ms=self._now_ms(),
                    )
                )
        except IntegrityError:
            raise _in_flight() from None
        return begun

    def _again(self, row: Idempotency, fingerprint: str, begun: Begun) -> Begun | Answer:
        if row.fingerprint != fingerprint:
            raise ProblemError(
                422,
                "idempotency_other_request",
                "this Idempotency-Key came with another request before; take a new key for a new request",
            )
        if row.status is not None:
            return Answer(row.status, dict(row.headers) | REPLAYED, row.answer or {})
        if self._now_ms() - row.created_ms < ABANDONED_MS:
            raise _in_flight()
        row.headers, row.created_ms = {_OWNER: begun.owner}, self._now_ms()
        return begun

    def finish(self, session: Session, begun: Begun, answer: Answer) -> None:
        """In the transaction that does what was asked. Raises ProblemError when somebody took this request for dead and did it."""
        row = session.get(Idempotency, (begun.tenant, begun.key), with_for_update=True)
        if row is None or row.status is not None or row.headers.get(_OWNER) != begun.owner:
            raise _in_flight()
        row.status, row.headers, row.answer = answer.status, dict(answer.headers), answer.body

    def forget(self, begun: Begun) -> None:
        """Of a request that was refused: sent again, mended or later, it is a new one."""
        with self._database.write() as session:
            row = session.get(Idempotency, (begun.tenant, begun.key), with_for_update=True)
            if row is not None and row.status is None and row.headers.get(_OWNER) == begun.owner:
                session.delete(row)


def fingerprint(method: str, path: str, body: Any) -> str:
    """Equal for requests that ask for the same, whatever order their fields came in."""
    told = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _in_flight() -> ProblemError:
    return ProblemError(
        409,
        "idempotency_in_flight",
        "the first request with this Idempotency-Key is still being answered; ask again in a moment",
        headers={"Retry-After": "1"},
    )
