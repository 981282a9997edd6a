"""What load balancers, monitoring and logs see."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from renderer.api.server import listen
from renderer.logs import configure_logs
from tests.integration.api.desk import Desk
from tests.integration.api.serving import Served


def samples(text: str) -> dict[tuple[str, ...], float]:
    """By name and the values of its labels."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Nagle's algorithm cost 40 ms for each answer on a connection that is kept."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_it_lives_and_is_ready(desk: Desk) -> None:
    client = desk.client("")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.head("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "checks": {"database": True, "migrations": True, "store": True}},
    )


def test_it_is_not_ready_without_its_broker_its_store_or_its_tables(
    make_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    away = make_desk(broker_url="redis://127.0.0.1:1/0").client("").get("/readyz")
    assert (away.status_code, away.json()["checks"]["broker"], away.headers["retry-after"]) == (503, False, "5")
    (tmp_path / "full").write_text("a file is no folder")
    store = make_desk(store_url=str(tmp_path / "full")).client("").get("/readyz")
    assert (store.status_code, store.json()["checks"]["store"]) == (503, False)
    old = make_desk()
    with old.service.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    assert old.client("").get("/readyz").json()["checks"]["migrations"] is False


def test_it_is_not_ready_while_it_ends(desk: Desk) -> None:
    desk.service.stopping.set()
    assert desk.client("").get("/readyz").status_code == 503
    assert desk.client("").get("/healthz").status_code == 200


def test_metrics_are_counted_from_the_rows(served: Served) -> None:
    desk = served.desk
    with served.client() as client:
        for number in range(3):
            client.post("/v1/clips", json={"recording": f"posthog:{number}"})
        client.post("/v1/batches", json={"recordings": ["posthog:x"]})
        client.post("/v1/batches", json={"recordings": ["posthog:y", "posthog:z"], "rules": "built-in"})
        desk.finish()
        client.get("/v1/clips/clip_x")
        client.request("BREW", "/v1/clips")
        answer = client.get("/metrics", headers={"Authorization": ""})
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = samples(answer.text)
    assert found["renderer_clips", "succeeded"] == 1
    assert found["renderer_clips", "queued"] == 3
    assert found["renderer_clips", "failed"] == 0
    assert (found["renderer_queue_clips", "0"], found["renderer_queue_clips", "10"]) == (2, 1)
    assert found["renderer_queue_oldest_seconds", "0"] >= 0
    assert (found["renderer_batch_sessions", "waiting"], found["renderer_batch_sessions", "matched"]) == (2, 0)
    assert found["renderer_workers",] == 0
    assert found["renderer_http_request_seconds_count", "POST", "/v1/clips", "202"] == 3
    assert found["renderer_http_request_seconds_count", "GET", "/v1/clips/{clip_id}", "404"] == 1
    assert found["renderer_http_request_seconds_count", "other", "/v1/clips", "405"] == 1
    assert "clip_x" not in answer.text


def test_metrics_are_for_this_machine_and_for_admins(served: Served) -> None:
    with served.client("") as client:
        assert client.get("/metrics").status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            proxied = client.get("/metrics", headers={header: "203.0.113.9"})
            assert (proxied.status_code, proxied.json()["code"]) == (401, "key_missing")
        reader = {"Authorization": f"Bearer {served.desk.new_key('clips:read')}", "X-Real-IP": "203.0.113.9"}
        assert client.get("/metrics", headers=reader).json()["code"] == "scope_missing"
        admin = {"Authorization": f"Bearer {served.desk.key}", "X-Real-IP": "203.0.113.9"}
        assert client.get("/metrics", headers=admin).status_code == 200


def test_requests_have_ids_that_can_be_given(desk: Desk) -> None:
    client = desk.client()
    assert client.get("/v1/clips", headers={"X-Request-Id": "trace-1:a.b"}).headers["x-request-id"] == "trace-1:a.b"
    for insane in (b"a b", b"x" * 200, b"<script>", b"", "ä".encode(), b"-a"):
        given = client.get("/v1/clips", headers={b"X-Request-Id": insane}).headers["x-request-id"]
        assert re.fullmatch(r"req_[0-9a-z]{26}", given), insane
    problem = client.get("/v1/clips/x", headers={"X-Request-Id": "mine"})
    assert problem.json()["request_id"] == problem.headers["x-request-id"] == "mine"


@pytest.mark.usefixtures("process_logs")
def test_each_request_is_one_line_of_json(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    client = desk.client()
    clip = client.post("/v1/clips", json={"recording": "posthog:the-session"}, headers={"X-Request-Id": "r1"}).json()
    client.get(f"/v1/clips/{clip['id']}")
    client.get("/healthz")  # asked for every few seconds: not worth a line
    created, got = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert created["request_id"] == "r1"
    assert created["key_id"] == desk.key.split("_")[2]
    assert (created["clip_id"], created["session"], created["status"]) == (clip["id"], "the-session", 202)
    assert (got["route"], got["clip_id"], got["session"]) == ("/v1/clips/{clip_id}", clip["id"], "the-session")
    assert got["duration_ms"] >= 0
    assert created["request_id"] != got["request_id"]


@pytest.mark.usefixtures("process_logs")
def test_what_nobody_foresaw_is_a_problem_without_its_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logs()

    def fail(*_: object, **__: object) -> None:
        raise KeyError("patient name")

    monkeypatch.setattr(desk.service.queue, "page", fail)
    answer = desk.client().get("/v1/clips")
    told = answer.json()
    assert (answer.status_code, told["code"], answer.headers["content-type"]) == (
        500,
        "internal_error",
        "application/problem+json",
    )
    assert told["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = capfd.readouterr().err
    assert "patient" not in answer.text + lines
    first = json.loads(lines.splitlines()[0])
    assert (first["event"], first["error"], first["request_id"]) == ("unexpected error", "KeyError", told["request_id"])


def test_a_database_that_is_away_is_told_as_such(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from renderer.errors import SetupError

    def away(*_: object, **__: object) -> None:
        raise SetupError("database_unreachable", "the database at x cannot be used now", retryable=True)

    with served.client() as client:
        client.get("/v1/clips")  # the key is known from now on
        monkeypatch.setattr(served.desk.service.queue, "page", away)
        answer = client.get("/v1/clips")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
        503,
        "database_unreachable",
        "5",
    )


def test_the_page_of_the_api_needs_nothing_from_elsewhere(desk: Desk) -> None:
    client = desk.client("")
    answer = client.get("/docs")
    assert answer.status_code == 200
    page = answer.text
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|/openapi.json)([^"]*)"', page) == []
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
