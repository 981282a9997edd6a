"""Rules over a session: which moments they find."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from renderer.rules.engine.match import Match, matches
from renderer.rules.engine.program import Program
from renderer.rules.happening import Happening, over_ms, value_of, when_ms
from renderer.rules.language.conditions import holds
from renderer.rules.language.templates import Field, Template
from renderer.rules.model import Moment, Rule, RuleSet
from renderer.rules.session import session_facts
from renderer.rules.signs.read import read_signs
from renderer.timeline.model import Timeline

MOST_MOMENTS: Final = 1000
"""Of one rule in one session."""

_AT: Final = attrgetter("at_ms")


def find_moments(rules: RuleSet, timeline: Timeline, source: str = "file") -> tuple[Moment, ...]:
    """By time; of the same time, in the order of the rules. `source`: where the recording is from: posthog, s3, file …

    Takes about as long as it takes to look at every entry once, and hardly longer for more rules (docs/rules.md).
    """
    program = _program(rules)
    facts = session_facts(timeline, source)
    wanted = [rule for rule in program.rules if _is_of(rule, facts)]
    if not wanted:
        return ()
    found = program.look(read_signs(timeline, program.kinds))
    moments: list[Moment] = []
    for rule in wanted:
        if any(not found.of(pattern) for pattern in rule.has) or any(found.of(pattern) for pattern in rule.lacks):
            continue
        most = min(rule.most or MOST_MOMENTS, MOST_MOMENTS)
        moments.extend(_moment(rule, match, facts) for match in matches(rule, found)[:most])
    return tuple(sorted(moments, key=_AT))


@lru_cache(maxsize=16)
def _program(rules: RuleSet) -> Program:
    return Program(rules.rules)


def _is_of(rule: Rule, facts: Mapping[str, Any]) -> bool:
    return all(holds(tests, facts.get(name)) for name, tests in rule.session)


def _moment(rule: Rule, match: Match, facts: Mapping[str, Any]) -> Moment:
    thing = match.thing(rule, rule.moment)
    places = {step.name: number for number, step in enumerate(rule.steps)}
    all_things = [each for group in match.groups for each in group]

    def value(field: Field) -> Any:
        if field.step == "session":
            return facts.get(field.name)
        number = rule.moment if field.step is None else places[field.step]
        return _value(match.thing(rule, number), field.name, len(match.groups[number]))

    return Moment(
        rule=rule.name,
        title=rule.title.fill(value),
        severity=rule.severity,
        labels={name: label.fill(value) for name, label in rule.labels if _is_known(label, value)},
        at_ms=when_ms(thing),
        from_ms=min(each.at_ms for each in all_things),
        to_ms=max(over_ms(each) for each in all_things),
        before_ms=rule.before_ms,
        after_ms=rule.after_ms,
        steps={name: when_ms(match.thing(rule, number)) for name, number in places.items() if match.groups[number]},
        window_id=thing.window_id,
        deliver=rule.deliver,
    )


def _is_known(label: Template, value: Callable[[Field], Any]) -> bool:
    """A label of which nothing is known groups nothing."""
    return not label.fields or any(value(field) not in (None, "") for field in label.fields)


def _value(thing: Happening, name: str, count: int) -> Any:
    found = value_of(thing, name)
    if found is not None:
        return found
    match name:
        case "count":
            return count
        case "kind" | "level" | "name":
            return getattr(thing, name)
    return None
