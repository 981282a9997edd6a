"""What stands beside a recording and is wrong: one line that names the file, the place and the mend."""

import json
from pathlib import Path

import pytest

from tests.e2e.painted import session
from tests.e2e.program import Program, clip, refused
from tests.unit.recordings import dump

EVENTS = {
    "not JSON": ("hello", "is not JSON"),
    "empty": ("", "is empty"),
    "cut": ('[{"event": "a", "timestamp": "2025-10-09T08:53:20Z", "prop', "ends in the middle of its JSON"),
    "no events": ('{"a": 1}', "holds no events"),
}
POLICIES = {
    "not TOML": ("selectors [", "policy.toml is not TOML"),
    "a selector": ('[selectors]\nmask = ["div[["]', 'policy.toml: selectors.mask[0]: "div[[" is not a selector'),
    "an expression": (
        '[[text.custom]]\nname = "x"\nregex = "(a+"',
        'policy.toml: text.custom[0].regex: "(a+" is no regular expression',
    ),
    "a key": ('[selectors]\nmaks = [".a"]', "policy.toml: selectors.maks: there is no such key; did you mean mask?"),
}


@pytest.mark.parametrize(("content", "message"), EVENTS.values(), ids=EVENTS.keys())
def test_an_events_file_that_cannot_be_read(renderer: Program, content: str, message: str) -> None:
    (renderer.folder / "session.json").write_text(dump(session()))
    (renderer.folder / "events.json").write_text(content)
    said = refused(renderer, *clip("session.json", "-o", "bug.mp4", "--events", "events.json"))
    assert "events.json" in said
    assert message in said


@pytest.mark.parametrize(("content", "message"), POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_that_cannot_be_applied_renders_nothing(renderer: Program, content: str, message: str) -> None:
    (renderer.folder / "session.json").write_text(dump(session()))
    (renderer.folder / "policy.toml").write_text(content)
    said = refused(renderer, *clip("session.json", "-o", "bug.mp4", "--redact", "policy.toml"))
    assert message in said


def test_events_of_another_session_are_left_out_and_counted(renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump(session()))
    told = [
        {
            "event": "llm_call_started",
            "timestamp": "2020-01-01T00:00:00Z",
            "properties": {"$session_id": "another", "model": "m"},
        }
    ]
    (renderer.folder / "events.json").write_text(json.dumps(told))
    done = renderer(*clip("session.json", "-o", "bug.mp4", "--events", "events.json", "--json"))
    assert done.code == 0
    manifest = json.loads(done.out)
    assert manifest["llm_calls"] == []
    assert [(each["code"], each["count"]) for each in manifest["warnings"] if "events" in each["code"]][-1][1] == 1
    assert "another" not in Path(renderer.folder / "bug.md").read_text()
