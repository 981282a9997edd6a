"""Batches: many clips at once, after those that were asked for one by one."""

from sqlalchemy import func, select

from renderer.access.caller import KeyLimits
from renderer.database.tables import Batch, Clip
from tests.integration.api.desk import Desk

ASKED = {
    "recordings": ["posthog:a", "posthog:b", "posthog:c"],
    "clip": {"fps": 10, "outputs": [{"format": "gif"}], "metadata": {"kind": "gif"}},
    "metadata": {"campaign": "november", "kind": "batch"},
}


def count(desk: Desk, table: type[Batch] | type[Clip]) -> int:
    with desk.service.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_batch_makes_a_clip_of_each_recording(desk: Desk) -> None:
    client = desk.client()
    answer = client.post("/v1/batches", json=ASKED)
    assert answer.status_code == 202
    batch = answer.json()
    assert (batch["size"], batch["counts"], batch["status"]) == (3, {"queued": 3}, "running")
    assert client.get(answer.headers["location"]).json() == batch
    clips = client.get(batch["clips_url"]).json()["data"]
    assert {clip["recording"] for clip in clips} == set(ASKED["recordings"])
    assert all(clip["batch_id"] == batch["id"] and clip["request"]["fps"] == 10 for clip in clips)
    assert all(clip["metadata"] == {"campaign": "november", "kind": "gif"} for clip in clips)


def test_who_asks_for_one_clip_goes_first(desk: Desk) -> None:
    client = desk.client()
    client.post("/v1/batches", json=ASKED)
    alone = client.post("/v1/clips", json={"recording": "posthog:z"}).json()["id"]
    assert desk.take().clip_id == alone


def test_a_batch_is_finished_when_none_of_its_clips_goes_on(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/batches", json=ASKED).headers["location"]
    desk.finish()
    desk.fail()
    assert client.get(url).json()["counts"] == {"succeeded": 1, "failed": 1, "queued": 1}
    assert client.get(url).json()["status"] == "running"
    canceled = desk.take()
    client.post(f"/v1/clips/{canceled.clip_id}/cancel")
    desk.claims.canceled(canceled)
    assert client.get(url).json()["status"] == "finished"


def test_a_batch_is_all_or_nothing(desk: Desk) -> None:
    few = desk.client(desk.new_key(limits=KeyLimits(concurrent_clips=3)))
    few.post("/v1/clips", json={"recording": "posthog:s"})
    refused = few.post("/v1/batches", json=ASKED, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_concurrent")
    assert int(refused.headers["retry-after"]) > 0
    assert (count(desk, Batch), count(desk, Clip)) == (0, 1)
    none = desk.client(desk.new_key(limits=KeyLimits(concurrent_clips=2)))
    never = none.post("/v1/batches", json=ASKED)
    assert (never.status_code, never.json()["code"]) == (422, "quota_concurrent")
    assert "retry-after" not in never.headers


def test_a_batch_that_is_repeated_is_made_once(desk: Desk) -> None:
    client = desk.client()
    first = client.post("/v1/batches", json=ASKED, headers={"Idempotency-Key": "k"})
    again = client.post("/v1/batches", json=ASKED, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert (count(desk, Batch), count(desk, Clip)) == (1, 3)
