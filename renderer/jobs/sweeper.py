"""What has to be done though nobody asks for it: clips of lost workers go back to the queue, old files go away."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, select

from renderer.database.engine import Database, now_ms
from renderer.database.states import UNFINISHED, WORKING
from renderer.database.tables import Clip, ClipEvent, Delivery, Idempotency, Render, Suspect, Worker
from renderer.deliver.schedule import pause_s
from renderer.errors import StoreError
from renderer.jobs.admit import DAY_MS
from renderer.jobs.history import turn
from renderer.jobs.model import Failure
from renderer.jobs.renders import let_go
from renderer.jobs.settle import settle_failure
from renderer.jobs.survey.claims import is_survey_due
from renderer.store.clips.model import ClipStore

# Rows of one kind that one round takes up: rounds come often, and none may hold the database for long.
_AT_ONCE: Final = 100
_EVENTS_AT_ONCE: Final = 5000
_WORKER_GONE_MS: Final = 5 * 60 * 1000
_EVENTS_MS: Final = 7 * DAY_MS

WORKER_LOST: Final = Failure(
    "worker_lost", "render", "ours", retryable=True, detail="the worker was lost in the middle of the render"
)

DELIVERY_LOST: Final = Failure(
    "worker_lost",
    "deliver",
    "ours",
    retryable=True,
    detail="the worker was lost in the middle of the delivery, each time",
)


class Sweeper:
    def __init__(self, database: Database, store: ClipStore, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._store = store
        self._now_ms = clock

    def is_work_due(self) -> bool:
        """Whether somebody should be woken."""
        now = self._now_ms()
        with self._database.read() as session:
            clips = select(Clip.id).where(Clip.status == "queued", Clip.available_ms <= now).limit(1)
            news = select(Delivery.id).where(Delivery.status == "queued", Delivery.available_ms <= now).limit(1)
            if session.scalar(clips) is not None or session.scalar(news) is not None:
                return True
            return is_survey_due(session, now)

    def recover(self) -> int:
        """Takes clips and deliveries away from workers that do not answer any more; says how many."""
        now = self._now_ms()
        with self._database.write() as session:
            lost = (
                select(Clip)
                .where(Clip.status.in_(WORKING), Clip.lease_until_ms < now)
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            clips = list(session.scalars(lost))
            for clip in clips:
                settle_failure(session, clip, WORKER_LOST, now)
            stuck = (
                select(Delivery)
                .where(Delivery.status == "sending", Delivery.lease_until_ms < now)
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            deliveries = list(session.scalars(stuck))
            for delivery in deliveries:
                _recover(delivery, now)
        return len(clips) + len(deliveries)

    def expire(self) -> int:
        """What is older than it may be: clips lose their files, and rows that served their time go; says how many clips."""
        now = self._now_ms()
        with self._database.write() as session:
            old = select(Clip).where(Clip.status == "succeeded", Clip.expires_ms < now).limit(_AT_ONCE)
            clips = list(session.scalars(old.with_for_update(skip_locked=True)))
            for clip in clips:
                turn(session, clip, "expired", now)
                let_go(session, clip, now)
            session.execute(delete(Idempotency).where(Idempotency.created_ms < now - DAY_MS))
            session.execute(delete(Suspect).where(Suspect.until_ms < now))
            session.execute(delete(Worker).where(Worker.seen_ms < now - _WORKER_GONE_MS))
        self._expire_events(now)
        return len(clips)

    def purge(self) -> int:
        """Takes the files of renders away that are nobody's any more; says of how many. A store that is away is asked again."""
        settled_ms = self._now_ms() - DAY_MS
        with self._database.read() as session:
            gone = select(Render.id).where(Render.status == "gone").order_by(Render.gone_ms).limit(_AT_ONCE)
            settled = select(Render.id).where(Render.status == "deleted", Render.gone_ms < settled_ms).limit(_AT_ONCE)
            waiting = [*session.scalars(gone), *session.scalars(settled)]
        count = 0
        for render_id in waiting:
            try:
                self._purge(render_id)
            except StoreError as error:
                if error.retryable:  # it will not be different with the next one
                    break
                continue
            count += 1
        return count

    def purge_render(self, render_id: str) -> bool:
        """Whether its files are gone for good: what is not deleted now is not forgotten, and is tried again."""
        try:
            self._purge(render_id)
        except StoreError:
            return False
        return True

    def _purge(self, render_id: str) -> None:
        """Its row goes a day after its files: until then a worker that was lost for a while may have put more of them."""
        now = self._now_ms()
        self._store.delete(f"renders/{render_id}")
        with self._database.write() as session:
            render = session.get(Render, render_id, with_for_update=True)
            if render is not None and render.status == "gone":
                render.status = "deleted"
            elif render is not None and render.status == "deleted" and (render.gone_ms or 0) < now - DAY_MS:
                session.delete(render)

    def tidy(self) -> int:
        """Takes away what killed workers left in the store: half-written files, and segments of clips that were joined long ago."""
        old_ms = self._now_ms() - DAY_MS
        try:
            left = {
                "/".join(file.name.split("/")[:3]) for file in self._store.list("segments") if file.stored_ms < old_ms
            }
            return self._store.sweep(DAY_MS / 1000) + sum(self._store.delete(prefix) for prefix in left)
        except StoreError:
            return 0

    def _expire_events(self, now: int) -> None:
        """Whoever watches a clip does so while it is made: of what is long over the row itself tells enough."""
        old = (
            select(ClipEvent.clip_id, ClipEvent.number)
            .join(Clip, Clip.id == ClipEvent.clip_id)
            .where(ClipEvent.at_ms < now - _EVENTS_MS, Clip.status.notin_(UNFINISHED))
            .order_by(ClipEvent.at_ms)
            .limit(_EVENTS_AT_ONCE)
        )
        with self._database.write() as session:
            for clip_id, number in session.execute(old).all():
                session.execute(delete(ClipEvent).where(ClipEvent.clip_id == clip_id, ClipEvent.number == number))


def _recover(delivery: Delivery, now: int) -> None:
    """A loss counts as a failure: what costs a worker its life each time is not to do so for ever."""
    delivery.lease_owner = delivery.lease_until_ms = None
    delivery.failures += 1
    pause = pause_s(delivery.failures, 0.5)
    if pause is None:
        delivery.status, delivery.finished_ms, delivery.error = "failed", now, DELIVERY_LOST.told()
    else:
        delivery.status, delivery.available_ms = "queued", now + round(pause * 1000)
