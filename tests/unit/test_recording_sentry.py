"""What Sentry's SDK writes: events with their times in seconds, envelopes around segments."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from renderer.sources.joined import join_parts
from tests.unit import recordings as build
from tests.unit.redact_fixtures import START_MS, read

PAGE: dict[str, Any] = {"node": {"type": 0, "id": 1, "childNodes": []}, "initialOffset": {"left": 0, "top": 0}}
WEB: list[dict[str, Any]] = [
    {"type": 4, "timestamp": START_MS, "data": {"href": "https://x.test/", "width": 800, "height": 600}},
    {"type": 2, "timestamp": START_MS + 10, "data": PAGE},
    {"type": 3, "timestamp": START_MS + 900, "data": {"source": 3, "id": 1, "x": 0, "y": 5}},
]


def custom(timestamp: float, tag: str = "performanceSpan") -> dict[str, Any]:
    return {"type": 5, "timestamp": timestamp, "data": {"tag": tag, "payload": {"op": "memory"}}}


def segment(*events: dict[str, Any]) -> Recording:
    return read(json.dumps([*WEB, *events]).encode())


@pytest.mark.parametrize("tag", ["performanceSpan", "breadcrumb"])
def test_times_in_seconds_are_put_where_they_belong(tag: str) -> None:
    made = segment(custom(START_MS / 1000 + 0.5, tag))
    assert made.duration_ms == 900
    assert [event.at_ms for event in made.windows[0].events if event.type == 5] == [500]
    assert "stray_event" not in {notice.code for notice in made.notices}


def test_times_in_milliseconds_stay() -> None:
    assert [event.at_ms for event in segment(custom(START_MS + 300)).windows[0].events if event.type == 5] == [300]


def test_other_events_of_1970_are_of_a_wrong_clock() -> None:
    made = segment(custom(START_MS / 1000 + 0.5, "mine"))
    assert made.duration_ms == 900
    assert not [event for event in made.windows[0].events if event.type == 5]
    assert "stray_event" in {notice.code for notice in made.notices}


def test_envelopes_are_opened() -> None:
    lines = [{"event_id": "a", "sent_at": "2026-01-01T00:00:00Z", "sdk": {}}, {"type": "replay_event"}, {"type": "replay_event", "timestamp": 1.5, "urls": []},
             {"type": "replay_recording", "length": 9}, {"segment_id": 0}, WEB]  # fmt: skip
    made = read("\n".join(map(json.dumps, lines)).encode())
    assert made.kind == "sentry-envelopes"
    assert (made.event_count, made.notices) == (3, ())


LATER: list[dict[str, Any]] = [
    {"type": 3, "timestamp": START_MS + 1000 + 100 * number, "data": {"source": 3, "id": 1, "x": 0, "y": number}}
    for number in range(3)
]


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


def envelope(number: int, packed: bytes, length: int | None = 0) -> bytes:
    """As @sentry/replay builds it. `length`: 0 for the true one, None for none."""
    payload = dump({"segment_id": number}) + b"\n" + packed
    item = {"type": "replay_recording"} | ({} if length is None else {"length": length or len(payload)})
    event = {"type": "replay_event", "timestamp": 1.5, "replay_id": "a", "segment_id": number}
    return b"\n".join(
        [
            dump({"event_id": "a", "sent_at": "2026-01-01T00:00:00Z"}),
            dump({"type": "replay_event"}),
            dump(event),
            dump(item),
            payload,
        ]
    )


ZLIB = [zlib.compress(dump(events), level) for events, level in ((WEB, 6), (LATER[:2], 9), (LATER[2:], 1))]


def codes(made: Recording) -> dict[str, int]:
    return {notice.code: notice.count for notice in made.notices}


@pytest.mark.parametrize("length", [0, None], ids=["length", "no length"])
def test_compressed_segments(length: int | None) -> None:
    made = read(b"\n".join(envelope(number, packed, length) for number, packed in enumerate(ZLIB)))
    assert (made.kind, made.event_count, codes(made)) == ("sentry-envelopes", 6, {})


def test_compressed_and_plain_ones_in_any_order() -> None:
    parts = [envelope(2, ZLIB[2]), envelope(0, dump(WEB)), envelope(1, gzip.compress(dump(LATER[:2])))]
    made = read(b"\n".join(parts) + b"\n")
    assert (made.event_count, codes(made)) == (6, {})


def test_bytes_that_look_like_lines_are_no_lines() -> None:
    """Stored, not deflated: the JSON stands in it with its line ends."""
    stored = zlib.compress(json.dumps(LATER, indent=1).encode(), 0)
    assert stored.count(b"\n") > 10
    made = read(b"\n".join([envelope(0, ZLIB[0]), envelope(1, stored)]))
    assert (made.event_count, codes(made)) == (6, {})


def test_a_segment_alone_is_a_recording() -> None:
    """As Sentry keeps it."""
    assert read(b'{"segment_id":0}\n' + ZLIB[0]).event_count == 3


def test_a_damaged_segment_costs_no_other() -> None:
    damaged = ZLIB[1][:10] + b"\xff" * 10 + ZLIB[1][20:]
    made = read(b"\n".join([envelope(0, ZLIB[0]), envelope(1, damaged), envelope(2, ZLIB[2])]))
    assert (made.event_count, codes(made)) == (4, {"damaged_segments": 1, "missing_segments": 1})


@pytest.mark.parametrize("cut_bytes", [1, 60, len(ZLIB[1])])
def test_a_file_that_is_cut(cut_bytes: int) -> None:
    made = read(b"\n".join([envelope(0, ZLIB[0]), envelope(1, ZLIB[1])])[:-cut_bytes])
    assert (made.event_count, codes(made)) == (3, {"cut_last_line": 1})


def test_segments_that_are_not_there_are_told() -> None:
    made = read(b"\n".join([envelope(0, ZLIB[0]), envelope(4, ZLIB[2])]))
    assert codes(made) == {"missing_segments": 3}


def test_the_same_segment_twice_is_once() -> None:
    made = read(b"\n".join([envelope(0, ZLIB[0]), envelope(1, ZLIB[1]), envelope(1, ZLIB[1])]))
    assert (made.event_count, codes(made)) == (5, {"duplicate_event": 2, "out_of_order": 1})


@pytest.mark.parametrize(
    ("limits", "code"),
    [(Limits(text_bytes=200_000), "recording_too_large"), (Limits(ratio_grace_bytes=100_000), "compression_bomb")],
)
@pytest.mark.parametrize("length", [0, None])
def test_a_bomb_is_refused(limits: Limits, code: str, length: int | None, tmp_path: Path) -> None:
    bomb = zlib.compress(b"[" + b" " * 60_000_000 + b"]", 9)
    with pytest.raises(RecordingError) as caught:
        build.read(tmp_path, envelope(0, ZLIB[0]) + b"\n" + envelope(1, bomb, length), limits)
    assert caught.value.code == code


def test_lines_of_posthog_with_a_time_of_sending_are_no_envelopes() -> None:
    lines = [
        {
            "event": "$snapshot",
            "sent_at": "2026-01-01T00:00:00Z",
            "properties": {"$snapshot_data": [event], "$window_id": "w"},
        }
        for event in WEB
    ]
    assert read(b"\n".join(map(dump, lines))).kind == "posthog-capture"


def test_one_file_for_each_envelope(tmp_path: Path) -> None:
    """As a folder or a prefix of an object store holds them: joined, their bytes stand between lines."""
    parts = []
    for number, packed in enumerate(ZLIB):
        path = tmp_path / f"{number}.envelope"
        path.write_bytes(envelope(number, packed))
        parts.append(RawRecording(path.name, path, path.stat().st_size))
    joined, notices = tmp_path / "joined", Notices()
    join_parts(parts, joined, "envelopes", Limits(), notices)
    made = read_recording(RawRecording("joined", joined, joined.stat().st_size))
    assert (made.kind, made.event_count, codes(made), len(notices)) == ("sentry-envelopes", 6, {}, 0)


def test_a_line_that_is_not_utf_8_is_no_end() -> None:
    lines = [envelope(0, ZLIB[0]).replace(b'"replay_id": "a"', b'"replay_id": "\x80"'), envelope(1, ZLIB[1])]
    made = read(b"\n".join(lines))
    assert (made.event_count, codes(made)) == (5, {"invalid_utf8": 1})


def test_a_first_line_that_is_not_utf_8_is_no_end() -> None:
    lines = [dump(event) for event in [*WEB, *LATER]]
    made = read(b"\n".join([b'{"type":5,"data":{"tag":"\x80"},"timestamp":' + str(START_MS).encode() + b"}", *lines]))
    assert (made.kind, made.event_count) == ("rrweb-jsonl", 7)
