"""Schedules: none of a source's sessions is missed, none is looked into twice, whatever comes late or stands still meanwhile."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from renderer.database.engine import Database
from renderer.database.tables import Batch, BatchSession, Schedule, ScheduleSession
from renderer.errors import RequestError
from renderer.jobs.model import Failure
from renderer.jobs.schedules import MOST, Schedules
from renderer.jobs.survey.claims import Surveys
from renderer.jobs.survey.model import FoundSession, Source, Spec
from renderer.settings import Settings
from tests.unit.jobs.desk import Clock

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SPEC = Spec(rules="built-in", clip={}, source=Source(name="posthog", from_ms=0, limit=1000))
AWAY = Failure("posthog_unreachable", "source", "source", retryable=False, detail="it is away")


class Night:
    """A schedule, a source with sessions that begin and are there some time later, and a worker that asks it."""

    def __init__(self, database: Database, late_ms: int = DAY_MS, every_ms: int = DAY_MS) -> None:
        self.database = database
        self.clock = Clock()
        self.schedules = Schedules(database, self.clock)
        self.worker = Surveys(database, "worker", Settings(), self.clock)
        self.sessions: dict[str, tuple[int, int]] = {}
        """By name, when each began and since when it is there to be found."""
        row = self.schedules.create(
            "acme",
            "key",
            name="nightly",
            labels={},
            spec=SPEC,
            every_ms=every_ms,
            late_ms=late_ms,
            last=lambda *_: None,
        )
        self.id = row.id

    @property
    def row(self) -> Schedule:
        return self.schedules.get("acme", self.id)

    def ask(self, failure: Failure | None = None, *, was_cut: bool = False) -> list[str]:
        """A worker's turn: what the batch that is due finds that is new."""
        if not self.schedules.run_due():
            return []
        survey = self.worker.take()
        assert survey is not None
        assert survey.spec.source is not None
        if failure is not None:
            self.worker.list_failed(survey, failure)
            return []
        now = self.clock()
        there = [
            FoundSession(recording=name)
            for name, (began_ms, there_ms) in self.sessions.items()
            if began_ms >= survey.spec.source.from_ms and there_ms <= now
        ]
        self.worker.found(survey, there)
        self.worker.listed(survey, was_cut=was_cut)
        with self.database.read() as session:
            rows = select(BatchSession).where(BatchSession.batch_id == survey.batch_id)
            names = [row.recording for row in session.scalars(rows.order_by(BatchSession.number))]
        self._look_away(survey.batch_id)
        return names

    def _look_away(self, batch_id: str) -> None:
        """What is found in them is no matter here."""
        with self.database.write() as session:
            for row in session.scalars(select(BatchSession).where(BatchSession.batch_id == batch_id)):
                row.status = "no_match"


@pytest.fixture
def night(database: Database) -> Night:
    return Night(database)


def test_each_night_what_is_new(night: Night) -> None:
    now = night.clock()
    night.sessions = {"posthog:old": (now - 2 * DAY_MS,) * 2, "posthog:a": (now - HOUR_MS,) * 2}
    assert night.ask() == ["posthog:a"]
    assert night.ask() == [], "not before it is due"
    night.sessions["posthog:b"] = (now + HOUR_MS,) * 2
    night.clock.pass_s(DAY_MS / 1000)
    assert night.ask() == ["posthog:b"]


def test_what_comes_late_or_still_went_on_is_found_the_next_time(night: Night) -> None:
    now = night.clock()
    night.sessions = {"posthog:late": (now - 20 * HOUR_MS, now + HOUR_MS)}
    assert night.ask() == []
    night.clock.pass_s(DAY_MS / 1000)
    assert night.ask() == ["posthog:late"]
    night.clock.pass_s(DAY_MS / 1000)
    assert night.ask() == []


def test_a_source_that_fails_or_has_more_than_was_asked_for_is_asked_about_the_same_time_again(night: Night) -> None:
    now = night.clock()
    night.sessions = {"posthog:a": (now - 23 * HOUR_MS,) * 2}
    assert night.ask(AWAY) == []
    assert night.row.watermark_ms == now
    night.clock.pass_s(10 * DAY_MS / 1000)
    night.sessions["posthog:b"] = (now + 5 * DAY_MS,) * 2
    assert night.ask(was_cut=True) == ["posthog:a", "posthog:b"]
    assert night.row.watermark_ms == now, "some may be missing"
    night.clock.pass_s(DAY_MS / 1000)
    night.sessions["posthog:c"] = (now + 2 * DAY_MS,) * 2
    assert night.ask() == ["posthog:c"]
    assert night.row.watermark_ms == night.clock()


def test_runs_that_nobody_was_there_for_are_made_up_by_one(night: Night) -> None:
    now = night.clock()
    night.ask()
    night.sessions = {f"posthog:{day}": (now + day * DAY_MS,) * 2 for day in range(1, 6)}
    night.clock.pass_s(5.5 * DAY_MS / 1000)
    assert sorted(night.ask()) == sorted(night.sessions)
    assert night.schedules.run_due() == 0
    assert night.row.next_ms == now + 6 * DAY_MS, "at the same hour as ever"


def test_one_that_still_asks_is_waited_for(night: Night) -> None:
    assert night.schedules.run_due() == 1
    night.clock.pass_s(DAY_MS / 1000)
    assert night.schedules.run_due() == 0
    survey = night.worker.take()
    assert survey is not None
    night.worker.listed(survey)
    assert night.schedules.run_due() == 1


def test_a_pause_misses_nothing(night: Night) -> None:
    now = night.clock()
    night.ask()
    night.schedules.change("acme", night.id, every_ms=None, enabled=False, last=lambda *_: None)
    night.sessions = {"posthog:a": (now + 3 * DAY_MS,) * 2}
    night.clock.pass_s(9 * DAY_MS / 1000)
    assert night.ask() == []
    night.schedules.change("acme", night.id, every_ms=HOUR_MS, enabled=True, last=lambda *_: None)
    assert night.ask() == ["posthog:a"]
    night.clock.pass_s(HOUR_MS / 1000)
    assert night.schedules.run_due() == 1


def test_names_are_forgotten_when_they_cannot_be_found_any_more(night: Night) -> None:
    now = night.clock()
    night.sessions = {"posthog:a": (now - HOUR_MS,) * 2}
    night.ask()
    for _ in range(4):
        night.clock.pass_s(DAY_MS / 1000)
        assert night.ask() == []
        night.schedules.tidy()
    with night.database.read() as session:
        assert session.scalars(select(ScheduleSession.recording)).all() == []


def test_a_deleted_schedule_leaves_its_batches(night: Night) -> None:
    night.sessions = {"posthog:a": (night.clock(),) * 2}
    night.ask()
    night.schedules.delete("acme", night.id, lambda *_: None)
    with pytest.raises(RequestError, match="no such schedule"):
        night.schedules.get("acme", night.id)
    with night.database.read() as session:
        assert len(session.scalars(select(Batch)).all()) == 1


def test_tenants_do_not_meet_and_there_are_not_too_many(night: Night) -> None:
    for act in (
        lambda: night.schedules.get("other", night.id),
        lambda: night.schedules.delete("other", night.id, lambda *_: None),
        lambda: night.schedules.change("other", night.id, every_ms=1, enabled=None, last=lambda *_: None),
        lambda: night.schedules.get("acme", "sch_nonsense"),
    ):
        with pytest.raises(RequestError) as caught:
            act()
        assert caught.value.code == "schedule_not_found"
    assert night.schedules.list("other") == []
    more: dict[str, Any] = {"name": "n", "labels": {}, "spec": SPEC, "every_ms": DAY_MS, "late_ms": DAY_MS}
    for _ in range(MOST - 1):
        night.schedules.create("acme", "key", **more, last=lambda *_: None)
    with pytest.raises(RequestError) as caught:
        night.schedules.create("acme", "key", **more, last=lambda *_: None)
    assert caught.value.code == "too_many_schedules"


@given(
    sessions=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 23)), max_size=12),
    turns=st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from(("asks", "asks", "fails", "cut", "tidies"))), max_size=14
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whenever_sessions_come_each_is_found_once(
    database: Database, sessions: list[tuple[int, int]], turns: list[tuple[int, str]]
) -> None:
    """Sessions (hour of beginning, hours until they are there) against turns (hours later, what happens then)."""
    night = Night(database, every_ms=HOUR_MS)
    start = night.clock()
    night.sessions = {
        f"posthog:{number}": (start + began * HOUR_MS, start + (began + later) * HOUR_MS)
        for number, (began, later) in enumerate(sessions)
    }
    found: list[str] = []
    for hours, what in [*turns, (130, "asks"), (1, "asks")]:
        night.clock.pass_s(hours * HOUR_MS / 1000)
        if what == "tidies":
            night.schedules.tidy()
        else:
            found += night.ask(AWAY if what == "fails" else None, was_cut=what == "cut")
    night.schedules.delete("acme", night.id, lambda *_: None)
    assert sorted(found) == sorted(night.sessions)
