"""What is told of a moment: its labels, how many there may be, and sessions that are none of a rule's."""

from typing import Any

from renderer.rules.find import find_moments
from renderer.rules.load import parse_rules
from renderer.timeline.model import Entry, Environment, Timeline


def timeline(*clicks_ms: int, **fields: Any) -> Timeline:
    entries = tuple(
        Entry(at_ms=at_ms, kind="click", title="Clicked", properties={"name": "Send"}) for at_ms in clicks_ms
    )
    return Timeline(duration_ms=60_000, entries=entries, calls=(), **fields)


def test_labels_of_which_nothing_is_known_are_left_out() -> None:
    rules = parse_rules(
        'rules: [{name: a, when: {kind: click}, labels: {area: page, browser: "{session.browser}", on: "{name} ({role})"}}]',
        "r",
    )
    (told,) = find_moments(rules, timeline(5))
    assert told.labels == {"area": "page", "on": "Send (unknown)"}
    (told,) = find_moments(rules, timeline(5, environment=Environment(browser="Chrome 156")))
    assert told.labels == {"area": "page", "browser": "Chrome 156", "on": "Send (unknown)"}


def test_as_many_as_the_rule_says_the_first_ones() -> None:
    rules = parse_rules("rules: [{name: a, most: 2, when: {kind: click}}]", "r")
    assert [each.at_ms for each in find_moments(rules, timeline(9, 3, 6))] == [3, 6]


def test_conditions_on_the_session() -> None:
    text = "rules: [{name: a, session: {where: {source: posthog, duration: '> 30s'}, lacks: {kind: input}}, when: {kind: click}}]"
    rules = parse_rules(text, "r")
    assert len(find_moments(rules, timeline(5), "posthog")) == 1
    assert find_moments(rules, timeline(5), "file") == ()
    typed = Entry(at_ms=1, kind="input", title="Typed")
    with_input = Timeline(duration_ms=60_000, entries=(typed, *timeline(5).entries), calls=())
    assert find_moments(rules, with_input, "posthog") == ()
