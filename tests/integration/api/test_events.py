"""Server-sent events over a real socket: every event once, in order, again from where a reader was, and an end."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import fastapi.routing
import httpx2
import pytest

from tests.integration.api.desk import Desk
from tests.integration.api.serving import Served, serving


def ask(client: httpx2.Client) -> str:
    return str(client.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"])


def events(answer: httpx2.Response) -> Iterator[dict[str, Any]]:
    """As an EventSource reads them; comments under the name "comment"."""
    event: dict[str, Any] = {}
    for line in answer.iter_lines():
        if not line:
            if event:
                yield event
            event = {}
            continue
        name, _, value = line.partition(": ")
        event[name or "comment"] = json.loads(value) if name == "data" else value


def watch(client: httpx2.Client, clip_id: str, **headers: str) -> list[dict[str, Any]]:
    with client.stream("GET", f"/v1/clips/{clip_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-accel-buffering"] == "no"
        return list(events(answer))


def test_a_watcher_sees_every_stage_once_and_the_end(served: Served) -> None:
    desk = served.desk
    with served.client() as client:
        clip_id = ask(client)
        seen: list[dict[str, Any]] = []
        watching = threading.Thread(target=lambda: seen.extend(watch(client, clip_id)))
        watching.start()
        claim = desk.take()
        desk.claims.tell(claim, "rendering", {"stage": "rendering", "percent": 41, "frames_done": 41})
        desk.finish(claim)
        watching.join(20)
        assert not watching.is_alive()
    told = [event for event in seen if "data" in event]
    assert seen[0] == {"retry": "2000"}
    statuses = [event["data"]["status"] for event in told if event["event"] == "status"]
    assert statuses == ["queued", "fetching", "rendering", "encoding", "publishing", "succeeded"]
    assert [event["data"]["percent"] for event in told if event["event"] == "progress"] == [41]
    assert told[-1]["event"] == "done"
    assert told[-1]["data"] == {"clip_id": clip_id, "status": "succeeded"}
    ids = [int(event["id"]) for event in told]
    assert ids == sorted(ids)
    assert len(set(ids[:-1])) == len(ids) - 1
    assert all(event["data"]["clip_id"] == clip_id for event in told)


def test_who_was_cut_off_goes_on_where_it_was(served: Served) -> None:
    with served.client() as client:
        clip_id = ask(client)
        served.desk.finish()
        whole = [event for event in watch(client, clip_id) if "data" in event]
        middle = whole[2]["id"]
        rest = [event for event in watch(client, clip_id, **{"Last-Event-ID": middle}) if "data" in event]
        assert rest == whole[3:]
        over = client.get(f"/v1/clips/{clip_id}/events", headers={"Last-Event-ID": whole[-1]["id"]})
        assert (over.status_code, over.content) == (204, b"")


def test_a_reader_that_breaks_off_leaves_nothing_behind(served: Served) -> None:
    with served.client() as client:
        clip_id = ask(client)
        for _ in range(3):
            with client.stream("GET", f"/v1/clips/{clip_id}/events") as answer:
                assert next(events(answer)) == {"retry": "2000"}
        deadline = time.monotonic() + 10
        while served.server.server_state.tasks and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(served.server.server_state.tasks) == 0
        assert client.get("/healthz").status_code == 200


def test_quiet_streams_are_kept_alive(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.2)
    with served.client() as client:
        clip_id = ask(client)
        with client.stream("GET", f"/v1/clips/{clip_id}/events") as answer:
            stream = events(answer)
            found = [next(stream) for _ in range(4)]
        assert {"comment": "ping"} in found


def test_a_clip_that_is_deleted_ends_its_stream(served: Served) -> None:
    with served.client() as client, served.client() as other:
        clip_id = ask(client)
        with client.stream("GET", f"/v1/clips/{clip_id}/events") as answer:
            stream = events(answer)
            assert next(stream) == {"retry": "2000"}
            assert other.delete(f"/v1/clips/{clip_id}").status_code == 204
            rest = list(stream)
        assert rest[-1]["event"] == "done"
        assert rest[-1]["data"]["status"] == "deleted"


def test_bad_ids_of_events_are_told_before_the_stream_begins(served: Served) -> None:
    with served.client() as client:
        clip_id = ask(client)
        for bad in ("x", "-1", "1.5", "9" * 40):
            answer = client.get(f"/v1/clips/{clip_id}/events", headers={"Last-Event-ID": bad})
            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "last-event-id")
        assert client.get("/v1/clips/clip_x/events").status_code == 404


def test_a_server_that_ends_ends_its_streams_at_once(desk: Desk) -> None:
    with serving(desk) as served, served.client() as client:
        clip_id = ask(client)
        with client.stream("GET", f"/v1/clips/{clip_id}/events") as answer:
            stream = events(answer)
            assert next(stream) == {"retry": "2000"}
            began = time.monotonic()
            served.stop()
            assert all(event.get("event") != "done" for event in stream)  # who watches comes back, elsewhere
            assert time.monotonic() - began < 5
