"""Any interleaving of what callers, workers, sweepers and time do to a queue, and what must hold after each step."""

from itertools import pairwise
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from sqlalchemy import select

from renderer.database.engine import Database
from renderer.database.states import CLIP_STATUSES, ENDED, UNFINISHED, WORKING, may_follow
from renderer.database.tables import Base, Clip, ClipEvent, Render
from renderer.errors import RequestError
from renderer.jobs.claims import Claims
from renderer.jobs.model import Claim, ClaimLostError
from renderer.jobs.sweeper import Sweeper
from tests.unit.jobs.desk import BAD_INPUT, DIED, FILES, MADE_OF, STORE_AWAY, Desk
from tests.unit.jobs.shelf import Shelf

REFUSALS = {"clip_ended", "clip_gone", "recording_quarantined"}


class QueueMachine(RuleBasedStateMachine):
    """Two tenants, two uploads and a session of PostHog's, three workers. Ranges differ without changing the plan."""

    database: ClassVar[Database]
    clips = Bundle("clips")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        with self.database.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
        self.desk = Desk(self.database)
        self.shelf = Shelf()
        self.sweeper = Sweeper(self.database, self.shelf, self.desk.clock)
        self.workers = [self.desk.worker(f"worker-{n}") for n in range(3)]
        self.renders: dict[tuple[str, int], str] = {}
        self.seen: dict[str, tuple[str, int]] = {}

    @rule(
        target=clips,
        tenant=st.sampled_from(["acme", "other"]),
        recording=st.sampled_from(["recording:a", "recording:b", "posthog:c"]),
        to_ms=st.sampled_from([5000, 5001]),
        priority=st.sampled_from([0, 10]),
    )
    def ask(self, tenant: str, recording: str, to_ms: int, priority: int) -> tuple[str, str] | None:
        try:
            return tenant, self.desk.ask(recording, tenant, priority, range={"to_ms": to_ms})
        except RequestError as error:
            assert error.code in REFUSALS
            return None

    @rule(target=claims, n=st.integers(0, 2))
    def take(self, n: int) -> tuple[Claims, Claim] | None:
        claim = self.workers[n].take()
        return None if claim is None else (self.workers[n], claim)

    @rule(held=claims, stage=st.sampled_from(WORKING))
    def tell(self, held: tuple[Claims, Claim] | None, stage: str) -> None:
        self._try(held, lambda claims, claim: claims.tell(claim, stage, {"stage": stage, "percent": 1}))

    @rule(held=claims)
    def hold(self, held: tuple[Claims, Claim] | None) -> None:
        self._try(held, lambda claims, claim: claims.hold(claim))

    @rule(held=claims)
    def plan(self, held: tuple[Claims, Claim] | None) -> None:
        self._try(held, self._plan)

    @rule(held=claims)
    def succeed(self, held: tuple[Claims, Claim] | None) -> None:
        self._try(held, self._succeed)

    @rule(held=claims, failure=st.sampled_from([BAD_INPUT, STORE_AWAY, DIED]))
    def fail(self, held: tuple[Claims, Claim] | None, failure: object) -> None:
        self._try(held, lambda claims, claim: claims.fail(claim, failure))

    @rule(held=consumes(claims))
    def give_back(self, held: tuple[Claims, Claim] | None) -> None:
        self._try(held, lambda claims, claim: claims.give_back(claim))

    @rule(held=claims)
    def look(self, held: tuple[Claims, Claim] | None) -> None:
        def look(claims: Claims, claim: Claim) -> None:
            if claims.standing(claim) == "canceled":
                claims.canceled(claim)

        self._try(held, look)

    @rule(asked=clips)
    def cancel(self, asked: tuple[str, str] | None) -> None:
        self._ask(asked, self.desk.queue.cancel)

    @rule(asked=clips)
    def delete(self, asked: tuple[str, str] | None) -> None:
        self._ask(asked, self.desk.queue.delete)

    @rule(seconds=st.sampled_from([1, 5, 31, 600, 86_400, 31 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.pass_s(seconds)

    @rule()
    def sweep(self) -> None:
        self.sweeper.recover()

    @rule()
    def clean(self) -> None:
        self.sweeper.expire()
        self.sweeper.purge()

    @invariant()
    def all_is_well(self) -> None:
        with self.database.read() as session:
            clips = list(session.scalars(select(Clip)))
            renders = {render.id: render for render in session.scalars(select(Render))}
            events = list(session.scalars(select(ClipEvent).order_by(ClipEvent.clip_id, ClipEvent.number)))
        for clip in clips:
            self._check(clip, renders)
            self._check_events(clip, [event for event in events if event.clip_id == clip.id])
        at_work = [(clip.tenant, clip.request_key) for clip in clips if clip.status in WORKING]
        assert len(at_work) == len(set(at_work)), "equal requests are worked on one at a time"
        by_id = {clip.id: clip for clip in clips}
        for render in renders.values():
            maker = by_id[render.clip_id]
            if render.status == "making":
                assert (maker.status in WORKING, maker.attempt) == (True, render.attempt)
            elif render.status == "ready":
                assert f"renders/{render.id}/clip.mp4" in self.shelf.files
                assert any(clip.render_id == render.id for clip in clips), "files that nobody has are to go"

    def teardown(self) -> None:
        """Whatever happened: with a worker that is well, everything ends, and soon."""
        for _ in range(4):
            self.desk.clock.pass_s(601)
            self.sweeper.recover()
            worker = self.workers[0]
            while (claim := worker.take()) is not None:
                self._plan(worker, claim)
                if _fence(claim) in self.renders:
                    self._succeed(worker, claim)
            self.all_is_well()
        with self.database.read() as session:
            assert list(session.scalars(select(Clip.status).where(Clip.status.in_(UNFINISHED)))) == []

    def _check(self, clip: Clip, renders: dict[str, Render]) -> None:
        assert clip.status in CLIP_STATUSES
        before, revision = self.seen.get(clip.id, (clip.status, 0))
        assert clip.revision >= revision
        if before in ENDED:
            assert clip.status == before or (before, clip.status) == ("succeeded", "expired")
        self.seen[clip.id] = clip.status, clip.revision
        assert (clip.lease_owner is not None) == (clip.lease_until_ms is not None) == (clip.status in WORKING)
        assert (clip.finished_ms is not None) == (clip.status in ENDED)
        if clip.status == "succeeded" and clip.deleted_ms is None:
            assert clip.render_id is not None
            assert (renders[clip.render_id].status, renders[clip.render_id].tenant) == ("ready", clip.tenant)
        else:
            assert clip.render_id is None
        if clip.waits_for is not None:
            assert clip.status == "queued"
        if clip.status == "queued":
            assert clip.cancel_ms is None, "what was called off is not begun again"

    def _check_events(self, clip: Clip, events: list[ClipEvent]) -> None:
        numbers = [event.number for event in events]
        assert numbers == sorted(set(numbers))
        statuses = [event.data["status"] for event in events if event.kind == "status"]
        for old, new in pairwise(statuses):
            assert old == new or may_follow(old, new)
        if events:
            assert (numbers[-1], statuses[-1]) == (clip.revision, clip.status)
        if clip.deleted_ms is None and (clip.finished_ms or self.desk.clock()) > self.desk.clock() - 6 * 86_400_000:
            assert events, "whoever watches hears of it"

    def _plan(self, claims: Claims, claim: Claim) -> None:
        key = f"plan of {claim.recording}"
        with self.database.read() as session:
            same = select(Render.id).where(Render.tenant == claim.tenant, Render.key == key, Render.status == "ready")
            ready = session.scalar(same)
        answer = claims.planned(claim, key, "session")
        if answer not in {"adopted", "parked", "canceled"}:
            assert ready is None, "nothing is made twice"
            self.renders[_fence(claim)] = answer

    def _succeed(self, claims: Claims, claim: Claim) -> None:
        render_id = self.renders.get(_fence(claim))
        if render_id is not None:
            self.shelf.lay(f"renders/{render_id}/clip.mp4")
            claims.succeed(claim, render_id, FILES, MADE_OF)

    def _try(self, held: tuple[Claims, Claim] | None, act: object) -> None:
        if held is None:
            return
        claims, claim = held
        row = self.desk.row(claim.clip_id)
        is_held = row.attempt == claim.attempt and row.lease_owner == claim.owner
        try:
            act(claims, claim)  # type: ignore[operator]
        except ClaimLostError:
            after = self.desk.row(claim.clip_id)
            assert (after.status, after.revision) == (row.status, row.revision), "an old claim changes nothing"
            assert not is_held or _fence(claim) in self.renders, "who holds a clip is not told that it was lost"
        else:
            assert is_held or act.__name__ == "_succeed"  # type: ignore[attr-defined]

    def _ask(self, asked: tuple[str, str] | None, act: object) -> None:
        if asked is None:
            return
        try:
            act(*asked)  # type: ignore[operator]
        except RequestError as error:
            assert error.code in REFUSALS


def _fence(claim: Claim) -> tuple[str, int]:
    return claim.clip_id, claim.attempt
