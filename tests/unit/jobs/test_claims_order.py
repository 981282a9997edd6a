"""Whose turn it is."""

import pytest

from renderer.jobs.model import BATCH, INTERACTIVE
from tests.unit.jobs.desk import STORE_AWAY, Desk, make, taken


def test_the_oldest_goes_first(desk: Desk) -> None:
    ids = [desk.ask() for _ in range(5)]
    assert [taken(desk.worker()).clip_id for _ in ids] == ids
    assert desk.worker().take() is None


def test_clips_of_one_batch_go_in_the_order_in_which_they_were_asked_for(desk: Desk) -> None:
    seen = desk.queue.submit_many([desk.submission(priority=BATCH) for _ in range(20)])
    ids = [each.clip.id for each in seen]
    assert ids == sorted(ids)
    assert [taken(desk.worker()).clip_id for _ in ids] == ids


def test_somebody_who_waits_goes_before_a_batch(desk: Desk) -> None:
    batch = [desk.ask(priority=BATCH) for _ in range(3)]
    now = desk.ask(priority=INTERACTIVE)
    assert [taken(desk.worker()).clip_id for _ in range(4)] == [now, *batch]


def test_a_batch_of_another_tenant_waits_for_those_who_sit_there_too(desk: Desk) -> None:
    batch = desk.ask(tenant="quiet", priority=BATCH)
    now = [desk.ask(tenant="busy") for _ in range(3)]
    assert [taken(desk.worker()).clip_id for _ in range(4)] == [*now, batch]


def test_with_several_at_work_a_tenant_that_asks_for_much_does_not_starve_others(desk: Desk) -> None:
    many = [desk.ask(tenant="many") for _ in range(10)]
    few = [desk.ask(tenant="few") for _ in range(2)]
    taken_ids = [taken(desk.worker(f"w{n}")).clip_id for n in range(6)]
    assert taken_ids == [many[0], few[0], many[1], few[1], many[2], many[3]]


def test_with_one_at_work_a_tenant_that_asks_for_much_does_not_starve_others(desk: Desk) -> None:
    """Nothing is at work when the only slot asks: then it counts whose last turn is longest ago."""
    worker = desk.worker()
    many = [desk.ask(tenant="many") for _ in range(10)]
    few = [desk.ask(tenant="few") for _ in range(2)]
    one = desk.ask(tenant="one")
    order = []
    for _ in range(6):
        claim = taken(worker)
        order.append(claim.clip_id)
        make(worker, claim)
        desk.clock.pass_s(1)
    assert set(order[:3]) == {many[0], few[0], one}
    assert set(order[3:5]) == {many[1], few[1]}
    assert order[5] == many[2]


def test_who_fails_again_and_again_takes_no_more_turns_than_others(desk: Desk) -> None:
    worker = desk.worker()
    failing = [desk.ask(tenant="failing") for _ in range(3)]
    desk.ask(tenant="well")
    desk.ask(tenant="well")
    tenants = []
    for _ in range(4):
        claim = taken(worker)
        tenants.append(claim.tenant)
        if claim.clip_id in failing:
            worker.fail(claim, STORE_AWAY)
        else:
            make(worker, claim)
        desk.clock.pass_s(600)
    assert sorted(tenants[:2]) == sorted(tenants[2:]) == ["failing", "well"]


def test_a_tenant_whose_clips_cannot_be_taken_does_not_hold_others_up(desk: Desk) -> None:
    worker = desk.worker()
    taken(worker, desk.ask("recording:same", tenant="blocked"))
    desk.ask("recording:same", tenant="blocked")
    for n in range(3):
        claim = taken(desk.worker("other"), desk.ask(tenant=f"free-{n}"))
        assert claim.tenant == f"free-{n}"
    assert desk.worker("other").take() is None


@pytest.mark.parametrize("recording", ["recording:same", "posthog:0190"])
def test_of_equal_requests_one_is_worked_on_at_a_time(recording: str, desk: Desk) -> None:
    ids = [desk.ask(recording, fps=5) for _ in range(3)]
    other = desk.ask(recording, fps=6)
    claim = taken(desk.worker("w1"), ids[0])
    assert taken(desk.worker("w2")).clip_id == other
    assert desk.worker("w3").take() is None
    desk.worker("w1").fail(claim, STORE_AWAY)
    assert taken(desk.worker("w3")).clip_id == ids[1], "the next one does not wait for the first one's second try"


def test_what_is_to_be_tried_later_is_not_tried_before(desk: Desk) -> None:
    worker = desk.worker()
    clip_id = desk.ask()
    worker.fail(taken(worker, clip_id), STORE_AWAY)
    (last,) = [event.data for event in desk.events(clip_id) if "after" in event.data]
    assert (last["again_in_ms"], last["after"]["code"]) == (5000, "store_unreachable")
    desk.clock.pass_s(4.999)
    assert worker.take() is None
    desk.clock.pass_s(0.001)
    claim = taken(worker, clip_id)
    assert claim.attempt == 2
