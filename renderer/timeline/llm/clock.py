"""How far a server's clock is from the browser's, out of the calls that both saw.

What a server tells of a call lies inside what the browser saw of it: the request was on its way before and after. So each
call that both tell says between which bounds the offset is, and the offset that most calls agree to is taken, as NTP
chooses among servers (Marzullo's algorithm).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from renderer.timeline.llm.telling import Telling, same_model

# Clocks of a call's two ends agree only up to what networks and event queues add.
_SLACK_MS = 250.0
# A server's part of a call: nothing is longer than what the browser waited, and most of that wait is the model.
_LONGER_MS = 300.0
_SHORTER_MS = 3000.0
_SHORTER_RATIO = 0.5
# A request whose answer streams is recorded with its start alone; so soon after it the server begins.
_BEGINS_WITHIN_MS = 800.0
_LONE_FIT_MS = 400.0
_LONE_FIT_RATIO = 0.2
# Further apart than a wrong time zone and nothing but chance.
_FURTHEST_MS = 26 * 3_600_000.0
_MOST_TELLINGS = 200


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the recording has it, in Unix ms by the browser's clock; `end_ms` None for a streamed answer."""

    start_ms: float
    end_ms: float | None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """`offset_ms` is to be added to the server's times; `evidence` calls that both saw agree to it."""

    offset_ms: float = 0.0
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class _Bounds:
    low_ms: float
    high_ms: float
    server: int
    partner: tuple[str, int]
    is_certain: bool = False
    """Joined by an id, so it cannot be another call."""
    is_close: bool = False
    """Both took equally long."""


def estimate(browser: Sequence[Telling], server: Sequence[Telling], requests: Sequence[Request]) -> Estimate:
    """0 with evidence where the clocks agree or nothing tells; so is an offset that a network's delay can explain."""
    told = [each for each in server if each.end_ms is not None][:_MOST_TELLINGS]
    seen = [each for each in browser if each.end_ms is not None][:_MOST_TELLINGS]
    bounds = _of_calls(seen, told)
    certain = [each for each in bounds if each.is_certain]
    if certain:
        return _agreed(certain, least=1)
    if found := _supported(bounds, len(told), len(seen)):
        return found
    candidates = requests[:_MOST_TELLINGS]
    return _supported(_of_requests(candidates, told), len(told), len(candidates)) or Estimate()


def _supported(bounds: Sequence[_Bounds], servers: int, partners: int) -> Estimate | None:
    """Without ids it takes two calls that agree, and half of those that could; or only one that could be meant."""
    found = _agreed(bounds, least=1)
    if found.evidence >= 2 and 2 * found.evidence >= min(servers, partners):
        return found
    if len(bounds) == 1 and servers == 1 and bounds[0].is_close:
        return found
    return None


def _of_calls(browser: Sequence[Telling], server: Sequence[Telling]) -> list[_Bounds]:
    bounds = []
    for number, told in enumerate(server):
        for other, seen in enumerate(browser):
            is_certain = bool(told.ids & seen.ids) or (told.trace_id is not None and told.trace_id == seen.trace_id)
            is_possible = (
                same_model(told.facts.model, seen.facts.model)
                and told.failed == seen.failed
                and _can_be_inside(told.length_ms, seen.length_ms)
            )
            if is_certain or (is_possible and told.length_ms > 0):
                bounds.append(
                    _between(told, seen.start_ms, seen.start_ms + seen.length_ms, number, ("call", other), is_certain)
                )
    return [each for each in bounds if abs(each.low_ms) <= _FURTHEST_MS or each.is_certain]


def _of_requests(requests: Sequence[Request], server: Sequence[Telling]) -> list[_Bounds]:
    bounds = []
    for number, told in enumerate(server):
        if told.length_ms <= 0:
            continue
        for other, seen in enumerate(requests):
            if seen.status is not None and told.failed != (seen.status >= 400):
                continue
            if seen.end_ms is None:
                low = seen.start_ms - told.start_ms
                bounds.append(_Bounds(low, low + _BEGINS_WITHIN_MS, number, ("request", other)))
            elif _can_be_inside(told.length_ms, seen.end_ms - seen.start_ms):
                bounds.append(_between(told, seen.start_ms, seen.end_ms, number, ("request", other)))
    return [each for each in bounds if abs(each.low_ms) <= _FURTHEST_MS]


def _can_be_inside(inner_ms: float, outer_ms: float) -> bool:
    longest = outer_ms + _LONGER_MS
    return longest >= inner_ms and (outer_ms - inner_ms <= _SHORTER_MS or inner_ms >= _SHORTER_RATIO * outer_ms)


def _between(
    told: Telling, start_ms: float, end_ms: float, number: int, partner: tuple[str, int], is_certain: bool = False
) -> _Bounds:
    assert told.end_ms is not None
    low, high = sorted((start_ms - told.start_ms, end_ms - told.end_ms))
    difference = abs((end_ms - start_ms) - told.length_ms)
    is_close = difference <= max(_LONE_FIT_MS, _LONE_FIT_RATIO * told.length_ms)
    return _Bounds(low, high, number, partner, is_certain, is_close)


def _agreed(bounds: Sequence[_Bounds], *, least: int) -> Estimate:
    """The offset inside most bounds, the one nearest to none where several are."""
    if not bounds:
        return Estimate()
    best = (0, 0.0, 0.0, 0.0)  # count, distance from 0 (negated), low, high
    servers: Counter[int] = Counter()
    partners: Counter[tuple[str, int]] = Counter()
    edges = sorted(
        [(each.low_ms - _SLACK_MS, 0, number) for number, each in enumerate(bounds)]
        + [(each.high_ms + _SLACK_MS, 1, number) for number, each in enumerate(bounds)]
    )
    for place, (at, is_end, number) in enumerate(edges):
        each = bounds[number]
        if is_end:
            servers[each.server] -= 1
            partners[each.partner] -= 1
            servers += Counter()
            partners += Counter()
            continue
        servers[each.server] += 1
        partners[each.partner] += 1
        low, high = at, edges[place + 1][0]
        distance = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        best = max(best, (min(len(servers), len(partners)), -distance, low, high))
    evidence, _, low, high = best
    if evidence < least:
        return Estimate()
    middle = (low + high) / 2
    inside = [each for each in bounds if each.low_ms - _SLACK_MS <= middle <= each.high_ms + _SLACK_MS]
    if low <= 0 <= high:
        return Estimate(0.0, evidence)
    nearest: dict[int, float] = {}
    for each in inside:
        centre = (each.low_ms + each.high_ms) / 2
        if each.server not in nearest or abs(centre - middle) < abs(nearest[each.server] - middle):
            nearest[each.server] = centre
    return Estimate(min(max(median(nearest.values()), low), high), evidence)
