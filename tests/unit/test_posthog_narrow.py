"""What PostHog is asked for: what each part of a rule becomes, and that no session is left out that a rule matches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.rules.find import find_moments
from renderer.rules.language.conditions import Check
from renderer.rules.load import built_in, parse_rules
from renderer.rules.model import Pattern, Rule, RuleSet
from renderer.sources.posthog.narrow import LLM_EVENTS, narrow
from renderer.timeline.model import Entry, Environment, Level, LlmCall, Timeline
from tests.unit.rules.test_against_the_obvious import Chance

Query = Mapping[str, Sequence[Mapping[str, Any]]]


def event(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "type": "events"}


def events(*names: str) -> list[Query]:
    return [{"events": (event(name),)} for name in names]


def log(level: str) -> dict[str, Any]:
    return {"key": "level", "value": [level], "operator": "exact", "type": "log_entry"}


def lasts(operator: str, value: int) -> dict[str, Any]:
    return {"type": "recording", "key": "duration", "operator": operator, "value": value}


def has(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": value, "operator": "icontains", "type": "event"}


ERROR = {"console_log_filters": (log("error"),)}
CALLS = events(*LLM_EVENTS)


def queries(text: str) -> list[Query]:
    return list(narrow(parse_rules("rules:\n" + text, "rules.yaml")).queries)


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("{kind: custom, name: paid}", events("paid")),
        ("{kind: custom, name: [paid, $pageview]}", events("$pageview", "paid")),
        # Properties are compared here: as text, by type or in lists PostHog would compare them otherwise.
        ('{kind: custom, name: paid, where: {plan: pro, n: "> 3", tags: [a, b]}}', events("paid")),
        ("{kind: llm_call, where: {status: failed}}", CALLS),
        ("{kind: asked_again}", CALLS),
        ("{kind: console, level: error}", [ERROR]),
        ("{kind: console, level: warning}", [{"console_log_filters": (log("warn"),)}]),
        ("{kind: exception}", [*events("$exception"), ERROR]),
        ("{any: [{kind: console, level: error}, {kind: custom, name: paid}]}", [ERROR, *events("paid")]),
        ("{kind: custom, name: paid, not: {where: {plan: pro}}}", events("paid")),
        ("{kind: custom, name: paid, times: 3}", events("paid")),
        ("{all: [{kind: custom, name: a}, {kind: click}, {kind: custom, name: b}]}", [{"events": (event("a"), event("b"))}]),
        ("[{kind: custom, name: a}, {none: {kind: custom, name: b}, within: 1s}]", events("a")),
        ("[{kind: custom, name: a}, {kind: llm_call}]", [{"events": pair} for pair in [
            tuple(sorted((event("a"), event(name)), key=lambda each: repr((("id", each["id"]), ("name", each["name"]))))) for name in LLM_EVENTS
        ]]),
        # The one with fewest ways is asked for, not all of them with all.
        ("[{kind: llm_call}, {kind: exception}]", [*events("$exception"), ERROR]),
        # What PostHog cannot tell.
        ("{kind: click}", []),
        ("{level: error}", []),
        ("{name: paid}", []),
        ("{kind: custom}", []),
        ("{kind: console}", []),
        ("{kind: console, level: [error, warning]}", []),
        ("{kind: [custom, click], name: paid}", []),
        ("{any: [{kind: click}, {kind: custom, name: paid}]}", []),
        ("{kind: feedback, where: {satisfied: false}}", []),
        (f"{{kind: custom, name: {'a' * 150}}}", []),
    ],
)  # fmt: skip
def test_what_each_pattern_becomes(when: str, asked: list[Query]) -> None:
    assert queries(f"  - {{name: r, when: {when}}}") == asked


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ('{duration: "> 30s"}', {"having_predicates": (lasts("gt", 29),)}),
        ('{duration: ">= 500ms"}', {"having_predicates": (lasts("gt", -1),)}),
        ('{duration: {">": 1500, "<": 60500}}', {"having_predicates": (lasts("gt", 0), lasts("lt", 62))}),
        ("{browser: {contains: Safari}}", {"properties": (has("$browser", "safari"),)}),
        ("{os: {contains: Windows}}", {"properties": (has("$os", "windows"),)}),
        # As PostHog spells it: Mac OS X; versions stand in properties of their own.
        ("{os: {contains: macOS}}", None),
        ("{os: {contains: Vista}}", None),
        ("{browser: {contains: Safari 17}}", None),
        ("{browser: {contains: größe}}", None),
        ('{browser: "Safari 17"}', None),
        ('{duration: "> inf"}', None),
        ('{duration: "< nan"}', None),
        ("{page: {contains: /billing}}", None),
        ('{errors: "> 1"}', None),
        ("{source: posthog}", None),
    ],
)
def test_what_is_asked_of_a_session(where: str, asked: Query | None) -> None:
    rule = f"  - {{name: r, session: {{where: {where}}}, when: {{kind: click}}}}"
    assert queries(rule) == ([asked] if asked else [])


def test_what_a_session_has_is_asked_for_and_what_it_lacks_is_not() -> None:
    rule = "  - {name: r, session: {has: [{kind: custom, name: a}], lacks: [{kind: custom, name: b}]}, when: {kind: click}}"
    assert queries(rule) == events("a")


def test_one_rule_that_does_not_narrow_asks_for_all_sessions() -> None:
    assert queries("  - {name: a, when: {kind: custom, name: a}}\n  - {name: b, when: {kind: click}}") == []
    assert narrow(built_in()).queries == ()
    many = ", ".join(f"e{number}" for number in range(13))
    assert queries(f"  - {{name: a, when: {{kind: custom, name: [{many}]}}}}") == [], "more questions than it is worth"


def test_what_another_question_finds_anyway_is_not_asked_for() -> None:
    rules = """
  - {name: a, session: {where: {duration: "> 30s"}}, when: {kind: custom, name: paid}}
  - {name: b, when: {kind: custom, name: paid}}
  - {name: c, when: {kind: custom, name: paid}, severity: low}"""
    assert queries(rules) == events("paid")


def test_each_rule_is_explained() -> None:
    rules = """
  - name: a
    session: {where: {browser: {contains: safari}, page: {contains: x}}, has: [{kind: click}]}
    when: [{as: paid, kind: custom, name: paid}, {as: more, kind: custom, name: more, where: {n: 3}}]
  - {name: b, when: {kind: console, level: error}}
  - {name: c, when: {kind: click}}"""
    told = narrow(parse_rules("rules:" + rules, "rules.yaml")).explained
    assert [(each.rule, each.asked, each.checked) for each in told] == [
        ("a", ("$browser contains safari", "the event paid", "the event more"),
         ("the session's page", "what the session has", "more", "order, times and counts")),
        ("b", ("a console message of level error",), ()),
        ("c", (), ("step1",)),
    ]  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What PostHog knows of a session: names of events, levels of console messages, its length, `$browser` and `$os`."""

    events: frozenset[str]
    levels: frozenset[str]
    seconds: int
    properties: Mapping[str, str]

    def meets(self, query: Query) -> bool:
        """As its list of recordings does: each filter by itself, over the whole session, and all of them."""
        return all(self._meets(field, each) for field, filters in query.items() for each in filters)

    def _meets(self, field: str, one: Mapping[str, Any]) -> bool:
        match field, one.get("operator"):
            case "events", None:
                assert set(one) == {"id", "name", "type"}
                return one["id"] in self.events
            case "console_log_filters", "exact":
                return bool(self.levels & set(one["value"]))
            case "having_predicates", "gt":
                return self.seconds > int(one["value"])
            case "having_predicates", "lt":
                return self.seconds < int(one["value"])
            case "properties", "icontains":
                return one["value"].lower() in self.properties.get(one["key"], "").lower()
        raise AssertionError((field, one))


LEVELS = {"error": "error", "warning": "warn", "info": "info"}
NAMES = ("paid", "$pageview", "left")


class Sessions:
    """Rules and sessions at random, as the engine's own tests make them, of the kinds that PostHog knows something of."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        chance = Chance(seed)
        self.rule = self._known(chance.rule)
        length_ms = self._random.randint(1, 4000)
        entries = [self._entry(thing) for thing in chance.things]
        self.timeline = Timeline(
            duration_ms=length_ms,
            entries=tuple(sorted(entries, key=lambda entry: entry.at_ms)),
            calls=(LlmCall(id="1", status="answered", forms=("llm_call",), start_ms=0),)
            if self._has(entries, "llm_call")
            else (),
            environment=Environment(
                browser=self._one(None, "Mobile Safari 17", "Chrome 140"), os=self._one("Windows 11", "Mac OS X 10.15")
            ),
        )
        self.kept = Kept(
            events=frozenset(self._event_of(entry) for entry in entries) - {""},
            levels=frozenset(
                LEVELS[each.level]
                for each in entries
                if each.kind == "console" or (each.kind, each.name) == ("exception", "")
            ),
            # It counts how many seconds begin, whatever part of the first was over.
            seconds=(length_ms + self._random.randint(0, 999)) // 1000,
            properties={
                name: told.rpartition(" ")[0]
                for name, told in (
                    ("$browser", self.timeline.environment.browser),
                    ("$os", self.timeline.environment.os),
                )
                if told
            },
        )

    def _one(self, *of: Any) -> Any:
        return self._random.choice(of)

    def _has(self, entries: list[Entry], kind: str) -> bool:
        return any(entry.kind == kind for entry in entries)

    def _entry(self, thing: Entry) -> Entry:
        kind = self._one("click", "console", "custom", "custom", "exception", "llm_call")
        names = {
            "console": ("log",),
            "custom": NAMES,
            "exception": ("", "$exception"),
            "llm_call": ("$ai_generation", "llm_call_failed"),
        }
        level: Level = "error" if kind == "exception" else self._one("info", "warning", "error")
        return replace(thing, kind=kind, name=self._one(*names.get(kind, ("",))), level=level)

    def _event_of(self, entry: Entry) -> str:
        return entry.name if entry.kind in {"custom", "exception", "llm_call"} else ""

    def _known(self, rule: Rule) -> Rule:
        told = rule.steps[: self._random.choice((1, 1, 4))]
        steps = tuple(replace(step, patterns=tuple(self._pattern(each) for each in step.patterns)) for step in told)
        asked = (
            ("duration", (Check(self._one("<", "<=", ">", ">="), self._one(0, 999, 1000, 1001, 2500, 3999)),)),
            ("browser", (Check("contains", self._one("safari", "chrome", "fire")),)),
            ("os", (Check("contains", self._one("windows", "mac", "macos", "os x")),)),
        )
        where = tuple(each for each in asked if self._random.random() < 0.2)
        may_have = (self._pattern(Pattern()),) if self._random.random() < 0.2 else ()
        return replace(rule, steps=steps, moment=0, session=where, has=may_have)

    def _pattern(self, told: Pattern) -> Pattern:
        kinds = frozenset(
            self._random.sample(("console", "custom", "exception", "llm_call", "click"), self._one(1, 1, 1, 2))
        )
        return replace(
            told,
            kinds=self._one(None, kinds) if told.any or told.also else kinds,
            names=self._one(None, frozenset(self._random.sample(NAMES, self._one(1, 2))))
            if "custom" in kinds
            else None,
            levels=self._one(None, None, frozenset({self._one("info", "warning", "error")})),
            any=tuple(self._pattern(each) for each in told.any),
            also=tuple(self._pattern(each) for each in told.also),
        )

    def found(self) -> tuple[bool, Sequence[Query]]:
        """Whether the rule matches, and what is asked for."""
        rules = RuleSet("rules.yaml", "", (self.rule,))
        return bool(find_moments(rules, self.timeline)), narrow(rules).queries


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_no_session_is_left_out_that_a_rule_matches(seed: int) -> None:
    for each in range(seed, seed + 20):
        chance = Sessions(each)
        matches, asked = chance.found()
        assert not matches or not asked or any(chance.kept.meets(query) for query in asked), each


def test_chance_makes_sessions_that_match_and_sessions_that_are_left_out() -> None:
    """Else the test above would prove nothing."""
    made = [(chance.kept, *chance.found()) for chance in map(Sessions, range(1500))]
    narrowed = [(matches, any(kept.meets(query) for query in asked)) for kept, matches, asked in made if asked]
    assert sum(matches for matches, _ in narrowed) > 100
    assert sum(not is_met for _, is_met in narrowed) > 100
