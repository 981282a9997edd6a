"""Which start and which end are of one call."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm.opinion import opinion
from renderer.timeline.llm.telling import same_model
from renderer.timeline.values import amount, first, text

CALL_IDS: Final = ("llm_call_id", "call_id", "llmCallId", "callId", "generation_id", "request_id", "requestId")
_SHARED_IDS = ("trace_id", "traceId", "$ai_trace_id")
# An end that tells its latency fits a start that lies so near to where the call must have begun.
_FIT_MS = 500.0
_FIT_RATIO = 0.1
_OUT_OF_ORDER_MS = 2000.0
_MOST_RUNNING = 200  # so many calls wait for their end at once; older ones are not looked at for the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One call: its start if told, its end if told, then the later tellings of that same end, by time."""

    start: AnalyticsEvent | None = None
    ends: tuple[AnalyticsEvent, ...] = ()
    id: str | None = None

    @property
    def at_ms(self) -> float:
        return self.start.at_unix_ms if self.start else self.ends[0].at_unix_ms


@dataclass(frozen=True, slots=True)
class _Id:
    value: str
    is_shared: bool
    """Ids of traces: several calls may have it."""


def pair(starts: Sequence[AnalyticsEvent], ends: Sequence[AnalyticsEvent]) -> list[Pair]:
    """By id where there is one; else in order, per model. Every start and every end is in exactly one pair.

    The order of the arguments does not matter. A start with the id of a call that has not ended is a retry: the end is
    the newest one's. An end after the end of its call updates it, unless it tells of a success after a failure.
    """
    starts, ends = sorted(starts, key=order), sorted(ends, key=order)
    id_of = _ids(starts, ends)
    groups: dict[_Id, tuple[list[AnalyticsEvent], list[AnalyticsEvent]]] = defaultdict(lambda: ([], []))
    nameless: tuple[list[AnalyticsEvent], list[AnalyticsEvent]] = ([], [])
    for side, events in enumerate((starts, ends)):
        for event in events:
            found = id_of(event)
            (groups[found] if found else nameless)[side].append(event)
    pairs: list[Pair] = []
    lone: list[Pair] = [Pair(start=start) for start in nameless[0]] + [Pair(ends=(end,)) for end in nameless[1]]
    for found, (own_starts, own_ends) in groups.items():
        grouped = _by_id(own_starts, own_ends, found)
        # The other half may have come without the id.
        is_whole = bool(own_starts) and bool(own_ends)
        (pairs if is_whole else lone).extend(grouped)
    pairs.extend(_in_order(lone))
    return sorted(pairs, key=lambda each: (each.at_ms, order(each.start or each.ends[0])))


def order(event: AnalyticsEvent) -> tuple[float, str, str, str]:
    """By time, then by content: the order in the file means nothing."""
    return (
        event.at_unix_ms,
        event.name,
        event.uuid or "",
        repr(sorted(event.properties.items(), key=lambda item: item[0])),
    )


def _ids(starts: Iterable[AnalyticsEvent], ends: Iterable[AnalyticsEvent]) -> Callable[[AnalyticsEvent], _Id | None]:
    """`id` may be the call's or each event's own: it counts where a start and an end share it."""
    shared = {_own_id(each) for each in starts} & {_own_id(each) for each in ends} - {None}

    def of(event: AnalyticsEvent) -> _Id | None:
        if found := text(first(event.properties, *CALL_IDS)):
            return _Id(found, is_shared=False)
        own = _own_id(event)
        if own is not None and own in shared:
            return _Id(own, is_shared=False)
        if found := text(first(event.properties, *_SHARED_IDS)):
            return _Id(found, is_shared=True)
        return None

    return of


def _own_id(event: AnalyticsEvent) -> str | None:
    return text(event.properties.get("id"))


def _by_id(starts: list[AnalyticsEvent], ends: list[AnalyticsEvent], found: _Id) -> list[Pair]:
    calls: list[Pair] = []
    running: list[int] = []
    ended: int | None = None
    # At one instant the start is first.
    timed = sorted(
        [*((each.at_unix_ms, 0, each) for each in starts), *((each.at_unix_ms, 1, each) for each in ends)],
        key=lambda each: each[:2],
    )
    for _, is_end, event in timed:
        if not is_end:
            running.append(len(calls))
            calls.append(Pair(start=event, id=found.value))
            continue
        if running:
            newest = running[-_MOST_RUNNING:]
            chosen = _fitting(event, [(number, calls[number]) for number in newest])
            if chosen is None:
                chosen = running[0] if found.is_shared else running[-1]
            running.remove(chosen)
        elif ended is not None and _updates(event, calls[ended], found):
            chosen = ended
        else:
            ended = len(calls)
            calls.append(Pair(ends=(event,), id=found.value))
            continue
        calls[chosen] = replace(calls[chosen], ends=(*calls[chosen].ends, event))
        ended = chosen
    return _mend_order(calls)


def _mend_order(calls: list[Pair]) -> list[Pair]:
    """The end stamped a little before its start: an events queue may do that."""
    without_start = [call for call in calls if call.start is None]
    without_end = [call for call in calls if not call.ends]
    if len(without_start) == 1 and len(without_end) == 1:
        end, start = without_start[0], without_end[0].start
        assert start is not None
        if 0 < start.at_unix_ms - end.ends[0].at_unix_ms <= _OUT_OF_ORDER_MS:
            rest = [call for call in calls if call is not end and call is not without_end[0]]
            return [*rest, replace(end, start=start)]
    return calls


def _updates(event: AnalyticsEvent, call: Pair, found: _Id) -> bool:
    """Whether an end after an end is about the same attempt: a copy, or the user's rating."""
    last = call.ends[-1]
    if _latency(event) is not None and _latency(event) == _latency(last):
        return True
    if _rating(event) is not None:
        return True
    has_failed_before = bool(last.properties.get("error")) and not event.properties.get("error")
    return not has_failed_before and not found.is_shared


def _in_order(lone: list[Pair]) -> list[Pair]:
    """Starts and ends that no id joins: first in, first out, per model; a told latency knows better."""
    done: list[Pair] = []
    running: list[Pair] = []
    for one in sorted(lone, key=lambda each: (each.at_ms, each.start is None, order(each.start or each.ends[0]))):
        if one.start is not None:
            running.append(one)
            if len(running) > _MOST_RUNNING:
                done.append(running.pop(0))
            continue
        end = one.ends[0]
        candidates = [
            (number, call)
            for number, call in enumerate(running)
            if call.start is not None
            and same_model(_model(call.start), _model(end))
            and (call.id is None or one.id is None or call.id == one.id)
        ]
        chosen = _fitting(end, candidates)
        if chosen is None and candidates and _latency(end) is None:
            chosen = candidates[0][0]
        if chosen is not None:
            call = running.pop(chosen)
            done.append(replace(call, ends=one.ends, id=call.id or one.id))
            continue
        again = _rated_again(end, done) if one.id is None else None
        if again is not None:
            done[again] = replace(done[again], ends=(*done[again].ends, *one.ends))
        else:
            done.append(one)
    return [*done, *running]


def _rated_again(end: AnalyticsEvent, done: list[Pair]) -> int | None:
    """The call without an id whose end is told again with the user's rating: the same latency and the same model."""
    if _rating(end) is None:
        return None
    for number in range(len(done) - 1, max(-1, len(done) - 1 - _MOST_RUNNING), -1):
        before = done[number].ends[0] if done[number].ends else end
        if (
            before is not end
            and _latency(before) == _latency(end)
            and _model(before) == _model(end)
            and _rating(before) is None
        ):
            return number
    return None


def _fitting(end: AnalyticsEvent, calls: Sequence[tuple[int, Pair]]) -> int | None:
    """The running call that began where this end's latency says, if one did."""
    latency = _latency(end)
    if latency is None:
        return None
    began = end.at_unix_ms - latency
    distances = [(abs(call.start.at_unix_ms - began), number) for number, call in calls if call.start is not None]
    nearest = min(distances, default=None)
    return nearest[1] if nearest and nearest[0] <= _FIT_MS + _FIT_RATIO * latency else None


def _latency(event: AnalyticsEvent) -> float | None:
    return amount(first(event.properties, "latency_ms", "latencyMs", "duration_ms", "durationMs"))


def _rating(event: AnalyticsEvent) -> bool | None:
    return opinion(first(event.properties, "user_satisfied", "userSatisfied", "satisfied", "rating"))


def _model(event: AnalyticsEvent) -> Any:
    return text(first(event.properties, "model", "llm_model", "model_name", "modelName", "$ai_model"))
