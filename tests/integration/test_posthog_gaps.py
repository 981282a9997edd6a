"""What PostHog does not have, or sends only a part of, is told and costs nothing else."""

from typing import Any

import pytest

from renderer.notices import Notice
from tests.integration.posthog_desk import Desk, asks, codes, lines_of
from tests.integration.posthog_server import Asked, a_day_later, answer_json, once, sample_lines


@pytest.mark.parametrize(
    "gone",
    [
        answer_json(502, {"code": "recording_blocks_unavailable", "detail": "no"}),
        answer_json(500, {"type": "server_error", "code": "error", "detail": "Failed to load recording block"}),
    ],
)
def test_a_block_that_cannot_be_read_costs_no_other(desk: Desk, gone: Any) -> None:
    stored = desk.server.store_sample(8)

    def unreadable(asked: Asked) -> Any:
        span = asked.query.get("start_blob_key"), asked.query.get("end_blob_key")
        return gone if span[0] and int(span[0]) <= 5 <= int(span[1] or 0) else None

    desk.server.faults = [unreadable]
    fetched = desk.fetch()
    expected = [line for block in stored.blocks if block.key != "5" for line in block.lines]
    assert lines_of(fetched) == expected
    assert codes(fetched) == {"posthog_missing_blocks": 1}
    desk.server.faults = []
    assert lines_of(desk.fetch()) == sample_lines()


def test_blocks_left_out_without_a_word_are_noticed_and_asked_for_again(desk: Desk) -> None:
    stored = desk.server.store_sample(6)
    desk.now_s = a_day_later(stored)
    stored.blocks[2].sent = stored.blocks[4].sent = False
    fetched = desk.fetch()
    assert codes(fetched) == {"posthog_missing_blocks": 2}
    stored.blocks[2].sent = stored.blocks[4].sent = True
    again = desk.fetch()
    assert lines_of(again) == sample_lines()
    assert codes(again) == {}


def test_a_list_with_a_gap(desk: Desk) -> None:
    stored = desk.server.store_sample(6)
    stored.blocks[3].listed = False
    fetched = desk.fetch()
    assert codes(fetched) == {"posthog_missing_blocks": 1}
    assert len(lines_of(fetched)) == len(sample_lines()) - len(stored.blocks[3].lines)


def test_a_session_that_is_longer_than_its_blocks(desk: Desk) -> None:
    stored = desk.server.store_sample()
    stored.facts = {"end_time": "2026-11-23T16:52:06.552Z", "ongoing": False}
    (notice,) = desk.fetch().notices
    assert notice == Notice(
        "posthog_tail_missing",
        "PostHog lists blocks up to 60 s before the session's end; what came after them is not in the clip",
    )


def test_what_is_odd_about_a_settled_recording_is_told_each_time(desk: Desk) -> None:
    stored = desk.server.store_sample(6)
    stored.blocks[3].listed = False
    desk.now_s = a_day_later(stored)
    first, asked = desk.fetch(), desk.server.count("/session_recordings/")
    again = desk.fetch()
    assert desk.server.count("/session_recordings/") == asked
    assert first.notices == again.notices
    assert codes(again) == {"posthog_missing_blocks": 1}


def test_a_block_that_ends_in_the_middle_is_asked_for_again_and_then_told(desk: Desk) -> None:
    stored = desk.server.store_sample(1)
    body = b"\n".join(stored.blocks[0].lines)[:-40]
    cut = (200, {"Content-Type": "application/jsonl"}, body)
    desk.server.faults = [once(lambda asked: cut if asks("blob_v2")(asked) else None)]
    assert lines_of(desk.fetch()) == sample_lines()
    desk.root = desk.root / "another"
    desk.server.faults = [lambda asked: cut if asks("blob_v2")(asked) else None]
    assert codes(desk.fetch()) == {"posthog_cut_block": 1}


def test_not_ready_yet(desk: Desk) -> None:
    desk.server.store(ongoing=True)
    error = desk.refused()
    assert (error.code, error.exit_code) == ("recording_not_ready", 2)
