"""Whatever JSON a server answers with, there is a recording or one line that says what is wrong."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.errors import RendererError
from renderer.redact.policy.model import DEFAULT
from renderer.settings import Settings
from renderer.sources.posthog.api.patience import Patience
from renderer.sources.posthog.listing import PostHogSessions
from tests.integration.posthog_desk import Desk
from tests.integration.posthog_server import KEY, SESSION, Asked, PostHogServer, running

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just("2026-11-23T16:49:53Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = {
    "facts": ("start_time", "end_time", "ongoing", "person", "recording_duration", "snapshot_source"),
    "list": ("sources",),
    "events": ("columns", "results", "hasMore", "error"),
    "sessions": ("results", "has_next", "next_cursor"),
}


def answers(kind: str) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES[kind], VALUES)) | VALUES


BLOCKS = st.fixed_dictionaries(
    {"source": st.sampled_from(["blob_v2", "blob_v2_lts", "blob", "realtime"]) | VALUES},
    optional={
        "blob_key": st.sampled_from(["0", "1", "-1", "19"]) | VALUES,
        "start_timestamp": VALUES,
        "end_timestamp": VALUES,
    },
)
ROWS = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=5) | VALUES},
    optional=dict.fromkeys(
        (
            "start_time",
            "recording_duration",
            "active_seconds",
            "distinct_id",
            "console_error_count",
            "start_url",
            "ongoing",
        ),
        VALUES,
    ),
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostHogServer]:
    with running() as own:
        own.store_sample(2)
        own.store_events()
        yield own


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    facts=st.none() | answers("facts"),
    listing=st.none() | answers("list") | st.builds(lambda blocks: {"sources": blocks}, st.lists(BLOCKS, max_size=4)),
    lines=st.none()
    | st.binary(max_size=60)
    | st.lists(VALUES, max_size=4).map(lambda all: "\n".join(map(json.dumps, all)).encode()),
    events=st.none()
    | answers("events")
    | st.lists(st.lists(VALUES, min_size=6, max_size=11), max_size=3).map(lambda rows: {"results": rows}),
)
def test_a_session(server: PostHogServer, facts: Any, listing: Any, lines: bytes | None, events: Any) -> None:
    def fault(asked: Asked) -> Any:
        found = events if asked.path.endswith("/query/") else listing if asked.path.endswith("/snapshots") else facts
        if "source" in asked.query:
            return None if lines is None else (200, {}, lines)
        return None if found is None else (200, {}, json.dumps(found).encode())

    server.faults = [fault]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(server, Path(folder))
        try:
            fetched = desk.fetch(SESSION)
        except RendererError as error:
            assert "\n" not in error.message
            assert not list(Path(folder).rglob("*.part"))
        else:
            assert fetched.raw.path.stat().st_size == fetched.raw.size_bytes


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers("sessions") | st.lists(ROWS, max_size=4).map(lambda rows: {"results": rows, "has_next": True}))
def test_a_list(server: PostHogServer, answer: Any) -> None:
    server.faults = [lambda asked: (200, {}, json.dumps(answer).encode())]
    own = Settings(posthog_host=server.url, posthog_project="2", posthog_api_key=KEY)  # type: ignore[arg-type]  # pydantic
    listing = PostHogSessions(own, Patience(sleep=lambda _: None))
    try:
        found = list(listing.sessions(None, None, 50, DEFAULT, lambda _: None))
    except RendererError as error:
        assert "\n" not in error.message
    else:
        assert len({each.id for each in found}) == len(found)
