"""Whatever is sent that will not do: a 4xx problem that names the field, nothing stored, and nothing secret told or logged."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from renderer.database.tables import Batch, Clip, Delivery, Idempotency, UploadedRecording, Webhook
from tests.integration.api.desk import SAMPLE, Desk

OK = {"recording": "posthog:s"}
NONE = "0" * 64

# Bodies of POST /v1/clips, and the field that the answer names.
BODIES: list[tuple[Any, str, str]] = [
    ({}, "#/recording", "missing"),
    ([], "#", "model_attributes_type"),
    ("posthog:s", "#", "model_attributes_type"),
    (OK | {"recordng": "x"}, "#/recordng", "extra_forbidden"),
    (OK | {"a/b~c": 1}, "#/a~1b~0c", "extra_forbidden"),
    (OK | {"events": "/etc/passwd"}, "#/events", "extra_forbidden"),
    (OK | {"recording": 5}, "#/recording", "string_type"),
    (OK | {"recording": ""}, "#/recording", "string_too_short"),
    (OK | {"recording": "posthog:" + "x" * 3000}, "#/recording", "string_too_long"),
    (OK | {"recording": "session.json"}, "#/recording", "bad_reference"),
    (OK | {"recording": "/etc/passwd"}, "#/recording", "bad_reference"),
    (OK | {"recording": "../../etc/passwd"}, "#/recording", "bad_reference"),
    (OK | {"recording": "file:///etc/passwd"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "FILE:/etc/passwd"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "s3://bucket/key"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "posthog:../../x"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "posthog:%2e%2e/x"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "posthog:%252e%252e/x"}, "#/recording", "recording_not_allowed"),
    (OK | {"recording": "posthog:a\nb"}, "#/recording", "bad_reference"),
    (OK | {"recording": "posthog:a\x00b"}, "#/recording", "bad_reference"),
    (OK | {"recording": "posthog:a\\b"}, "#/recording", "bad_reference"),
    (OK | {"recording": "recording:x"}, "#/recording", "recording_not_found"),
    (OK | {"recording": f"recording:{NONE}"}, "#/recording", "recording_not_found"),
    (OK | {"recording": f"recording:{NONE}/../x"}, "#/recording", "recording_not_allowed"),
    (OK | {"range": {"from_ms": -1}}, "#/range/from_ms", "greater_than_equal"),
    (OK | {"range": {"from_ms": "5"}}, "#/range/from_ms", "int_type"),
    (OK | {"range": {"from_ms": True}}, "#/range/from_ms", "int_type"),
    (OK | {"range": {"from_ms": 1.5}}, "#/range/from_ms", "int_type"),
    (OK | {"range": {"from_ms": 10**30}}, "#/range/from_ms", "less_than_equal"),
    (OK | {"range": {"from_ms": 9, "to_ms": 9}}, "#/range", "value_error"),
    (OK | {"range": {"from": 9}}, "#/range/from", "extra_forbidden"),
    (OK | {"range": {}, "moment": {"name": "x"}}, "#/moment", "value_error"),
    (OK | {"moment": {"before_ms": 0, "after_ms": 0}}, "#/moment", "value_error"),
    (OK | {"outputs": []}, "#/outputs", "too_short"),
    (OK | {"outputs": [{"format": "avi"}]}, "#/outputs/0/format", "literal_error"),
    (OK | {"outputs": [{"format": "mp4"}, {"format": "mp4"}]}, "#/outputs", "value_error"),
    (OK | {"outputs": [{"format": "gif", "max_bytes": 0}]}, "#/outputs/0/max_bytes", "greater_than_equal"),
    (OK | {"size": "1280"}, "#/size", "value_error"),
    (OK | {"size": "63x100"}, "#/size", "value_error"),
    (OK | {"size": "1280x4097"}, "#/size", "value_error"),
    (OK | {"size": {"width_px": 100}}, "#/size", "value_error"),
    (OK | {"fps": 61}, "#/fps", "less_than_equal"),
    (OK | {"fps": "25"}, "#/fps", "int_type"),
    (OK | {"speed": 0}, "#/speed", "greater_than_equal"),
    (OK | {"speed": "2"}, "#/speed", "float_type"),
    (OK | {"idle": "sleep"}, "#/idle", "literal_error"),
    (OK | {"overlays": "llm,nothing"}, "#/overlays", "unknown_overlay"),
    (OK | {"redaction": "../policy"}, "#/redaction", "value_error"),
    (OK | {"redaction": "/etc/policy.toml"}, "#/redaction", "value_error"),
    (OK | {"redaction": "unknown"}, "#/redaction", "policy_not_found"),
    (OK | {"assets": "http://10.0.0.1/"}, "#/assets", "bad_assets"),
    (OK | {"metadata": {"a": [1]}}, "#/metadata/a", "value_error"),
    (OK | {"metadata": {"a": "x" * 1001}}, "#/metadata/a", "value_error"),
    (OK | {"metadata": {"a": "\x00"}}, "#/metadata/a", "value_error"),
    (OK | {"metadata": {f"k{n}": 1 for n in range(51)}}, "#/metadata", "too_long"),
    (OK | {"metadata": {f"k{n}": "x" * 900 for n in range(50)}}, "#/metadata", "value_error"),
    (OK | {"deliver": [{"to": "nowhere:48213"}]}, "#/deliver/0/to", "unknown_destination"),
    (OK | {"deliver": [{"to": "webhook:whk_x"}]}, "#/deliver/0/to", "webhook_not_found"),
    (OK | {"deliver": [{"to": "nothing"}]}, "#/deliver/0/to", "value_error"),
    (OK | {"deliver": ["webhook:x"]}, "#/deliver/0", "model_attributes_type"),
]


def rows(desk: Desk) -> int:
    with desk.service.database.read() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Batch, Clip, Delivery, Idempotency, UploadedRecording, Webhook)
        )


def problem(answer: Any, status: int) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert answer.status_code == told["status"] == status, told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:problem-type:renderer:{told['code']}"
    assert told["title"] and told["detail"] and told["request_id"] == answer.headers["x-request-id"]
    assert "\n" not in told["detail"]
    return told


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    """One for the whole table: nothing of it leaves a trace."""
    return shared_desk


@pytest.mark.parametrize(("body", "pointer", "code"), BODIES, ids=[f"{n}-{row[1]}" for n, row in enumerate(BODIES)])
def test_a_clip_that_cannot_be_asked_for(body: Any, pointer: str, code: str, desk: Desk) -> None:
    answer = desk.client().post("/v1/clips", json=body, headers={"Idempotency-Key": "k"})
    told = problem(answer, 422)
    assert [(error["pointer"], error["code"], error["location"]) for error in told["errors"]] == [
        (pointer, code, "body")
    ]
    assert "passwd" not in answer.text
    assert rows(desk) == 0


def test_all_mistakes_are_told_at_once_and_no_more_than_twenty(desk: Desk) -> None:
    told = problem(desk.client().post("/v1/clips", json=OK | {"fps": 0, "x": 1, "speed": -1}), 422)
    assert {error["pointer"] for error in told["errors"]} == {"#/fps", "#/x", "#/speed"}
    many = problem(desk.client().post("/v1/clips", json=OK | {f"field{n}": 1 for n in range(500)}), 422)
    assert len(many["errors"]) == 20


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid_request"),
        (b"{", 400, "malformed_json"),
        (b'{"recording": "posthog:s",}', 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'"' + b"\\ud800" + b'"', 422, "invalid_request"),
        (b'{"recording": "posthog:\\ud800"}', 422, "invalid_request"),
        (b'{"recording": "posthog:s", "metadata": {"a": NaN}}', 422, "invalid_request"),
        (b'{"recording": "posthog:s", "speed": Infinity}', 422, "invalid_request"),
        (b'{"recording": "posthog:s", "fps": ' + b"9" * 5000 + b"}", 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b'{"recording": "' + b"x" * 1_100_000 + b'"}', 413, "body_too_large"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_body_that_is_no_request(body: bytes, status: int, code: str, desk: Desk) -> None:
    answer = desk.client().post("/v1/clips", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer, status)["code"] == code
    assert rows(desk) == 0


def test_a_body_of_another_kind(desk: Desk) -> None:
    for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        answer = desk.client().post(
            "/v1/clips", content=json.dumps(OK).encode(), headers={"Content-Type": content_type}
        )
        problem(answer, 422)
    assert rows(desk) == 0


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/clips?limit=0", "limit"),
        ("/v1/clips?limit=201", "limit"),
        ("/v1/clips?limit=x", "limit"),
        ("/v1/clips?status=done", "status"),
        ("/v1/recordings?limit=1e3", "limit"),
        ("/v1/recordings/x/timeline?from_ms=-1", "from_ms"),
    ],
)
def test_a_parameter_that_will_not_do(path: str, parameter: str, desk: Desk) -> None:
    told = problem(desk.client().get(path), 422)
    assert [(error["parameter"], error["location"]) for error in told["errors"]] == [(parameter, "query")]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/clips/x",
        "/v1/clips/clip_01m8dwzxsfxvsdydntcapca8ww",
        "/v1/clips/CLIP_01M8DWZXSFXVSDYDNTCAPCA8WW",
        "/v1/clips/..%2f..%2fetc%2fpasswd",
        "/v1/clips/%2e%2e",
        "/v1/clips/a%2fb",
        "/v1/clips/%00",
        "/v1/clips/" + "x" * 100,
        "/v1/clips/é",
        "/v1/clips/x/files/..%2f..%2fsecret.key",
        "/v1/recordings/x",
        "/v1/recordings/..%2f..%2fsecret.key",
        f"/v1/recordings/{NONE}",
        f"/v1/recordings/{NONE}/timeline",
        "/v1/batches/bat_x",
        "/v1/webhooks/whk_x",
        "/v1/nothing",
        "/s/shr_x",
        "/s/shr_01m8dwzxsfxvsdydntcapca8ww_00000000000000000000000000000000/clip.mp4",
        "/",
        "/v1/clips/",
        "//v1/clips",
    ],
)
def test_what_is_not_there(path: str, desk: Desk) -> None:
    problem(desk.client().get(path), 404)


def test_methods_that_a_path_does_not_take(desk: Desk) -> None:
    for path, allowed in (
        ("/v1/clips", "GET, POST"),
        ("/v1/clips/clip_x", "DELETE, GET"),
        ("/v1/clips/clip_x/files/clip.mp4", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
    ):
        answer = desk.client().put(path)
        assert problem(answer, 405)["code"] == "method_not_allowed"
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "value_error"),
        ("example.com", "value_error"),
        ("https://exa mple.com/", "value_error"),
        ("https://user:hunter2@example.com/", "webhook_bad_url"),
        ("https://127.0.0.1/", "webhook_private_address"),
        ("https://169.254.169.254/latest/meta-data", "webhook_private_address"),
        ("https://[::1]/", "webhook_private_address"),
        ("https://2130706433/", "webhook_bad_url"),
        ("https://localhost/", "webhook_private_address"),
        ("https://redis/", "webhook_private_address"),
        ("https://example.com:6379/", "webhook_port"),
        ("http://example.com/", "webhook_not_https"),
    ],
)
def test_webhooks_that_may_not_be(url: str, code: str, desk: Desk) -> None:
    answer = desk.client().post("/v1/webhooks", json={"url": url})
    told = problem(answer, 422)
    assert [(error["pointer"], error["code"]) for error in told["errors"]] == [("#/url", code)]
    assert "hunter2" not in answer.text
    assert rows(desk) == 0


def test_a_batch_of_which_one_will_not_do_is_none(desk: Desk) -> None:
    client = desk.client()
    body: dict[str, Any] = {"recordings": ["posthog:a", "file:/etc/passwd"]}
    told = problem(client.post("/v1/batches", json=body), 422)
    assert told["errors"][0]["pointer"] == "#/recordings/1"
    template = {"recordings": ["posthog:a"], "clip": {"overlays": "nothing"}}
    assert problem(client.post("/v1/batches", json=template), 422)["errors"][0]["pointer"] == "#/clip/overlays"
    with_recording = {"recordings": ["posthog:a"], "clip": {"recording": "posthog:b"}}
    assert problem(client.post("/v1/batches", json=with_recording), 422)["errors"][0]["pointer"] == "#/clip/recording"
    for recordings in ([], ["posthog:s"] * 1001, "posthog:s", [5]):
        problem(client.post("/v1/batches", json={"recordings": recordings}), 422)
    assert rows(desk) == 0


def test_a_range_outside_of_the_session(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    client = desk.client()
    recording = client.post("/v1/recordings", content=SAMPLE.read_bytes()).json()
    length = recording["duration_ms"]
    for asked, pointer in (
        ({"from_ms": length}, "#/range/from_ms"),
        ({"to_ms": length + 1001}, "#/range/to_ms"),
        ({"from_ms": 10**9, "to_ms": 2 * 10**9}, "#/range/from_ms"),
    ):
        told = problem(client.post("/v1/clips", json={"recording": recording["reference"], "range": asked}), 422)
        assert [(error["pointer"], error["code"]) for error in told["errors"]] == [(pointer, "range_outside")]
    assert client.get("/v1/clips").json()["data"] == []
    whole = {"recording": recording["reference"], "range": {"from_ms": length - 1, "to_ms": length + 1000}}
    assert client.post("/v1/clips", json=whole).status_code == 202


def test_what_only_an_admin_may_ask_for(desk: Desk) -> None:
    writer = desk.client(desk.new_key("clips:write"))
    off = problem(writer.post("/v1/clips", json=OK | {"redaction": "off"}), 403)
    assert (off["code"], "admin" in off["detail"]) == ("scope_missing", True)
    named = problem(writer.post("/v1/clips", json=OK | {"assets": "public,staging.internal"}), 422)
    assert [(error["pointer"], error["code"]) for error in named["errors"]] == [("#/assets", "scope_missing")]
    assert rows(desk) == 0


def test_what_the_operator_allows_can_be_named(make_desk: Callable[..., Desk], tmp_path: Any) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "support.toml").write_text('person = "show"\n')
    desk = make_desk(allowed_recordings="s3://mine/web/, gs://ours", policies_dir=tmp_path / "policies")
    client = desk.client(desk.new_key("clips:write"))
    asked = {"recording": "S3://mine/web/a.json", "redaction": "support", "assets": "*.example.com"}
    answer = client.post("/v1/clips", json=asked)
    assert answer.status_code == 202, answer.text
    assert answer.json()["recording"] == "s3://mine/web/a.json"
    assert (answer.json()["request"]["redaction"], answer.json()["request"]["assets"]) == ("support", "*.example.com")
    assert str(tmp_path) not in answer.text
    assert client.post("/v1/clips", json={"recording": "gs://ours/a"}).status_code == 202
    for refused in ("s3://mine/webs/a.json", "s3://mine/web/../a", "gs://ours-not/a", "posthog:s", "recording:" + NONE):
        told = problem(client.post("/v1/clips", json={"recording": refused}), 422)
        assert told["errors"][0]["code"] == "recording_not_allowed", refused


@pytest.mark.usefixtures("process_logs")
def test_nothing_secret_is_logged(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    from renderer.logs import configure_logs

    configure_logs()
    client = desk.client()
    client.get("/v1/clips?token=hunter2&cursor=hunter2")
    client.get("/v1/hunter2")
    client.get("/s/shr_01m8dwzxsfxvsdydntcapca8ww_0123456789abcdef0123456789abcdef")
    client.post("/v1/clips", json=OK | {"size": "hunter2", "password": "hunter2"})
    client.post("/v1/clips", content=b"hunter2 {", headers={"Content-Type": "application/json"})
    desk.client("rc_live_hunter2").get("/v1/clips")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert len(lines) == 6
    assert "hunter2" not in str(lines)
    assert desk.key not in str(lines)
    assert "0123456789abcdef" not in str(lines)
    first = lines[0]
    assert (first["event"], first["route"], first["status"], first["key_id"]) == (
        "request",
        "/v1/clips",
        422,
        desk.key.split("_")[2],
    )
    assert lines[5]["status"] == 401
    assert "key_id" not in lines[5]
