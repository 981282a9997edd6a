"""From a session id to a clip, with a PostHog over HTTP."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.program import SMALL, Program
from tests.integration.posthog_server import KEY, SESSION, PostHogServer, running


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
