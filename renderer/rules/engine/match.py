"""One rule over what was found: from each thing that may begin it, the next one that fits each step.

Nothing is taken back: when the next thing that fits a step leaves a later step without any, the match is none. That is what keeps
the cost in proportion to what happened, and a rule's meaning in one sentence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from renderer.rules.engine.hits import Hits
from renderer.rules.engine.program import Found
from renderer.rules.happening import Happening, over_ms, when_ms
from renderer.rules.model import Rule, Step

Group = Sequence[Happening]


@dataclass(frozen=True, slots=True)
class Match:
    """`groups`: by the step's number, what it matched; nothing for `none`."""

    groups: tuple[Group, ...]

    def thing(self, rule: Rule, number: int) -> Happening:
        """What stands for a step: of several in any order the last, which made it whole; of a burst the first."""
        return self.groups[number][-1 if rule.steps[number].form == "all" else 0]


def matches(rule: Rule, found: Found) -> list[Match]:
    """Each thing is the moment of one match: of several that end in it, of the one that began last."""
    matched: dict[int, Match] = {}
    for group in _beginnings(rule.steps[0], found):
        match = _follow(rule, found, group)
        if match is not None:
            matched[id(match.thing(rule, rule.moment))] = match
    return sorted(matched.values(), key=lambda match: when_ms(match.thing(rule, rule.moment)))


def _follow(rule: Rule, found: Found, first: Group) -> Match | None:
    groups: list[Group] = [first]
    used = {id(thing) for thing in first}
    absent: list[tuple[Step, Group]] = []
    for step in rule.steps[1:]:
        reference = groups[step.since]
        if step.form == "none":
            if step.within_ms is None:
                absent.append((step, reference))
            elif _happens(step, found, reference, used, None):
                return None
            groups.append(())
            continue
        group = _next(step, found, reference, used)
        if group is None:
            return None
        if any(_happens(each, found, since, used, when_ms(group[0])) for each, since in absent):
            return None
        absent.clear()
        used.update(id(thing) for thing in group)
        groups.append(group)
    if any(_happens(each, found, since, used, None) for each, since in absent):
        return None
    return Match(tuple(groups))


def _window(step: Step, reference: Group) -> tuple[int, int | None]:
    end_ms = max(over_ms(thing) for thing in reference)
    return end_ms + step.after_ms, None if step.within_ms is None else end_ms + step.within_ms


def _happens(step: Step, found: Found, reference: Group, used: set[int], before_ms: int | None) -> bool:
    """Whether what must not happen does; `before_ms`: by then it may."""
    from_ms, to_ms = _window(step, reference)
    if before_ms is not None:
        to_ms = before_ms - 1
    hits = found.of(step.patterns[0]).like(reference[-1], step.same)
    return any(id(hits.things[place]) not in used for place in hits.between(from_ms, to_ms))


def _next(step: Step, found: Found, reference: Group, used: set[int]) -> Group | None:
    from_ms, to_ms = _window(step, reference)
    if step.form == "all":
        return _all(step, found, reference[-1], used, from_ms, to_ms)
    hits = found.of(step.patterns[0]).like(reference[-1], step.same)
    if step.form == "times":
        return _burst(step, hits, used, from_ms, to_ms)
    return _one(hits, used, from_ms, to_ms)


def _one(hits: Hits, used: set[int], from_ms: int, to_ms: int | None) -> Group | None:
    for place in hits.between(from_ms, to_ms):
        if id(hits.things[place]) not in used:
            return (hits.things[place],)
    return None


def _burst(step: Step, hits: Hits, used: set[int], from_ms: int, to_ms: int | None) -> Group | None:
    inside = hits.between(from_ms, to_ms)
    while len(inside) >= step.count:
        start = hits.burst_from(inside.start, step.count, step.spread_ms)
        group = hits.things[start : start + step.count]
        if start + step.count > inside.stop:
            return None
        taken = [number for number, thing in enumerate(group) if id(thing) in used]
        if not taken:
            return group
        inside = range(start + taken[-1] + 1, inside.stop)
    return None


def _all(step: Step, found: Found, like: Happening, used: set[int], from_ms: int, to_ms: int | None) -> Group | None:
    taken = set(used)
    group: list[Happening] = []
    for pattern in step.patterns:
        one = _one(found.of(pattern).like(like, step.same), taken, from_ms, to_ms)
        if one is None:
            return None
        group.extend(one)
        taken.add(id(one[0]))
    return sorted(group, key=when_ms)


def _beginnings(step: Step, found: Found) -> Iterator[Group]:
    if step.form == "all":
        yield from _first_all(step, found)
        return
    hits = found.of(step.patterns[0])
    if step.form == "one":
        yield from ((thing,) for thing in hits.things)
        return
    places = {id(thing): place for place, thing in enumerate(hits.things)}
    bursts = [group for alike in hits.each_alike(step.same) for group in _first_bursts(step, alike)]
    yield from sorted(bursts, key=lambda group: places[id(group[0])])


def _first_bursts(step: Step, hits: Hits) -> Iterator[Group]:
    """Each as long as it goes on at that rate."""
    start, more = 0, step.count - 1
    while (start := hits.burst_from(start, step.count, step.spread_ms)) < len(hits):
        end = start + step.count
        while end < len(hits) and (
            step.spread_ms is None or hits.times_ms[end] - hits.times_ms[end - more] <= step.spread_ms
        ):
            end += 1
        yield hits.things[start:end]
        start = end


def _first_all(step: Step, found: Found) -> Iterator[Group]:
    earliest = sorted(
        (
            (when_ms(thing), number, thing)
            for number, pattern in enumerate(step.patterns)
            for thing in found.of(pattern).things
        ),
        key=itemgetter(0, 1),
    )
    used: set[int] = set()
    for at_ms, number, thing in earliest:
        if id(thing) in used:
            continue
        taken = {*used, id(thing)}
        group = [thing]
        to_ms = None if step.spread_ms is None else at_ms + step.spread_ms
        for other, pattern in enumerate(step.patterns):
            one = None
            if other != number:
                one = _one(found.of(pattern).like(thing, step.same), taken, at_ms, to_ms)
                if one is None:
                    break
                group.extend(one)
                taken.add(id(one[0]))
        else:
            used = taken
            yield sorted(group, key=when_ms)
