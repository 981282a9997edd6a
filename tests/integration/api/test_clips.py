"""Clips over HTTP: asking, looking, listing, calling off, deleting; on a real database and store, without workers."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from renderer.access.caller import KeyLimits
from renderer.database.tables import AuditEntry, Clip, Idempotency
from tests.integration.api.desk import SAMPLE, Desk

ASKED: dict[str, Any] = {
    "recording": "posthog:0190f1c2-7c3d-7e4f-8a5b-0123456789ab",
    "range": {"from_ms": 1000, "to_ms": 9000},
    "outputs": [{"format": "mp4"}, {"format": "gif", "max_bytes": 8_000_000}],
    "size": "1280x721",
    "fps": 12,
    "idle": "keep",
    "metadata": {"ticket": "48213", "priority": 2, "vip": True, "note": None},
}


def count(desk: Desk) -> int:
    with desk.service.database.read() as session:
        return session.scalar(select(func.count()).select_from(Clip)) or 0


def test_a_clip_is_accepted_and_told_back_as_it_was_asked_for(desk: Desk) -> None:
    answer = desk.client().post("/v1/clips", json=ASKED)
    assert answer.status_code == 202
    clip = answer.json()
    assert answer.headers["location"] == f"http://testserver/v1/clips/{clip['id']}"
    assert int(answer.headers["retry-after"]) > 0
    assert {name: clip["request"][name] for name in ("recording", "range", "fps", "idle")} == {
        name: ASKED[name] for name in ("recording", "range", "fps", "idle")
    }
    assert clip["request"]["outputs"] == [
        {"format": "mp4", "max_bytes": None},
        {"format": "gif", "max_bytes": 8_000_000},
    ]
    assert clip["request"]["size"] == "1280x722"  # yuv420p halves both sides
    assert clip["metadata"] == ASKED["metadata"]
    assert (clip["status"], clip["object"], clip["outputs"], clip["error"]) == ("queued", "clip", [], None)
    assert desk.client().get(answer.headers["location"]).json() == clip


def test_a_finished_clip_tells_of_its_files(desk: Desk) -> None:
    client = desk.client()
    clip_id = client.post("/v1/clips", json=ASKED).json()["id"]
    assert desk.finish() == clip_id
    clip = client.get(f"/v1/clips/{clip_id}").json()
    assert (clip["status"], clip["progress"]["percent"], clip["session"]) == ("succeeded", 100, ASKED["recording"][8:])
    video = clip["outputs"][0]
    assert video["url"] == f"http://testserver/v1/clips/{clip_id}/files/clip.mp4"
    assert (video["kind"], video["duration_ms"], video["width_px"]) == ("mp4", 4000, 1280)
    assert {each["kind"] for each in clip["outputs"]} == {"mp4", "poster", "captions", "summary", "manifest"}
    assert clip["expires_at"] > clip["finished_at"] >= clip["started_at"] >= clip["created_at"]


def test_a_failed_clip_says_why_and_whose_fault(desk: Desk) -> None:
    client = desk.client()
    client.post("/v1/clips", json=ASKED)
    clip = client.get(f"/v1/clips/{desk.fail()}").json()
    assert clip["status"] == "failed"
    assert clip["error"] == {
        "code": "no_length",
        "stage": "recording",
        "fault": "input",
        "retryable": False,
        "detail": "nothing to play",
    }


def test_links_go_by_the_public_address(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(public_url="https://clips.example.com/")
    answer = desk.client().post("/v1/clips", json=ASKED)
    assert answer.headers["location"].startswith("https://clips.example.com/v1/clips/clip_")
    assert answer.headers["strict-transport-security"]


def test_what_did_not_change_is_not_sent_again(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/clips", json=ASKED).headers["location"]
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": f'W/{first.headers["etag"]}, "other"'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    desk.take()
    changed = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "fetching")


def test_who_waits_hears_of_the_end(desk: Desk) -> None:
    with desk.hands():
        answer = desk.client().post("/v1/clips", json=ASKED, headers={"Prefer": "wait=20"})
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=20"
    assert answer.headers["location"].endswith(answer.json()["id"])
    assert len(answer.json()["outputs"]) == 5


def test_who_waits_too_shortly_is_told_to_look_later(desk: Desk) -> None:
    answer = desk.client().post("/v1/clips", json=ASKED, headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json()["status"], answer.headers["retry-after"]) == (202, "queued", "2")
    asynchronous = desk.client().post("/v1/clips", json=ASKED, headers={"Prefer": "respond-async, wait=20"})
    assert asynchronous.status_code == 202
    assert "preference-applied" not in asynchronous.headers


def test_pages_are_newest_first_and_complete(desk: Desk) -> None:
    client = desk.client()
    ids = [client.post("/v1/clips", json={"recording": f"posthog:s{n}"}).json()["id"] for n in range(5)]
    seen: list[str] = []
    url = "/v1/clips?limit=2&status=queued"
    for expected in (True, True, False):
        page = client.get(url)
        seen += [clip["id"] for clip in page.json()["data"]]
        assert page.json()["has_more"] is expected
        assert ("next" in page.links) is expected
        url = page.links["next"]["url"] if expected else ""
    assert seen == ids[::-1]
    assert [clip["session"] for clip in client.get("/v1/clips?session_id=s3").json()["data"]] == ["s3"]
    assert client.get("/v1/clips?status=failed").json() == {"data": [], "has_more": False, "next_cursor": None}


def test_a_clip_is_called_off_once(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/clips", json=ASKED).headers["location"]
    answer = client.post(f"{url}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "canceled")
    again = client.post(f"{url}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "clip_ended")


def test_a_deleted_clip_is_gone_with_its_files(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/clips", json=ASKED).headers["location"]
    desk.finish()
    assert list(desk.service.store.list("renders"))
    assert client.delete(url).status_code == 204
    assert list(desk.service.store.list("renders")) == []
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/files/clip.mp4"),
        ("GET", "/events"),
    ):
        answer = client.request(method, f"{url}{path}")
        assert (answer.status_code, answer.json()["code"]) == (410, "clip_gone"), path
    assert client.get("/v1/clips").json()["data"] == []


def test_files_that_another_clip_has_too_stay(desk: Desk) -> None:
    client = desk.client()
    recording = client.post("/v1/recordings", content=SAMPLE.read_bytes()).json()["reference"]
    first = client.post("/v1/clips", json={"recording": recording}).headers["location"]
    second = client.post("/v1/clips", json={"recording": recording}).headers["location"]
    desk.finish()
    told = client.get(second).json()
    assert (told["status"], told["deduplicated"]) == ("succeeded", True)
    assert client.get(first).json()["deduplicated"] is False
    assert client.delete(first).status_code == 204
    assert client.get(f"{second}/files/clip.md").status_code == 200


def test_a_request_that_is_repeated_is_done_once(desk: Desk) -> None:
    client = desk.client()
    key = {"Idempotency-Key": "9f1c3a4e"}
    first = client.post("/v1/clips", json=ASKED, headers=key)
    reordered = dict(reversed(ASKED.items()))
    again = client.post("/v1/clips", json=reordered, headers=key)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        202,
        first.json(),
        first.headers["location"],
    )
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert count(desk) == 1
    other = client.post("/v1/clips", json=ASKED | {"fps": 13}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_other_request")
    foreign = desk.client(desk.new_key(tenant="others")).post("/v1/clips", json=ASKED, headers=key)
    assert (foreign.status_code, count(desk)) == (202, 2)


def test_a_refused_request_does_not_use_its_key_up(desk: Desk) -> None:
    client = desk.client()
    key = {"Idempotency-Key": "k"}
    assert client.post("/v1/clips", json=ASKED | {"overlays": "none,of,these"}, headers=key).status_code == 422
    assert client.post("/v1/clips", json=ASKED, headers=key).status_code == 202
    assert client.post("/v1/clips", json=ASKED, headers={b"Idempotency-Key": "ä".encode()}).status_code == 422


def test_a_key_in_flight_is_not_taken_twice_and_not_for_ever(desk: Desk) -> None:
    client = desk.client()
    key = {"Idempotency-Key": "k"}
    first = client.post("/v1/clips", json=ASKED, headers=key).json()
    with desk.service.database.write() as session:  # as it is before the first request is answered
        row = session.get_one(Idempotency, ("default", "k"))
        row.status, row.answer = None, None
    in_flight = client.post("/v1/clips", json=ASKED, headers=key)
    assert (in_flight.status_code, in_flight.json()["code"]) == (409, "idempotency_in_flight")
    assert in_flight.headers["retry-after"] == "1"
    with desk.service.database.write() as session:  # who began it died long ago
        session.get_one(Idempotency, ("default", "k")).created_ms -= 61_000
    later = client.post("/v1/clips", json=ASKED, headers=key)
    assert later.status_code == 202
    assert later.json()["id"] != first["id"]


def test_the_same_key_at_the_same_time_makes_one_clip(desk: Desk) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.append(desk.client().post("/v1/clips", json=ASKED, headers={"Idempotency-Key": "k"}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(desk) == 1
    assert set(answers) <= {202, 409}
    assert 202 in answers


def test_a_full_queue_says_when_to_come_again(make_desk: Callable[..., Desk]) -> None:
    client = make_desk(max_queue=2).client()
    for _ in range(2):
        assert client.post("/v1/clips", json=ASKED).status_code == 202
    full = client.post("/v1/clips", json=ASKED)
    assert (full.status_code, full.json()["code"]) == (429, "queue_full")
    assert int(full.headers["retry-after"]) == full.json()["retry_after_s"] > 0


def test_quotas_and_rates_are_told_apart(desk: Desk) -> None:
    few = desk.client(desk.new_key(limits=KeyLimits(concurrent_clips=1)))
    assert few.post("/v1/clips", json=ASKED).status_code == 202
    quota = few.post("/v1/clips", json=ASKED)
    assert (quota.status_code, quota.json()["code"]) == (429, "quota_concurrent")
    assert quota.headers["retry-after"]
    slow = desk.client(desk.new_key(limits=KeyLimits(requests_per_minute=2)))
    assert [slow.get("/v1/clips").status_code for _ in range(3)] == [200, 200, 429]
    rate = slow.get("/v1/clips")
    assert (rate.json()["code"], 0 < int(rate.headers["retry-after"]) <= 60) == ("rate_limited", True)


def test_what_was_done_is_in_the_audit_log(desk: Desk) -> None:
    client = desk.client()
    url = client.post("/v1/clips", json=ASKED, headers={"X-Request-Id": "my-request"}).headers["location"]
    client.delete(url)
    with desk.service.database.read() as session:
        entries = list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))
    assert [(entry.action, entry.object) for entry in entries[-2:]] == [
        ("clip.create", url.rpartition("/")[2]),
        ("clip.delete", url.rpartition("/")[2]),
    ]
    created = entries[-2]
    assert (created.actor, created.request_id) == (f"key:{desk.key.split('_')[2]}", "my-request")
    assert created.detail == {"recording": ASKED["recording"], "redaction": "default"}
    assert desk.service.audit.verify() is None
