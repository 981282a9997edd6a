"""Which events are of one call: a table of cases, then properties over any events."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm.pairing import pair
from renderer.timeline.llm.plain import is_end, is_start
from renderer.timeline.model import LlmCall
from tests.unit.told_fixtures import MINUTE, completed, event, generation, notices, span, started, told

Row = tuple[str, int, int | None]


@dataclass(frozen=True)
class Case:
    events: tuple[AnalyticsEvent, ...]
    calls: tuple[Row, ...]
    """(status, start, end) of each call, in order."""


CASES = {
    "one call": Case((started(1000, "a"), completed(4000, "a", latency_ms=3000)), (("answered", 1000, 4000),)),
    "interleaved calls": Case(
        (started(1000, "a"), started(2000, "b"), completed(3000, "b"), completed(5000, "a")),
        (("answered", 1000, 5000), ("answered", 2000, 3000)),
    ),
    "interleaved calls of two models without ids": Case(
        (started(1000, model="nova"), started(2000, model="luna"), completed(3000, model="luna"), completed(5000, model="nova")),
        (("answered", 1000, 5000), ("answered", 2000, 3000)),
    ),
    "without ids, first in first out": Case(
        (started(1000), started(2000), completed(3000), completed(5000)),
        (("answered", 1000, 3000), ("answered", 2000, 5000)),
    ),
    "without ids, a latency knows better than the order": Case(
        (started(1000), started(2000), completed(3000, latency_ms=1000), completed(5000, latency_ms=4000)),
        (("answered", 1000, 5000), ("answered", 2000, 3000)),
    ),
    "the id told by the start alone": Case((started(1000, "a"), completed(4000)), (("answered", 1000, 4000),)),
    "ids of two calls are never joined": Case(
        (started(1000, "a"), completed(4000, "b", latency_ms=500)),
        (("unanswered", 1000, None), ("answered", 3500, 4000)),
    ),
    "a retry under the same id after a failure": Case(
        (started(1000, "a"), completed(2000, "a", error="timeout"), started(3000, "a"), completed(5000, "a")),
        (("failed", 1000, 2000), ("answered", 3000, 5000)),
    ),
    "a retry under the same id while the first runs": Case(
        (started(1000, "a"), started(3000, "a"), completed(5000, "a")),
        (("unanswered", 1000, None), ("answered", 3000, 5000)),
    ),
    "the first of two attempts is what ended": Case(
        (started(1000, "a"), started(3000, "a"), completed(5000, "a", latency_ms=4000)),
        (("answered", 1000, 5000), ("unanswered", 3000, None)),
    ),
    "a retry that tells no start": Case(
        (started(1000, "a"), completed(2000, "a", error="overloaded", latency_ms=1000), completed(6000, "a", latency_ms=2500)),
        (("failed", 1000, 2000), ("answered", 3500, 6000)),
    ),
    "an end told again": Case(
        (started(1000, "a"), completed(2000, "a", latency_ms=1000), completed(9000, "a", latency_ms=1000, user_satisfied=True)),
        (("answered", 1000, 2000),),
    ),
    "an end without a start": Case((completed(4000, "a", latency_ms=1500),), (("answered", 2500, 4000),)),
    "an end without a start or latency": Case((completed(4000, "a"),), (("answered", 4000, 4000),)),
    "a missing start does not take another call's": Case(
        (completed(10_000, latency_ms=3000), started(8000), completed(12_000, latency_ms=4000)),
        (("answered", 7000, 10_000), ("answered", 8000, 12_000)),
    ),
    "a start without an end": Case((started(1000, "a"),), (("unanswered", 1000, None),)),
    "a start without an end among others": Case(
        (started(1000, "a"), started(2000, "b"), completed(3000, "b")),
        (("unanswered", 1000, None), ("answered", 2000, 3000)),
    ),
    "an end stamped before its start": Case((started(2000, "a"), completed(1900, "a")), (("answered", 1900, 1900),)),
    "start and end at one instant": Case((started(2000, "a"), completed(2000, "a")), (("answered", 2000, 2000),)),
    "one id of a trace for several calls": Case(
        (
            event("llm_call_started", 1000, trace_id="t"), event("llm_call_completed", 2000, trace_id="t"),
            event("llm_call_started", 3000, trace_id="t"), event("llm_call_completed", 4000, trace_id="t"),
        ),
        (("answered", 1000, 2000), ("answered", 3000, 4000)),
    ),
    "`id` that is each event's own": Case(
        (event("llm_call_started", 1000, id="e1"), event("llm_call_completed", 2000, id="e2")),
        (("answered", 1000, 2000),),
    ),
    "`id` that is the call's": Case(
        (
            event("llm_call_started", 1000, id="c1"), event("llm_call_started", 1500, id="c2"),
            event("llm_call_completed", 2000, id="c2"), event("llm_call_completed", 3000, id="c1"),
        ),
        (("answered", 1000, 3000), ("answered", 1500, 2000)),
    ),
    "other spellings": Case(
        (event("LLM Call Started", 1000, callId="a"), event("llmCallFailed", 2000, callId="a")), (("failed", 1000, 2000),)
    ),
    "a generation starts before it is told": Case((generation(5000, 2000),), (("answered", 3000, 5000),)),
    "a generation that failed": Case((generation(5000, 2000, is_error=True, error="boom"),), (("failed", 3000, 5000),)),
    "a generation with a status": Case((generation(5000, 100, http_status=429),), (("failed", 4900, 5000),)),
    "a span": Case((span(5000, 2000),), (("answered", 3000, 5000),)),
    "a span that failed": Case((span(5000, 2000, is_error=True),), (("failed", 3000, 5000),)),
    "a span that did not end": Case((span(3000, 0, unfinished=True),), (("unanswered", 3000, None),)),
}  # fmt: skip


def rows(calls: tuple[LlmCall, ...]) -> tuple[Row, ...]:
    return tuple((call.status, call.start_ms, call.end_ms) for call in calls)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str):
    case = CASES[name]
    assert rows(told(*case.events).calls) == case.calls
    for shuffled in list(permutations(case.events))[:24]:
        assert rows(told(*shuffled).calls) == case.calls


def test_a_later_thumb_rates_the_call_at_the_time_it_was_given():
    ended: dict[str, Any] = {"latency_ms": 3000, "tokens": 1352, "finish_reason": "stop"}
    found = told(
        started(1000, "a", prompt_length=33),
        completed(4000, "a", **ended, user_satisfied=None),
        event("answer_rated", 9000, llm_call_id="a", rating="up"),
        completed(9002, "a", **ended, user_satisfied=True),
    )
    (call,) = found.calls
    assert (call.id, call.satisfied, call.rated_at_ms, call.end_ms) == ("a", True, 9000, 4000)
    assert (call.total_tokens, call.prompt_length, call.finish_reason) == (1352, 33, "stop")
    feedback = [
        (each.at_ms, each.title, each.properties["call_id"]) for each in found.entries if each.kind == "feedback"
    ]
    assert feedback == [(9000, "Thumbs up on the answer of nova", "a")]


def test_a_thumb_that_is_turned_counts_as_it_was_last():
    found = told(
        started(1000, "a"), completed(4000, "a"),
        completed(9000, "a", user_satisfied=True), completed(12_000, "a", user_satisfied=False),
    )  # fmt: skip
    assert [(call.satisfied, call.rated_at_ms) for call in found.calls] == [(False, 12_000)]


def test_calls_under_one_id_have_ids_of_their_own():
    found = told(started(1000, "a"), completed(2000, "a", error="timeout"), started(3000, "a"), completed(5000, "a"))
    assert [call.id for call in found.calls] == ["a", "a#2"]
    assert [each.properties["call_id"] for each in found.entries] == ["a", "a#2"]


def test_an_event_told_twice_counts_once():
    twice = (started(1000, "a"), started(1000, "a"), completed(2000, "a"), completed(2000, "a"))
    found = told(*twice)
    assert rows(found.calls) == (("answered", 1000, 2000),)
    assert notices(found) == {"event_told_twice": 2}


@pytest.mark.parametrize(
    ("ended", "error"),
    [
        ({"error": "model_overloaded"}, "model_overloaded"),
        ({"error": {"type": "RateLimit", "message": "slow  down\n"}}, "slow down"),
        ({"error": True}, None),
        ({"status": "error", "error_message": "refused"}, "refused"),
        ({"status": 503}, None),
        ({"success": False}, None),
    ],
)
def test_failures_are_told_in_many_ways(ended, error):
    (call,) = told(started(1000, "a"), completed(2000, "a", **ended)).calls
    assert (call.status, call.error) == ("failed", error)


@pytest.mark.parametrize(
    "ended", [{"error": None}, {"error": ""}, {"error": False}, {"status": "success"}, {"status": 200}]
)
def test_what_says_that_nothing_failed_is_no_failure(ended):
    (call,) = told(started(1000, "a"), completed(2000, "a", **ended)).calls
    assert (call.status, call.error) == ("answered", None)


EVENTS = st.lists(
    st.builds(
        lambda make, at, call, model, latency, satisfied, error: make(
            at, call, model,
            **({"latency_ms": latency} if latency is not None else {}),
            **({"user_satisfied": satisfied} if satisfied is not None else {}),
            **({"error": error} if error else {}),
        ),
        st.sampled_from([started, completed]),
        st.integers(-2000, MINUTE + 2000),
        st.sampled_from([None, "a", "b", "c"]),
        st.sampled_from([None, "nova", "luna"]),
        st.none() | st.integers(0, 20_000),
        st.none() | st.booleans(),
        st.sampled_from(["", "timeout"]),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(EVENTS)
def test_every_start_and_every_end_is_in_exactly_one_call(events):
    starts, ends = [each for each in events if is_start(each)], [each for each in events if is_end(each)]
    pairs = pair(starts, ends)
    assert sorted(id(each.start) for each in pairs if each.start) == sorted(map(id, starts))
    assert sorted(id(end) for each in pairs for end in each.ends) == sorted(map(id, ends))
    assert all(each.start or each.ends for each in pairs)


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_in_the_file_means_nothing_and_times_lie_in_the_session(events, random):
    found = told(*events)
    shuffled = list(events)
    random.shuffle(shuffled)
    assert told(*shuffled) == found
    for call in found.calls:
        assert 0 <= call.start_ms <= MINUTE
        assert (call.end_ms is None) == (call.status == "unanswered") == (call.latency_ms is None)
        assert call.end_ms is None or call.start_ms <= call.end_ms <= MINUTE
    assert len({call.id for call in found.calls}) == len(found.calls)
    told_of = [str(each.properties["call_id"]) for each in found.entries if each.kind == "llm_call"]
    assert sorted(told_of) == sorted(call.id for call in found.calls)
    assert [each.at_ms for each in found.entries] == sorted(each.at_ms for each in found.entries)
