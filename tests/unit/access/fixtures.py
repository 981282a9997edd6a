"""A clock that tests turn, and what the room's tests share."""

from typing import Any

from renderer.access.caller import Actor
from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database
from renderer.database.ids import new_id
from renderer.database.tables import Clip

SECRET_TEXT = "an-access-test-secret-" + "0" * 32
DESK = Actor(name="local:tester", request_id="req_1", address="127.0.0.1")
DAY_MS = 86_400_000


class Clock:
    """Unix time in milliseconds; stands still until told."""

    def __init__(self, now_ms: int = 1_760_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def time(self) -> float:
        """As the module `time` has it, for who reads that."""
        return self.now_ms / 1000

    def pass_ms(self, ms: int) -> None:
        self.now_ms += ms


def secret(text: str = SECRET_TEXT) -> ServiceSecret:
    return ServiceSecret(text)


def add_clip(
    database: Database, created_ms: int, *, tenant: str = "acme", key_id: str = "0123456789ab", **values: Any
) -> str:
    """The id of a row that stands for a clip somebody asked for."""
    clip_id = new_id("clip")
    facts: dict[str, Any] = {"status": "queued", "recording": "recording:1", "request": {}, "request_key": clip_id}
    with database.write() as session:
        session.add(
            Clip(
                id=clip_id,
                tenant=tenant,
                key_id=key_id,
                created_ms=created_ms,
                available_ms=created_ms,
                **{**facts, **values},
            )
        )
    return clip_id
