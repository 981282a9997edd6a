"""What the events beside the recording tell, on the session's clock: LLM calls, feedback, exceptions, everything else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from renderer.notices import Notice, Notices
from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm import clock as clocks
from renderer.timeline.llm import otel, plain, posthog
from renderer.timeline.llm.calls import Clock, calls_of
from renderer.timeline.llm.feedback import Reaction, joined, reaction
from renderer.timeline.llm.merge import Call, merge
from renderer.timeline.llm.pairing import order
from renderer.timeline.llm.telling import Telling
from renderer.timeline.llm.tools import is_span, spans, tools_by_trace
from renderer.timeline.model import ClockOffset, Entry, Environment, LlmCall, ToldEvent, Value
from renderer.timeline.told.entries import call_entry, custom_entry, exception_entry, feedback_entry
from renderer.timeline.told.environment import environment, person_properties
from renderer.timeline.told.sessions import SLACK_MS, Span, choose, may_be_of_session
from renderer.timeline.values import count

# A page's first events are sent before its recorder has begun, its last ones after: nobody is told of those.
_EDGE_MS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`entries` are sorted by `at_ms` and lie in [0, duration]; each call has one of kind `llm_call`."""

    entries: tuple[Entry, ...] = ()
    calls: tuple[LlmCall, ...] = ()
    environment: Environment = field(default_factory=Environment)
    clock_offsets: tuple[ClockOffset, ...] = ()
    notices: tuple[Notice, ...] = ()
    events: tuple[ToldEvent, ...] = ()
    person: Mapping[str, Value] = field(default_factory=dict)


def read_told(
    events: Sequence[AnalyticsEvent],
    *,
    started_at_ms: int,
    duration_ms: int,
    recorded: Sequence[Entry],
    session_id: str | None = None,
) -> Told:
    """Puts `events` on the clock of the session that started at `started_at_ms` (Unix) and lasted `duration_ms`.

    `recorded` are entries from the recording itself: its requests show how far a server's clock is off. `session_id`: the
    recording's, if it is known. The order of `events` does not matter.
    """
    notices = Notices()
    span = Span(started_at_ms, started_at_ms + duration_ms)
    chosen = choose(_once(events, notices), span, session_id)
    notices.add("events_of_other_sessions", "events of other sessions were left out", chosen.others)
    offsets, shifted = _on_one_clock(chosen.events, _requests(recorded, started_at_ms))
    own = [each for each in shifted if may_be_of_session(each, chosen, span)]
    notices.add(
        "events_outside_session",
        "events without a session id, from more than a minute before or after the session, were left out",
        len(shifted) - len(own),
    )
    if own and not any(span.holds(each.at_unix_ms, SLACK_MS) for each in own):
        notices.add(
            "events_of_another_time", "none of the events happened during the session; all were left out", len(own)
        )
        own = []
    notices.add(
        "events_clamped",
        "events told for a time outside the session were moved to its edge",
        sum(not span.holds(each.at_unix_ms, _EDGE_MS) for each in own),
    )
    clock = Clock(started_at_ms, duration_ms)
    entries, calls = _read(own, clock, duration_ms)
    return Told(
        entries=tuple(sorted(entries, key=lambda each: each.at_ms)),
        calls=calls,
        environment=environment(own),
        clock_offsets=offsets if any(each.origin == "server" for each in own) else (),
        notices=tuple(notices),
        person=person_properties(own),
        events=tuple(
            sorted(
                (ToldEvent(at_ms=clock(each.at_unix_ms), name=each.name, uuid=each.uuid) for each in own),
                key=lambda each: each.at_ms,
            )
        ),
    )


def _once(events: Iterable[AnalyticsEvent], notices: Notices) -> list[AnalyticsEvent]:
    """By time, each once: senders repeat what was not acknowledged, and files overlap."""
    kept: dict[object, AnalyticsEvent] = {}
    total = 0
    for each in sorted(events, key=order):
        total += 1
        kept.setdefault(each.uuid or order(each), each)
    notices.add("event_told_twice", "events that were in the file more than once count once", total - len(kept))
    return list(kept.values())


def _on_one_clock(
    events: Sequence[AnalyticsEvent], requests: Sequence[clocks.Request]
) -> tuple[tuple[ClockOffset, ...], list[AnalyticsEvent]]:
    told = _tellings(events)
    # A call that a server tells in two forms is one witness.
    server = [
        replace(call.seen, ids=call.ids, trace_id=next(iter(sorted(call.traces)), None))
        for call in merge(each for each in told if each.origin == "server")
    ]
    estimate = clocks.estimate([each for each in told if each.origin == "browser"], server, requests)
    offset = ClockOffset(source="server", offset_ms=round(estimate.offset_ms), evidence=estimate.evidence)
    shifted = [
        replace(each, at_unix_ms=each.at_unix_ms + offset.offset_ms) if each.origin == "server" else each
        for each in events
    ]
    return (offset,), shifted


def _requests(recorded: Sequence[Entry], started_at_ms: int) -> list[clocks.Request]:
    return [
        clocks.Request(
            start_ms=started_at_ms + each.at_ms,
            end_ms=None if each.until_ms is None else started_at_ms + each.until_ms,
            status=count(each.properties.get("status")) or None,
        )
        for each in recorded
        if each.kind == "request" and each.properties.get("method") == "POST"
    ]


def _tellings(events: Sequence[AnalyticsEvent]) -> list[Telling]:
    return [
        *plain.tellings(each for each in events if plain.is_plain(each)),
        *(posthog.telling(each) for each in events if posthog.is_call(each)),
        *(otel.telling(each) for each in events if otel.is_call(each)),
    ]


def _read(events: Sequence[AnalyticsEvent], clock: Clock, duration_ms: int) -> tuple[list[Entry], tuple[LlmCall, ...]]:
    merged = merge(_tellings(events))
    reactions: list[Reaction] = []
    rest: list[AnalyticsEvent] = []
    for each in events:
        if plain.is_plain(each) or posthog.is_call(each) or otel.is_call(each):
            continue
        found = reaction(each)
        if found is not None:
            reactions.append(found)
        else:
            rest.append(each)
    reactions = joined(reactions, merged)
    calls = calls_of(merged, reactions, clock, tools_by_trace(rest))
    by_call = {id(source): call for source, call in zip(merged, calls, strict=True)}
    entries = [
        call_entry(call, duration_ms, next((each.window_id for each in source.tellings if each.window_id), None))
        for source, call in zip(merged, calls, strict=True)
    ]
    entries += _feedback(reactions, merged, by_call, clock)
    entries += spans([each for each in rest if is_span(each)], merged, clock)
    for each in rest:
        if each.name == "$exception":
            entries.append(exception_entry(each, clock))
        elif not is_span(each):
            entries.append(custom_entry(each, clock))
    return entries, calls


def _feedback(
    reactions: Sequence[Reaction], merged: Sequence[Call], by_call: dict[int, LlmCall], clock: Clock
) -> list[Entry]:
    """One entry for each thumb, however often it was told."""
    entries: list[Entry] = []
    given: set[tuple[int, bool]] = set()
    for each in reactions:
        call = by_call[id(each.call)] if each.call is not None else None
        if each.satisfied is not None and each.call is not None:
            if (id(each.call), each.satisfied) in given and not each.text:
                continue
            given.add((id(each.call), each.satisfied))
        entries.append(feedback_entry(each, call, clock))
    for source in merged:
        for telling in source.tellings:
            if telling.satisfied is None or telling.rated_at_ms is None or (id(source), telling.satisfied) in given:
                continue
            given.add((id(source), telling.satisfied))
            event = AnalyticsEvent(
                name=telling.form, at_unix_ms=telling.rated_at_ms, origin=telling.origin, window_id=telling.window_id
            )
            own = Reaction(event=event, satisfied=telling.satisfied, trace_id=telling.trace_id)
            entries.append(feedback_entry(own, by_call[id(source)], clock))
    return entries
