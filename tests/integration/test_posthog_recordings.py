"""Recordings from a PostHog over HTTP: every kind of block, what is kept, what is asked again, and what is refused."""

import gzip
import json
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import InputError, SourceError
from renderer.notices import Notice
from renderer.recording.read import read_recording
from renderer.sources.model import Fetched
from renderer.sources.posthog.api.client import Times
from tests.integration.posthog_desk import Desk
from tests.integration.posthog_server import (
    KEY,
    SESSION,
    Asked,
    Block,
    PostHogServer,
    a_day_later,
    answer_json,
    failure,
    in_blocks,
    once,
    running,
    sample_lines,
)


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        yield own


@pytest.fixture
def desk(server: PostHogServer, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)


def lines_of(fetched: Fetched) -> list[bytes]:
    return [line for line in fetched.raw.path.read_bytes().split(b"\n") if line]


def why_not(desk: Desk, name: str) -> str:
    with pytest.raises(InputError) as caught:
        desk.fetch(name)
    return caught.value.code


def codes(fetched: Fetched) -> dict[str, int]:
    return {notice.code: notice.count for notice in fetched.notices}


def asks(word: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.query.get("source") == word


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


def test_what_was_fetched_is_for_its_owner_alone(desk: Desk) -> None:
    desk.server.store_sample()
    path = desk.fetch().raw.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


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


def test_a_rate_limit_is_waited_for_and_told(desk: Desk) -> None:
    desk.server.store_sample()
    limited = answer_json(429, {"detail": "Request was throttled."}, **{"Retry-After": "37"})
    desk.server.faults = [once(lambda asked: limited)]
    desk.fetch()
    assert desk.slept == [37]
    assert desk.told[0] == "PostHog limits requests: waiting 37 s"


def test_a_rate_limit_may_be_a_date(desk: Desk) -> None:
    desk.server.store_sample()
    desk.now_s = 1_795_449_600 - 90  # Mon, 23 Nov 2026 16:00:00 GMT
    limited = answer_json(429, {}, **{"Retry-After": "Mon, 23 Nov 2026 16:00:00 GMT"})
    desk.server.faults = [once(lambda asked: limited)]
    desk.fetch()
    assert desk.slept == [90]


def test_a_rate_limit_that_is_too_long_ends_the_render(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [lambda asked: answer_json(429, {}, **{"Retry-After": "3600"})]
    error = desk.refused()
    assert (error.code, error.exit_code, error.retryable) == ("posthog_rate_limited", 1, True)
    assert "60 min" in error.message
    assert desk.slept == []


def test_a_server_that_always_says_zero_is_not_asked_for_ever(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [lambda asked: answer_json(429, {}, **{"Retry-After": "0"})]
    assert desk.refused().code == "posthog_rate_limited"
    assert len(desk.slept) < 60
    assert sum(desk.slept) <= 900


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_failures_of_the_server_are_tried_again(desk: Desk, status: int) -> None:
    desk.server.store_sample()
    desk.server.faults = [once(lambda asked: answer_json(status, {"detail": "no"}), 3)]
    assert lines_of(desk.fetch()) == sample_lines()
    assert len(desk.slept) == 3
    assert desk.slept == sorted(desk.slept)


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


def test_a_block_that_ends_in_the_middle_is_asked_for_again_and_then_told(desk: Desk) -> None:
    stored = desk.server.store_sample(1)
    body = b"\n".join(stored.blocks[0].lines)[:-40]
    cut = (200, {"Content-Type": "application/jsonl"}, body)
    desk.server.faults = [once(lambda asked: cut if asks("blob_v2")(asked) else None)]
    assert lines_of(desk.fetch()) == sample_lines()
    desk.root = desk.root / "another"
    desk.server.faults = [lambda asked: cut if asks("blob_v2")(asked) else None]
    assert codes(desk.fetch()) == {"posthog_cut_block": 1}


def test_a_connection_that_breaks_is_opened_again(desk: Desk) -> None:
    desk.server.store_sample()
    left = [2]

    def broken(handler: Any) -> bool:
        if "source=" not in handler.path or left[0] == 0:
            return False
        left[0] -= 1
        handler.wfile.write(
            b'HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nContent-Length: 99999\r\n\r\n["w",{'
        )
        return True

    desk.server.raw = broken
    assert lines_of(desk.fetch()) == sample_lines()
    assert len(desk.slept) == 2


def test_not_ready_yet(desk: Desk) -> None:
    desk.server.store(ongoing=True)
    error = desk.refused()
    assert (error.code, error.exit_code) == ("recording_not_ready", 2)


# What is wrong, what the program is told, whose fault it is, and a word that shows what to do.
Wrong = Callable[[Desk], Any]


def changed(**settings: Any) -> Wrong:
    return lambda desk: desk.changes.update(settings)


def keys(*scopes: str) -> Wrong:
    return lambda desk: desk.server.keys.update({KEY: frozenset(scopes)})


def always(status: int, headers: dict[str, str], body: bytes, word: str = "") -> Wrong:
    def answers(asked: Asked) -> Any:
        return (status, headers, body) if not word or asks(word)(asked) else None

    return lambda desk: desk.server.faults.append(answers)


def raw(answer: bytes) -> Wrong:
    def answers(handler: Any) -> bool:
        handler.wfile.write(answer)
        return True

    return lambda desk: setattr(desk.server, "raw", answers)


HTML = {"Content-Type": "text/html; charset=utf-8"}
LINES = {"Content-Type": "application/jsonl"}


@pytest.mark.parametrize(
    ("wrong", "code", "exit_code", "word"),
    [
        (changed(posthog_host="https://posthog.invalid"), "posthog_no_host", 2, "RENDERER_POSTHOG_HOST"),
        (changed(posthog_host="http://127.0.0.1:9"), "posthog_unreachable", 1, "RENDERER_POSTHOG_HOST"),
        (changed(posthog_host="http://93.184.215.14"), "posthog_insecure", 2, "https"),
        (changed(posthog_host="https://us.i.posthog.com"), "posthog_bad_host", 2, "https://us.posthog.com"),
        (changed(posthog_host="ftp://posthog.example"), "posthog_bad_host", 2, "https://"),
        (changed(posthog_host="https://a:b@posthog.example"), "posthog_bad_host", 2, "https://"),
        (changed(posthog_api_key=None), "posthog_not_configured", 2, "RENDERER_POSTHOG_API_KEY"),
        (changed(posthog_project=None), "posthog_not_configured", 2, "RENDERER_POSTHOG_PROJECT"),
        (changed(posthog_project="phc_abc"), "posthog_bad_project", 2, "number"),
        (changed(posthog_api_key="phc_" + "x" * 40), "posthog_bad_key", 2, "phx_"),
        (changed(posthog_api_key="phx_a b\nc"), "posthog_bad_key", 2, "copy it again"),
        (changed(posthog_api_key="phx_expired"), "posthog_key_refused", 2, "expired"),
        (changed(posthog_project="3"), "posthog_forbidden", 2, "project 3"),
        (keys("query:read"), "posthog_scope_missing", 2, "session_recording:read"),
        (lambda desk: desk.server.recordings.clear(), "recording_not_found", 2, "project 2"),
        (lambda desk: setattr(desk.server.recordings[SESSION], "deleted", True), "posthog_deleted", 2, "2026-11-20"),
        (always(200, HTML, b"<html>Sign in"), "posthog_not_json", 1, "proxy"),
        (always(200, {"Content-Type": "application/json"}, b"<html>Sign in"), "posthog_not_json", 1, "proxy"),
        (always(200, LINES, b"<html>Sign in", "blob_v2"), "posthog_not_json", 1, "proxy"),
        (always(200, LINES, b"[1,2\n[3]\n", "blob_v2"), "posthog_not_json", 1, "proxy"),
        (always(200, LINES, b"\0\0\1\2\x90\x03snappy" * 20, "blob_v2"), "posthog_not_json", 1, "proxy"),
        (always(200, LINES, b'{"sources":[]}\n', "blob_v2"), "posthog_not_json", 1, "proxy"),
        (always(200, {}, b'{"sources":[{"source":"blob_v2","blob_key":"x"}]}'), "posthog_bad_facts", 1, "newer"),
        (always(418, {}, b""), "posthog_refused", 1, "418"),
        (always(301, {"Location": "https://elsewhere.example/"}, b""), "posthog_redirected", 1, "does not follow"),
        (always(302, {"Location": "/login"}, b""), "posthog_redirected", 1, "RENDERER_POSTHOG_HOST"),
        (always(200, {"Content-Encoding": "br"}, b"x"), "posthog_encoding", 1, "compression"),
        (
            always(200, {"Content-Encoding": "gzip"}, gzip.compress(b"[" * 40_000_000, 9)),
            "posthog_too_large",
            1,
            "32 MiB",
        ),
        (always(200, {"Content-Encoding": "gzip"}, b"no gzip"), "posthog_broken_off", 1, "try again"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n["), "posthog_too_large", 1, "32 MiB"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "posthog_broken_off", 1, "try again"),
    ],
)
def test_bad_input(desk: Desk, wrong: Wrong, code: str, exit_code: int, word: str) -> None:
    desk.server.store_sample()
    wrong(desk)
    error = desk.refused()
    assert (error.code, error.exit_code) == (code, exit_code), error.message
    assert isinstance(error, SourceError if exit_code == 1 else InputError)
    assert word in error.message


def test_the_key_does_not_follow_a_redirect(desk: Desk) -> None:
    desk.server.store_sample()
    with running() as other:
        location = f"{other.url}/api/projects/2/session_recordings/{SESSION}"
        desk.server.faults = [lambda asked: (307, {"Location": location}, b"")]
        assert desk.refused().code == "posthog_redirected"
        assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [
        lambda asked: (
            None if asked.path.endswith("/") or "source" in asked.query else (301, {"Location": asked.path + "/"}, b"")
        )
    ]
    assert lines_of(desk.fetch()) == sample_lines()


def test_a_server_without_end_is_left(desk: Desk) -> None:
    """Chunked, so that nothing says how much there will be."""
    desk.server.store_sample()
    sent = [0]

    def endless(handler: Any) -> bool:
        if "source=" not in handler.path:
            return False
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b'["w",{"type":5,"data":{"tag":"x"},"timestamp":1795452593688}]\n' * 1000
        try:
            while sent[0] < 10_000_000_000:
                handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                sent[0] += len(chunk)
        except OSError:
            return True
        return True

    desk.server.raw = endless
    source = desk.source
    source.max_bytes = 20_000_000
    with pytest.raises(SourceError) as caught:
        source.fetch(SESSION, desk.told.append)
    assert caught.value.code == "posthog_too_large"
    assert sent[0] < 60_000_000
    assert [path.name for path in desk.root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("times", "code"), [(Times(read_s=0.2), "posthog_timeout"), (Times(whole_s=0.3), "posthog_too_slow")]
)
def test_a_slow_server_is_given_up(desk: Desk, times: Times, code: str) -> None:
    desk.server.store_sample()
    desk.times = times

    def slow(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n")
        try:
            for _ in range(20):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05 if times.whole_s < 1 else 0.5)
        except OSError:
            return True
        return True

    desk.server.raw = slow
    assert desk.refused().code == code


def test_the_address_of_a_replay_with_a_time(desk: Desk) -> None:
    desk.server.store_sample()
    fetched = desk.fetch(f"{desk.server.url}/project/2/replay/{SESSION}?t=54")
    assert fetched.at_ms == 54_000
    assert lines_of(fetched) == sample_lines()


def test_an_address_of_another_host_is_never_asked(desk: Desk) -> None:
    with running() as other:
        other.store_sample()
        error = desk.refused(f"{other.url}/project/2/replay/{SESSION}")
        assert (error.code, error.exit_code) == ("posthog_other_host", 2)
        assert other.asked == []
    assert desk.server.asked == []


def test_an_error_says_nothing_that_the_server_wrote_of_people(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [lambda asked: failure(404, "invalid_request", "not_found", "no session of v@n.example")]
    error = desk.refused()
    assert isinstance(error, InputError)
    assert "v@n.example" not in error.message
