"""What is told of a clip: small, and enough to find it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.deliver.webhooks.news import news
from renderer.deliver.webhooks.webhook import MAX_BODY_BYTES, secret_text, signed
from tests.told_news import as_promised

AT_MS = 1_795_000_000_123
URL = "https://clips.example.com/v1/clips/clip_01kb1w3r9v5x2e8y7n6m4t0qhs/files/"
CLIP: dict[str, Any] = {
    "id": "clip_01kb1w3r9v5x2e8y7n6m4t0qhs",
    "object": "clip",
    "status": "succeeded",
    "progress": {"stage": "publishing", "percent": 100},
    "request": {"recording": "recording:abc", "outputs": [{"format": "mp4"}]},
    "outputs": [
        {
            "kind": "mp4",
            "name": "clip.mp4",
            "url": f"{URL}clip.mp4",
            "bytes": 1_000_000,
            "sha256": 64 * "a",
            "content_type": "video/mp4",
            "duration_ms": 20_000,
            "width_px": 1280,
            "height_px": 720,
        }
    ],
    "error": None,
    "metadata": {"ticket": "48213 – ünïcode ✓"},
    "recording": "recording:abc",
    "session": "0190f1c2",
    "batch_id": None,
    "deliveries": [{"id": "dlv_1"}],
    "deduplicated": False,
    "created_at": "2026-11-18T11:06:00Z",
    "started_at": "2026-11-18T11:06:01Z",
    "finished_at": "2026-11-18T11:06:40Z",
    "expires_at": None,
}
ERROR = {"code": "render_died", "stage": "render", "fault": "ours", "retryable": False, "detail": "it died"}


def _told(clip: dict[str, Any], event: str = "clip.succeeded") -> dict[str, Any]:
    body = news(event, clip, AT_MS)
    assert len(body) <= MAX_BODY_BYTES
    message = json.loads(body)
    as_promised(message)
    assert list(message) == ["type", "timestamp", "data"]
    assert message["type"] == event
    assert message["timestamp"] == "2026-11-18T11:06:40.123Z"
    data: dict[str, Any] = message["data"]
    assert (data["id"], data["status"]) == (clip["id"], clip["status"])
    return data


def test_a_clip_is_told_as_the_api_tells_it_without_what_is_large() -> None:
    assert _told(CLIP) == {name: CLIP[name] for name in CLIP if name not in {"progress", "request", "deliveries"}}


def test_a_failure_is_told_with_its_reason() -> None:
    error = {
        "code": "blank_video",
        "stage": "verify",
        "fault": "ours",
        "retryable": False,
        "detail": "it shows nothing",
    }
    assert _told({**CLIP, "status": "failed", "outputs": [], "error": error}, "clip.failed")["error"] == error


def test_what_does_not_fit_is_left_out_step_by_step_and_said() -> None:
    assert "truncated" not in _told(CLIP)

    outputs = [{**CLIP["outputs"][0], "name": f"clip-{number}.mp4"} for number in range(100)]
    many = _told({**CLIP, "outputs": outputs})
    assert many["truncated"] is True
    assert many["metadata"] == CLIP["metadata"]
    assert many["outputs"][99] == {"kind": "mp4", "name": "clip-99.mp4", "url": f"{URL}clip.mp4"}

    labelled = _told({**CLIP, "metadata": {f"key {number}": 500 * "x" for number in range(50)}})
    assert (labelled["truncated"], labelled["metadata"]) == (True, {})
    assert labelled["outputs"][0]["url"] == f"{URL}clip.mp4"

    assert _told({**CLIP, "outputs": outputs * 30})["outputs"] == []
    nothing_fits = {**CLIP, "error": {"detail": 30_000 * "x"}}
    assert _told(nothing_fits) == {"id": CLIP["id"], "object": "clip", "status": "succeeded", "truncated": True}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(
    metadata=st.dictionaries(st.text(), _json, max_size=50), detail=st.text(max_size=5000), repeat=st.integers(1, 300)
)
def test_it_always_fits_and_is_always_json(metadata: dict[str, Any], detail: str, repeat: int) -> None:
    _told(
        {
            **CLIP,
            "metadata": metadata,
            "error": ERROR | {"detail": detail * repeat},
            "outputs": CLIP["outputs"] * repeat,
        }
    )


def test_letters_that_are_none_do_not_stop_a_message() -> None:
    assert _told({**CLIP, "metadata": {"half a pair": "\ud83d"}})["metadata"] == {"half a pair": "?"}


def test_a_signature_is_over_what_is_sent() -> None:
    """The example of the specification's own libraries."""
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_fraction_of_a_second_is_signed_as_it_is_told() -> None:
    key = bytes(range(32))
    assert signed("a", 1614265330.999, b"{}", [key]) == signed("a", 1614265330.0, b"{}", [secret_text(key)])


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_signature_does_not_depend_on_where_it_is_made(monkeypatch: pytest.MonkeyPatch, timezone: str) -> None:
    import time

    monkeypatch.setenv("TZ", timezone)
    time.tzset()
    try:
        test_a_signature_is_over_what_is_sent()
    finally:
        monkeypatch.undo()
        time.tzset()
