"""What of a rule PostHog can check by itself, so that fewer sessions have to be fetched and looked into.

Its filters match whole sessions: that an event occurs, not when, in which order or how often (docs/rules.md). A session that a rule
matches is never left out: what is asked for is what the rule needs at least, and what PostHog cannot tell is not asked for.

Properties of events are not: PostHog compares them as the text of their JSON, or as the type that it once saw them with, so that a text with
quotes, an item of a list, or a number that was a text at first would not be found. Rules compare what they are after redaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import Any, Final, TypeGuard

from renderer.rules.language.conditions import Check
from renderer.rules.model import Pattern, Rule, RuleSet
from renderer.sources.model import Explained, Narrowed

LLM_EVENTS: Final = (
    "$ai_generation", "$ai_embedding", "llm_call_started", "llm_call_completed", "llm_call_failed"
)  # fmt: skip
"""By which a call of a model is known to PostHog. `renderer` itself knows more spellings of the last three."""

_MOST_QUERIES: Final = 12
# Longer names are cut in the timeline, and could be those of others there.
_LONGEST_NAME: Final = 100
_CALLS: Final = frozenset({"llm_call", "asked_again"})
# Without events a session's system is read from its user agent, which is macOS where PostHog says Mac OS X.
_SYSTEMS: Final = frozenset({"windows", "mac", "ios", "android", "linux"})


@dataclass(frozen=True, slots=True)
class _Filter:
    """One filter, in words and as PostHog has it: in which list of a RecordingsQuery it stands."""

    field: str
    filter: tuple[tuple[str, Any], ...]
    words: str


def narrow(rules: RuleSet) -> Narrowed:
    """What to ask for in order to miss none of the sessions that a rule matches. `queries`: fields of a RecordingsQuery, of which all
    that they hold must be so.
    """
    queries: list[frozenset[_Filter]] = []
    explained = []
    is_everything = False
    for rule in rules.rules:
        ways, told = _of_rule(rule)
        explained.append(told)
        is_everything = is_everything or not ways
        queries.extend(ways)
    widest = [each for each in dict.fromkeys(queries) if not any(other < each for other in queries)]
    if is_everything or len(widest) > _MOST_QUERIES:
        return Narrowed((), tuple(explained))
    return Narrowed(tuple(_query(each) for each in widest), tuple(explained))


def _of_rule(rule: Rule) -> tuple[list[frozenset[_Filter]], Explained]:
    """Ways in which a session may come to match: each a set of filters that all hold then."""
    always: list[_Filter] = []
    choices: list[tuple[_Filter, ...]] = []
    checked: list[str] = []
    for name, checks in rule.session:
        found = _of_session(name, checks)
        always.extend(found)
        if len(found) < len(checks):
            checked.append(f"the session's {name}")
    for pattern, words in _needed(rule):
        alternatives = _of_pattern(pattern)
        if alternatives is None or _says_more(pattern):
            checked.append(words)
        if alternatives is None:
            continue
        if len(alternatives) == 1:
            always.extend(alternatives)
        else:
            choices.append(alternatives)
    if len(rule.steps) > 1 or rule.steps[0].form != "one":
        checked.append("order, times and counts")
    fewest = min(choices, key=len, default=())
    ways = [frozenset((*always, each)) for each in fewest] or ([frozenset(always)] if always else [])
    asked = [*dict.fromkeys(each.words for each in always)]
    if fewest:
        asked.append(" or ".join(each.words for each in fewest))
    return ways, Explained(rule.name, tuple(asked), tuple(dict.fromkeys(checked)))


def _needed(rule: Rule) -> Iterable[tuple[Pattern, str]]:
    for pattern in rule.has:
        yield pattern, "what the session has"
    for step in rule.steps:
        if step.form != "none":
            for pattern in step.patterns:
                yield pattern, step.name


def _of_session(name: str, checks: Sequence[Check]) -> list[_Filter]:
    found = []
    for check in checks:
        operand = check.operand
        if name == "duration" and _is_length(operand) and check.operator in {">", ">=", "<", "<="}:
            is_least = check.operator in {">", ">="}
            # PostHog counts whole seconds.
            seconds = floor(operand / 1000) - 1 if is_least else ceil(operand / 1000) + 1
            found.append(_recording("duration", "gt" if is_least else "lt", seconds))
        elif check.operator == "contains" and isinstance(operand, str) and (key := _property_of(name, operand)):
            told = (("key", key), ("value", operand), ("operator", "icontains"), ("type", "event"))
            found.append(_Filter("properties", told, f"{key} contains {operand}"))
    return found


def _is_length(operand: object) -> TypeGuard[float]:
    return isinstance(operand, int | float) and not isinstance(operand, bool) and isfinite(operand)


def _property_of(name: str, operand: str) -> str | None:
    """Versions stand in properties of their own, and those of browsers have no letters."""
    if name == "browser" and operand.isascii() and operand.isalpha():
        return "$browser"
    return "$os" if name == "os" and operand in _SYSTEMS else None


def _of_pattern(pattern: Pattern) -> tuple[_Filter, ...] | None:
    """Any of these is so when the pattern matches; None when PostHog cannot tell."""
    if pattern.any:
        ways = [_of_pattern(each) for each in pattern.any]
        if all(way is not None for way in ways):
            return tuple(dict.fromkeys(each for way in ways if way is not None for each in way))
    for each in pattern.also:
        if (found := _of_pattern(each)) is not None:
            return found
    kinds = pattern.possible_kinds()
    if not kinds:
        return None
    found_all: list[_Filter] = []
    for kind in sorted(kinds):
        of_kind = _of_kind(kind, pattern)
        if of_kind is None:
            return None
        found_all.extend(of_kind)
    return tuple(dict.fromkeys(found_all))


def _of_kind(kind: str, pattern: Pattern) -> tuple[_Filter, ...] | None:
    if kind in _CALLS:
        return tuple(_event(name) for name in LLM_EVENTS)
    if kind == "custom" and pattern.names and all(len(name) < _LONGEST_NAME for name in pattern.names):
        return tuple(_event(name) for name in sorted(pattern.names))
    if kind == "exception":
        return (_event("$exception"), _log("error"))
    if kind == "console" and pattern.levels is not None and len(pattern.levels) == 1:
        level = next(iter(pattern.levels))
        return {"error": (_log("error"),), "warning": (_log("warn"),)}.get(level)
    return None


def _says_more(pattern: Pattern) -> bool:
    """Than that something of its kind, name and level happened."""
    return bool(pattern.where or pattern.unlike or pattern.also or any(_says_more(each) for each in pattern.any))


def _event(name: str) -> _Filter:
    return _Filter("events", (("id", name), ("name", name), ("type", "events")), f"the event {name}")


def _log(level: str) -> _Filter:
    told = (("key", "level"), ("value", (level,)), ("operator", "exact"), ("type", "log_entry"))
    return _Filter("console_log_filters", told, f"a console message of level {level}")


def _recording(key: str, operator: str, value: int) -> _Filter:
    told = (("type", "recording"), ("key", key), ("operator", operator), ("value", value))
    words = {"gt": "more than", "lt": "less than"}[operator]
    return _Filter("having_predicates", told, f"{key} of {words} {value} s")


def _query(filters: frozenset[_Filter]) -> Mapping[str, Any]:
    fields: dict[str, list[Mapping[str, Any]]] = {}
    for each in sorted(filters, key=repr):
        fields.setdefault(each.field, []).append(_mapping(each.filter))
    return {field: tuple(found) for field, found in fields.items()}


def _mapping(pairs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in pairs}
