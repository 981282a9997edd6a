"""Batches that look through sessions: who takes what, what comes of it, and what happens when somebody is lost."""

from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from renderer.database.engine import Database
from renderer.database.tables import ApiKey, Batch, BatchSession, Clip, UploadedRecording, Webhook
from renderer.jobs.batches import Batches, add_batch
from renderer.jobs.claims import LEASE_MS
from renderer.jobs.model import ClaimLostError, Failure
from renderer.jobs.survey.claims import AT_ONCE, LOST, Surveys, is_survey_due, session_row
from renderer.jobs.survey.model import Archived, FoundSession, Source, Spec, Survey
from renderer.settings import Settings
from renderer.store.recordings.model import StoredRecording
from tests.unit.jobs.desk import BAD_INPUT, DIED, Desk

AWAY = Failure("posthog_unreachable", "source", "source", retryable=True, detail="it is away")


def found(number: int = 1, rule: str = "rage-click", from_ms: int = 1000, to_ms: int = 5000) -> dict[str, Any]:
    moment = {"rule": rule, "title": "Angry", "severity": "high", "at_ms": 3000, "video_ms": None, "labels": {}}
    return {
        "id": f"0001-{number}-{rule}", "session": "posthog:s", "recording_id": "r", "started_at": None, "session_ms": 60_000,
        "title": "Angry", "severity": "high", "rules": [rule], "labels": {}, "range": {"from_ms": from_ms, "to_ms": to_ms},
        "moments": [moment], "status": "waiting", "error": None, "files": {}, "duration_ms": 4000, "width_px": 1280,
        "height_px": 720, "steps": [], "replay_url": None, "environment": {},
    }  # fmt: skip


class Shop:
    """Batches, and workers that look."""

    def __init__(self, desk: Desk, **settings: Any) -> None:
        self.desk = desk
        self.settings = Settings(**settings)
        self.batches = Batches(desk.database)
        self._count = 0

    def worker(self, name: str = "worker") -> Surveys:
        return Surveys(self.desk.database, name, self.settings, self.desk.clock)

    def batch(self, *recordings: str, source: Source | None = None, **spec: Any) -> str:
        self._count += 1
        batch_id = f"bat_{self._count:026}"
        told = Spec(**{"rules": "built-in", "clip": {"fps": 5}, "source": source, **spec})
        with self.desk.database.write() as session:
            add_batch(
                session,
                batch_id=batch_id,
                tenant="acme",
                key_id="key",
                labels={},
                size=len(recordings),
                at_ms=self.desk.clock(),
                spec=told.row(),
                listing="waiting" if source else "done",
            )
            for number, recording in enumerate(recordings, 1):
                session.add(session_row(batch_id, number, recording, self.desk.clock()))
        return batch_id

    def row(self, batch_id: str, number: int) -> BatchSession:
        with self.desk.database.read() as session:
            return session.get_one(BatchSession, (batch_id, number))

    def statuses(self, batch_id: str) -> list[str]:
        with self.desk.database.read() as session:
            query = select(BatchSession.status).where(BatchSession.batch_id == batch_id).order_by(BatchSession.number)
            return list(session.scalars(query))

    def clips(self, batch_id: str) -> list[Clip]:
        with self.desk.database.read() as session:
            return list(session.scalars(select(Clip).where(Clip.batch_id == batch_id).order_by(Clip.id)))

    def is_due(self) -> bool:
        with self.desk.database.read() as session:
            return is_survey_due(session, self.desk.clock())


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)


def taken(surveys: Surveys) -> Survey:
    survey = surveys.take()
    assert survey is not None
    return survey


def test_what_is_found_becomes_clips_of_the_batch(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a", "posthog:b", metadata={"team": "support"}, deliver=("webhook:w",))
    worker = shop.worker()
    survey = taken(worker)
    assert [each.recording for each in survey.sessions] == ["posthog:a", "posthog:b"]
    assert shop.worker("other").take() is None, "they are taken"
    worker.looked(survey, 1, "ra", [found(1), found(2, to_ms=60_000, from_ms=0)])
    worker.looked(survey, 2, "rb", [])
    assert shop.statuses(batch_id) == ["matched", "no_match"]
    first, second = shop.clips(batch_id)
    assert first.request["range"] == {"from_ms": 1000, "to_ms": 5000}
    assert second.request["range"] == {"from_ms": 0, "to_ms": None}, "all of it, its last event included"
    assert (first.recording, first.request["rules"], first.request["fps"]) == ("posthog:a", "built-in", 5)
    assert first.labels == {"title": "Angry", "severity": "high", "rules": "rage-click", "team": "support"}
    assert first.priority > 0
    assert [delivery.destination for delivery in shop.desk.deliveries(first.id)] == ["webhook:w"]
    assert [each["clip_id"] for each in shop.row(batch_id, 1).found] == [first.id, second.id]
    seen = shop.batches.get("acme", batch_id)
    assert (seen.sessions, seen.counts, seen.moments) == ({"matched": 1, "no_match": 1}, {"queued": 2}, 2)


def test_a_rule_says_where_its_clips_go_as_far_as_there_is_such_a_place(shop: Shop) -> None:
    with shop.desk.database.write() as session:
        for name, tenant, disabled_ms in (("a", "acme", None), ("off", "acme", 1), ("b", "other", None)):
            session.add(
                Webhook(
                    id=name, tenant=tenant, url="https://x.example/", events=[], created_ms=1, disabled_ms=disabled_ms
                )
            )
    batch_id = shop.batch("posthog:a", deliver=("webhook:w",))
    worker = shop.worker()
    named = ["webhook:a", "webhook:off", "webhook:b", "webhook:none", "elsewhere:5", "webhook:w"]
    worker.looked(taken(worker), 1, "ra", [{**found(), "deliver": named}])
    (clip,) = shop.clips(batch_id)
    assert sorted(each.destination for each in shop.desk.deliveries(clip.id)) == ["webhook:a", "webhook:w"]


def rule_deliveries(desk: Desk, scopes: tuple[str, ...], named: list[str], **settings: Any) -> tuple[str, list[str]]:
    """What becomes of a session in which a rule finds something that is to go there; the batch itself delivers to `zendesk:1`."""
    shop = Shop(desk, **settings)
    with desk.database.write() as session:
        session.add(ApiKey(id="key", tenant="acme", name="test", digest="0", scopes=list(scopes), created_ms=1))
    batch_id = shop.batch("posthog:a", deliver=("zendesk:1",))
    worker = shop.worker()
    worker.looked(taken(worker), 1, "ra", [{**found(), "deliver": named}])
    clips = shop.clips(batch_id)
    return shop.statuses(batch_id)[0], sorted(each.destination for clip in clips for each in desk.deliveries(clip.id))


NAMED: Final = [
    "zendesk:#1",
    "zendesk: 2",
    "zendesk",
    "zendesk:",
    "zendesk:HELP",
    "github:o/r#1",
    "console:1",
    "broken:1",
]
GOOD: Final = '[zendesk]\nurl = "https://one.zendesk.com"\ntoken = "hush-1"\n[broken]\nsystem = "zendsk"\n'


@pytest.mark.parametrize(
    ("scopes", "secrets", "went"),
    [
        (("clips:write", "deliveries:write"), GOOD, ["zendesk:1", "zendesk:2"]),
        (("admin",), GOOD, ["zendesk:1", "zendesk:2"]),
        (("clips:write",), GOOD, ["zendesk:1"]),
        (("admin",), GOOD[:30], ["zendesk:1"]),
    ],
    ids=["may deliver", "admin", "may not deliver", "secrets file half written"],
)
def test_tickets_that_rules_name_are_those_that_the_key_could_name_itself(
    desk: Desk, tmp_path: Path, scopes: tuple[str, ...], secrets: str, went: list[str]
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(secrets)
    assert rule_deliveries(desk, scopes, NAMED, secrets_file=path) == ("matched", went)


def test_destinations_are_not_looked_at_when_no_rule_delivers_to_a_ticket(desk: Desk, tmp_path: Path) -> None:
    with capture_logs() as told:
        went = rule_deliveries(desk, ("admin",), ["webhook:none"], secrets_file=tmp_path / "none.toml")
    assert went == ("matched", ["zendesk:1"])
    assert told == []


def test_a_dry_run_finds_clips_and_makes_none(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a", dry_run=True)
    worker = shop.worker()
    worker.looked(taken(worker), 1, "ra", [found()])
    assert shop.clips(batch_id) == []
    seen = shop.batches.get("acme", batch_id)
    assert seen.moments == 1
    assert [each["title"] for each in seen.found] == ["Angry"]


def test_the_same_recording_under_another_name_counts_once(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a", "https://posthog.example/replay/a")
    worker = shop.worker()
    survey = taken(worker)
    worker.looked(survey, 2, "same", [found()])
    worker.looked(survey, 1, "same", [found()])
    assert shop.statuses(batch_id) == ["duplicate", "matched"]
    assert len(shop.clips(batch_id)) == 1


def test_whole_sessions_keep_the_range_that_was_asked_for(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a", rules=None, clip={"range": {"from_ms": 5, "to_ms": 10}})
    worker = shop.worker()
    worker.looked(taken(worker), 1, "ra", [{**found(), "rules": [], "moments": []}])
    (clip,) = shop.clips(batch_id)
    assert (clip.request["range"], clip.request["rules"], clip.labels) == ({"from_ms": 5, "to_ms": 10}, None, {})


def test_some_at_a_time_and_small_batches_do_not_wait_for_large_ones(shop: Shop) -> None:
    large = shop.batch(*(f"posthog:{number}" for number in range(AT_ONCE * 3)))
    small = shop.batch("posthog:x")
    worker = shop.worker()
    first = taken(worker)
    assert (first.batch_id, len(first.sessions)) == (large, AT_ONCE)
    assert taken(worker).batch_id == small
    assert taken(worker).sessions[0].number == AT_ONCE + 1


def test_who_waits_for_a_clip_goes_first(shop: Shop) -> None:
    shop.batch("posthog:a")
    clip_id = shop.desk.ask()
    assert shop.worker().take() is None
    shop.desk.worker().take()
    assert shop.desk.status(clip_id) == "fetching"
    assert taken(shop.worker()).sessions


def test_what_a_lost_worker_had_is_taken_by_the_next_three_times_at_the_most(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a")
    lost = taken(shop.worker("lost"))
    for name in ("second", "third"):
        assert shop.worker(name).take() is None
        shop.desk.clock.pass_s(LEASE_MS / 1000 + 1)
        assert taken(shop.worker(name)).sessions[0].attempt > lost.sessions[0].attempt
    with pytest.raises(ClaimLostError):
        shop.worker("lost").looked(lost, 1, "ra", [found()])
    with pytest.raises(ClaimLostError):
        shop.worker("lost").hold(lost)
    shop.desk.clock.pass_s(LEASE_MS / 1000 + 1)
    assert shop.worker("fourth").take() is None
    assert shop.statuses(batch_id) == ["unreadable"]
    assert shop.row(batch_id, 1).error == LOST.told()
    assert shop.clips(batch_id) == []


def test_a_heartbeat_keeps_what_is_in_hand(shop: Shop) -> None:
    shop.batch("posthog:a", "posthog:b")
    worker = shop.worker()
    survey = taken(worker)
    worker.looked(survey, 1, "ra", [])
    for _ in range(4):
        shop.desk.clock.pass_s(LEASE_MS / 1000 - 1)
        worker.hold(survey)
        assert shop.worker("other").take() is None


@pytest.mark.parametrize(
    ("failure", "waits_s", "ends"), [(BAD_INPUT, None, "unreadable"), (AWAY, 10, "waiting"), (DIED, 5, "waiting")]
)
def test_what_cannot_be_read_is_tried_again_where_that_may_help(
    shop: Shop, failure: Failure, waits_s: int | None, ends: str
) -> None:
    batch_id = shop.batch("posthog:a", "posthog:b")
    worker = shop.worker()
    survey = taken(worker)
    worker.not_looked(survey, 1, failure)
    worker.looked(survey, 2, "rb", [])
    assert shop.statuses(batch_id) == [ends, "no_match"]
    assert shop.row(batch_id, 1).error == failure.told()
    assert worker.take() is None
    if waits_s is not None:
        shop.desk.clock.pass_s(waits_s - 1)
        assert not shop.is_due()
        shop.desk.clock.pass_s(2)
        assert shop.is_due()
        worker.looked(taken(worker), 1, "ra", [])
        assert shop.statuses(batch_id) == ["no_match", "no_match"]
        assert shop.row(batch_id, 1).error is None


def test_what_is_given_back_costs_no_try(shop: Shop) -> None:
    shop.batch("posthog:a", "posthog:b")
    for _ in range(5):
        worker = shop.worker()
        survey = taken(worker)
        worker.give_back(survey)
    assert [each.attempt for each in taken(shop.worker()).sessions] == [1, 1]


def test_a_full_queue_and_a_used_up_quota_are_waited_for(desk: Desk) -> None:
    for settings in ({"max_queue": 1}, {"concurrent_clips": 1}):
        shop = Shop(Desk(desk.database, **settings), **settings)
        shop._count = 10 + len(shop.settings.model_dump_json())
        waiting = shop.desk.ask(priority=10)
        batch_id = shop.batch(f"posthog:{settings}")
        worker = shop.worker()
        worker.looked(taken(worker), 1, f"r{settings}", [found()])
        assert shop.statuses(batch_id) == ["waiting"]
        assert shop.clips(batch_id) == []
        assert worker.take() is None
        shop.desk.queue.cancel("acme", waiting)
        shop.desk.clock.pass_s(61)
        worker.looked(taken(worker), 1, f"r{settings}", [found()])
        assert shop.statuses(batch_id) == ["matched"]
        shop.desk.queue.cancel("acme", shop.clips(batch_id)[0].id)


def test_a_source_is_asked_and_says_some_at_a_time(shop: Shop) -> None:
    batch_id = shop.batch(source=Source(name="posthog", from_ms=0, limit=10))
    worker = shop.worker()
    survey = taken(worker)
    assert survey.is_listing
    assert shop.worker("other").take() is None
    worker.found(
        survey, [FoundSession(recording="posthog:a", replay_url="https://x/a"), FoundSession(recording="posthog:b")]
    )
    looking = taken(shop.worker("other"))
    assert [each.replay_url for each in looking.sessions] == ["https://x/a", None], "before all are known"
    worker.found(survey, [FoundSession(recording="posthog:b"), FoundSession(recording="posthog:c")])
    worker.listed(survey)
    seen = shop.batches.get("acme", batch_id)
    assert (seen.batch.size, seen.batch.listing, seen.sessions) == (3, "done", {"looking": 2, "waiting": 1})


def test_a_source_that_is_away_is_asked_again_and_one_that_refuses_is_not(shop: Shop) -> None:
    batch_id = shop.batch(source=Source(name="posthog", from_ms=0, limit=10))
    worker = shop.worker()
    worker.list_failed(taken(worker), AWAY)
    assert worker.take() is None
    shop.desk.clock.pass_s(11)
    survey = taken(worker)
    worker.list_failed(survey, BAD_INPUT)
    batch = shop.batches.get("acme", batch_id).batch
    assert (batch.listing, batch.error) == ("failed", BAD_INPUT.told())
    with pytest.raises(ClaimLostError):
        worker.listed(survey)
    assert not shop.is_due()


def test_a_listing_that_was_cut_says_so(shop: Shop) -> None:
    batch_id = shop.batch(source=Source(name="posthog", from_ms=0, limit=1))
    worker = shop.worker()
    survey = taken(worker)
    worker.found(survey, [FoundSession(recording="posthog:a")])
    worker.listed(survey, was_cut=True)
    error = shop.batches.get("acme", batch_id).batch.error
    assert error is not None
    assert error["code"] == "listing_cut"


def test_what_is_archived_is_kept_for_good(shop: Shop) -> None:
    batch_id = shop.batch("posthog:a", archive=True)
    worker = shop.worker()
    stored = StoredRecording("f" * 64, 10, 20, 3, 1, 2, 0.0)
    worker.looked(taken(worker), 1, "ra", [found()], Archived(stored=stored, events="e"))
    assert shop.row(batch_id, 1).archived == "f" * 64
    with shop.desk.database.read() as session:
        row = session.get_one(UploadedRecording, ("acme", "f" * 64))
        assert (row.expires_ms, row.events, row.event_count) == (None, "e", 3)


def test_pages_of_sessions_and_other_peoples_batches(shop: Shop, database: Database) -> None:
    batch_id = shop.batch(*(f"posthog:{number}" for number in range(5)))
    page = shop.batches.sessions("acme", batch_id, limit=2)
    assert ([row.number for row in page.sessions], page.next_cursor) == ([1, 2], "2")
    rest = shop.batches.sessions("acme", batch_id, limit=3, cursor="2")
    assert ([row.number for row in rest.sessions], rest.next_cursor) == ([3, 4, 5], None)
    assert shop.batches.sessions("acme", batch_id, status="matched").sessions == ()
    for tenant, known in (("acme", "bat_" + "9" * 26), ("other", batch_id)):
        with pytest.raises(Exception, match="no such batch"):
            shop.batches.sessions(tenant, known)
    with database.read() as session:
        assert session.get_one(Batch, batch_id).size == 5
