"""What has to be done though nobody asks for it."""

import pytest
from sqlalchemy import select

from renderer.database.engine import Database
from renderer.database.tables import ClipEvent, Delivery, Idempotency, Suspect, Worker
from renderer.jobs.claims import LEASE_MS
from renderer.jobs.sweeper import Sweeper
from tests.unit.jobs.desk import BAD_INPUT, CLIP_MS, DAY_MS, DIED, FILES, MADE_OF, Desk, after_lease, make, taken
from tests.unit.jobs.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def sweeper(database: Database, shelf: Shelf, desk: Desk) -> Sweeper:
    return Sweeper(database, shelf, desk.clock)


def pass_days(desk: Desk, days: float) -> None:
    desk.clock.pass_s(days * 24 * 3600)


@pytest.mark.parametrize("stage", ["fetching", "rendering", "encoding", "publishing"])
def test_what_a_lost_worker_had_is_for_others(stage: str, sweeper: Sweeper, desk: Desk) -> None:
    worker = desk.worker("lost")
    claim = taken(worker, desk.ask())
    render_id = worker.planned(claim, "plan", None)
    worker.tell(claim, stage, {"stage": stage})  # type: ignore[arg-type]
    desk.clock.pass_s(LEASE_MS / 1000)
    assert sweeper.recover() == 0, "its last second is still its own"
    desk.clock.pass_s(0.001)
    assert sweeper.recover() == 1
    assert sweeper.recover() == 0
    row = desk.row(claim.clip_id)
    assert (row.status, row.lease_owner, row.strikes, row.retries) == ("queued", None, 1, 1)
    assert desk.events(claim.clip_id)[-1].data["after"]["code"] == "worker_lost"
    assert desk.render(render_id).status == "gone"
    desk.clock.pass_s(5)
    again = taken(desk.worker("another"), claim.clip_id)
    assert make(desk.worker("another"), again, key="plan") != render_id


def test_a_clip_that_cost_two_workers_fails_and_its_recording_is_put_away(sweeper: Sweeper, desk: Desk) -> None:
    clip_id = desk.ask()
    for _ in range(2):
        taken(desk.worker(), clip_id)
        after_lease(desk)
        assert sweeper.recover() == 1
        desk.clock.pass_s(5)
    error = desk.row(clip_id).error
    assert error is not None
    assert (desk.status(clip_id), error["code"]) == ("failed", "worker_lost")
    (suspect,) = desk.suspects()
    assert (suspect.recording, suspect.why) == (desk.row(clip_id).recording, "worker_lost")


def test_what_waits_and_what_has_ended_is_nobodys_loss(sweeper: Sweeper, desk: Desk) -> None:
    worker = desk.worker()
    make(worker, taken(worker, desk.ask()))
    desk.ask()
    pass_days(desk, 1)
    assert sweeper.recover() == 0


def test_a_delivery_whose_worker_was_lost_is_sent_again(sweeper: Sweeper, desk: Desk, database: Database) -> None:
    clip_id = desk.ask(deliver=("webhook:whk_1", "webhook:whk_2"))
    with database.write() as session:
        for row, until_ms in zip(session.scalars(select(Delivery)), (-1, 1), strict=True):
            row.status, row.lease_owner, row.lease_until_ms = "sending", "lost", desk.clock() + until_ms
    assert sweeper.recover() == 1
    assert [(row.status, row.lease_owner) for row in desk.deliveries(clip_id)] == [
        ("queued", None),
        ("sending", "lost"),
    ]


def test_work_is_due_when_a_clip_or_a_delivery_may_be_taken(sweeper: Sweeper, desk: Desk, database: Database) -> None:
    assert not sweeper.is_work_due()
    clip_id = desk.ask(deliver=("webhook:whk_1",))
    assert sweeper.is_work_due()
    worker = desk.worker()
    claim = taken(worker, clip_id)
    assert not sweeper.is_work_due()
    worker.fail(claim, DIED)
    assert not sweeper.is_work_due()
    desk.clock.pass_s(5)
    assert sweeper.is_work_due()
    worker.fail(taken(worker, clip_id), BAD_INPUT)
    assert sweeper.is_work_due(), "the news of it"
    with database.write() as session:
        for row in session.scalars(select(Delivery)):
            row.status = "succeeded"
    assert not sweeper.is_work_due()


def test_files_go_when_their_time_is_up(sweeper: Sweeper, shelf: Shelf, desk: Desk) -> None:
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    render_id = make(worker, claim)
    shelf.lay(f"renders/{render_id}/clip.mp4")
    desk.clock.pass_s(CLIP_MS / 1000)
    assert sweeper.expire() == 0
    desk.clock.pass_s(0.001)
    assert sweeper.expire() == 1
    assert sweeper.expire() == 0
    assert (desk.status(claim.clip_id), desk.row(claim.clip_id).render_id) == ("expired", None)
    assert desk.events(claim.clip_id)[-1].data == {"status": "expired"}
    assert desk.render(render_id).status == "gone"
    assert shelf.files, "to take files away is another thing"
    assert sweeper.purge() == 1
    assert shelf.files == {}


def test_files_stay_as_long_as_one_of_their_clips_does(sweeper: Sweeper, desk: Desk) -> None:
    worker = desk.worker()
    first = taken(worker, desk.ask("recording:a"))
    render_id = make(worker, first)
    pass_days(desk, 10)
    second = desk.ask("recording:a")
    pass_days(desk, 25)
    assert sweeper.expire() == 1
    assert (desk.status(first.clip_id), desk.status(second)) == ("expired", "succeeded")
    assert desk.render(render_id).status == "ready"
    assert desk.status(desk.ask("recording:a")) == "succeeded", "and may be had once more"
    pass_days(desk, 31)
    assert sweeper.expire() == 2
    assert desk.render(render_id).status == "gone"
    assert desk.status(desk.ask("recording:a")) == "queued"


def gone_render(desk: Desk) -> str:
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    make(worker, claim)
    render_id = desk.queue.delete("acme", claim.clip_id)
    assert render_id is not None
    return render_id


def test_a_store_that_is_away_is_asked_again(sweeper: Sweeper, shelf: Shelf, desk: Desk) -> None:
    render_ids = [gone_render(desk) for _ in range(5)]
    for render_id in render_ids:
        shelf.lay(f"renders/{render_id}/clip.mp4")
    shelf.away = ("renders",)
    assert sweeper.purge() == 0
    assert len(shelf.asked) == 1, "the others would only take as long"
    assert not sweeper.purge_render(render_ids[0])
    assert len(shelf.files) == 5
    shelf.away = ()
    assert sweeper.purge() == 5
    assert shelf.files == {}


def test_a_store_that_refuses_one_deletion_does_not_keep_the_others(sweeper: Sweeper, shelf: Shelf, desk: Desk) -> None:
    render_ids = [gone_render(desk) for _ in range(3)]
    for render_id in render_ids:
        shelf.lay(f"renders/{render_id}/clip.mp4")
    shelf.denied = (f"renders/{render_ids[0]}",)
    assert sweeper.purge() == 2
    assert list(shelf.files) == [f"renders/{render_ids[0]}/clip.mp4"]
    assert desk.render(render_ids[0]).status == "gone"


def test_what_a_lost_worker_puts_after_all_was_deleted_is_deleted_too(
    sweeper: Sweeper, shelf: Shelf, desk: Desk
) -> None:
    """A worker that was cut off may still be at its last file when its clip is taken from it."""
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    render_id = worker.planned(claim, "plan", None)
    after_lease(desk)
    sweeper.recover()
    assert sweeper.purge() == 1
    shelf.lay(f"renders/{render_id}/clip.mp4")
    assert sweeper.purge() == 0
    pass_days(desk, 1.1)
    assert sweeper.purge() == 1
    assert shelf.files == {}
    assert desk.renders() == [], "now it may be forgotten"


def test_the_caller_can_have_it_deleted_at_once(sweeper: Sweeper, shelf: Shelf, desk: Desk) -> None:
    render_id = gone_render(desk)
    shelf.lay(f"renders/{render_id}/clip.mp4")
    shelf.lay("renders/ren_other/clip.mp4")
    assert sweeper.purge_render(render_id)
    assert list(shelf.files) == ["renders/ren_other/clip.mp4"]
    assert sweeper.purge_render(render_id), "again is no harm"


def test_a_render_that_is_in_use_is_not_forgotten(sweeper: Sweeper, desk: Desk) -> None:
    worker = desk.worker()
    making = worker.planned(taken(worker, desk.ask()), "plan", None)
    ready = make(worker, taken(worker, desk.ask()))
    pass_days(desk, 2)
    assert sweeper.purge() == 0
    assert {render.id for render in desk.renders()} == {making, ready}


def test_segments_that_nobody_joined_go_after_a_day_those_of_newer_claims_stay(
    sweeper: Sweeper, shelf: Shelf, desk: Desk
) -> None:
    old, new = desk.clock() - DAY_MS - 1, desk.clock()
    shelf.lay("segments/clip_a/1/0001.pack", stored_ms=old)
    shelf.lay("segments/clip_a/1/0002.pack", stored_ms=new)
    shelf.lay("segments/clip_a/2/0001.pack", stored_ms=new)
    shelf.lay("segments/clip_b/1/0001.pack", stored_ms=old)
    assert sweeper.tidy() == 3
    assert list(shelf.files) == ["segments/clip_a/2/0001.pack"]
    shelf.away = ("segments",)
    assert sweeper.tidy() == 0


def test_events_of_what_is_long_over_go_and_those_of_what_waits_stay(
    sweeper: Sweeper, desk: Desk, database: Database
) -> None:
    worker = desk.worker()
    over = taken(worker, desk.ask())
    worker.succeed(over, worker.planned(over, "plan", None), FILES, MADE_OF)
    waiting = desk.ask()
    pass_days(desk, 6.9)
    sweeper.expire()
    assert desk.events(over.clip_id)
    pass_days(desk, 0.2)
    sweeper.expire()
    assert desk.events(over.clip_id) == []
    assert desk.statuses(waiting) == ["queued"]
    with database.read() as session:
        assert len(list(session.scalars(select(ClipEvent)))) == 1
    assert desk.queue.events_after("acme", over.clip_id, 0) == [], "an old clip is still there to be looked at"


def test_rows_that_served_their_time_go(sweeper: Sweeper, desk: Desk, database: Database) -> None:
    now = desk.clock()
    with database.write() as session:
        for name, age_ms in (("old", DAY_MS + 1), ("new", DAY_MS - 1)):
            session.add(Idempotency(tenant="acme", key=name, fingerprint="", headers={}, created_ms=now - age_ms))
        for name, until_ms in (("old", now - 1), ("new", now + 1)):
            session.add(Suspect(tenant="acme", recording=name, strikes=2, why="render_died", until_ms=until_ms))
        for name, seen_ms in (("old", now - 301_000), ("new", now - 299_000)):
            session.add(Worker(id=name, host="h", slots=1, busy=0, started_ms=0, seen_ms=seen_ms, version="0"))
    sweeper.expire()
    with database.read() as session:
        assert list(session.scalars(select(Idempotency.key))) == ["new"]
        assert list(session.scalars(select(Suspect.recording))) == ["new"]
        assert list(session.scalars(select(Worker.id))) == ["new"]
