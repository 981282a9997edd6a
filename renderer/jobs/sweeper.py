"""What has to be done though nobody asks for it: clips of lost workers go back to the queue, old files go away."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, or_, select

from renderer.database.engine import Database, now_ms
from renderer.database.states import UNFINISHED, WORKING
from renderer.database.tables import Clip, ClipEvent, Delivery, Idempotency, Render, Suspect, UploadedRecording, Worker
from renderer.errors import RendererError
from renderer.jobs.claims import settle_failure
from renderer.jobs.history import turn
from renderer.jobs.model import Failure
from renderer.jobs.queue import DAY_MS, let_go
from renderer.store.clips.model import ClipStore

# Rows of one kind that one round takes up: rounds come often, and none may hold the database for long.
_AT_ONCE: Final = 100
_WORKER_GONE_MS: Final = 5 * 60 * 1000

WORKER_LOST: Final = Failure(
    "worker_lost", "render", "ours", retryable=True, detail="the worker was lost in the middle of the render"
)


class Sweeper:
    """`forget_recording` takes an uploaded recording that nobody has any more out of the store."""

    def __init__(
        self,
        database: Database,
        store: ClipStore,
        forget_recording: Callable[[str], None],
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._database = database
        self._store = store
        self._forget_recording = forget_recording
        self._now_ms = clock

    def is_work_due(self) -> bool:
        """Whether somebody should be woken."""
        now = self._now_ms()
        with self._database.read() as session:
            clips = select(Clip.id).where(Clip.status == "queued", Clip.available_ms <= now).limit(1)
            news = select(Delivery.id).where(Delivery.status == "queued", Delivery.available_ms <= now).limit(1)
            return session.scalar(clips) is not None or session.scalar(news) is not None

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
                delivery.status, delivery.lease_owner, delivery.lease_until_ms = "queued", None, None
        return len(clips) + len(deliveries)

    def expire(self) -> int:
        """What is older than it may be: clips lose their files, and rows that served their time go; says how many clips."""
        now = self._now_ms()
        with self._database.write() as session:
            old = select(Clip).where(Clip.status == "succeeded", Clip.expires_ms < now).limit(_AT_ONCE)
            clips = list(session.scalars(old.with_for_update(skip_locked=True)))
            for clip in clips:
                turn(session, clip, "expired", now)
                let_go(session, clip)
            session.execute(delete(Idempotency).where(Idempotency.created_ms < now - DAY_MS))
            session.execute(delete(Suspect).where(Suspect.until_ms < now))
            session.execute(delete(Worker).where(Worker.seen_ms < now - _WORKER_GONE_MS))
            # Whoever watches a clip does so while it is made: of what is long over the row itself tells enough.
            ended = select(Clip.id).where(
                Clip.status.notin_(UNFINISHED),
                or_(Clip.deleted_ms < now - DAY_MS, Clip.finished_ms < now - 7 * DAY_MS),
            )
            session.execute(delete(ClipEvent).where(ClipEvent.clip_id.in_(ended)))
        self._expire_recordings(now)
        return len(clips)

    def purge(self) -> int:
        """Takes the files of renders away that are nobody's any more; says of how many. A store that is away is asked again."""
        with self._database.read() as session:
            gone = list(session.scalars(select(Render.id).where(Render.status == "gone").limit(_AT_ONCE)))
        return sum(self.purge_render(render_id) for render_id in gone)

    def purge_render(self, render_id: str) -> bool:
        """Whether it is gone for good. Its row goes after its files: what is not deleted is not forgotten."""
        try:
            self._store.delete(f"renders/{render_id}")
        except RendererError:
            return False
        with self._database.write() as session:
            session.execute(delete(Render).where(Render.id == render_id, Render.status == "gone"))
        return True

    def tidy(self) -> int:
        """Takes away what killed workers left in the store: half-written files, and segments of clips that were joined long ago."""
        old_ms = self._now_ms() - DAY_MS
        try:
            left = {
                "/".join(file.name.split("/")[:2]) for file in self._store.list("segments") if file.stored_ms < old_ms
            }
            return self._store.sweep(DAY_MS / 1000) + sum(self._store.delete(prefix) for prefix in left)
        except RendererError:
            return 0

    def _expire_recordings(self, now: int) -> None:
        with self._database.write() as session:
            old = select(UploadedRecording).where(UploadedRecording.expires_ms < now).limit(_AT_ONCE)
            rows = list(session.scalars(old))
            for row in rows:
                session.delete(row)
        for row in rows:
            with self._database.read() as session:
                query = select(UploadedRecording.tenant).where(UploadedRecording.recording_id == row.recording_id)
                still = session.scalar(query.limit(1))
            if still is None:
                self._forget_recording(row.recording_id)
