"""Limits, failures and slow answers of PostHog: how long it is waited for."""

import time
from typing import Any

import pytest

from renderer.sources.posthog.api.client import Times
from tests.integration.posthog_desk import Desk, lines_of
from tests.integration.posthog_server import answer_json, once, sample_lines


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
