"""Batches that look through sessions, and schedules, as they are asked for and told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from renderer.database.tables import AuditEntry, Batch, BatchSession, Clip, Schedule
from renderer.jobs.schedules import Schedules
from renderer.jobs.survey.claims import Surveys
from renderer.jobs.survey.model import Survey
from tests.integration.api.desk import Desk
from tests.unit.jobs.test_surveys import found

BATCH: dict[str, Any] = {
    "recordings": ["posthog:a", "posthog:b", "posthog:a"],
    "rules": "built-in",
    "most_clips": 2,
    "clip": {"fps": 10, "metadata": {"kind": "mp4"}},
    "metadata": {"team": "support"},
}
SOURCE: dict[str, Any] = {"source": {"name": "posthog", "since_s": 3600, "limit": 5}, "rules": "built-in"}
SCHEDULE: dict[str, Any] = {"name": "every night", "every_s": 86_400, "batch": SOURCE}


def rows(desk: Desk) -> int:
    with desk.service.database.read() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Batch, BatchSession, Clip, Schedule)
        )


def worker(desk: Desk) -> Surveys:
    return Surveys(desk.service.database, "wrk_test", desk.service.settings)


def taken(desk: Desk) -> Survey:
    survey = worker(desk).take()
    assert survey is not None
    return survey


def test_sessions_are_looked_into_and_told_with_what_was_found(desk: Desk) -> None:
    client = desk.client()
    answer = client.post("/v1/batches", json=BATCH)
    assert answer.status_code == 202
    batch = answer.json()
    assert (batch["status"], batch["size"], batch["sessions"], batch["counts"]) == ("running", 2, {"waiting": 2}, {})
    assert client.get(answer.headers["location"]).json() == batch
    survey = taken(desk)
    assert (survey.spec.most_clips, survey.spec.clip["fps"]) == (2, 10)
    worker(desk).looked(survey, 1, "ra", [found()])
    worker(desk).looked(survey, 2, "rb", [])
    told = client.get(answer.headers["location"]).json()
    assert (told["status"], told["sessions"], told["counts"], told["moments"]) == (
        "running", {"matched": 1, "no_match": 1}, {"queued": 1}, 1
    )  # fmt: skip
    (clip,) = client.get(told["clips_url"]).json()["data"]
    assert clip["metadata"] == {
        "title": "Angry", "severity": "high", "rules": "rage-click", "team": "support", "kind": "mp4"
    }  # fmt: skip
    assert clip["request"]["range"] == {"from_ms": 1000, "to_ms": 5000}
    sessions = client.get(told["sessions_url"] + "?status=matched").json()["data"]
    assert [(each["recording"], each["clips"][0]["clip_id"]) for each in sessions] == [("posthog:a", clip["id"])]
    assert sessions[0]["clips"][0]["moments"][0] == {
        "rule": "rage-click", "title": "Angry", "severity": "high", "at_ms": 3000, "labels": {}
    }  # fmt: skip
    desk.finish()
    assert client.get(answer.headers["location"]).json()["status"] == "finished"


def test_pages_of_sessions_lead_on(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/batches", json=BATCH).json()["sessions_url"]
    first = client.get(url + "?limit=1")
    assert [each["number"] for each in first.json()["data"]] == [1]
    assert 'rel="next"' in first.headers["link"]
    second = client.get(f"{url}?limit=1&cursor={first.json()['next_cursor']}").json()
    assert ([each["number"] for each in second["data"]], second["has_more"]) == ([2], False)
    assert client.get(url + "?cursor=x").status_code == 422


def test_a_dry_run_tells_what_it_would_cost(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/batches", json={**BATCH, "dry_run": True}).headers["location"]
    survey = taken(desk)
    for number in (1, 2):
        worker(desk).looked(survey, number, f"r{number}", [found()])
    told = client.get(url).json()
    assert (told["status"], told["counts"]) == ("finished", {})
    assert (told["estimate"]["clips"], told["estimate"]["video_s"]) == (2, 8.0)
    assert told["estimate"]["bytes"] > 10_000


def test_a_batch_without_rules_is_what_it_was(desk: Desk) -> None:
    told = desk.client().post("/v1/batches", json={"recordings": ["posthog:a"]}).json()
    assert (told["counts"], told["sessions"], told["sessions_url"]) == ({"queued": 1}, None, None)


def test_one_request_makes_one_batch(desk: Desk) -> None:
    client = desk.client()
    answers = [client.post("/v1/batches", json=BATCH, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert rows(desk) == 3


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "#", "value_error"),
        ({"recordings": ["posthog:a"], **SOURCE}, "#", "value_error"),
        ({**BATCH, "clip": {"range": {"from_ms": 5}}}, "#", "value_error"),
        ({**BATCH, "clip": {"moment": {"name": "first"}}}, "#", "value_error"),
        ({**BATCH, "rules": "nobody"}, "#/rules", "rules_not_found"),
        ({**BATCH, "rules": "../x"}, "#/rules", "value_error"),
        ({**BATCH, "most_clips": 0}, "#/most_clips", "greater_than_equal"),
        ({**BATCH, "recordings": ["posthog:a", "file:/etc/passwd"]}, "#/recordings/1", "recording_not_allowed"),
        ({**SOURCE, "source": {"name": "elsewhere"}}, "#/source/name", "literal_error"),
        ({**SOURCE, "source": {"name": "posthog", "since_s": 1}}, "#/source/since_s", "greater_than_equal"),
        ({**SOURCE, "source": {"name": "posthog", "filter": {"colour": 1}}}, "#/source/filter", "bad_filter"),
        ({**SOURCE, "source": {"name": "posthog", "filter": {"a": "\0"}}}, "#/source/filter", "value_error"),
        ({**SOURCE, "clip": {"overlays": "nothing"}}, "#/clip/overlays", "unknown_overlay"),
        (
            {**SOURCE, "clip": {"deliver": [{"to": "webhook:whk_" + "0" * 26}]}},
            "#/clip/deliver/0/to",
            "webhook_not_found",
        ),
    ],
)
def test_what_will_not_do_is_named_and_nothing_is_stored(
    desk: Desk, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = desk.client().post("/v1/batches", json=body)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["code"] == code, error
    assert rows(desk) == 0


def test_rules_that_the_operator_has_set_up_and_sources_that_are_not_allowed(
    make_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "night.yaml").write_text("rules: [{name: a, when: {kind: click}}]")
    desk = make_desk(allowed_recordings="recording:", rules_dir=tmp_path / "rules")
    client = desk.client()
    refused = client.post("/v1/batches", json=SOURCE)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/source/name")
    desk = make_desk(allowed_recordings="recording:,posthog:", rules_dir=tmp_path / "rules")
    client = desk.client()
    assert client.post("/v1/batches", json={**BATCH, "rules": "night"}).status_code == 202
    clip = client.post("/v1/clips", json={"recording": "posthog:a", "rules": "night", "moment": {"name": "first"}})
    assert clip.json()["request"]["rules"] == "night"
    unknown = client.post("/v1/clips", json={"recording": "posthog:a", "rules": "day"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/rules")


def test_a_schedule_from_its_beginning_to_its_end(desk: Desk) -> None:
    client = desk.client()
    answer = client.post("/v1/schedules", json=SCHEDULE)
    assert answer.status_code == 201
    url, told = answer.headers["location"], answer.json()
    assert (told["name"], told["every_s"], told["late_s"], told["enabled"], told["last_batch_id"]) == (
        "every night", 86_400, 86_400, True, None
    )  # fmt: skip
    assert client.get(url).json() == told
    assert client.get("/v1/schedules").json()["data"] == [told]
    assert Schedules(desk.service.database).run_due() == 1
    last = client.get(url).json()
    batch = client.get(last["last_batch_url"]).json()
    assert (batch["id"], batch["status"], batch["sessions"]) == (last["last_batch_id"], "running", {})
    survey = taken(desk)
    assert survey.is_listing
    assert survey.spec.source is not None
    assert survey.spec.source.limit == 5
    paused = client.patch(url, json={"enabled": False, "every_s": 600}).json()
    assert (paused["enabled"], paused["every_s"]) == (False, 600)
    assert client.patch(url, json={"every_s": 5}).status_code == 422
    assert client.delete(url).status_code == 204
    assert (client.get(url).status_code, client.delete(url).status_code) == (404, 404)
    assert client.get(last["last_batch_url"]).status_code == 200
    with desk.service.database.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("schedule"))))
    assert actions == ["schedule.create", "schedule.change", "schedule.delete"]


def test_schedules_that_cannot_be(desk: Desk) -> None:
    client = desk.client()
    for change, pointer in (
        ({"batch": BATCH}, "#"),
        ({"batch": {**SOURCE, "rules": "nobody"}}, "#/batch/rules"),
        ({"batch": {**SOURCE, "clip": {"overlays": "nothing"}}}, "#/batch/clip/overlays"),
        ({"every_s": 10}, "#/every_s"),
        ({"name": ""}, "#/name"),
        ({"late_s": 1}, "#/late_s"),
        ({"colour": 1}, "#/colour"),
    ):
        answer = client.post("/v1/schedules", json={**SCHEDULE, **change})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert rows(desk) == 0


def test_to_archive_needs_the_right_to_upload(desk: Desk) -> None:
    few = desk.client(desk.new_key("clips:write"))
    assert few.post("/v1/schedules", json={**SCHEDULE, "archive": True}).json()["code"] == "scope_missing"
    both = desk.client(desk.new_key("clips:write", "recordings:write"))
    assert both.post("/v1/schedules", json={**SCHEDULE, "archive": True}).json()["archive"] is True
