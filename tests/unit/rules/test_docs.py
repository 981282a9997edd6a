"""docs/rules.md is true: every rule that it shows can be used, every built-in rule, kind, property and operator is told."""

import re
import textwrap
from pathlib import Path

import pytest

from renderer.rules import vocabulary
from renderer.rules.language.conditions import OPERATORS
from renderer.rules.language.model import Pattern, RuleFile, RulePart, SessionPart, Step, fields_of
from renderer.rules.load import load_rules, parse_rules

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "rules.md").read_text(encoding="utf-8")
TIMELINE = (DOCS / "timeline.md").read_text(encoding="utf-8")
FILES = [textwrap.dedent(each) for each in re.findall(r"^ *```yaml\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("text", [text for text in FILES if "rules:" in text])
def test_every_file_of_rules_that_is_shown_can_be_used(text: str):
    assert parse_rules(text, "rules.md").rules


def test_ten_examples():
    examples = TEXT[TEXT.index("## Ten examples") : TEXT.index("## What it costs")]
    assert re.findall(r"^(\d+)\. ", examples, re.MULTILINE) == [str(number) for number in range(1, 11)]
    assert len(re.findall("```yaml", examples)) == 10


def test_every_built_in_rule_has_its_row():
    rows = re.findall(r"^\| `([a-z-]+)` \| (low|medium|high|critical) \| (.+) \|$", TEXT, re.MULTILINE)
    assert rows == [(rule.name, rule.severity, rule.about) for rule in load_rules().rules]


@pytest.mark.parametrize("model", [RuleFile, RulePart, SessionPart, Pattern, Step])
def test_every_key_is_told(model: type):
    missing = [key for key in fields_of(model) if not re.search(rf"`{key}`|`{key}:|\b{key}: |\b{key}`", TEXT)]
    assert [key for key in missing if key != "version"] == []


def test_every_operator_and_session_fact_is_told():
    for operator in OPERATORS:
        assert re.search(
            rf"\"{re.escape(operator)}\"|\"{re.escape(operator)} |{{{operator}: |`{re.escape(operator)}`", TEXT
        )
    for name in vocabulary.SESSION:
        assert f"`{name}`" in TEXT


def test_properties_are_those_of_the_timeline():
    rows = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.+) \|$", TIMELINE, re.MULTILINE))
    for kind, properties in vocabulary.PROPERTIES.items():
        if properties is None or kind in {
            "llm_call",
            "feedback",
            "exception",
            "rage_click",
            "dead_click",
            "typing",
            "asked_again",
            "ending",
        }:
            continue
        told = rows[kind] if not rows[kind].startswith("those") else ""
        assert set(re.findall(r"`(\w+)`", told)) == set(properties), kind
    signs = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.+) \|$", TEXT[TEXT.index("## Signs") :], re.MULTILINE))
    for kind in ("typing", "asked_again", "ending"):
        assert set(re.findall(r"`(\w+)`", signs[kind])) == set(vocabulary.PROPERTIES[kind] or ()), kind
