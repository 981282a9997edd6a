"""What of a rule PostHog can check by itself, so that fewer sessions have to be fetched and looked into.

Its filters match whole sessions: that an event occurs, not when, in which order or how often (docs/rules.md). A session that a rule
matches is never left out: what is asked for is what the rule needs at least, and what PostHog cannot tell is not asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

from renderer.rules.language.conditions import Check
from renderer.rules.model import Pattern, Rule, RuleSet
from renderer.sources.model import Explained, Narrowed

LLM_EVENTS: Final = (
    "$ai_generation", "$ai_embedding", "llm_call_started", "llm_call_completed", "llm_call_failed"
)  # fmt: skip
"""By which a call of a model is known to PostHog. `renderer` itself knows more spellings of the last three."""

_MOST_QUERIES: Final = 12
_OPERATORS: Final = {"=": "exact", "one of": "exact", "contains": "icontains", "regex": "regex", ">": "gt", "<": "lt"}
_CALLS: Final = frozenset({"llm_call", "asked_again"})
_PROPERTIES: Final = {"browser": "$browser", "os": "$os"}


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
        if alternatives is None:
            checked.append(words)
        elif len(alternatives) == 1:
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
        if name == "duration" and isinstance(operand, int | float) and check.operator in {">", ">=", "<", "<="}:
            is_least = check.operator in {">", ">="}
            # PostHog counts whole seconds.
            seconds = floor(operand / 1000) - 1 if is_least else ceil(operand / 1000) + 1
            found.append(_recording("duration", "gt" if is_least else "lt", seconds))
        elif name in _PROPERTIES and check.operator == "contains" and isinstance(operand, str) and operand.isalpha():
            told = (("key", _PROPERTIES[name]), ("value", operand), ("operator", "icontains"), ("type", "event"))
            found.append(_Filter("properties", told, f"{_PROPERTIES[name]} contains {operand}"))
    return found


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
    if kind == "custom" and pattern.names:
        return tuple(_event(name, pattern) for name in sorted(pattern.names))
    if kind == "exception":
        return (_event("$exception"), _log("error"))
    if kind == "console" and pattern.levels is not None and len(pattern.levels) == 1:
        level = next(iter(pattern.levels))
        return {"error": (_log("error"),), "warning": (_log("warn"),)}.get(level)
    return None


def _event(name: str, pattern: Pattern | None = None) -> _Filter:
    properties = tuple(_property(key, check) for key, checks in (pattern.where if pattern else ()) for check in checks)
    known = tuple(each for each in properties if each is not None)
    told: tuple[tuple[str, Any], ...] = (("id", name), ("name", name), ("type", "events"))
    return _Filter("events", (*told, *((("properties", known),) if known else ())), f"the event {name}")


def _property(key: str, check: Check) -> tuple[tuple[str, Any], ...] | None:
    """Of an event's own property; a path into one, or what has no like in PostHog, is checked here."""
    operator = _OPERATORS.get(check.operator)
    operand = check.operand
    if operator is None or "." in key or operand is None or isinstance(operand, bool):
        return None
    value = operand if isinstance(operand, tuple) else (operand,) if operator == "exact" else operand
    return (("key", key), ("value", value), ("operator", operator), ("type", "event"))


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
    told = dict(pairs)
    if "properties" in told:
        told["properties"] = [_mapping(each) for each in told["properties"]]
    if isinstance(told.get("value"), tuple):
        told["value"] = list(told["value"])
    return told
