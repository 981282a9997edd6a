"""Recordings from a PostHog over HTTP: every kind of block comes as it was stored."""

import gzip
import json

import pytest

from renderer.recording.read import read_recording
from tests.integration.posthog_desk import Desk, asks, codes, lines_of
from tests.integration.posthog_server import SESSION, Block, in_blocks, sample_lines


def test_a_recording_comes_whole_in_as_few_calls_as_may_be(desk: Desk) -> None:
    stored = desk.server.store_sample(45)
    fetched = desk.fetch()
    assert lines_of(fetched) == sample_lines()
    assert fetched.session_id == SESSION
    assert codes(fetched) == {}
    spans = [
        (int(asked.query["start_blob_key"]), int(asked.query["end_blob_key"]))
        for asked in desk.server.asked
        if asked.query.get("source") == "blob_v2"
    ]
    assert spans == [(0, 18), (19, 37), (38, len(stored.blocks) - 1)]
    assert desk.told[0] == "part 1 of 3, 0.0 MB so far"
    recording = read_recording(fetched.raw)
    assert recording.kind == "posthog-jsonl"
    assert recording.duration_ms == 72_864


@pytest.mark.parametrize(
    ("source", "key"), [("blob_v2_lts", "lts/team/2/a b"), ("blob", "1795452593688-1795452666552"), ("realtime", "")]
)
def test_other_kinds_of_storage(desk: Desk, source: str, key: str) -> None:
    desk.server.store(Block(key, sample_lines(), source))
    assert lines_of(desk.fetch()) == sample_lines()


def test_an_older_server_has_blobs_and_what_is_not_written_yet(desk: Desk) -> None:
    """Its lines hold lists of events."""
    old = [
        json.dumps({"window_id": window, "data": [event]}).encode()
        for window, event in (json.loads(line) for line in sample_lines())
    ]
    desk.server.store(*in_blocks(old[:400], 2, "blob"), Block("", old[400:], "realtime"))
    fetched = desk.fetch()
    assert lines_of(fetched) == old
    assert read_recording(fetched.raw).duration_ms == 72_864


def test_an_older_server_hands_compressed_blobs_through(desk: Desk) -> None:
    stored = desk.server.store(Block("1-2", sample_lines(), "blob"))
    body = gzip.compress(b"\n".join(stored.blocks[0].lines), 1)
    desk.server.faults = [
        lambda asked: (
            (200, {"Content-Type": "application/json", "Content-Encoding": "identity"}, body)
            if asks("blob")(asked)
            else None
        )
    ]
    assert lines_of(desk.fetch()) == sample_lines()


def test_an_older_server_tells_what_is_not_written_yet_as_one_object(desk: Desk) -> None:
    events = [json.loads(line) for line in sample_lines()]
    body = json.dumps({"snapshots": [{"window_id": window, "data": [event]} for window, event in events]}).encode()
    desk.server.store(Block("", sample_lines(), "realtime"))
    desk.server.faults = [lambda asked: (200, {}, body) if asks("realtime")(asked) else None]
    assert read_recording(desk.fetch().raw).duration_ms == 72_864


def test_of_two_formats_of_the_same_recording_the_newer_is_read(desk: Desk) -> None:
    lines = sample_lines()
    desk.server.store(*in_blocks(lines, 3), Block("old", lines, "blob"), Block("", lines[-5:], "realtime"))
    assert lines_of(desk.fetch()) == lines
