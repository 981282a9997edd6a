"""A queue and those who work at it, over a real database, with a clock that moves when it is told to."""

from itertools import count
from typing import Any

from sqlalchemy import select

from renderer import __version__
from renderer.database.engine import Database
from renderer.database.tables import Clip, ClipEvent, Delivery, Render, Suspect
from renderer.jobs.claims import LEASE_MS, Claims
from renderer.jobs.going import Going
from renderer.jobs.model import Claim, Failure, Submission
from renderer.jobs.queue import Queue
from renderer.request import ClipRequest
from renderer.settings import Settings

DAY_MS = 24 * 3600 * 1000
CLIP_MS = 30 * DAY_MS
MADE_OF = {"versions": {"renderer": __version__}}
FILES = [{"name": "clip.mp4", "kind": "mp4", "content_type": "video/mp4", "bytes": 12, "sha256": "00"}]

DIED = Failure("render_died", "render", "ours", retryable=False, detail="it died")
BAD_INPUT = Failure("no_full_snapshot", "recording", "input", retryable=False, detail="it is not one")
STORE_AWAY = Failure("store_unreachable", "store", "ours", retryable=True, detail="it is away")


class Clock:
    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms

    def pass_s(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class Desk:
    def __init__(self, database: Database, **settings: Any) -> None:
        self.database = database
        self.clock = Clock()
        self.queue = Queue(database, Settings(**settings), self.clock)
        self._numbers = count(1)

    def worker(self, name: str = "worker") -> Claims:
        return Claims(self.database, name, CLIP_MS, self.clock)

    def submission(
        self,
        recording: str | None = None,
        tenant: str = "acme",
        priority: int = 0,
        key_id: str = "key",
        labels: dict[str, Any] | None = None,
        batch_id: str | None = None,
        deliver: tuple[str, ...] = (),
        **request: Any,
    ) -> Submission:
        """Of a recording that nobody asked for before, unless one is named."""
        recording = recording or f"recording:{next(self._numbers)}"
        return Submission(
            tenant=tenant,
            key_id=key_id,
            request=ClipRequest.model_validate({"recording": recording, **request}),
            labels=labels or {},
            priority=priority,
            batch_id=batch_id,
            deliver=tuple(Going(to) for to in deliver),
        )

    def ask(self, *args: Any, **kwargs: Any) -> str:
        """The id of a clip that is asked for, as `submission` has it."""
        return self.queue.submit(self.submission(*args, **kwargs)).clip.id

    def row(self, clip_id: str) -> Clip:
        with self.database.read() as session:
            return session.get_one(Clip, clip_id)

    def status(self, clip_id: str) -> str:
        return self.row(clip_id).status

    def render(self, render_id: str) -> Render:
        with self.database.read() as session:
            return session.get_one(Render, render_id)

    def renders(self) -> list[Render]:
        with self.database.read() as session:
            return list(session.scalars(select(Render).order_by(Render.id)))

    def suspects(self) -> list[Suspect]:
        with self.database.read() as session:
            return list(session.scalars(select(Suspect)))

    def deliveries(self, clip_id: str) -> list[Delivery]:
        with self.database.read() as session:
            return list(session.scalars(select(Delivery).where(Delivery.clip_id == clip_id).order_by(Delivery.id)))

    def events(self, clip_id: str) -> list[ClipEvent]:
        with self.database.read() as session:
            return list(
                session.scalars(select(ClipEvent).where(ClipEvent.clip_id == clip_id).order_by(ClipEvent.number))
            )

    def statuses(self, clip_id: str) -> list[str]:
        """Those that its events tell, in order."""
        return [event.data["status"] for event in self.events(clip_id) if event.kind == "status"]


def taken(claims: Claims, clip_id: str | None = None) -> Claim:
    """The next claim, which must be of that clip."""
    claim = claims.take()
    assert claim is not None
    assert clip_id is None or claim.clip_id == clip_id
    return claim


def make(claims: Claims, claim: Claim, key: str | None = None) -> str:
    """Makes the clip; the id of its render."""
    render_id = claims.planned(claim, key or claim.clip_id, "session")
    claims.succeed(claim, render_id, FILES, MADE_OF)
    return render_id


def after_lease(desk: Desk) -> None:
    desk.clock.pass_s(LEASE_MS / 1000 + 0.001)
