"""The worker's side of the queue: taking a clip, holding it, and saying what became of it.

Every call names its claim, and a claim that is not the clip's newest any more changes nothing (ClaimLostError): whoever lost
the clip, by a pause or by a cut wire, cannot publish over who has it now.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import new_id
from renderer.database.states import WORKING, ClipStatus, is_before
from renderer.database.tables import Clip, Render
from renderer.jobs import renders
from renderer.jobs.ending import end
from renderer.jobs.history import note, turn
from renderer.jobs.model import Claim, ClaimLostError, Failure
from renderer.jobs.order import next_clip
from renderer.jobs.sameness import waits_for
from renderer.jobs.settle import requeue, settle_failure

LEASE_MS: Final = 30_000
"""Six heartbeats long: a worker that swaps for some seconds does not lose its clip."""

Standing = Literal["held", "canceled"]


class Claims:
    """`owner`: the worker that claims."""

    def __init__(
        self,
        database: Database,
        owner: str,
        clip_ms: int,
        clock: Callable[[], int] = now_ms,
        lease_ms: int = LEASE_MS,
    ) -> None:
        """`clip_ms`: how long a finished clip is kept. `lease_ms`: how long whoever is silent keeps what it works on."""
        self._database = database
        self.owner = owner
        self._clip_ms = clip_ms
        self._lease_ms = lease_ms
        self._now_ms = clock

    def take(self) -> Claim | None:
        """The next clip to work on, in the order of `renderer.jobs.order`; None when there is none."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = next_clip(session, now)
            if clip is None:
                return None
            clip.attempt += 1
            clip.lease_owner, clip.lease_until_ms = self.owner, now + self._lease_ms
            clip.started_ms = clip.started_ms or now
            clip.waits_for = None
            clip.progress = {"stage": "fetching", "percent": 0}
            turn(session, clip, "fetching", now)
            return claim_of(clip, self.owner)

    def hold(self, claim: Claim) -> Standing:
        """The heartbeat: keeps the lease, and hears whether the clip was called off."""
        with self._database.write() as session:
            clip = self._held(session, claim)
            clip.lease_until_ms = self._now_ms() + self._lease_ms
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
            clip.lease_until_ms = now + self._lease_ms
            if is_before(clip.status, stage):
                _through(session, clip, stage, now)
            clip.progress = dict(progress)
            note(session, clip, "progress", now, dict(progress))

    def planned(self, claim: Claim, key: str, session_name: str | None) -> str:
        """Now that the plan is known: the id of the render to make, "adopted" when the same was made before, "parked" when
        somebody makes it right now, "canceled" when nobody wants it any more. In the latter three the claim has ended.
        """
        try:
            return self._planned(claim, key, session_name)
        except IntegrityError:  # two workers came to the same plan at the same time: one of them was first
            return self._planned(claim, key, session_name)

    def _planned(self, claim: Claim, key: str, session_name: str | None) -> str:
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            if clip.cancel_ms is not None:
                renders.abandon(session, clip, now)  # asked before, and the answer did not arrive
                end(session, clip, "canceled", now)
                return "canceled"
            clip.session = clip.session or session_name
            old = session.scalar(
                select(Render).where(Render.tenant == claim.tenant, Render.key == key).with_for_update()
            )
            if old is not None and old.status == "ready":
                self._succeed(session, clip, old, now)
                return "adopted"
            if old is not None and _is_being_made(session, old, clip):
                clip.waits_for = old.id
                requeue(session, clip, now, now)
                return "parked"
            if old is not None:
                renders.discard(old, now)
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
        """The files are in the store, verified: from now on the clip has them, and so has every clip that waits for them.

        A clip that was called off meanwhile is canceled all the same.
        """
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            render = session.get_one(Render, render_id, with_for_update=True)
            if render.status != "making":
                raise ClaimLostError
            render.status, render.ready_ms = "ready", now
            render.files, render.facts = [dict(file) for file in files], dict(facts)
            waiting = select(Clip).where(waits_for(clip, render.id)).with_for_update(skip_locked=True)
            for follower in session.scalars(waiting).all():
                follower.session = follower.session or clip.session
                self._succeed(session, follower, render, now)
            if clip.cancel_ms is None:
                _through(session, clip, "publishing", now)
                self._succeed(session, clip, render, now)
            else:
                clip.render_id = render.id
                renders.let_go(session, clip, now)
                end(session, clip, "canceled", now)

    def fail(self, claim: Claim, failure: Failure) -> None:
        """Back into the queue or an end, as the table of `renderer.jobs.retry` has it."""
        try:
            self._fail(claim, failure)
        except IntegrityError:  # two clips put the same recording into quarantine at the same time
            self._fail(claim, failure)

    def _fail(self, claim: Claim, failure: Failure) -> None:
        with self._database.write() as session:
            settle_failure(session, self._held(session, claim), failure, self._now_ms())

    def canceled(self, claim: Claim) -> None:
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            renders.abandon(session, clip, now)
            end(session, clip, "canceled", now)

    def give_back(self, claim: Claim) -> None:
        """This worker stops: somebody else may have the clip, and nobody is to blame."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = self._held(session, claim)
            renders.abandon(session, clip, now)
            requeue(session, clip, now, now)

    def _succeed(self, session: Session, clip: Clip, render: Render, now: int) -> None:
        clip.render_id = render.id
        clip.expires_ms = now + self._clip_ms
        end(session, clip, "succeeded", now)

    def _held(self, session: Session, claim: Claim) -> Clip:
        clip = session.scalar(select(Clip).where(Clip.id == claim.clip_id).with_for_update())
        if clip is None or clip.attempt != claim.attempt or clip.lease_owner != claim.owner:
            raise ClaimLostError
        return clip


def claim_of(clip: Clip, owner: str) -> Claim:
    return Claim(
        clip_id=clip.id,
        attempt=clip.attempt,
        owner=owner,
        tenant=clip.tenant,
        recording=clip.recording,
        session=clip.session,
        request=dict(clip.request),
        priority=clip.priority,
    )


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
