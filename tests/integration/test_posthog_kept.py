"""What was fetched from PostHog is kept, and what of it is asked for again."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from renderer.errors import InputError
from tests.integration.posthog_desk import Desk, codes, lines_of
from tests.integration.posthog_server import a_day_later, answer_json, in_blocks, sample_lines


def test_what_was_fetched_is_for_its_owner_alone(desk: Desk) -> None:
    desk.server.store_sample()
    path = desk.fetch().raw.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_settled_recording_is_never_fetched_again(desk: Desk) -> None:
    desk.now_s = a_day_later(desk.server.store_sample())
    first = desk.fetch()
    asked = desk.server.count("/session_recordings/")
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("/session_recordings/") == asked
    assert {path.name for path in first.raw.path.parent.iterdir()} == {"recording.jsonl", "state.json", "lock"}


def test_an_ongoing_recording_is_looked_at_again_and_only_what_is_new_is_fetched(desk: Desk) -> None:
    stored = desk.server.store(*in_blocks(sample_lines(), 25), ongoing=True)
    last = stored.blocks.pop()
    fetched = desk.fetch()
    assert codes(fetched) == {"posthog_ongoing": 1}
    assert len(lines_of(fetched)) == len(sample_lines()) - len(last.lines)
    stored.blocks.append(last)
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("start_blob_key=0&") == 1
    assert desk.server.count("start_blob_key=19&") == 2


def test_what_came_before_a_failure_is_not_fetched_again(desk: Desk) -> None:
    desk.server.store_sample(45)
    down = answer_json(503, {"detail": "busy"})
    desk.server.faults = [lambda asked: down if asked.query.get("start_blob_key") == "19" else None]
    assert desk.refused().code == "posthog_unavailable"
    desk.server.faults = []
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("start_blob_key=0&") == 1


def why_not(desk: Desk, name: str) -> str:
    with pytest.raises(InputError) as caught:
        desk.fetch(name)
    return caught.value.code


def test_who_wants_the_same_recording_at_the_same_time_waits_for_it(desk: Desk) -> None:
    """Also for one that there is not: the folder goes with the one who finds that out."""
    desk.now_s = a_day_later(desk.server.store_sample(45))
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: lines_of(desk.fetch()), range(6)))
        assert found == [sample_lines()] * 6
        assert desk.server.count("source=blob_v2&start_blob_key=0&") == 1
        errors = list(pool.map(lambda _: why_not(desk, "0190-none"), range(12)))
    assert errors == ["recording_not_found"] * 12
    assert [path.name for path in desk.root.rglob("0190-none")] == []
