"""One render for all who want the same: made once, adopted, waited for, and never waited for in vain."""

import threading
from collections.abc import Callable

import pytest

from renderer.jobs.claims import Claims
from renderer.jobs.model import Claim, ClaimLostError
from renderer.jobs.sweeper import Sweeper
from tests.unit.jobs.desk import BAD_INPUT, DIED, FILES, MADE_OF, STORE_AWAY, Desk, after_lease, make, taken
from tests.unit.jobs.shelf import Shelf


def two_of_one_plan(desk: Desk) -> tuple[Claim, Claim]:
    """Asked for in different words, so that only the plan tells that they are the same."""
    first = taken(desk.worker("first"), desk.ask("posthog:0190", range={"to_ms": 5000}))
    second = taken(desk.worker("second"), desk.ask("posthog:0190", range={"to_ms": 5001}))
    return first, second


def test_who_plans_what_was_made_before_gets_it(desk: Desk) -> None:
    first, second = two_of_one_plan(desk)
    render_id = make(desk.worker("first"), first, key="plan")
    assert desk.worker("second").planned(second, "plan", "0190") == "adopted"
    assert (desk.status(second.clip_id), desk.row(second.clip_id).render_id) == ("succeeded", render_id)
    assert desk.row(second.clip_id).expires_ms is not None
    assert desk.statuses(second.clip_id) == ["queued", "fetching", "succeeded"]
    assert len(desk.renders()) == 1


def test_who_plans_what_somebody_makes_waits_for_it_without_a_worker(desk: Desk) -> None:
    first, second = two_of_one_plan(desk)
    render_id = desk.worker("first").planned(first, "plan", "0190")
    assert desk.worker("second").planned(second, "plan", "0190") == "parked"
    row = desk.row(second.clip_id)
    assert (row.status, row.waits_for, row.lease_owner, row.retries) == ("queued", render_id, None, 0)
    assert desk.worker("third").take() is None
    with pytest.raises(ClaimLostError):
        desk.worker("second").hold(second)
    desk.worker("first").succeed(first, render_id, FILES, MADE_OF)
    assert (desk.status(second.clip_id), desk.row(second.clip_id).render_id) == ("succeeded", render_id)
    assert desk.statuses(second.clip_id) == ["queued", "fetching", "queued", "succeeded"]
    assert desk.row(second.clip_id).waits_for is None


def test_equal_requests_of_an_upload_never_need_a_plan_of_their_own(desk: Desk) -> None:
    leader = desk.ask("recording:a")
    followers = [desk.ask("recording:a") for _ in range(19)]
    worker = desk.worker()
    claim = taken(worker, leader)
    assert worker.take() is None
    render_id = make(worker, claim)
    assert {desk.status(clip_id) for clip_id in followers} == {"succeeded"}
    assert {desk.row(clip_id).render_id for clip_id in followers} == {render_id}
    assert {desk.row(clip_id).session for clip_id in followers} == {"session"}
    assert len(desk.renders()) == 1


def test_equal_requests_of_what_may_change_each_plan_and_adopt(desk: Desk) -> None:
    ids = [desk.ask("posthog:0190") for _ in range(3)]
    worker = desk.worker()
    make(worker, taken(worker, ids[0]), key="plan")
    for clip_id in ids[1:]:
        claim = taken(worker, clip_id)
        assert worker.planned(claim, "plan", None) == "adopted"
    assert len(desk.renders()) == 1


def _cancel(desk: Desk, claims: Claims, claim: Claim) -> None:
    desk.queue.cancel("acme", claim.clip_id)
    claims.canceled(claim)


def _delete(desk: Desk, claims: Claims, claim: Claim) -> None:
    desk.queue.delete("acme", claim.clip_id)
    claims.canceled(claim)


def _lose(desk: Desk, claims: Claims, claim: Claim) -> None:
    after_lease(desk)
    Sweeper(desk.database, Shelf(), desk.clock).recover()


ENDS: dict[str, Callable[[Desk, Claims, Claim], object]] = {
    "fails": lambda desk, claims, claim: claims.fail(claim, BAD_INPUT),
    "fails for now": lambda desk, claims, claim: claims.fail(claim, STORE_AWAY),
    "dies": lambda desk, claims, claim: claims.fail(claim, DIED),
    "stops": lambda desk, claims, claim: claims.give_back(claim),
    "is canceled": _cancel,
    "is deleted": _delete,
    "is lost": _lose,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_leader_that_does_not_make_it_frees_who_waits_for_it(end: str, desk: Desk) -> None:
    first, second = two_of_one_plan(desk)
    leader = desk.worker("first")
    leader.planned(first, "plan", None)
    desk.worker("second").planned(second, "plan", None)
    ENDS[end](desk, leader, first)
    claim = taken(desk.worker("third"), second.clip_id if end != "stops" else None)
    assert desk.worker("third").planned(claim, "plan", None).startswith("ren_")


@pytest.mark.parametrize("end", ENDS)
def test_a_leader_that_does_not_make_it_frees_equal_requests(end: str, desk: Desk) -> None:
    leader = desk.worker("first")
    claim = taken(leader, desk.ask("recording:a"))
    follower = desk.ask("recording:a")
    ENDS[end](desk, leader, claim)
    found = taken(desk.worker("third"))
    assert found.clip_id == follower or end == "stops"


def test_a_leader_that_was_called_off_too_late_leaves_its_files_to_who_waits(desk: Desk) -> None:
    leader = desk.worker("first")
    claim = taken(leader, desk.ask("recording:a"))
    follower = desk.ask("recording:a")
    render_id = leader.planned(claim, "plan", None)
    desk.queue.cancel("acme", claim.clip_id)
    leader.succeed(claim, render_id, FILES, MADE_OF)
    assert (desk.status(claim.clip_id), desk.row(claim.clip_id).render_id) == ("canceled", None)
    assert (desk.status(follower), desk.row(follower).render_id) == ("succeeded", render_id)
    assert desk.render(render_id).status == "ready"


def test_who_waits_and_is_called_off_waits_no_more(desk: Desk) -> None:
    first, second = two_of_one_plan(desk)
    render_id = desk.worker("first").planned(first, "plan", None)
    desk.worker("second").planned(second, "plan", None)
    assert desk.queue.cancel("acme", second.clip_id).clip.status == "canceled"
    desk.worker("first").succeed(first, render_id, FILES, MADE_OF)
    assert (desk.status(second.clip_id), desk.row(second.clip_id).render_id) == ("canceled", None)


def test_who_plans_again_what_its_own_earlier_claim_began_makes_it_anew(desk: Desk) -> None:
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    first = worker.planned(claim, "plan", None)
    second = worker.planned(claim, "plan", None)  # as after an answer that was lost on its way
    assert first != second
    assert [render.status for render in desk.renders()] == ["gone", "making"]
    worker.succeed(claim, second, FILES, MADE_OF)
    assert desk.row(claim.clip_id).render_id == second


def test_a_render_that_was_given_up_cannot_succeed(desk: Desk) -> None:
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    first = worker.planned(claim, "plan", None)
    worker.planned(claim, "plan", None)
    with pytest.raises(ClaimLostError):
        worker.succeed(claim, first, FILES, MADE_OF)
    assert desk.status(claim.clip_id) == "fetching"


def test_two_that_plan_the_same_at_the_same_time(desk: Desk) -> None:
    """Each in a thread of its own, so that on PostgreSQL both find nothing before either writes."""
    claims = [taken(desk.worker(f"w{n}"), desk.ask("posthog:0190", range={"to_ms": 5000 + n})) for n in range(6)]
    begin = threading.Barrier(len(claims))
    answers: dict[str, str] = {}

    def plan(claim: Claim) -> None:
        begin.wait()
        answers[claim.clip_id] = desk.worker(claim.owner).planned(claim, "plan", None)

    threads = [threading.Thread(target=plan, args=(claim,)) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (render,) = desk.renders()
    assert sorted(answers.values()) == sorted([render.id, *["parked"] * 5])
    assert answers[render.clip_id] == render.id
