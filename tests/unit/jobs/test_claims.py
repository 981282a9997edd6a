"""The worker's side: holding, telling, ending; and that whoever lost a clip changes nothing any more."""

from collections.abc import Callable

import pytest

from renderer.database.engine import Database
from renderer.jobs.claims import LEASE_MS, Claims
from renderer.jobs.model import Claim, ClaimLostError
from renderer.jobs.sweeper import Sweeper
from tests.unit.jobs.desk import BAD_INPUT, CLIP_MS, DIED, FILES, MADE_OF, STORE_AWAY, Desk, after_lease, make, taken
from tests.unit.jobs.shelf import Shelf

CALLS: dict[str, Callable[[Claims, Claim], object]] = {
    "hold": lambda claims, claim: claims.hold(claim),
    "standing": lambda claims, claim: claims.standing(claim),
    "tell": lambda claims, claim: claims.tell(claim, "rendering", {"stage": "rendering"}),
    "planned": lambda claims, claim: claims.planned(claim, "late plan", None),
    "planned again": lambda claims, claim: claims.planned(claim, "plan", None),
    "succeed": lambda claims, claim: claims.succeed(claim, _render_of(claims, claim), FILES, MADE_OF),
    "fail": lambda claims, claim: claims.fail(claim, BAD_INPUT),
    "fail again": lambda claims, claim: claims.fail(claim, STORE_AWAY),
    "die": lambda claims, claim: claims.fail(claim, DIED),
    "canceled": lambda claims, claim: claims.canceled(claim),
    "give_back": lambda claims, claim: claims.give_back(claim),
}
_RENDERS: dict[str, str] = {}


def _render_of(claims: Claims, claim: Claim) -> str:
    return _RENDERS.get(claim.clip_id, "ren_" + "0" * 26)


def state(desk: Desk, clip_id: str) -> object:
    """All that a call may change."""
    rows = [vars(desk.row(clip_id)), *map(vars, desk.renders()), *map(vars, desk.suspects())]
    kept = [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]
    return kept, [(event.number, event.data) for event in desk.events(clip_id)]


def lost_to_another(desk: Desk, claims: Claims, claim: Claim) -> None:
    after_lease(desk)
    assert Sweeper(desk.database, Shelf(), desk.clock).recover() == 1
    desk.clock.pass_s(5)
    taken(desk.worker("another"), claim.clip_id)


def lost_to_the_same_worker(desk: Desk, claims: Claims, claim: Claim) -> None:
    claims.give_back(claim)
    taken(claims, claim.clip_id)


LOSSES: dict[str, Callable[[Desk, Claims, Claim], None]] = {
    "to another": lost_to_another,
    "to another claim of the same worker": lost_to_the_same_worker,
    "to the queue": lambda desk, claims, claim: claims.give_back(claim),
    "to success": lambda desk, claims, claim: claims.succeed(claim, _RENDERS[claim.clip_id], FILES, MADE_OF),
    "to failure": lambda desk, claims, claim: claims.fail(claim, BAD_INPUT),
    "to its end by cancellation": lambda desk, claims, claim: claims.canceled(claim),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("call", CALLS)
def test_an_old_claim_changes_nothing(call: str, loss: str, desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask("posthog:0190"))
    _RENDERS[claim.clip_id] = claims.planned(claim, "plan", "session")
    LOSSES[loss](desk, claims, claim)
    before = state(desk, claim.clip_id)
    with pytest.raises(ClaimLostError):
        CALLS[call](claims, claim)
    assert state(desk, claim.clip_id) == before


def test_a_claim_says_what_to_make(desk: Desk) -> None:
    clip_id = desk.ask("posthog:0190", tenant="acme", priority=10, fps=5)
    claim = taken(desk.worker("w1"))
    assert claim == Claim(
        clip_id=clip_id,
        attempt=1,
        owner="w1",
        tenant="acme",
        recording="posthog:0190",
        session="0190",
        request=desk.row(clip_id).request,
        priority=10,
    )
    row = desk.row(clip_id)
    assert (row.status, row.lease_owner, row.lease_until_ms) == ("fetching", "w1", desk.clock() + LEASE_MS)
    assert row.started_ms == desk.clock()


@pytest.mark.parametrize("by", ["hold", "tell"])
def test_a_lease_is_kept_by_signs_of_life(by: str, desk: Desk) -> None:
    sweeper = Sweeper(desk.database, Shelf(), desk.clock)
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    for _ in range(3):
        desk.clock.pass_s(LEASE_MS / 1000)
        CALLS[by](claims, claim)
        assert desk.row(claim.clip_id).lease_until_ms == desk.clock() + LEASE_MS
        assert sweeper.recover() == 0
    assert desk.row(claim.clip_id).started_ms == desk.clock() - 3 * LEASE_MS


def test_a_lease_may_be_shorter(desk: Desk, database: Database) -> None:
    claims = Claims(database, "quick", CLIP_MS, desk.clock, lease_ms=500)
    claim = taken(claims, desk.ask())
    assert desk.row(claim.clip_id).lease_until_ms == desk.clock() + 500
    desk.clock.pass_s(0.3)
    claims.hold(claim)
    assert desk.row(claim.clip_id).lease_until_ms == desk.clock() + 500


def test_a_late_heartbeat_keeps_what_nobody_has_taken_yet(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    after_lease(desk)
    assert claims.hold(claim) == "held"
    assert Sweeper(desk.database, Shelf(), desk.clock).recover() == 0


def test_a_stage_that_is_past_does_not_turn_a_clip_back(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    for stage in ("rendering", "encoding", "rendering", "fetching"):
        claims.tell(claim, stage, {"stage": stage, "percent": 50})
    assert desk.statuses(claim.clip_id) == ["queued", "fetching", "rendering", "encoding"]
    assert desk.row(claim.clip_id).progress == {"stage": "fetching", "percent": 50}


def test_every_stage_between_is_seen(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    claims.tell(claim, "publishing", {"stage": "publishing"})
    assert desk.statuses(claim.clip_id) == ["queued", "fetching", "rendering", "encoding", "publishing"]


def test_a_clip_that_was_made(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask("posthog:0190"))
    desk.clock.pass_s(7)
    render_id = make(claims, claim, key="plan")
    row, render = desk.row(claim.clip_id), desk.render(render_id)
    assert (row.status, row.render_id, row.finished_ms) == ("succeeded", render_id, desk.clock())
    assert (row.lease_owner, row.lease_until_ms, row.error) == (None, None, None)
    assert row.expires_ms == desk.clock() + CLIP_MS
    assert row.progress == {"stage": "succeeded", "percent": 100, "eta_s": 0}
    assert (render.status, render.key, render.clip_id, render.attempt) == ("ready", "plan", claim.clip_id, 1)
    assert (render.files, render.facts, render.ready_ms) == (FILES, MADE_OF, desk.clock())
    assert desk.statuses(claim.clip_id)[-4:] == ["rendering", "encoding", "publishing", "succeeded"]


def test_a_clip_that_failed_for_good(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    render_id = claims.planned(claim, "plan", None)
    claims.fail(claim, BAD_INPUT)
    row = desk.row(claim.clip_id)
    assert (row.status, row.error) == ("failed", BAD_INPUT.told())
    assert desk.events(claim.clip_id)[-1].data == {"status": "failed", "error": BAD_INPUT.told()}
    assert desk.render(render_id).status == "gone"
    assert desk.suspects() == []


def test_a_clip_that_fails_is_tried_as_often_as_the_table_says(desk: Desk) -> None:
    claims = desk.worker()
    clip_id = desk.ask()
    waits = []
    while (claim := claims.take()) is not None:
        claims.planned(claim, "plan", None)
        claims.fail(claim, STORE_AWAY)
        if desk.status(clip_id) == "queued":
            waits.append(desk.row(clip_id).available_ms - desk.clock())
            desk.clock.ms = desk.row(clip_id).available_ms
    assert waits == [5000, 30_000, 120_000, 300_000, 600_000]
    assert (desk.status(clip_id), desk.row(clip_id).attempt) == ("failed", 6)
    assert {render.status for render in desk.renders()} == {"gone"}


def test_two_deaths_put_a_recording_away_and_fail_what_waits_for_it(desk: Desk) -> None:
    claims = desk.worker()
    first = desk.ask("recording:poison", fps=1)
    waiting = [desk.ask("recording:poison", fps=fps) for fps in (2, 3)]
    others = desk.ask("recording:poison", tenant="other"), desk.ask("recording:healthy")
    claims.fail(taken(claims, first), DIED)
    assert {desk.status(clip_id) for clip_id in (first, *waiting)} == {"queued"}
    desk.clock.pass_s(5)
    while (claim := claims.take()) is not None:
        if claim.clip_id == first:
            claims.fail(claim, DIED)
            break
        claims.give_back(claim)
        desk.clock.pass_s(1)
    assert desk.row(first).error == DIED.told()
    for clip_id in waiting:
        error = desk.row(clip_id).error
        assert desk.status(clip_id) == "failed"
        assert error is not None
        assert (error["code"], error["retryable"]) == ("recording_quarantined", True)
    assert {desk.status(clip_id) for clip_id in others} == {"queued"}


def test_a_clip_of_a_recording_that_was_put_away_meanwhile_is_not_tried_again(desk: Desk) -> None:
    first, second = desk.worker("first"), desk.worker("second")
    poison = taken(first, desk.ask("recording:poison", fps=1))
    other = taken(second, desk.ask("recording:poison", fps=2))
    first.fail(poison, DIED)
    desk.clock.pass_s(5)
    first.fail(taken(first, poison.clip_id), DIED)
    second.fail(other, STORE_AWAY)
    assert (desk.status(other.clip_id), desk.row(other.clip_id).error) == ("failed", STORE_AWAY.told())


def test_what_is_given_back_is_nobodys_fault_and_free_at_once(desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    render_id = claims.planned(claim, "plan", None)
    claims.tell(claim, "rendering", {"stage": "rendering", "percent": 40})
    claims.give_back(claim)
    row = desk.row(claim.clip_id)
    assert (row.status, row.strikes, row.retries, row.lease_owner) == ("queued", 0, 0, None)
    assert row.progress == {"stage": "queued", "percent": 0}
    assert desk.render(render_id).status == "gone"
    again = taken(desk.worker("another"), claim.clip_id)
    assert again.attempt == 2
    make(desk.worker("another"), again, key="plan")
    assert desk.status(claim.clip_id) == "succeeded"


@pytest.mark.parametrize(
    "end", ["succeed", "fail", "fail again", "die", "canceled", "give_back", "planned", "planned again"]
)
def test_whatever_happens_to_a_clip_that_was_called_off_it_ends_canceled(end: str, desk: Desk) -> None:
    claims = desk.worker()
    claim = taken(claims, desk.ask())
    if end != "planned":
        _RENDERS[claim.clip_id] = claims.planned(claim, "plan", None)
    desk.queue.cancel("acme", claim.clip_id)
    CALLS[end](claims, claim)
    row = desk.row(claim.clip_id)
    assert (row.status, row.error, row.render_id) == ("canceled", None, None)
    assert {render.status for render in desk.renders()} <= {"gone"}
    assert desk.suspects() == []


def test_a_lost_clip_that_was_called_off_ends_canceled(desk: Desk) -> None:
    claim = taken(desk.worker(), desk.ask())
    desk.queue.cancel("acme", claim.clip_id)
    after_lease(desk)
    assert Sweeper(desk.database, Shelf(), desk.clock).recover() == 1
    assert desk.status(claim.clip_id) == "canceled"
