"""What rules mean, word by word as docs/rules.md says it, without a thought for speed: what the engine is held against."""

from collections.abc import Sequence

from renderer.rules.happening import Happening, value_of
from renderer.rules.language.conditions import holds
from renderer.rules.model import Pattern, Rule, Step

Group = list[Happening]


def is_like(pattern: Pattern, thing: Happening) -> bool:
    return (
        (pattern.kinds is None or thing.kind in pattern.kinds)
        and (pattern.names is None or thing.name in pattern.names)
        and (pattern.levels is None or thing.level in pattern.levels)
        and all(holds(tests, value_of(thing, name)) for name, tests in pattern.where)
        and all(is_like(each, thing) for each in pattern.also)
        and (not pattern.any or any(is_like(each, thing) for each in pattern.any))
        and not any(is_like(each, thing) for each in pattern.unlike)
    )


def end(thing: Happening) -> int:
    return thing.at_ms if thing.until_ms is None else thing.until_ms


def when(thing: Happening) -> int:
    return end(thing) if thing.kind == "request" else thing.at_ms


def are_alike(one: Happening, other: Happening, names: Sequence[str]) -> bool:
    for name in names:
        if name == "window":
            if one.window_id is not None and other.window_id is not None and one.window_id != other.window_id:
                return False
            continue
        mine, theirs = value_of(one, name), value_of(other, name)
        if mine is None or theirs is None or isinstance(mine, bool) is not isinstance(theirs, bool) or mine != theirs:
            return False
    return True


def find(rule: Rule, things: Sequence[Happening]) -> list[list[Group]]:
    """Groups of each match, by step; of matches with the same moment the last to begin. By the moment's time."""
    by_moment: dict[int, tuple[int, list[Group]]] = {}
    for first in beginnings(rule.steps[0], things):
        groups = follow(rule, things, first)
        if groups is not None:
            moment = groups[rule.moment][-1 if rule.steps[rule.moment].form == "all" else 0]
            by_moment[id(moment)] = (when(moment), groups)
    return [groups for _, groups in sorted(by_moment.values(), key=lambda found: found[0])]


def beginnings(step: Step, things: Sequence[Happening]) -> list[Group]:
    found = [sorted((t for t in things if is_like(pattern, t)), key=when) for pattern in step.patterns]
    if step.form == "one":
        return [[thing] for thing in found[0]]
    if step.form == "all":
        return all_beginnings(step, found)
    groups: list[Group] = []
    of_window = sorted({str(t.window_id) for t in found[0]}) if "window" in step.same else [None]
    for window in of_window:
        rest = [t for t in found[0] if window is None or str(t.window_id) == window]
        while rest:
            alike = [t for t in rest if are_alike(rest[0], t, [name for name in step.same if name != "window"])]
            rest = [t for t in rest if not is_in(t, alike) and t is not rest[0]]
            groups.extend(bursts(step, alike))
    places = {id(thing): place for place, thing in enumerate(found[0])}
    return sorted(groups, key=lambda group: places[id(group[0])])


def bursts(step: Step, things: list[Happening]) -> list[Group]:
    groups: list[Group] = []
    start = 0
    while start + step.count <= len(things):
        stop = start + step.count
        if not within(step, things[start:stop]):
            start += 1
            continue
        while stop < len(things) and within(step, things[stop - step.count + 1 : stop + 1]):
            stop += 1
        groups.append(things[start:stop])
        start = stop
    return groups


def within(step: Step, things: Sequence[Happening]) -> bool:
    return step.spread_ms is None or when(things[-1]) - when(things[0]) <= step.spread_ms


def all_beginnings(step: Step, found: list[list[Happening]]) -> list[Group]:
    groups: list[Group] = []
    used: list[Happening] = []
    candidates = [(when(t), number, t) for number, hits in enumerate(found) for t in hits]
    for at_ms, number, thing in sorted(candidates, key=lambda each: each[:2]):
        if is_in(thing, used):
            continue
        group = [thing]
        for other, hits in enumerate(found):
            if other == number:
                continue
            fitting = [
                t
                for t in hits
                if when(t) >= at_ms
                and (step.spread_ms is None or when(t) <= at_ms + step.spread_ms)
                and not is_in(t, [*used, *group])
                and are_alike(thing, t, step.same)
            ]
            if not fitting:
                break
            group.append(fitting[0])
        else:
            used.extend(group)
            groups.append(sorted(group, key=when))
    return groups


def is_in(thing: Happening, things: Sequence[Happening]) -> bool:
    return any(thing is other for other in things)


def follow(rule: Rule, things: Sequence[Happening], first: Group) -> list[Group] | None:
    groups: list[Group] = [first]
    used = list(first)
    unbounded: list[tuple[Step, Group]] = []
    for step in rule.steps[1:]:
        reference = groups[step.since]
        since_ms = max(end(t) for t in reference)
        to_ms = None if step.within_ms is None else since_ms + step.within_ms

        def fits(pattern: Pattern, step: Step = step, reference: Group = reference) -> list[Happening]:
            from_ms = max(end(t) for t in reference) + step.after_ms
            last_ms = None if step.within_ms is None else max(end(t) for t in reference) + step.within_ms
            return sorted(
                (
                    t
                    for t in things
                    if is_like(pattern, t)
                    and when(t) >= from_ms
                    and (last_ms is None or when(t) <= last_ms)
                    and are_alike(reference[-1], t, step.same)
                ),
                key=when,
            )

        if step.form == "none":
            groups.append([])
            if to_ms is None:
                unbounded.append((step, reference))
            elif any(not is_in(t, used) for t in fits(step.patterns[0])):
                return None
            continue
        group: Group | None = None
        if step.form == "one":
            group = next(([t] for t in fits(step.patterns[0]) if not is_in(t, used)), None)
        elif step.form == "times":
            hits = fits(step.patterns[0])
            for start in range(len(hits) - step.count + 1):
                burst = hits[start : start + step.count]
                if within(step, burst) and not any(is_in(t, used) for t in burst):
                    group = burst
                    break
        else:
            group = []
            for pattern in step.patterns:
                one = next((t for t in fits(pattern) if not is_in(t, [*used, *group])), None)
                if one is None:
                    group = None
                    break
                group.append(one)
            group = None if group is None else sorted(group, key=when)
        if group is None:
            return None
        for absent, since in unbounded:
            if happens(absent, things, since, used, when(group[0])):
                return None
        unbounded.clear()
        used.extend(group)
        groups.append(group)
    for absent, since in unbounded:
        if happens(absent, things, since, used, None):
            return None
    return groups


def happens(step: Step, things: Sequence[Happening], reference: Group, used: Group, before_ms: int | None) -> bool:
    from_ms = max(end(t) for t in reference) + step.after_ms
    return any(
        is_like(step.patterns[0], t)
        and when(t) >= from_ms
        and (before_ms is None or when(t) < before_ms)
        and are_alike(reference[-1], t, step.same)
        and not is_in(t, used)
        for t in things
    )
