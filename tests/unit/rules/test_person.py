"""What a rule may know of the person: nothing by default, and what a policy names."""

from pathlib import Path
from typing import Any

import pytest

from renderer.redact.analytics import redact_events
from renderer.redact.policy.load import load_policy
from renderer.rules.find import find_moments
from renderer.rules.load import parse_rules
from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline
from tests.unit.recordings import START_MS, read, session

RULE = "rules: [{name: r, session: {where: {person.plan: [pro, team]}}, when: {kind: custom, name: upgrade}}]"
PERSON = {"properties": {"plan": "pro", "email": "dana@example.com", "note": "write to dana@example.com"}}


def timeline(tmp_path: Path, policy: str, **told: Any) -> Timeline:
    path = tmp_path / "policy.toml"
    path.write_text(policy)
    event = AnalyticsEvent(name="upgrade", at_unix_ms=START_MS + 500, origin="browser", **told)
    events, _ = redact_events(AnalyticsEvents(events=(event,), digest="d"), load_policy(str(path)))
    return build_timeline(read(tmp_path, session()), events)


@pytest.mark.parametrize(
    ("policy", "told", "finds"),
    [
        ('person_properties = ["plan"]', {"person": PERSON}, True),
        ('person_properties = ["plan"]', {"person": PERSON["properties"]}, True),
        ('person_properties = ["note"]', {"person": PERSON}, False),
        ("", {"person": PERSON}, False),
        ('person = "show"', {"person": PERSON}, True),
        ('person = "show"', {"properties": {"$set": {"plan": "team"}}}, True),
        ('person = "show"', {"properties": {"$set_once": {"plan": "free"}}, "person": PERSON}, True),
        ('person = "show"', {"properties": {"$set": {"plan": "free"}}, "person": PERSON}, False),
        ("", {"properties": {"$set": {"plan": "pro"}}}, False),
    ],
)
def test_a_rule_sees_what_the_policy_shows(tmp_path: Path, policy: str, told: dict[str, Any], finds: bool) -> None:
    rules = parse_rules(RULE, "rules.yaml")
    assert bool(find_moments(rules, timeline(tmp_path, policy, **told))) is finds


def test_what_is_shown_is_scrubbed_all_the_same(tmp_path: Path) -> None:
    shown = timeline(tmp_path, 'person_properties = ["note", "plan"]', person=PERSON).person
    assert set(shown) == {"note", "plan"}
    assert "dana" not in str(shown)
