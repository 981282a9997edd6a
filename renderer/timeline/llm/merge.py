"""The same call told by several sources becomes one."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from renderer.timeline.llm.telling import Facts, Telling, same_model

_NEAR_MS = 1500.0
_NEIGHBOURS = 20
_MOST_OF_A_TRACE = 50
_FORMS = ("llm_call", "$ai_generation", "gen_ai", "$ai_embedding")


@dataclass(slots=True)
class Call:
    """Tellings of one call, the user's side first, then by form. At most one of each source."""

    tellings: list[Telling] = field(default_factory=list)

    @property
    def seen(self) -> Telling:
        return self.tellings[0]

    @property
    def facts(self) -> Facts:
        facts = Facts()
        for each in self.tellings:
            facts = facts.or_else(each.facts)
        return facts

    @property
    def ids(self) -> frozenset[str]:
        return frozenset().union(*(each.ids for each in self.tellings))

    @property
    def traces(self) -> frozenset[str]:
        return frozenset(each.trace_id for each in self.tellings if each.trace_id)

    @property
    def end_ms(self) -> float | None:
        """What the user saw; what a server tells where the user's side does not."""
        return next((each.end_ms for each in self.tellings if each.end_ms is not None), None)

    @property
    def start_ms(self) -> float:
        return self._start[0]

    @property
    def start_is_told(self) -> bool:
        return self._start[1]

    @property
    def _start(self) -> tuple[float, bool]:
        seen = self.seen
        if seen.start_is_told or seen.latency_ms is not None or seen.end_ms is None:
            return seen.start_ms, seen.start_is_told
        latency = next((each.latency_ms for each in self.tellings if each.latency_ms is not None), None)
        return seen.end_ms - (latency or 0.0), False


def merge(tellings: Iterable[Telling]) -> list[Call]:
    """`tellings` have their times by one clock. Two of one source (form and side) are never one call.

    Joined by an id of the call; else by trace and time; else by model and time: both ends within 1.5 s, or one inside the
    other for at least half of itself.
    """
    sources: dict[tuple[bool, int], list[Telling]] = defaultdict(list)
    for each in sorted(tellings, key=lambda each: (each.start_ms, each.end_ms or each.start_ms, each.id or "")):
        sources[each.origin != "browser", _FORMS.index(each.form)].append(each)
    calls: list[Call] = []
    for _, told in sorted(sources.items(), key=lambda item: item[0]):
        _join(calls, told)
    return sorted(calls, key=lambda call: (call.start_ms, call.end_ms or call.start_ms, call.seen.id or ""))


def _join(calls: list[Call], told: Sequence[Telling]) -> None:
    near = _Near(calls)
    scored = [
        (score, number, place)
        for place, one in enumerate(told)
        for number in near.to(one)
        if (score := _score(near.at(number), one)) is not None
    ]
    taken_calls: set[int] = set()
    taken: set[int] = set()
    for _, number, place in sorted(scored, key=lambda each: (-each[0][0], -each[0][1], each[1], each[2])):
        if number not in taken_calls and place not in taken:
            taken_calls.add(number)
            taken.add(place)
            calls[number].tellings.append(told[place])
    calls.extend(Call([one]) for place, one in enumerate(told) if place not in taken)
    calls.sort(key=lambda call: call.start_ms)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a call is compared by."""

    start_ms: float
    end_ms: float | None
    ids: frozenset[str]
    traces: frozenset[str]
    model: str | None


class _Near:
    """Of thousands of calls only those near in time, and those of the same ids, are compared."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._known = [_Known(each.start_ms, each.end_ms, each.ids, each.traces, each.facts.model) for each in calls]
        self._starts = [each.start_ms for each in self._known]
        self._by_id: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(self._known):
            for found in each.ids | each.traces:
                self._by_id[found].append(number)

    def at(self, number: int) -> _Known:
        return self._known[number]

    def to(self, one: Telling) -> set[int]:
        place = bisect_left(self._starts, one.start_ms)
        near = set(range(max(0, place - _NEIGHBOURS), min(len(self._known), place + _NEIGHBOURS)))
        for found in {*one.ids, *([one.trace_id] if one.trace_id else [])}:
            near.update(self._by_id.get(found, ())[:_MOST_OF_A_TRACE])
        return near


def _score(call: _Known, one: Telling) -> tuple[int, float] | None:
    """How surely `one` tells of `call`, and how well their times fit; None when it does not."""
    fit = _fit(call.start_ms, call.end_ms, one)
    if one.ids & call.ids:
        return 3, fit if fit is not None else -1e15
    if fit is None or not same_model(call.model, one.facts.model):
        return None
    return (2 if one.trace_id is not None and one.trace_id in call.traces else 1), fit


def _fit(start_ms: float, end_ms: float | None, one: Telling) -> float | None:
    """Milliseconds that two spans share less those by which their ends differ; None when they are not the same."""
    starts_near = abs(start_ms - one.start_ms) <= _NEAR_MS
    if end_ms is None or one.end_ms is None:
        return -abs(start_ms - one.start_ms) if starts_near else None
    shared = min(end_ms, one.end_ms) - max(start_ms, one.start_ms)
    apart = abs(start_ms - one.start_ms) + abs(end_ms - one.end_ms)
    shorter = min(end_ms - start_ms, one.end_ms - one.start_ms)
    inside = shared >= 0 and 2 * shared >= shorter and _within(start_ms, end_ms, one.start_ms, one.end_ms)
    if (starts_near and abs(end_ms - one.end_ms) <= _NEAR_MS) or inside:
        return shared - apart
    return None


def _within(start_ms: float, end_ms: float, other_start_ms: float, other_end_ms: float) -> bool:
    """Whether one lies in the other, give or take 1.5 s."""
    first_in_second = other_start_ms - _NEAR_MS <= start_ms and end_ms <= other_end_ms + _NEAR_MS
    second_in_first = start_ms - _NEAR_MS <= other_start_ms and other_end_ms <= end_ms + _NEAR_MS
    return first_in_second or second_in_first
