"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same request sent again does nothing again.

The row of a key is there before anything is done, with the id of what is to be made: a request that was cut off by a crash is
finished by the next one that brings the key, and never done twice.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from renderer.api.problems import ProblemError
from renderer.database.engine import Database, now_ms
from renderer.database.tables import Idempotency

KEPT_MS: Final = 24 * 3600 * 1000
ABANDONED_MS: Final = 60 * 1000
"""Longer than any request takes: who began so long ago and has not answered is dead."""
REPLAYED: Final = {"Idempotency-Replayed": "true"}
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """`made_id`: what is to be made gets this id. `answer`: the one that was given before, None the first time.

    `resumed`: somebody began and died; what has this id may be there already.
    """

    made_id: str
    answer: Answer | None = None
    resumed: bool = False


class IdempotencyKeys:
    def __init__(self, database: Database, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._now_ms = clock

    def begin(self, tenant: str, key: str, fingerprint: str, made_id: str) -> Begun:
        """Raises ProblemError: bad_idempotency_key, idempotency_in_flight (409), idempotency_other_request (422)."""
        if not _KEY.fullmatch(key):
            raise ProblemError(
                422, "bad_idempotency_key", "Idempotency-Key is 1 to 255 visible ASCII characters, such as a UUID"
            )
        try:
            with self._database.write() as session:
                session.execute(delete(Idempotency).where(Idempotency.created_ms < self._now_ms() - KEPT_MS))
                row = session.get(Idempotency, (tenant, key), with_for_update=True)
                if row is not None:
                    return self._again(row, fingerprint)
                headers = {"id": made_id}
                session.add(
                    Idempotency(
                        tenant=tenant, key=key, fingerprint=fingerprint, headers=headers, created_ms=self._now_ms()
                    )
                )
                return Begun(made_id)
        except IntegrityError:
            raise _in_flight() from None

    def _again(self, row: Idempotency, fingerprint: str) -> Begun:
        if row.fingerprint != fingerprint:
            raise ProblemError(
                422,
                "idempotency_other_request",
                "this Idempotency-Key came with another request before; take a new key for a new request",
            )
        made_id = str(row.headers["id"])
        if row.status is not None:
            headers = {name: value for name, value in row.headers.items() if name != "id"}
            return Begun(made_id, Answer(row.status, headers, row.answer or {}))
        if self._now_ms() - row.created_ms < ABANDONED_MS:
            raise _in_flight()
        row.created_ms = self._now_ms()
        return Begun(made_id, resumed=True)

    def finish(self, tenant: str, key: str, made_id: str, answer: Answer) -> None:
        with self._database.write() as session:
            row = session.get(Idempotency, (tenant, key))
            if row is not None:
                row.status, row.answer = answer.status, answer.body
                row.headers = answer.headers | {"id": made_id}

    def forget(self, tenant: str, key: str) -> None:
        """Of a request that was refused: sent again, mended or later, it is a new one."""
        with self._database.write() as session:
            session.execute(delete(Idempotency).where(Idempotency.tenant == tenant, Idempotency.key == key))


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
