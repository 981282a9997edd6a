"""The worker's side of the queue: taking a clip, holding it, and saying what became of it.

Every call names its claim, and a claim that is not the clip's newest any more changes nothing (ClaimLostError): whoever lost
the clip, by a pause or by a cut wire, cannot publish over who has it now.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from renderer.database.engine import Database, now_ms
from renderer.database.ids import new_id
from renderer.database.states import WORKING, ClipStatus, is_before
from renderer.database.tables import Clip, Render, Suspect
from renderer.jobs.ending import end
from renderer.jobs.history import note, turn
from renderer.jobs.model import Claim, ClaimLostError, Failure
from renderer.jobs.retry import STRIKES, Again, verdict
from renderer.jobs.sameness import waits_for

LEASE_MS: Final = 30_000
"""Six heartbeats long: a worker that swaps for some seconds does not lose its clip."""

QUARANTINE_MS: Final = 24 * 3600 * 1000

Standing = Literal["held", "canceled"]


class Claims:
    """`owner`: the worker that claims."""

    def __init__(self, database: Database, owner: str, clip_ms: int, clock: Callable[[], int] = now_ms) -> None:
        """`clip_ms`: how long a finished clip is kept."""
        self._database = database
        self.owner = owner
        self._clip_ms = clip_ms
        self._now_ms = clock

    def take(self) -> Claim | None:
        """The next clip to work on: interactive before batches, then whose tenant has the least at work, then the oldest.

        Of clips that ask for the same, one at a time: the others will find its render done.
        """
        now = self._now_ms()
        with self._database.write() as session:
            clip = session.scalar(_next_clip(now))
            if clip is None:
                return None
            clip.attempt += 1
            clip.lease_owner, clip.lease_until_ms = self.owner, now + LEASE_MS
            clip.started_ms = clip.started_ms or now
            clip.waits_for = None
            clip.progress = {"stage": "fetching", "percent": 0}
            turn(session, clip, "fetching", now)
            return Claim(
                clip_id=clip.id,
                attempt=clip.attempt,
                owner=self.owner,
                tenant=clip.tenant,
                recording=clip.recording,
                session=clip.session,
                request=dict(clip.request),
                priority=clip.priority,
            )

    def hold(self, claim: Claim) -> Standing:
        """The heartbeat: keeps the lease, and hears whether the clip was called off."""
        with self._database.write() as session:
            clip = self._held(session, claim)
            clip.lease_until_ms = self._now_ms() + LEASE_MS
            return "held" if clip.cancel_ms is None else "canceled"

    def standing(self, claim: Claim) -> Standing:
        """Whether the clip was called off, without a word about this worker."""
        with self._database.read() as session:
            clip = session.get(Clip, claim.clip_id)
            if clip is None or clip.attempt != claim.attempt or clip.lease_owner != claim.owner:
                raise ClaimLostError
            return "held" if clip.cancel_ms is None else "canceled"

    def tell(self, claim: Claim, stage: ClipStatus, progress: Mapping[str, Any]) -> None:
        """How far it is. A stage that the clip is past does not turn it back."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            clip.lease_until_ms = now + LEASE_MS
            if is_before(clip.status, stage):
                _through(session, clip, stage, now)
            clip.progress = dict(progress)
            note(session, clip, "progress", now, dict(progress))

    def planned(self, claim: Claim, key: str, session_name: str | None) -> str:
        """Now that the plan is known: the id of the render to make, "adopted" when the same was made before, or "parked" when
        somebody makes it right now. In the latter two the claim has ended.
        """
        try:
            return self._planned(claim, key, session_name)
        except IntegrityError:  # two workers came to the same plan at the same time: one of them was first
            return self._planned(claim, key, session_name)

    def _planned(self, claim: Claim, key: str, session_name: str | None) -> str:
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            clip.session = clip.session or session_name
            old = session.scalar(
                select(Render).where(Render.tenant == claim.tenant, Render.key == key).with_for_update()
            )
            if old is not None and old.status == "ready":
                clip.render_id = old.id
                self._succeed(session, clip, now)
                return "adopted"
            if old is not None and _is_being_made(session, old, clip):
                clip.waits_for = old.id
                self._give_back(session, clip, now)
                return "parked"
            if old is not None:
                old.status, old.key = "gone", None
                session.flush()
            render = Render(
                id=new_id("ren"),
                tenant=claim.tenant,
                key=key,
                clip_id=clip.id,
                attempt=claim.attempt,
                status="making",
                created_ms=now,
            )
            session.add(render)
            return render.id

    def succeed(
        self, claim: Claim, render_id: str, files: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
    ) -> None:
        """The files are in the store, verified: from now on the clip has them, and so has every clip that waits for them."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            render = session.get_one(Render, render_id)
            if render.status != "making":
                raise ClaimLostError
            render.status, render.ready_ms = "ready", now
            render.files, render.facts = [dict(file) for file in files], dict(facts)
            clip.render_id = render.id
            _through(session, clip, "publishing", now)
            self._succeed(session, clip, now)
            waiting = select(Clip).where(waits_for(clip, render.id)).with_for_update(skip_locked=True)
            for follower in session.scalars(waiting):
                follower.render_id = render.id
                follower.session = follower.session or clip.session
                self._succeed(session, follower, now)

    def fail(self, claim: Claim, failure: Failure) -> None:
        """Back into the queue or an end, as the table of `renderer.jobs.retry` has it."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            settle_failure(session, clip, failure, now)

    def canceled(self, claim: Claim) -> None:
        with self._database.write() as session:
            clip = self._held(session, claim)
            abandon_renders(session, clip)
            end(session, clip, "canceled", self._now_ms())

    def give_back(self, claim: Claim) -> None:
        """This worker stops: somebody else may have the clip, and nobody is to blame."""
        with self._database.write() as session:
            clip = self._held(session, claim)
            abandon_renders(session, clip)
            self._give_back(session, clip, self._now_ms())

    def _give_back(self, session: Session, clip: Clip, now: int) -> None:
        requeue(session, clip, now, now)

    def _succeed(self, session: Session, clip: Clip, now: int) -> None:
        clip.expires_ms = now + self._clip_ms
        end(session, clip, "succeeded", now)

    def _held(self, session: Session, claim: Claim) -> Clip:
        clip = session.scalar(select(Clip).where(Clip.id == claim.clip_id).with_for_update())
        if clip is None or clip.attempt != claim.attempt or clip.lease_owner != claim.owner:
            raise ClaimLostError
        return clip


def settle_failure(session: Session, clip: Clip, failure: Failure, now: int) -> None:
    """What a failure makes of a clip that somebody worked on."""
    abandon_renders(session, clip)
    if clip.cancel_ms is not None:  # whatever it was: nobody wants the clip any more
        end(session, clip, "canceled", now)
        return
    decided = verdict(failure, clip.retries, clip.strikes)
    if isinstance(decided, Again):
        clip.retries += 1
        clip.strikes += decided.strike
        requeue(session, clip, now, now + decided.after_s * 1000, failure)
        return
    if decided.quarantine:
        suspect(session, clip, failure, now)
    end(session, clip, "failed", now, failure.told())


def requeue(session: Session, clip: Clip, now: int, available_ms: int, why: Failure | None = None) -> None:
    clip.lease_owner = clip.lease_until_ms = None
    clip.available_ms = available_ms
    clip.progress = {"stage": "queued", "percent": 0}
    if clip.cancel_ms is not None:
        end(session, clip, "canceled", now)
        return
    told = {"after": why.told(), "again_in_ms": available_ms - now} if why else {}
    turn(session, clip, "queued", now, **told)


def suspect(session: Session, clip: Clip, failure: Failure, now: int) -> None:
    row = session.get(Suspect, (clip.tenant, clip.recording))
    if row is None:
        row = Suspect(tenant=clip.tenant, recording=clip.recording)
        session.add(row)
    row.strikes, row.why, row.until_ms = STRIKES, failure.code, now + QUARANTINE_MS


def abandon_renders(session: Session, clip: Clip) -> None:
    """What the clip's workers began and did not finish: the sweeper takes their files away."""
    begun = select(Render).where(Render.clip_id == clip.id, Render.status == "making")
    for render in session.scalars(begun):
        render.status, render.key = "gone", None


def _through(session: Session, clip: Clip, stage: ClipStatus, now: int) -> None:
    """Stages between are passed one by one, so that whoever watches sees each."""
    order = ("queued", *WORKING)
    for status in order[order.index(clip.status) + 1 : order.index(stage) + 1]:
        turn(session, clip, status, now)


def _is_being_made(session: Session, render: Render, clip: Clip) -> bool:
    if render.status != "making" or render.clip_id == clip.id:
        return False
    maker = session.get(Clip, render.clip_id)
    return maker is not None and maker.status in WORKING and maker.attempt == render.attempt


def _next_clip(now: int) -> Select[Clip]:
    other = aliased(Clip)
    same_at_work = exists().where(
        other.tenant == Clip.tenant, other.request_key == Clip.request_key, other.status.in_(WORKING)
    )
    awaited = exists().where(Render.id == Clip.waits_for, Render.status == "making")
    tenants = aliased(Clip)
    at_work = (
        select(func.count())
        .select_from(tenants)
        .where(tenants.tenant == Clip.tenant, tenants.status.in_(WORKING))
        .scalar_subquery()
    )
    return (
        select(Clip)
        .where(
            and_(Clip.status == "queued", Clip.available_ms <= now),
            ~same_at_work,
            or_(Clip.waits_for.is_(None), ~awaited),
        )
        .order_by(Clip.priority, at_work, Clip.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Clip)
    )
