"""A server's clock put right by what the browser saw of the same calls."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.model import ClockOffset
from tests.unit.told_fixtures import MINUTE, completed, event, generation, notices, request, span, started, told

# (start, end) as the browser saw them, and how much later the server's part began and earlier it ended.
SEEN = ((5000, 9000), (14_000, 16_500), (30_000, 37_000), (41_000, 44_200))
PADS = ((40, 60), (25, 30), (90, 120), (35, 20))


def browser() -> list[AnalyticsEvent]:
    return [
        each
        for number, (start, end) in enumerate(SEEN)
        for each in (started(start, f"c{number}"), completed(end, f"c{number}", latency_ms=end - start))
    ]


def server(skew_ms: float, jitter: tuple[float, ...] = (0, 0, 0, 0), **more: object) -> list[AnalyticsEvent]:
    return [
        generation(end - after + skew_ms + shake, end - after - start - before, **more)
        for (start, end), (before, after), shake in zip(SEEN, PADS, jitter, strict=True)
    ]


def shown() -> list[tuple[int, int | None]]:
    return [(start, end) for start, end in SEEN]


@pytest.mark.parametrize("skew_ms", [3000, -3000, 1800, 5000, 300_000, -300_000, 7_200_000])
def test_skew_is_found_from_what_both_saw_and_every_call_is_one(skew_ms):
    found = told(*browser(), *server(skew_ms))
    (offset,) = found.clock_offsets
    assert (offset.source, offset.evidence) == ("server", 4)
    assert abs(offset.offset_ms + skew_ms) <= 60
    assert [(call.start_ms, call.end_ms) for call in found.calls] == shown()
    assert {call.forms for call in found.calls} == {("llm_call", "$ai_generation")}
    assert notices(found) == {}


def test_jitter_without_drift_does_not_hide_the_skew():
    found = told(*browser(), *server(3000, (-140, 90, 160, -60)))
    (offset,) = found.clock_offsets
    assert abs(offset.offset_ms + 3000) <= 200
    assert len(found.calls) == 4


@pytest.mark.parametrize("skew_ms", [0, 60, -100])
def test_what_a_network_explains_is_no_skew(skew_ms):
    found = told(*browser(), *server(skew_ms))
    assert found.clock_offsets == (ClockOffset(source="server", offset_ms=0, evidence=4),)
    assert len(found.calls) == 4


def test_nothing_in_common_is_taken_to_agree():
    found = told(generation(9000, 4000), generation(20_000, 1000))
    assert found.clock_offsets == (ClockOffset(source="server", offset_ms=0, evidence=0),)
    assert [(call.start_ms, call.end_ms) for call in found.calls] == [(5000, 9000), (19_000, 20_000)]


def test_a_session_without_a_server_has_no_offset():
    assert told(*browser()).clock_offsets == ()


def test_a_trace_id_that_both_tell_is_enough_for_one_call():
    found = told(
        started(5000, "a", trace_id="t1"), completed(9000, "a", trace_id="t1"),
        generation(8900 + 120_000, 3800, trace_id="t1"),
    )  # fmt: skip
    (call,) = found.calls
    assert (call.start_ms, call.end_ms, call.trace_id) == (5000, 9000, "t1")
    assert found.clock_offsets == (ClockOffset(source="server", offset_ms=-120_000, evidence=1),)


def test_one_call_without_ids_is_enough_when_it_took_as_long():
    found = told(started(5000, "a"), completed(9000, "a"), generation(8950 + 3000, 3900))
    assert len(found.calls) == 1
    assert found.clock_offsets[0].offset_ms == -3000


def test_one_call_that_took_half_as_long_proves_nothing():
    found = told(started(5000, "a"), completed(9000, "a"), generation(48_000, 2200))
    assert len(found.calls) == 2
    assert found.clock_offsets == (ClockOffset(source="server", offset_ms=0, evidence=0),)


def test_requests_of_the_recording_show_the_skew():
    recorded = tuple(request(start, end) for start, end in SEEN)
    others = (request(100, 180, method="GET"), request(50_000, 50_090, status=500))
    found = told(*server(-3000), recorded=recorded + others)
    (offset,) = found.clock_offsets
    assert offset.evidence == 4
    assert abs(offset.offset_ms - 3000) <= 60
    assert [call.start_ms for call in found.calls] == [pytest.approx(start + 30, abs=80) for start, _ in SEEN]


def test_requests_whose_answers_stream_show_the_skew_by_their_starts():
    found = told(*server(60_000, session=None), recorded=tuple(request(start, None) for start, _ in SEEN))
    (offset,) = found.clock_offsets
    assert offset.evidence == 4
    assert abs(offset.offset_ms + 60_000) < 500
    assert len(found.calls) == 4


def test_an_hour_that_is_wrong_does_not_drop_the_servers_events():
    found = told(*browser(), *server(-3_600_000, session=None))
    assert len(found.calls) == 4
    assert notices(found) == {}


def test_spans_of_a_call_lie_inside_of_what_the_user_saw():
    around = event(
        "$ai_span", 9100 + 3000, origin="server", **{"$ai_trace_id": "t", "$ai_latency": 4.3, "$ai_span_name": "answer"}
    )
    found = told(
        started(5000, "a", trace_id="t"), completed(9000, "a", trace_id="t"), generation(8950 + 3000, 3900, trace_id="t"), around
    )  # fmt: skip
    (entry,) = [each for each in found.entries if each.kind == "llm_span"]
    assert (entry.at_ms, entry.until_ms, entry.title) == (5000, 9000, "Ran “answer” in 4.0 s")


def test_other_events_of_the_server_move_with_it():
    note = event("credit_granted", 20_000 + 3000, origin="server")
    found = told(*browser(), *server(3000), note)
    (entry,) = [each for each in found.entries if each.kind == "custom"]
    assert abs(entry.at_ms - 20_000) <= 60


def test_spans_show_the_skew_as_generations_do():
    spans = [span(end - 30 + 3000, end - start - 60) for start, end in SEEN]
    found = told(*browser(), *spans)
    assert len(found.calls) == 4
    assert abs(found.clock_offsets[0].offset_ms + 3000) <= 60


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(800, 9000), st.integers(600, 5000), st.integers(5, 120), st.integers(5, 120)),
        min_size=3,
        max_size=6,
    ),
    st.integers(-600_000, 600_000).filter(lambda skew: abs(skew) > 400),
)
def test_any_skew_of_calls_of_different_lengths_ends_inside_them(calls, skew_ms):
    at, events, spans = 1000, [], []
    for number, (pause, length, before, after) in enumerate(calls):
        at += pause
        events += [started(at, f"c{number}"), completed(at + length, f"c{number}")]
        events.append(generation(at + length - after + skew_ms, length - before - after, trace_id=f"t{number}"))
        # The trace joins each pair: without it two calls may be taken for their neighbours.
        events[-3:-1] = [
            replace(each, properties={**each.properties, "trace_id": f"t{number}"}) for each in events[-3:-1]
        ]
        spans.append((at, at + length))
        at += length
    found = told(*events, duration_ms=max(MINUTE, at + 1000))
    assert [(call.start_ms, call.end_ms) for call in found.calls] == spans
    (offset,) = found.clock_offsets
    assert offset.evidence == len(calls)
    assert abs(offset.offset_ms + skew_ms) <= 400
