"""Recordings over a real socket: as a form, as the body, in pieces and in parts, compressed or not; refused when they are none."""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import zstandard

from tests.integration.api.desk import EVENTS, SAMPLE, Desk
from tests.integration.api.serving import Served, serving

TEXT = gzip.decompress(SAMPLE.read_bytes())
SHORT = b"".join(TEXT.splitlines(keepends=True)[:3])


@pytest.fixture
def client(served: Served) -> Iterator[httpx2.Client]:
    with served.client() as client:
        yield client


def kept(desk: Desk) -> list[str]:
    return [recording_id for recording_id, _ in desk.service.recordings.shared.ages()]


def left_over(desk: Desk) -> list[Path]:
    """Whatever an upload put anywhere; that there was one is remembered for a day."""
    root = desk.service.settings.data_dir
    folders = [root / "recordings", root / "clips", root / "cache"]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and "finished" not in path.parts]


def pieces(data: bytes, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def test_the_sample_as_a_form_with_its_events(client: httpx2.Client, served: Served) -> None:
    with SAMPLE.open("rb") as file, EVENTS.open("rb") as events:
        answer = client.post("/v1/recordings", files={"file": file, "events": events})
    assert answer.status_code == 201
    told = answer.json()
    assert answer.headers["location"] == f"{served.address}/v1/recordings/{told['id']}"
    assert told["reference"] == f"recording:{told['id']}"
    assert (told["events"], told["duration_ms"], told["has_events_file"]) == (528, 72_864, True)
    assert told["started_at"] == "2026-11-23T16:49:53.688Z"
    assert told["text_bytes"] == len(TEXT)
    assert told["expires_at"] > told["created_at"]
    assert client.get(answer.headers["location"]).json() == told
    assert client.get("/v1/recordings").json()["data"] == [told]
    row = served.desk.service.recordings.get("default", told["id"])
    assert row.events is not None
    assert served.desk.service.recordings.shared.events_path(row.events).read_bytes() == EVENTS.read_bytes()


BODIES: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {
    "gzip file": (SAMPLE.read_bytes, {}),
    "json lines": (lambda: TEXT, {"Content-Type": "application/x-ndjson"}),
    "as curl sends it": (lambda: TEXT, {"Content-Type": "application/x-www-form-urlencoded"}),
    "chunked": (lambda: pieces(TEXT), {"Content-Type": "application/octet-stream"}),
    "chunked, byte by byte at first": (lambda: (*(TEXT[n : n + 1] for n in range(50)), TEXT[50:]), {}),
    "encoded with gzip": (lambda: gzip.compress(TEXT), {"Content-Encoding": "gzip"}),
    "encoded with zstd": (lambda: zstandard.compress(TEXT), {"Content-Encoding": "zstd"}),
    "a gzip file, encoded with zstd": (lambda: zstandard.compress(SAMPLE.read_bytes()), {"Content-Encoding": "zstd"}),
    "encoded and chunked in single bytes": (
        lambda: (bytes([byte]) for byte in gzip.compress(SHORT)),
        {"Content-Encoding": "gzip"},
    ),
}


@pytest.mark.parametrize("how", BODIES)
def test_the_same_recording_however_it_comes(how: str, client: httpx2.Client) -> None:
    content, headers = BODIES[how]
    answer = client.post("/v1/recordings", content=content(), headers=headers)
    assert answer.status_code == 201, answer.text
    if how != "encoded and chunked in single bytes":
        assert answer.json()["text_bytes"] == len(TEXT)
        again = client.post("/v1/recordings", content=SAMPLE.read_bytes())
        assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])


def test_events_may_come_before_their_recording(client: httpx2.Client) -> None:
    form = {"events": EVENTS.read_bytes(), "file": SAMPLE.read_bytes()}
    assert client.post("/v1/recordings", files=form).json()["has_events_file"] is True


def bomb(megabytes: int) -> bytes:
    press = zlib.compressobj(9, wbits=31)
    return b"".join(press.compress(b" " * 1024 * 1024) for _ in range(megabytes)) + press.flush()


BAD: list[tuple[str, dict[str, Any], int, str]] = [
    ("nothing", {"content": b""}, 422, "empty_file"),
    ("no JSON", {"content": b"hello"}, 422, "not_json"),
    ("no recording", {"content": b'{"a": 1}'}, 422, "not_a_recording"),
    ("an executable", {"content": b"\x7fELF" + bytes(200)}, 422, "not_json"),
    ("an archive", {"content": b"PK\x03\x04" + bytes(200)}, 422, "unsupported_compression"),
    ("half of a gzip file", {"content": SAMPLE.read_bytes()[:50_000]}, 422, "truncated_gzip"),
    ("a bomb", {"content": bomb(100)}, 413, "compression_bomb"),
    ("a bomb in a bomb", {"content": gzip.compress(bomb(600))}, 413, "compression_bomb"),
    ("a picture", {"content": b"x", "headers": {"Content-Type": "image/png"}}, 415, "unsupported_type"),
    (
        "another form",
        {"content": b"x", "headers": {"Content-Type": "multipart/mixed; boundary=a"}},
        415,
        "unsupported_type",
    ),
    ("brotli", {"content": b"x", "headers": {"Content-Encoding": "br"}}, 415, "unsupported_encoding"),
    ("gzip twice", {"content": b"x", "headers": {"Content-Encoding": "gzip, gzip"}}, 415, "unsupported_encoding"),
    ("gzip that is none", {"content": b"[]", "headers": {"Content-Encoding": "gzip"}}, 422, "encoding_mismatch"),
    (
        "zstd that is gzip",
        {"content": gzip.compress(b"[]"), "headers": {"Content-Encoding": "zstd"}},
        422,
        "encoding_mismatch",
    ),
    (
        "a form without a boundary",
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        400,
        "malformed_form",
    ),
    (
        "no form",
        {"content": b"xxxx", "headers": {"Content-Type": "multipart/form-data; boundary=a"}},
        400,
        "malformed_form",
    ),
    (
        "half of a form",
        {
            "content": b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\n[',
            "headers": {"Content-Type": "multipart/form-data; boundary=a"},
        },
        400,
        "malformed_form",
    ),
    ("a form without a file", {"files": {"events": b"[]"}}, 422, "missing"),
    ("a form with another field", {"files": {"file": TEXT, "policy": b"off"}}, 422, "extra_forbidden"),
    ("a file twice", {"files": [("file", TEXT), ("file", TEXT)]}, 422, "given_twice"),
    ("a recording and bad events", {"files": {"file": TEXT, "events": b"{nope"}}, 422, "not_json"),
    ("bad events first", {"files": {"events": b"{nope", "file": TEXT}}, 422, "not_json"),
]


@pytest.mark.parametrize(("what", "request_", "status", "code"), BAD, ids=[row[0] for row in BAD])
def test_what_is_no_recording_leaves_nothing_behind(
    what: str, request_: dict[str, Any], status: int, code: str, client: httpx2.Client, served: Served
) -> None:
    answer = client.post("/v1/recordings", **request_)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert "\n" not in told["detail"]
    assert left_over(served.desk) == []
    assert client.get("/v1/recordings").json()["data"] == []


def test_the_field_of_a_form_is_named(client: httpx2.Client) -> None:
    told = client.post("/v1/recordings", files={"file": TEXT, "events": b"{nope"}).json()
    assert (told["errors"][0]["parameter"], told["errors"][0]["location"]) == ("events", "form")


def test_a_body_that_is_too_large_is_refused_before_and_while_it_comes(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(max_upload_bytes=20_000)
    with serving(desk) as served, served.client() as client:
        told = client.post("/v1/recordings", content=TEXT)
        assert (told.status_code, told.json()["code"]) == (413, "body_too_large")
        sent = 0

        def endless() -> Iterator[bytes]:
            nonlocal sent
            while sent < 50_000_000:
                sent += 10_000
                yield b" " * 10_000

        try:
            answer = client.post("/v1/recordings", content=endless())
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        except (httpx2.WriteError, httpx2.ReadError):
            pass  # the server closed the connection while we were still sending
        assert sent < 20_000_000
        assert left_over(desk) == []


def test_who_breaks_off_leaves_nothing_behind(served: Served) -> None:
    head = (
        "POST /v1/recordings HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        f"Authorization: Bearer {served.desk.key}\r\nContent-Length: {len(TEXT)}\r\n\r\n"
    )
    for sent in (0, 5_000, 200_000):
        with served.connect() as connection:
            connection.sendall(head.encode() + TEXT[:sent])
            time.sleep(0.1)
    deadline = time.monotonic() + 10
    while served.server.server_state.tasks and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_over(served.desk) == []
    with served.client() as client:
        assert client.post("/v1/recordings", content=TEXT).status_code == 201


def test_slow_uploads_do_not_keep_others_from_being_answered(served: Served) -> None:
    head = (
        "POST /v1/recordings HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        f"Authorization: Bearer {served.desk.key}\r\nContent-Length: {len(TEXT)}\r\n\r\n["
    )
    slow = [served.connect() for _ in range(60)]  # more than there are threads
    try:
        for connection in slow:
            connection.sendall(head.encode())
        with served.client() as client:
            for _ in range(5):
                began = time.monotonic()
                assert client.get("/v1/clips").status_code == 200
                assert time.monotonic() - began < 2
    finally:
        for connection in slow:
            connection.close()


def test_what_happened_is_told_without_what_the_policy_hides(client: httpx2.Client) -> None:
    with SAMPLE.open("rb") as file, EVENTS.open("rb") as events:
        recording = client.post("/v1/recordings", files={"file": file, "events": events}).json()["id"]
    told = client.get(f"/v1/recordings/{recording}/timeline").json()
    assert told["duration_ms"] == 72_864
    assert told["total"] == len(told["entries"])
    assert {"page_load", "click", "llm_call", "input"} <= {entry["kind"] for entry in told["entries"]}
    assert [entry["at_ms"] for entry in told["entries"]] == sorted(entry["at_ms"] for entry in told["entries"])
    assert any(call["status"] == "answered" for call in told["calls"])
    assert told["hidden"]
    typed = [entry for entry in told["entries"] if entry["kind"] == "input"]
    assert all("value" not in entry["properties"] for entry in typed)
    late = client.get(f"/v1/recordings/{recording}/timeline?from_ms=30000&limit=3").json()
    assert late["entries"] == [entry for entry in told["entries"] if entry["at_ms"] >= 30_000][:3]


def test_a_recording_that_cannot_be_read_is_told_as_such(client: httpx2.Client) -> None:
    nothing = [{"type": 4, "timestamp": 1, "data": {"href": "x", "width": 1, "height": 1}}]
    recording = client.post("/v1/recordings", json=nothing).json()["id"]
    answer = client.get(f"/v1/recordings/{recording}/timeline")
    assert answer.status_code == 422
    assert answer.json()["code"] == "single_event"


def test_a_deleted_recording_is_gone(client: httpx2.Client, served: Served) -> None:
    with SAMPLE.open("rb") as file, EVENTS.open("rb") as events:
        recording = client.post("/v1/recordings", files={"file": file, "events": events}).json()
    assert client.delete(f"/v1/recordings/{recording['id']}").status_code == 204
    assert client.get(f"/v1/recordings/{recording['id']}").status_code == 404
    assert client.delete(f"/v1/recordings/{recording['id']}").status_code == 404
    assert client.post("/v1/clips", json={"recording": recording["reference"]}).status_code == 422
    assert left_over(served.desk) == []


def test_what_another_tenant_has_too_stays(client: httpx2.Client, served: Served) -> None:
    theirs = served.client(served.desk.new_key("admin", tenant="others"))
    with theirs:
        mine = client.post("/v1/recordings", files={"file": TEXT, "events": EVENTS.read_bytes()}).json()["id"]
        answer = theirs.post("/v1/recordings", content=TEXT)
        assert (answer.status_code, answer.json()["has_events_file"]) == (201, False)
        assert client.delete(f"/v1/recordings/{mine}").status_code == 204
        assert kept(served.desk) == [mine]
        assert theirs.get(f"/v1/recordings/{mine}").status_code == 200
        assert theirs.delete(f"/v1/recordings/{mine}").status_code == 204
    assert left_over(served.desk) == []


def test_a_recording_in_parts(client: httpx2.Client, served: Served) -> None:
    upload = client.post("/v1/uploads")
    assert upload.status_code == 201
    url = f"/v1/uploads/{upload.json()['id']}"
    lines = TEXT.splitlines(keepends=True)
    parts = {2: b"".join(lines[100:]), 1: b"".join(lines[:100])}
    for number, part in parts.items():
        answer = client.put(f"{url}/parts/{number}", content=gzip.compress(part), headers={"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.json()["number"]) == (200, number)
        assert client.put(f"{url}/parts/{number}", content=part).json() == answer.json()  # the same part again
    conflict = client.put(f"{url}/parts/1", content=parts[2])
    assert (conflict.status_code, conflict.json()["code"]) == (409, "part_conflict")
    missing = client.post(f"{url}/finish", json={"parts": 3})
    assert (missing.status_code, missing.json()["code"]) == (422, "missing_parts")
    done = client.post(f"{url}/finish", json={"parts": 2})
    assert (done.status_code, done.json()["text_bytes"]) == (201, len(TEXT))
    again = client.post(f"{url}/finish", json={})
    assert (again.status_code, again.json()["id"]) == (200, done.json()["id"])
    assert client.put(f"{url}/parts/3", content=parts[1]).json()["code"] == "upload_finished"
    assert client.post("/v1/recordings", content=TEXT).json()["id"] == done.json()["id"]
    given_up = client.post("/v1/uploads").json()["id"]
    assert client.delete(f"/v1/uploads/{given_up}").status_code == 204
    assert client.put(f"/v1/uploads/{given_up}/parts/1", content=TEXT).status_code == 404
    for made_up in ("x", "up_x_y", given_up[:-1], "up_" + "0" * 32 + "_" + "0" * 16, "é"):
        assert client.post(f"/v1/uploads/{made_up}/finish", json={}).status_code == 404


def test_recordings_are_listed_by_pages(client: httpx2.Client) -> None:
    made = []
    for number in range(3):
        event = {"type": 4, "timestamp": 1_700_000_000_000 + number, "data": {"href": "x", "width": 1, "height": 1}}
        made.append(client.post("/v1/recordings", content=json.dumps([event])).json()["id"])
        time.sleep(0.002)  # lists go by milliseconds
    first = client.get("/v1/recordings?limit=2")
    rest = client.get(first.links["next"]["url"])
    assert [each["id"] for each in (*first.json()["data"], *rest.json()["data"])] == made[::-1]
    assert (first.json()["has_more"], rest.json()["has_more"]) == (True, False)
    assert client.get("/v1/recordings?cursor=x").json()["code"] == "bad_cursor"


def test_what_a_kill_left_behind_is_swept(desk: Desk) -> None:
    recordings = desk.service.recordings
    stored = recordings.shared.take_in([TEXT])
    assert recordings.sweep() == 0  # its row may be on its way
    later = type(recordings)(desk.service.database, recordings.shared, desk.service.settings, lambda: 2**42)
    assert later.sweep() == 1
    assert kept(desk) == []
    assert stored.id not in kept(desk)
