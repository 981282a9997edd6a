"""Rules as they are written: what they say, and what is said of those that cannot be used."""

import pytest

from renderer.errors import RequestError
from renderer.rules.language.conditions import Check, holds, parse_condition
from renderer.rules.language.durations import parse_duration, told
from renderer.rules.language.templates import parse_template
from renderer.rules.load import BUILT_IN, load_rules, parse_rules

RULE = """
patterns:
  trouble: {level: error}
rules:
  - name: answer-then-error
    severity: high
    labels: {area: chat, browser: "{session.browser}"}
    session: {where: {duration: "> 10s", page: {contains: /billing}}, lacks: {kind: feedback}}
    when:
      - {as: answer, kind: llm_call, where: {status: answered, latency_ms: "> 1.5s"}}
      - {as: error, pattern: trouble, within: 30s, same: window}
      - {none: {kind: feedback}, since: answer, within: 30s}
    moment: error
    before: 10s
    after: 1m
    title: "{answer.model} answered, then {error.title}"
"""


def test_what_a_rule_says():
    rule = parse_rules(RULE, "rules.yaml").rules[0]
    answer, error, none = rule.steps
    assert (rule.name, rule.severity, rule.before_ms, rule.after_ms, rule.moment) == (
        "answer-then-error", "high", 10_000, 60_000, 1
    )  # fmt: skip
    assert rule.session == (("duration", (Check(">", 10_000),)), ("page", (Check("contains", "/billing"),)))
    assert answer.patterns[0].kinds == frozenset({"llm_call"})
    assert answer.patterns[0].where == (("latency_ms", (Check(">", 1500),)), ("status", (Check("=", "answered"),)))
    assert (error.within_ms, error.since, error.same) == (30_000, 0, ("window",))
    assert error.patterns[0].levels == frozenset({"error"})
    assert (none.form, none.since, none.within_ms) == ("none", 0, 30_000)


def test_json_is_read_too():
    rules = parse_rules('{"rules": [{"name": "a",\n\t"when": {"kind": "click"}}]}', "rules.json")
    assert rules.rules[0].steps[0].patterns[0].kinds == frozenset({"click"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: is no file of rules"),
        ("rules: []", "line 1: has no rules"),
        ("rules: [", "line 2: is not YAML"),
        ("ruels: []", "line 1, ruels: there is no such key; did you mean 'rules'?"),
        ("rules:\n- name: a\n  when: {kind: click}\n  severty: high", "line 4, rules[1].severty: there is no such key; did you mean 'severity'?"),
        ("rules:\n- name: a\n  when:\n  - {kind: click}\n  - kind: console\n    withn: 3s", "line 6, rules[1].when[2].withn: there is no such key; did you mean 'within'?"),
        ("rules:\n- when: {kind: click}", "line 2, rules[1]: 'name' is missing"),
        ("rules:\n- name: a", "line 2, rules[1]: 'when' is missing"),
        ("rules:\n- name: A b\n  when: {kind: click}", 'rules[1].name: "A b" is no name'),
        ("rules:\n- name: a\n  severity: awful\n  when: {kind: click}", 'line 3, rules[1].severity: "awful" will not do; it can be low, medium, high or critical'),
        ("rules:\n- name: a\n  when: {kind: klick}", "line 3, rules[1].when.kind: there is no kind 'klick'; did you mean 'click'?"),
        ("rules:\n- name: a\n  when: {kind: click, level: bad}", "there is no level 'bad'"),
        ("rules:\n- name: a\n  when: {kind: click, where: {modle: x}}", "line 3, rules[1].when.where.modle: no click has a property 'modle'"),
        ("rules:\n- name: a\n  when: {kind: llm_call, where: {modle: x}}", "did you mean 'model'?"),
        ("rules:\n- name: a\n  when: {}", "says nothing about what happens"),
        ("rules:\n- name: a\n  when: [{none: {kind: click}}]", "rules[1].when[1].none: the first step must be something that happens"),
        ("rules:\n- name: a\n  when: [{kind: click, within: 3s}]", "the first step has nothing before it"),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: click, within: -3s}]", 'rules[1].when[2].within: "-3s" is negative'),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: click, within: 30}]", "write a number and its unit"),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: click, within: 8d}]", "longer than a week"),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: click, after: 9s, within: 3s}]", "is later than within"),
        ("rules:\n- name: a\n  when: [{as: x, kind: click}, {as: x, kind: click}]", "the name 'x' is taken"),
        ("rules:\n- name: a\n  when: [{as: x, kind: click}, {kind: click, since: y}]", "there is no step 'y' here"),
        ("rules:\n- name: a\n  when: [{as: x, kind: click}, {as: y, none: {kind: input}}]\n  moment: y", "line 4, rules[1].moment: 'y' is what must not happen"),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: click, times: 3, none: {kind: input}}]", "exclude each other"),
        ("rules:\n- name: a\n  when: [{kind: click}, {kind: input, none: {kind: input}}]", "stands inside none:"),
        ("rules:\n- name: a\n  when: {kind: click, times: {count: 1}}", "rules[1].when.times.count: 1 will not do"),
        ("rules:\n- name: a\n  when: {pattern: bad}", "there is no pattern 'bad'"),
        ("patterns:\n  a: {pattern: b}\n  b: {any: [{pattern: c}]}\n  c: {pattern: a}\nrules: []", "line 4, patterns.c.pattern: patterns that stand for each other: a -> b -> c -> a"),
        ("patterns:\n  a: {pattern: a}\nrules: []", "stand for each other: a -> a"),
        ("rules:\n- name: a\n  when: {kind: click, where: {name: {regex: '(a'}}}", "is no regular expression"),
        ("rules:\n- name: a\n  when: {kind: click, where: {name: {regex: '(?=a)b'}}}", "RE2 has no look-around"),
        ("rules:\n- name: a\n  when: {kind: click, where: {name: {regex: '((a{1,100}){1,100}){1,100}'}}}", "is no regular expression"),
        ("rules:\n- name: a\n  when: {kind: click, where: {name: {like: a}}}", "there is no operator 'like'"),
        ("rules:\n- name: a\n  when: {kind: click, where: {x: '> many'}}", "> needs a number"),
        ("rules:\n- name: a\n  when: {kind: click, where: {x: {one of: 3}}}", "one of needs a list"),
        ("rules:\n- name: a\n  when: {kind: click, where: {x: {}}}", "says nothing"),
        ("rules:\n- name: a\n  when: {kind: click}\n  title: '{nobody.title}'", "line 4, rules[1].title: there is no step 'nobody'"),
        ("rules:\n- name: a\n  when: {as: c, kind: click}\n  title: '{c.modle}'", "'c' has no property 'modle'"),
        ("rules:\n- name: a\n  when: {kind: click}\n  title: '{session.colour}'", "sessions have no 'colour'"),
        ("rules:\n- name: a\n  when: {kind: click}\n  title: '{'", "is no field"),
        ("rules:\n- name: a\n  when: {kind: click}\n  labels: {x: '{y.z}'}", "line 4, rules[1].labels.x"),
        ("rules:\n- name: a\n  when: {kind: click}\n  session: {where: {colour: red}}", "sessions have no 'colour'"),
        ("rules:\n- name: a\n  when: {kind: click}\n- name: a\n  when: {kind: click}", "line 4, rules[2].name: there is a rule 'a' already"),
        ("include: bilt-in\nrules: []", "line 1, include: there is no built-in rule 'bilt-in'; did you mean 'built-in'?"),
        ("rules: &x []", "has an anchor or an alias"),
        ("a: 1\na: 2", "line 2: has the key 'a' twice"),
        ("[" * 100, "is nested too deeply"),
        ("rules:\n- name: a\n  when: {kind: click, where: {name: !!python/object:os.system x}}\n  x: 1", "there is no such key"),
        ("rules:\n- name: a\n  when: " + "{not: " * 12 + "{kind: click}" + "}" * 12, "nested more than 8 deep"),
        ("version: 2\nrules: []", "line 1, version: 2 will not do; it can be 1"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_named_with_line_and_key(text: str, said: str):
    with pytest.raises(RequestError) as caught:
        parse_rules(text, "rules.yaml")
    assert caught.value.code == "bad_rules"
    assert caught.value.message.startswith("rules.yaml, line ")
    assert said in caught.value.message
    assert len(caught.value.message) < 700


def test_files_that_cannot_be_read(tmp_path):
    for content, code in ((None, "rules_not_found"), (b"\xff\xfe\x00", "bad_rules"), (b"#" * 300_000, "bad_rules")):
        path = tmp_path / "rules.yaml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RequestError) as caught:
            load_rules(str(path))
        assert caught.value.code == code
        assert "rules.yaml" in caught.value.message


def test_built_in_rules_are_included_by_name_or_all_and_can_be_replaced():
    one = parse_rules("include: [rage-click, crash]", "r")
    assert one.names == ("rage-click", "crash")
    every = parse_rules(f"include: {BUILT_IN}\nrules:\n- name: crash\n  severity: low\n  when: {{kind: click}}", "r")
    assert every.names[0] == "crash"
    assert sorted(every.names) == sorted(load_rules(BUILT_IN).names)
    assert every.rules[0].severity == "low"


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("answered", "answered", True),
        ("answered", "Answered", False),
        (5, 5.0, True),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        (None, None, True),
        ("!= a", "b", True),
        ("!= a", None, True),
        ("!= a", "a", False),
        ("> 5s", 5001, True),
        ("> 5s", 5000, False),
        (">= 5s", 5000, True),
        ("< 3", 2.5, True),
        ("<= 3", 3, True),
        ("< 3", "2", False),
        ("< 3", None, False),
        ("> 0", True, False),
        ("= > 5", "> 5", True),
        (">5", ">5", True),
        ("= true", True, True),
        ({"contains": "REF"}, "a refund", True),
        ({"contains": "x"}, ("ax", "b"), True),
        ({"contains": "x"}, 5, False),
        ({"regex": "^a.c$"}, "abc", True),
        ({"regex": "(?i)B"}, "abc", True),
        ({"regex": "5"}, 5, False),
        ({"exists": True}, 0, True),
        ({"exists": True}, None, False),
        ({"exists": False}, None, True),
        ({"one of": [408, "x", None]}, 408, True),
        ([408, 504], 504, True),
        ([408, 504], 503, False),
        ("search", ("search", "mail"), True),
        ({">": 1, "<": 3}, 2, True),
        ({">": 1, "<": 3}, 3, False),
    ],
)
def test_conditions(written: object, value: object, expected: bool):
    assert holds(parse_condition(written), value) is expected


@pytest.mark.parametrize(
    ("text", "ms"),
    [("500ms", 500), ("30s", 30_000), ("1.5m", 90_000), ("2 h", 7_200_000), ("0s", 0), ("1d", 86_400_000)],
)
def test_lengths_of_time(text: str, ms: int):
    assert parse_duration(text) == ms


def test_lengths_of_time_for_people():
    assert [told(ms) for ms in (0, 850, 999, 4200, 30_000, 99_900, 125_000, 120_000)] == [
        "0 ms", "850 ms", "999 ms", "4.2 s", "30 s", "99.9 s", "2 min 5 s", "2 min"
    ]  # fmt: skip


def test_templates():
    template = parse_template("{{{a.latency_ms}}} by {model}, {session.browser}: {a.tools_called} {gone} {flag}")
    values = {
        "latency_ms": 4200,
        "model": "nova\u202e",
        "browser": "Chrome",
        "tools_called": ("x", "y"),
        "gone": None,
        "flag": True,
    }
    assert template.fill(lambda field: values[field.name]) == "{4.2 s} by nova, Chrome: x, y unknown yes"
