"""Patterns as functions of one thing that happened, of a kind that is known."""

from collections.abc import Callable, Iterable, Sequence

from renderer.rules.happening import Happening, value_of
from renderer.rules.language.conditions import Check, tester
from renderer.rules.model import Pattern

Predicate = Callable[[Happening], bool]


def predicate(pattern: Pattern, kind: str) -> Predicate | None:
    """Of things of that kind; None when none of them can match. What the kind decides is not asked again."""
    parts = _parts(pattern, kind)
    return None if parts is None else _all(parts)


def _parts(pattern: Pattern, kind: str) -> list[Predicate] | None:
    """What must hold, all of it; None when it cannot."""
    if pattern.kinds is not None and kind not in pattern.kinds:
        return None
    parts: list[Predicate] = []
    if (levels := pattern.levels) is not None:
        parts.append(lambda thing: thing.level in levels)
    if (names := pattern.names) is not None:
        parts.append(lambda thing: thing.name in names)
    parts.extend(_condition(name, checks) for name, checks in pattern.where)
    for each in pattern.also:
        more = _parts(each, kind)
        if more is None:
            return None
        parts.extend(more)
    if pattern.any:
        ways = [each for each in (_parts(way, kind) for way in pattern.any) if each is not None]
        if not ways:
            return None
        if all(ways):  # else one of them holds of everything of that kind
            parts.append(_any([_all(way) for way in ways]))
    for each in pattern.unlike:
        never = _parts(each, kind)
        if never is not None:
            parts.append(_not(_all(never)))
    return parts


def _condition(name: str, checks: tuple[Check, ...]) -> Predicate:
    test = tester(checks)

    def holds(thing: Happening) -> bool:
        value = thing.properties.get(name)
        return test(value if value is not None else value_of(thing, name))

    return holds


def _all(parts: Sequence[Predicate]) -> Predicate:
    match len(parts):
        case 0:
            return _always
        case 1:
            return parts[0]
        case 2:
            one, other = parts
            return lambda thing: one(thing) and other(thing)
    return lambda thing: all(part(thing) for part in parts)


def _any(ways: Iterable[Predicate]) -> Predicate:
    listed = tuple(ways)
    return listed[0] if len(listed) == 1 else lambda thing: any(way(thing) for way in listed)


def _not(check: Predicate) -> Predicate:
    return lambda thing: not check(thing)


def _always(thing: Happening) -> bool:
    return True
