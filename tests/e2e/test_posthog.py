"""From a session id to a clip, with a PostHog over HTTP."""

import json
from collections.abc import Iterator

import pytest

from renderer.sources.posthog.narrow import LLM_EVENTS
from tests.e2e.program import SMALL, Program
from tests.integration.posthog_server import KEY, SESSION, PostHogServer, in_blocks, running, sample_lines


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        yield own


def test_a_clip_of_a_session_in_posthog(renderer: Program, server: PostHogServer) -> None:
    server.store_sample(30)
    result = renderer(
        "clip",
        f"posthog:{SESSION}",
        "--from",
        "1",
        "--to",
        "4",
        *SMALL,
        "--fps",
        "5",
        "-o",
        "bug.mp4",
        env=server.settings,
    )
    assert result.code == 0, result.err
    manifest = json.loads((renderer.folder / "bug.json").read_text())
    assert manifest["range"] == {"from_ms": 1000, "to_ms": 4000}
    assert manifest["clip"]["duration_ms"] == 3000
    assert manifest["recording"]["kind"] == "posthog-jsonl"
    assert "renderer: fetching: part 2 of 2" in result.err
    for path in renderer.folder.iterdir():
        assert KEY.encode() not in path.read_bytes()


def test_a_clip_around_an_event_that_only_posthog_knows(renderer: Program, server: PostHogServer) -> None:
    server.store_sample()
    server.store_events()
    event = next(row for row in server.events if row["event"] == "$ai_generation")
    result = renderer(
        "clip", f"{server.url}/project/2/replay/{SESSION}?t=60", "--moment", event["uuid"], "--before", "2", "--after", "0:01",
        *SMALL, "--fps", "5", "-o", "bug.gif", "--json", env=server.settings,
    )  # fmt: skip
    assert result.code == 0, result.err
    manifest = json.loads(result.out)
    (moment,) = manifest["moments"]
    assert (moment["name"], moment["uuid"]) == ("$ai_generation", event["uuid"])
    assert manifest["range"] == {"from_ms": moment["at_ms"] - 2000, "to_ms": moment["at_ms"] + 1000}
    assert moment["video_ms"] == pytest.approx(2000, abs=200)
    (call,) = manifest["llm_calls"]
    assert call["end_ms"] == pytest.approx(moment["at_ms"], abs=50)
    assert call["prompt"]


def test_inspect_shows_a_session_and_whom_nobody_needs_to_know(renderer: Program, server: PostHogServer) -> None:
    server.store_sample()
    server.store_events()
    result = renderer("inspect", f"posthog:{SESSION}", env=server.settings)
    assert result.code == 0, result.err
    assert "posthog-jsonl" in result.out
    assert "n.example" not in result.out.replace("northwind.example", "")
    assert "visitor@" not in result.out


def test_what_posthog_refuses_is_one_line(renderer: Program, server: PostHogServer) -> None:
    result = renderer(
        "clip",
        f"posthog:{SESSION}",
        *SMALL,
        "-o",
        "bug.mp4",
        env={**server.settings, "RENDERER_POSTHOG_API_KEY": "phx_expired"},
    )
    assert result.code == 2
    assert result.error.startswith("PostHog does not accept the key in RENDERER_POSTHOG_API_KEY")
    assert renderer.files == set()


def test_sessions_are_listed_one_a_line(renderer: Program, server: PostHogServer) -> None:
    server.store_sample()
    (renderer.folder / "saved.json").write_text(json.dumps({"kind": "RecordingsQuery", "order": "start_time"}))
    told = renderer("list", "posthog", "--filter", "saved.json", "--since", "24h", env=server.settings)
    assert told.code == 0, told.err
    (only,) = told.out.splitlines()
    assert only.startswith(f"posthog:{SESSION}  2026-11-23 16:49:53")
    assert only.endswith(f"/project/2/replay/{SESSION}")
    listed = json.loads(renderer("list", "posthog", "--json", env=server.settings).out)
    assert (listed["recording"], listed["person"], listed["errors"]) == (f"posthog:{SESSION}", None, 2)
    assert "v@n.example" not in listed["start_url"]


def test_what_cannot_be_listed(renderer: Program) -> None:
    for typed, word in (
        (("sentry",), "posthog"),
        (("posthog", "--since", "soon"), "24h"),
        (("posthog",), "RENDERER_POSTHOG_API_KEY"),
    ):
        result = renderer("list", *typed)
        assert (result.code, result.out) == (2, "")
        assert word in result.error


def test_a_batch_of_last_nights_sessions(renderer: Program, server: PostHogServer) -> None:
    server.store_sample()
    server.store_events()
    server.store(*in_blocks(sample_lines(), 3), session_id="session-that-goes-on", ongoing=True)
    (renderer.folder / "rules.yaml").write_text("""
rules:
  - name: thumb-after-answer
    when:
      - {as: answer, kind: llm_call, where: {status: answered}}
      - {as: thumb, kind: feedback, where: {satisfied: false}, within: 30s}
    before: 0s
    after: 1s
""")
    typed = (
        "batch", "--source", "posthog", "--since", "24h", "--rules", "rules.yaml",
        "--size", "320x180", "--fps", "5", "--assets", "offline", "-o", "flagged",
    )  # fmt: skip
    result = renderer(*typed, env=server.settings, timeout_s=100)
    assert result.code == 0, result.err
    assert result.out.splitlines()[0].startswith("1 sessions: 1 matched")
    asked = [each.query for each in server.asked if each.path.endswith("/session_recordings")]
    assert [json.loads(query["events"])[0]["id"] for query in asked] == list(LLM_EVENTS)
    assert all("date_from" in query for query in asked)
    index = json.loads((renderer.folder / "flagged/index.json").read_text())
    (clip,) = index["clips"]
    assert (clip["session"], clip["status"]) == (f"posthog:{SESSION}", "made")
    assert clip["replay_url"] == f"{server.url}/project/2/replay/{SESSION}"
    (moment,) = clip["moments"]
    assert (moment["rule"], moment["at_ms"]) == ("thumb-after-answer", 54_868)
    assert moment["video_ms"] is not None
    page = (renderer.folder / "flagged/index.html").read_text()
    assert f"/project/2/replay/{SESSION}" in page
    for path in (renderer.folder / "flagged").rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()

    fetched = server.count("/snapshots")
    before = {path.name: path.stat().st_mtime_ns for path in (renderer.folder / "flagged/clips").iterdir()}
    again = renderer(*typed, "--quiet", env=server.settings)
    assert (again.code, again.out, again.err) == (0, "", "")
    assert server.count("/snapshots") == fetched, "what was looked into is not fetched again"
    assert {path.name: path.stat().st_mtime_ns for path in (renderer.folder / "flagged/clips").iterdir()} == before
