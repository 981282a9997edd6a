"""A long clip's segments: offered by its maker, taken by anybody, lost, dropped, damaged, and never filmed by nobody."""

import threading

import pytest
from sqlalchemy import select

from renderer.database.engine import Database
from renderer.database.tables import Segment, Worker
from renderer.jobs.claims import LEASE_MS
from renderer.jobs.model import Claim
from renderer.jobs.segments import STRIKES, Segments, count_slots, find_help_wanted, is_wanted
from tests.unit.jobs.desk import DIED, Desk, after_lease, taken

PLAN = "plan-digest"


@pytest.fixture
def claim(desk: Desk) -> Claim:
    """Of a clip that is being filmed."""
    return filming(desk)


def filming(desk: Desk, **asked: object) -> Claim:
    worker = desk.worker("maker")
    claim = taken(worker, desk.ask(**asked))
    worker.planned(claim, claim.clip_id, None)
    worker.tell(claim, "rendering", {"stage": "rendering"})
    return claim


def segments(desk: Desk, claim: Claim, owner: str = "maker/1") -> Segments:
    return Segments(desk.database, claim.clip_id, claim.attempt, owner, desk.clock)


def rows(desk: Desk) -> list[tuple[int, str, int]]:
    with desk.database.read() as session:
        return [
            (row.number, row.status, row.strikes) for row in session.scalars(select(Segment).order_by(Segment.number))
        ]


def test_segments_are_taken_in_order_and_each_once(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0, 1, 2])
    assert (maker.take(as_maker=True), helper.take(as_maker=False), maker.take(as_maker=True)) == (0, 1, 2)
    assert maker.take(as_maker=True) is None
    assert helper.take(as_maker=False) is None
    assert [(each.owner, each.is_free) for each in maker.standings()] == [
        *(("maker/1", False), ("helper/2", False), ("maker/1", False))
    ]


def test_what_is_done_is_told_with_where_it_is(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0, 1])
    maker.take(as_maker=True)
    helper.take(as_maker=False)
    helper.done(1, "segments/clip/1/0001.pack")
    maker.done(0)
    assert [(each.status, each.pack) for each in maker.standings()] == [
        *(("done", None), ("done", "segments/clip/1/0001.pack"))
    ]
    after_lease(desk)
    assert maker.take(as_maker=True) is None


def test_only_who_films_a_segment_can_be_done_with_it(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0])
    helper.take(as_maker=False)
    maker.done(0)
    assert rows(desk) == [(0, "filming", 0)]
    after_lease(desk)
    assert maker.take(as_maker=True) == 0
    helper.done(0, "late.pack")
    assert [(each.status, each.owner, each.pack) for each in maker.standings()] == [("filming", "maker/1", None)]


def test_heartbeats_keep_all_that_one_films(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0, 1, 2])
    helper.take(as_maker=False)
    helper.take(as_maker=False)
    for _ in range(3):
        desk.clock.pass_s(LEASE_MS / 1000)
        assert helper.hold()
    assert maker.take(as_maker=True) == 2
    assert maker.take(as_maker=True) is None


def test_what_a_lost_helper_had_is_taken_by_the_next(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0])
    assert helper.take(as_maker=False) == 0
    desk.clock.pass_s(LEASE_MS / 1000)
    assert maker.take(as_maker=True) is None
    assert [each.is_free for each in maker.standings()] == [False]
    desk.clock.pass_s(0.001)
    assert [each.is_free for each in maker.standings()] == [True]
    assert maker.take(as_maker=True) == 0
    assert rows(desk) == [(0, "filming", 1)]


def test_a_segment_that_cost_two_helpers_is_for_its_maker_alone(desk: Desk, claim: Claim) -> None:
    maker = segments(desk, claim)
    maker.offer(PLAN, [0])
    for n in range(STRIKES):
        helper = segments(desk, claim, f"helper/{n}")
        assert helper.take(as_maker=False) == 0
        helper.drop(DIED)
    assert rows(desk) == [(0, "waiting", STRIKES)]
    assert segments(desk, claim, "another/9").take(as_maker=False) is None
    assert maker.take(as_maker=True) == 0


def test_what_a_helper_drops_is_free_at_once_and_says_why(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0, 1])
    maker.take(as_maker=True)
    helper.take(as_maker=False)
    helper.drop(DIED)
    helper.drop(DIED)
    assert rows(desk) == [(0, "filming", 0), (1, "waiting", 1)]
    with desk.database.read() as session:
        row = session.get_one(Segment, (claim.clip_id, 1))
        assert row.error is not None
        assert row.error["code"] == "render_died"


def test_what_a_helper_gives_back_is_nobodys_fault(desk: Desk, claim: Claim) -> None:
    helper = segments(desk, claim, "helper/2")
    segments(desk, claim).offer(PLAN, [0])
    for _ in range(STRIKES + 1):
        assert helper.take(as_maker=False) == 0
        helper.give_back()
    assert rows(desk) == [(0, "waiting", 0)]


def test_what_the_store_did_not_keep_is_filmed_again(desk: Desk, claim: Claim) -> None:
    maker, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    maker.offer(PLAN, [0])
    helper.take(as_maker=False)
    helper.done(0, "a.pack")
    maker.reopen(0)
    assert [(each.status, each.pack, each.is_free) for each in maker.standings()] == [("waiting", None, True)]
    assert rows(desk) == [(0, "waiting", 1)]


def test_a_new_claim_of_the_clip_makes_what_an_old_one_offered_void(desk: Desk, claim: Claim) -> None:
    old, helper = segments(desk, claim), segments(desk, claim, "helper/2")
    old.offer(PLAN, [0, 1, 2])
    helper.take(as_maker=False)
    desk.worker("maker").give_back(claim)
    again = filming_again(desk, claim)
    assert not helper.hold()
    assert helper.take(as_maker=False) is None
    new = segments(desk, again)
    new.offer("another plan", [0, 1])
    helper.done(0, "of the old plan.pack")
    helper.drop(DIED)
    old.reopen(0)
    old.clear()
    assert rows(desk) == [(0, "waiting", 0), (1, "waiting", 0)]
    assert old.standings() == []
    new.clear()
    assert rows(desk) == []


def filming_again(desk: Desk, claim: Claim) -> Claim:
    worker = desk.worker("another")
    again = taken(worker, claim.clip_id)
    worker.tell(again, "rendering", {"stage": "rendering"})
    return again


@pytest.mark.parametrize("how", ["canceled", "encoding", "given back", "deleted"])
def test_nobody_films_for_a_clip_that_wants_no_more(how: str, desk: Desk, claim: Claim) -> None:
    helper = segments(desk, claim, "helper/2")
    segments(desk, claim).offer(PLAN, [0, 1, 2])
    helper.take(as_maker=False)
    assert is_wanted(desk.database, claim)
    if how == "canceled":
        desk.queue.cancel("acme", claim.clip_id)
    elif how == "deleted":
        desk.queue.delete("acme", claim.clip_id)
    elif how == "encoding":
        desk.worker("maker").tell(claim, "encoding", {"stage": "encoding"})
    else:
        desk.worker("maker").give_back(claim)
    assert not is_wanted(desk.database, claim)
    assert not helper.hold()
    assert helper.take(as_maker=False) is None
    assert find_help_wanted(desk.database, "helper", desk.clock) is None


def test_help_is_wanted_where_two_segments_or_more_are_free(desk: Desk, claim: Claim) -> None:
    maker = segments(desk, claim)
    assert find_help_wanted(desk.database, "helper", desk.clock) is None
    maker.offer(PLAN, [0, 1, 2])
    wanted = find_help_wanted(desk.database, "helper", desk.clock)
    assert wanted is not None
    assert wanted.plan_digest == PLAN
    assert (wanted.claim.clip_id, wanted.claim.attempt, wanted.claim.owner) == (claim.clip_id, claim.attempt, "helper")
    assert wanted.claim.request == claim.request
    maker.take(as_maker=True)
    assert find_help_wanted(desk.database, "helper", desk.clock) is not None
    maker.take(as_maker=True)
    assert find_help_wanted(desk.database, "helper", desk.clock) is None, (
        "for one it does not pay to read the recording"
    )


def test_a_clip_with_one_free_segment_does_not_hide_another_with_many(desk: Desk) -> None:
    first, second = filming(desk), filming(desk)
    segments(desk, first).offer(PLAN, [0])
    segments(desk, second).offer(PLAN, [0, 1])
    wanted = find_help_wanted(desk.database, "helper", desk.clock)
    assert wanted is not None
    assert wanted.claim.clip_id == second.clip_id


def test_who_failed_to_help_with_a_clip_helps_with_others(desk: Desk) -> None:
    first, second = filming(desk), filming(desk, priority=10)
    for claim in (first, second):
        segments(desk, claim).offer(PLAN, [0, 1])
    found = [
        find_help_wanted(desk.database, "helper", desk.clock, without=without) for without in ([], [first.clip_id])
    ]
    assert [wanted and wanted.claim.clip_id for wanted in found] == [first.clip_id, second.clip_id]
    assert find_help_wanted(desk.database, "helper", desk.clock, without=[first.clip_id, second.clip_id]) is None


def test_nobody_helps_a_clip_whose_maker_was_lost(desk: Desk, claim: Claim) -> None:
    segments(desk, claim).offer(PLAN, [0, 1])
    after_lease(desk)
    assert find_help_wanted(desk.database, "helper", desk.clock) is None


def test_slots_of_workers_that_are_there(desk: Desk, database: Database) -> None:
    now = desk.clock()
    with database.write() as session:
        for name, slots, age_ms in (("a", 2, 0), ("b", 3, 14_000), ("gone", 8, 15_000)):
            session.add(Worker(id=name, host="h", slots=slots, busy=0, started_ms=0, seen_ms=now - age_ms, version="0"))
    assert count_slots(database, desk.clock) == 5


def test_many_that_take_at_once_take_each_segment_once(desk: Desk, claim: Claim) -> None:
    segments(desk, claim).offer(PLAN, range(40))
    begin = threading.Barrier(6)
    got: list[int] = []

    def film(owner: str) -> None:
        mine = segments(desk, claim, owner)
        begin.wait()
        while (number := mine.take(as_maker=False)) is not None:
            got.append(number)
            mine.done(number, f"{number}.pack")

    threads = [threading.Thread(target=film, args=(f"helper/{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(40))
    assert {status for _, status, _ in rows(desk)} == {"done"}
