"""`renderer serve` looks through sessions of a stand-in PostHog: a batch with rules becomes clips, a schedule keeps what it finds."""

import json
import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.program import Program
from tests.e2e.test_serve import Serving, serving
from tests.integration.posthog_server import SESSION, Block, PostHogServer, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

CLIP: dict[str, Any] = {"size": "320x180", "fps": 5}


@pytest.fixture
def posthog() -> Iterator[PostHogServer]:
    with running() as server:
        server.store_sample()
        server.store_events()
        quiet = json.dumps(
            ["w", {"type": 4, "data": {"href": "https://x.example/", "width": 800, "height": 600}, "timestamp": 1}]
        )
        server.store(Block("0", [quiet.encode()]), session_id="session-that-is-none")
        yield server


@pytest.fixture
def served(renderer: Program, posthog: PostHogServer) -> Iterator[Serving]:
    with serving(renderer, env=posthog.settings) as served:
        yield served


def until(served: Serving, path: str, is_so: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 120
    while not is_so(told := served.ask(path)):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def test_last_nights_sessions_become_clips(served: Serving, posthog: PostHogServer) -> None:
    asked: dict[str, Any] = {
        "source": {"name": "posthog", "since_s": 30 * 86_400, "every_session": True},
        "rules": "built-in",
        "clip": CLIP,
    }
    batch = served.ask("/v1/batches", **asked)
    told = until(served, f"/v1/batches/{batch['id']}", lambda told: told["status"] != "running")
    assert (told["status"], told["size"], told["sessions"], told["counts"]) == (
        "finished", 2, {"matched": 1, "unreadable": 1}, {"succeeded": 1}
    )  # fmt: skip
    (matched,) = served.ask(f"/v1/batches/{batch['id']}/sessions?status=matched")["data"]
    assert matched["recording"] == f"posthog:{SESSION}"
    assert matched["replay_url"].endswith(SESSION)
    (found,) = matched["clips"]
    moments = {(moment["rule"], moment["at_ms"]) for moment in found["moments"]}
    assert ("answer-then-error", 54_992) in moments
    manifest = served.ask(f"/v1/clips/{found['clip_id']}/files/clip.json")
    assert manifest["range"]["from_ms"] == found["from_ms"] < 32_975, "before the question was sent"
    assert {(moment["rule"], moment["at_ms"]) for moment in manifest["moments"]} == moments
    said = " ".join(step["text"] for step in manifest["steps"])
    for word in ("If I downgrade today", "refundable", "thumbs-down", "failed with 500", "my last answer was wrong"):
        assert word in said, "question, answer, what the user did, the error, and what came next"
    (unreadable,) = served.ask(f"/v1/batches/{batch['id']}/sessions?status=unreadable")["data"]
    assert unreadable["error"]["code"]
    assert posthog.count("/session_recordings?") >= 1


def test_a_schedule_keeps_what_it_finds(served: Serving, posthog: PostHogServer) -> None:
    schedule = served.ask(
        "/v1/schedules",
        name="each hour",
        every_s=3600,
        late_s=31 * 86_400,
        archive=True,
        batch={"source": {"name": "posthog"}, "rules": "built-in", "clip": CLIP},
    )
    told = until(served, f"/v1/schedules/{schedule['id']}", lambda told: told["last_batch_id"])
    batch = until(served, f"/v1/batches/{told['last_batch_id']}", lambda told: told["status"] != "running")
    assert batch["counts"] == {"succeeded": 1}
    (matched,) = served.ask(f"/v1/batches/{batch['id']}/sessions?status=matched")["data"]
    kept = matched["archived"]
    recording = served.ask(f"/v1/recordings/{kept.removeprefix('recording:')}")
    assert (recording["expires_at"], recording["has_events_file"]) == (None, True)
    posthog.recordings.clear()  # years later
    clip = served.ask("/v1/clips", recording=kept, rules="built-in", moment={"name": "answer-then-error"}, **CLIP)
    ended = until(served, f"/v1/clips/{clip['id']}", lambda told: told["status"] in {"succeeded", "failed"})
    assert ended["error"] is None
    manifest = served.ask(f"/v1/clips/{clip['id']}/files/clip.json")
    assert ("answer-then-error", 54_992) in {(moment["rule"], moment["at_ms"]) for moment in manifest["moments"]}


def test_words_for_who_asks_what_cannot_be(served: Serving) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        served.ask("/v1/batches", recordings=["posthog:a"], rules="nobody")
    problem = json.load(caught.value)
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "#/rules")
