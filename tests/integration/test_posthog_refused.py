"""Whatever is wrong with settings, key, address or answer is one line that says what to do."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from renderer.errors import InputError, SourceError
from tests.integration.posthog_desk import Desk, asks
from tests.integration.posthog_server import KEY, SESSION, Asked, failure

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


def test_an_error_says_nothing_that_the_server_wrote_of_people(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [lambda asked: failure(404, "invalid_request", "not_found", "no session of v@n.example")]
    error = desk.refused()
    assert isinstance(error, InputError)
    assert "v@n.example" not in error.message
