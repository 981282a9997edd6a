"""The caller's side: asking, looking, calling off, taking away; and that tenants do not meet."""

import pytest

from renderer.database.engine import Database
from renderer.database.states import WORKING
from renderer.database.tables import Webhook
from renderer.errors import RequestError, TryLaterError
from renderer.jobs.model import Failure
from renderer.jobs.queue import MAX_PAGE, Queue
from renderer.jobs.settle import QUARANTINE_MS
from renderer.request import Moment
from tests.unit.jobs.desk import CLIP_MS, DIED, FILES, MADE_OF, Desk, make, taken

NOBODY = "clip_" + "0" * 26


def refusal(code: str) -> "pytest.RaisesExc[RequestError]":
    return pytest.RaisesExc(RequestError, check=lambda error: error.code == code)


def test_what_is_asked_for_waits_as_it_was_asked_for(desk: Desk) -> None:
    moment = Moment(name="$exception", before_ms=1000, after_ms=2000)
    submission = desk.submission("posthog:0190", labels={"ticket": "48213"}, moment=moment, fps=5)
    seen = desk.queue.submit(submission)
    clip = desk.queue.get("acme", seen.clip.id).clip
    assert (clip.status, clip.progress) == ("queued", {"stage": "queued", "percent": 0})
    assert (clip.recording, clip.session, clip.labels) == ("posthog:0190", "0190", {"ticket": "48213"})
    assert (clip.created_ms, clip.started_ms, clip.finished_ms) == (desk.clock(), None, None)
    assert type(submission.request).model_validate(clip.request) == submission.request, "the range must not come back"
    assert desk.statuses(clip.id) == ["queued"]


def test_requests_that_ask_for_the_same_have_the_same_key_whatever_they_are_called(desk: Desk) -> None:
    key = desk.submission("recording:a", size="640x360", fps=10).request_key
    assert desk.submission("recording:a", fps=10, size={"height_px": 360, "width_px": 640}).request_key == key
    assert desk.submission("recording:a", fps=11, size="640x360").request_key != key
    assert desk.submission("recording:b", fps=10, size="640x360").request_key != key


def test_destinations_that_are_named_twice_are_gone_to_once(desk: Desk) -> None:
    clip_id = desk.ask(deliver=("webhook:a", "webhook:b", "webhook:a"))
    assert [delivery.destination for delivery in desk.deliveries(clip_id)] == ["webhook:a", "webhook:b"]
    assert {delivery.status for delivery in desk.deliveries(clip_id)} == {"waiting"}


def test_a_full_queue_takes_nothing_more_and_says_when_to_come_again(database: Database) -> None:
    desk = Desk(database, max_queue=3)
    ids = [desk.ask() for _ in range(2)]
    with pytest.raises(TryLaterError) as told:
        desk.queue.submit_many([desk.submission(), desk.submission()])
    assert (told.value.code, told.value.retryable) == ("queue_full", True)
    assert told.value.retry_after_s > 0
    page = desk.queue.page("acme")
    assert {seen.clip.id for seen in page.clips} == set(ids), "all of them or none"
    desk.ask()
    with pytest.raises(TryLaterError):
        desk.ask()
    taken(desk.worker(), ids[0])
    desk.ask()  # what is worked on does not wait


def test_pages_hold_every_clip_once_newest_first_while_others_are_added(desk: Desk) -> None:
    ids = [desk.ask() for _ in range(7)]
    desk.ask(tenant="other")
    found: list[str] = []
    cursor = None
    while True:
        page = desk.queue.page("acme", cursor=cursor, limit=3)
        found += [seen.clip.id for seen in page.clips]
        desk.ask()  # newer than all that is still to come
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == ids[::-1]


@pytest.mark.parametrize("count", [0, 2, 3])
def test_the_last_page_has_no_cursor(count: int, desk: Desk) -> None:
    for _ in range(count):
        desk.ask()
    page = desk.queue.page("acme", limit=2)
    assert (len(page.clips), page.next_cursor is None) == (min(count, 2), count <= 2)


def test_pages_by_status_session_recording_and_batch(desk: Desk, database: Database) -> None:
    from renderer.jobs.batches import add_batch

    batch_id = "bat_" + "0" * 26
    with database.write() as session:
        add_batch(session, batch_id=batch_id, tenant="acme", key_id="key", labels={}, size=1, at_ms=0)
    first = desk.ask("posthog:0190")
    second = desk.ask("recording:b", batch_id=batch_id)
    third = desk.ask("recording:c")
    make(desk.worker(), taken(desk.worker(), first))

    def found(**only: str) -> list[str]:
        return [seen.clip.id for seen in desk.queue.page("acme", **only).clips]  # type: ignore[arg-type]

    assert found(status="succeeded") == [first]
    assert found(status="queued") == [third, second]
    assert found(session="0190") == [first]
    assert found(recording="recording:c") == [third]
    assert found(batch_id=batch_id) == [second]
    assert found(batch_id=batch_id, status="failed") == []


@pytest.mark.parametrize("limit", [0, -1, MAX_PAGE + 1])
def test_a_page_of_no_size(limit: int, desk: Desk) -> None:
    with refusal("bad_limit"):
        desk.queue.page("acme", limit=limit)


@pytest.mark.parametrize("cursor", ["", "x", "clip_", "ren_" + "0" * 26, NOBODY.upper(), NOBODY + "' OR 1=1 --"])
def test_a_cursor_that_nobody_gave(cursor: str, desk: Desk) -> None:
    with refusal("bad_cursor"):
        desk.queue.page("acme", cursor=cursor)


@pytest.mark.parametrize("clip_id", ["", "../clip", "clip_%", NOBODY, "ren_" + "0" * 26])
def test_a_clip_that_is_not_there(clip_id: str, desk: Desk) -> None:
    desk.ask()
    for act in (desk.queue.get, desk.queue.revision, desk.queue.cancel, desk.queue.delete):
        with refusal("clip_not_found"):
            act("acme", clip_id)
    with refusal("clip_not_found"):
        desk.queue.events_after("acme", clip_id, 0)


def test_a_tenant_can_do_nothing_with_another_ones_clip(desk: Desk) -> None:
    clip_id = desk.ask(tenant="acme")
    before = desk.row(clip_id).revision
    for act in (desk.queue.get, desk.queue.revision, desk.queue.cancel, desk.queue.delete):
        with refusal("clip_not_found"):
            act("other", clip_id)
    with refusal("clip_not_found"):
        desk.queue.events_after("other", clip_id, 0)
    assert desk.queue.page("other").clips == ()
    assert desk.queue.page("other", recording=desk.row(clip_id).recording).clips == ()
    assert (desk.status(clip_id), desk.row(clip_id).revision) == ("queued", before)


def test_a_tenant_never_gets_what_was_rendered_for_another(desk: Desk) -> None:
    worker = desk.worker()
    first = make(worker, taken(worker, desk.ask("recording:same", tenant="acme")), key="plan")
    other = desk.ask("recording:same", tenant="other")
    assert desk.status(other) == "queued"
    claim = taken(worker, other)
    render_id = worker.planned(claim, "plan", None)
    assert render_id not in {"adopted", "parked", first}


def test_what_waits_is_canceled_at_once(desk: Desk) -> None:
    clip_id = desk.ask()
    desk.clock.pass_s(3)
    seen = desk.queue.cancel("acme", clip_id)
    assert (seen.clip.status, seen.clip.finished_ms, seen.clip.error) == ("canceled", desk.clock(), None)
    assert desk.statuses(clip_id) == ["queued", "canceled"]
    assert desk.worker().take() is None


def test_what_is_worked_on_is_called_off_once(desk: Desk) -> None:
    clip_id = desk.ask()
    worker = desk.worker()
    claim = taken(worker, clip_id)
    for _ in range(2):
        assert desk.queue.cancel("acme", clip_id).clip.status == "fetching"
    assert sum("canceling" in event.data for event in desk.events(clip_id)) == 1
    assert (worker.standing(claim), worker.hold(claim)) == ("canceled", "canceled")
    worker.canceled(claim)
    assert desk.status(clip_id) == "canceled"


@pytest.mark.parametrize("how", ["succeeded", "failed", "canceled", "expired"])
def test_what_has_ended_cannot_be_canceled(how: str, desk: Desk, database: Database) -> None:
    clip_id = ended(desk, how, database)
    with refusal("clip_ended"):
        desk.queue.cancel("acme", clip_id)
    assert desk.status(clip_id) == how


def ended(desk: Desk, how: str, database: Database) -> str:
    from renderer.jobs.sweeper import Sweeper
    from tests.unit.jobs.shelf import Shelf

    clip_id = desk.ask(labels={"ticket": "48213"})
    worker = desk.worker()
    claim = taken(worker, clip_id)
    if how == "failed":
        worker.fail(claim, Failure("no_full_snapshot", "recording", "input", retryable=False, detail="it is not one"))
    elif how == "canceled":
        desk.queue.cancel("acme", clip_id)
        worker.canceled(claim)
    else:
        make(worker, claim)
    if how == "expired":
        desk.clock.pass_s(CLIP_MS / 1000 + 1)
        assert Sweeper(database, Shelf(), desk.clock).expire() == 1
    assert desk.status(clip_id) == how
    return clip_id


SECRET = "told-by-the-caller"


@pytest.mark.parametrize("how", ["queued", "fetching", "rendering", "succeeded", "failed", "canceled", "expired"])
def test_of_what_is_deleted_a_tombstone_is_left_without_what_the_caller_told(
    how: str, desk: Desk, database: Database
) -> None:
    asked = desk.submission(
        f"posthog:{SECRET}", labels={"ticket": SECRET}, deliver=("webhook:whk_1",), moment={"name": SECRET}
    )
    clip_id = desk.queue.submit(asked).clip.id
    worker = desk.worker()
    claim = taken(worker, clip_id) if how != "queued" else None
    if claim is not None and how == "rendering":
        worker.planned(claim, "plan", SECRET)
        worker.tell(claim, "rendering", {"stage": "rendering", "message": SECRET})
    elif claim is not None and how in {"succeeded", "expired"}:
        make(worker, claim)
    elif claim is not None and how == "failed":
        worker.fail(claim, Failure("bad", "recording", "input", retryable=False, detail=SECRET))
    elif claim is not None and how == "canceled":
        desk.queue.cancel("acme", clip_id)
        worker.canceled(claim)
    desk.queue.delete("acme", clip_id)
    if how in WORKING and claim is not None:
        assert worker.standing(claim) == "canceled"
        worker.canceled(claim)
    row = desk.row(clip_id)
    told = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    assert SECRET not in repr(told)
    assert (row.id, row.tenant, row.deleted_ms) == (clip_id, "acme", desk.clock())
    assert row.status in {"canceled", "succeeded", "failed", "expired"}
    assert desk.events(clip_id) == []
    assert {delivery.status for delivery in desk.deliveries(clip_id)} <= {"canceled"}
    for act in (desk.queue.get, desk.queue.revision, desk.queue.cancel, desk.queue.delete):
        with refusal("clip_gone"):
            act("acme", clip_id)
    with refusal("clip_gone"):
        desk.queue.events_after("acme", clip_id, 0)
    assert desk.queue.page("acme").clips == ()


def test_a_webhook_hears_nothing_of_a_clip_that_was_deleted_while_it_was_made(desk: Desk, database: Database) -> None:
    with database.write() as session:
        session.add(
            Webhook(id="whk_1", tenant="acme", url="https://example.com", events=["clip.canceled"], created_ms=0)
        )
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    desk.queue.delete("acme", claim.clip_id)
    worker.canceled(claim)
    assert desk.deliveries(claim.clip_id) == []


def test_the_files_of_a_deleted_clip_are_nobodys_any_more(desk: Desk) -> None:
    worker = desk.worker()
    render_id = make(worker, taken(worker, desk.ask("recording:a")))
    again = desk.ask("recording:a")
    (first, second) = (seen.clip for seen in desk.queue.page("acme").clips)
    assert {first.render_id, second.render_id} == {render_id}
    assert desk.queue.delete("acme", first.id) is None, "the other one still has them"
    assert desk.render(render_id).status == "ready"
    assert desk.queue.delete("acme", second.id) == render_id
    render = desk.render(render_id)
    assert (render.status, render.key, render.files, render.facts) == ("gone", None, [], {})
    assert again in {first.id, second.id}


def test_a_clip_that_is_deleted_while_it_succeeds_leaves_no_files(desk: Desk) -> None:
    worker = desk.worker()
    claim = taken(worker, desk.ask())
    render_id = worker.planned(claim, "plan", None)
    desk.queue.delete("acme", claim.clip_id)
    worker.succeed(claim, render_id, FILES, MADE_OF)
    assert desk.status(claim.clip_id) == "canceled"
    assert desk.row(claim.clip_id).render_id is None
    assert desk.render(render_id).status == "gone"


def test_the_same_of_an_upload_is_there_at_once(desk: Desk) -> None:
    worker = desk.worker()
    first = desk.ask("recording:a", fps=5)
    render_id = make(worker, taken(worker, first))
    desk.clock.pass_s(60)
    seen = desk.queue.submit(desk.submission("recording:a", fps=5, deliver=("webhook:whk_1",)))
    assert (seen.clip.status, seen.clip.render_id) == ("succeeded", render_id)
    assert seen.clip.expires_ms == desk.clock() + CLIP_MS
    assert seen.render is not None
    assert seen.render.files == FILES
    assert desk.statuses(seen.clip.id) == ["queued", "succeeded"]
    (delivery,) = desk.deliveries(seen.clip.id)
    assert (delivery.status, delivery.event) == ("queued", "clip.succeeded")


@pytest.mark.parametrize(
    "changes",
    [{"fps": 6}, {"recording": "recording:b"}, {"tenant": "other"}],
    ids=["another request", "another recording", "another tenant"],
)
def test_what_is_not_the_same_is_made(changes: dict[str, object], desk: Desk) -> None:
    worker = desk.worker()
    make(worker, taken(worker, desk.ask("recording:a", fps=5)))
    assert desk.status(desk.ask(**{"recording": "recording:a", "fps": 5, **changes})) == "queued"


def test_what_may_have_changed_since_is_read_again(desk: Desk) -> None:
    worker = desk.worker()
    make(worker, taken(worker, desk.ask("posthog:0190")))
    assert desk.status(desk.ask("posthog:0190")) == "queued"


def test_what_another_version_drew_is_drawn_again(desk: Desk) -> None:
    worker = desk.worker()
    claim = taken(worker, desk.ask("recording:a"))
    worker.succeed(claim, worker.planned(claim, "plan", None), FILES, {"versions": {"renderer": "0.0.1"}})
    assert desk.status(desk.ask("recording:a")) == "queued"


def test_a_recording_that_cost_two_processes_is_refused_for_a_day(desk: Desk) -> None:
    worker = desk.worker()
    clip_id = desk.ask("recording:poison")
    worker.fail(taken(worker, clip_id), DIED)
    assert desk.status(clip_id) == "queued"
    desk.clock.pass_s(5)
    worker.fail(taken(worker, clip_id), DIED)
    assert desk.status(clip_id) == "failed"
    with refusal("recording_quarantined"):
        desk.ask("recording:poison")
    with refusal("recording_quarantined"):
        desk.queue.submit_many([desk.submission(), desk.submission("recording:poison")])
    assert [seen.clip.id for seen in desk.queue.page("acme").clips] == [clip_id]
    desk.ask("recording:poison", tenant="other")
    desk.ask("recording:healthy")
    desk.clock.pass_s(QUARANTINE_MS / 1000 - 1)
    with refusal("recording_quarantined"):
        desk.ask("recording:poison")
    desk.clock.pass_s(1)
    desk.ask("recording:poison")


def test_events_can_be_had_from_any_number_on(desk: Desk) -> None:
    worker = desk.worker()
    clip_id = desk.ask()
    claim = taken(worker, clip_id)
    render_id = worker.planned(claim, "plan", None)
    for done in range(5):
        worker.tell(claim, "rendering", {"stage": "rendering", "percent": done})
    worker.succeed(claim, render_id, FILES, MADE_OF)
    events = desk.queue.events_after("acme", clip_id, 0)
    numbers = [event.number for event in events]
    assert numbers == sorted(set(numbers))
    assert [event.data["status"] for event in events if event.kind == "status"] == [
        *("queued", "fetching", "rendering", "encoding", "publishing", "succeeded")
    ]
    assert [event.data["percent"] for event in events if event.kind == "progress"] == [4], "the last one is enough"
    assert numbers[-1] == desk.queue.revision("acme", clip_id)[0]
    for number in range(numbers[-1] + 1):
        later = desk.queue.events_after("acme", clip_id, number)
        assert [event.number for event in later] == [each for each in numbers if each > number]
    assert [event.number for event in desk.queue.events_after("acme", clip_id, 0, limit=2)] == numbers[:2]


def test_a_queue_has_a_real_clock_unless_another_is_given(database: Database, desk: Desk) -> None:
    import time

    from renderer.settings import Settings

    before = time.time_ns() // 1_000_000
    seen = Queue(database, Settings()).submit(desk.submission())
    assert before <= seen.clip.created_ms <= time.time_ns() // 1_000_000
