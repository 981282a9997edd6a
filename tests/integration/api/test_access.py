"""Who may do what over HTTP."""

import pytest

from renderer.database.tables import ApiKey
from tests.integration.api.desk import ME, Desk

ALL = [
    ("POST", "/v1/clips", "clips:write"),
    ("GET", "/v1/clips", "clips:read"),
    ("GET", "/v1/clips/ID", "clips:read"),
    ("DELETE", "/v1/clips/ID", "clips:write"),
    ("POST", "/v1/clips/ID/cancel", "clips:write"),
    ("GET", "/v1/clips/ID/events", "clips:read"),
    ("GET", "/v1/clips/ID/files/clip.mp4", "clips:read"),
    ("GET", "/v1/clips/ID/deliveries", "clips:read"),
    ("POST", "/v1/clips/ID/deliveries", "deliveries:write"),
    ("POST", "/v1/clips/ID/shares", "clips:write"),
    ("GET", "/v1/clips/ID/shares", "clips:write"),
    ("DELETE", "/v1/clips/ID/shares/shr_1", "clips:write"),
    ("POST", "/v1/recordings", "recordings:write"),
    ("GET", "/v1/recordings", "clips:read"),
    ("GET", "/v1/recordings/ID", "clips:read"),
    ("DELETE", "/v1/recordings/ID", "recordings:write"),
    ("GET", "/v1/recordings/ID/timeline", "clips:read"),
    ("POST", "/v1/uploads", "recordings:write"),
    ("PUT", "/v1/uploads/ID/parts/1", "recordings:write"),
    ("POST", "/v1/uploads/ID/finish", "recordings:write"),
    ("DELETE", "/v1/uploads/ID", "recordings:write"),
    ("POST", "/v1/batches", "clips:write"),
    ("GET", "/v1/batches/ID", "clips:read"),
    ("GET", "/v1/batches/ID/sessions", "clips:read"),
    ("POST", "/v1/schedules", "clips:write"),
    ("GET", "/v1/schedules", "clips:read"),
    ("GET", "/v1/schedules/ID", "clips:read"),
    ("PATCH", "/v1/schedules/ID", "clips:write"),
    ("DELETE", "/v1/schedules/ID", "clips:write"),
    ("POST", "/v1/webhooks", "deliveries:write"),
    ("GET", "/v1/webhooks", "deliveries:write"),
    ("PATCH", "/v1/webhooks/ID", "deliveries:write"),
    ("POST", "/v1/webhooks/ID/test", "deliveries:write"),
]
BODIES = {
    "/v1/clips": {"recording": "posthog:s"},
    "/v1/clips/ID/deliveries": {"to": "webhook:whk_1"},
    "/v1/clips/ID/shares": {},
    "/v1/uploads/ID/finish": {},
    "/v1/batches": {"recordings": ["posthog:s"]},
    "/v1/schedules": {"name": "n", "every_s": 300, "batch": {"source": {"name": "posthog"}}},
    "/v1/schedules/ID": {},
    "/v1/webhooks": {"url": "https://example.com/"},
    "/v1/webhooks/ID": {},
}
SCOPES = ("clips:read", "clips:write", "recordings:write", "deliveries:write")


@pytest.mark.parametrize(("method", "path", "scope"), ALL)
def test_each_path_names_the_scope_that_a_key_lacks(method: str, path: str, scope: str, desk: Desk) -> None:
    others = desk.client(desk.new_key(*(each for each in SCOPES if each != scope)))
    body = BODIES.get(path) if method in {"POST", "PATCH"} else None
    answer = others.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert scope in answer.json()["detail"]
    assert f'error="insufficient_scope", scope="{scope}"' in answer.headers["www-authenticate"]
    assert desk.client(desk.new_key(scope)).request(method, path, json=body).status_code not in {401, 403}


@pytest.mark.parametrize(("method", "path", "scope"), [*ALL, ("GET", "/v1/no-such-path", ""), ("GET", "/v1", "")])
def test_without_a_key_nothing_is_learned(method: str, path: str, scope: str, desk: Desk) -> None:
    answer = desk.client("").request(method, path, content=b"{not json")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="renderer"'
    assert answer.headers["content-type"] == "application/problem+json"


def test_bad_keys_are_told_apart_only_for_who_had_one(desk: Desk) -> None:
    good = desk.new_key("clips:read")
    revoked, expired = desk.new_key("clips:read"), desk.new_key("clips:read")
    desk.service.keys.revoke(revoked.split("_")[2], by=ME)
    with desk.service.database.write() as session:
        session.get_one(ApiKey, expired.split("_")[2]).expires_ms = 1
    table = {
        good: 200,
        revoked: "key_revoked",
        expired: "key_expired",
        good[:-1]: "bad_key",
        good[:-1] + ("a" if good[-1] != "a" else "b"): "bad_key",
        "x" * 5000: "bad_key",
        "rc_live_": "bad_key",
    }
    for key, expected in table.items():
        answer = desk.client(key).get("/v1/clips")
        if expected == 200:
            assert answer.status_code == 200
            continue
        assert (answer.status_code, answer.json()["code"]) == (401, expected)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert key not in answer.text
    for header in ("Basic dXNlcjpwYXNz", "Bearer", good, f"Token {good}"):
        answer = desk.client("").get("/v1/clips", headers={"Authorization": header})
        assert answer.status_code == 401, header
    assert desk.client("").get(f"/v1/clips?key={good}").status_code == 401


def test_tenants_see_nothing_of_each_other(desk: Desk) -> None:
    mine, theirs = desk.client(), desk.client(desk.new_key("admin", tenant="others"))
    clip = mine.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"]
    desk.finish()
    batch = mine.post("/v1/batches", json={"recordings": ["posthog:s"]}).json()["id"]
    schedule = mine.post("/v1/schedules", json=BODIES["/v1/schedules"]).json()["id"]
    upload = mine.post("/v1/uploads").json()["id"]
    recording = mine.post("/v1/recordings", json=RECORDING).json()["id"]
    webhook = mine.post("/v1/webhooks", json={"url": "https://example.com/"}).json()["id"]
    share = mine.post(f"/v1/clips/{clip}/shares", json={}).json()["id"]
    for method, path in (
        ("GET", f"/v1/clips/{clip}"),
        ("POST", f"/v1/clips/{clip}/cancel"),
        ("DELETE", f"/v1/clips/{clip}"),
        ("GET", f"/v1/clips/{clip}/events"),
        ("GET", f"/v1/clips/{clip}/files/clip.mp4"),
        ("GET", f"/v1/clips/{clip}/shares"),
        ("DELETE", f"/v1/clips/{clip}/shares/{share}"),
        ("GET", f"/v1/clips/{clip}/deliveries"),
        ("GET", f"/v1/batches/{batch}"),
        ("GET", f"/v1/batches/{batch}/sessions"),
        ("GET", f"/v1/schedules/{schedule}"),
        ("DELETE", f"/v1/schedules/{schedule}"),
        ("GET", f"/v1/recordings/{recording}"),
        ("GET", f"/v1/recordings/{recording}/timeline"),
        ("DELETE", f"/v1/recordings/{recording}"),
        ("DELETE", f"/v1/uploads/{upload}"),
        ("GET", f"/v1/webhooks/{webhook}"),
        ("DELETE", f"/v1/webhooks/{webhook}"),
        ("POST", f"/v1/webhooks/{webhook}/rotate"),
    ):
        assert theirs.request(method, path).status_code == 404, path
    for path in ("/v1/clips", "/v1/recordings", "/v1/webhooks"):
        assert theirs.get(path).json()["data"] == [], path
    asked = theirs.post("/v1/clips", json={"recording": f"recording:{recording}"})
    assert (asked.status_code, asked.json()["code"]) == (422, "recording_not_found")
    assert asked.json()["errors"][0]["pointer"] == "#/recording"
    delivered = theirs.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": f"webhook:{webhook}"}]})
    assert (delivered.status_code, delivered.json()["errors"][0]["pointer"]) == (422, "#/deliver/0/to")


RECORDING = [
    {"type": 4, "timestamp": 1_700_000_000_000, "data": {"href": "https://example.com", "width": 800, "height": 600}},
    {
        "type": 2,
        "timestamp": 1_700_000_000_010,
        "data": {"node": {"type": 0, "childNodes": [], "id": 1}, "initialOffset": {"top": 0, "left": 0}},
    },
    {"type": 3, "timestamp": 1_700_000_005_000, "data": {"source": 3, "id": 1, "x": 0, "y": 10}},
]
