"""`renderer clip --moment` with what rules find in the sample: the clip shows how it came about, and what came next."""

import json
from pathlib import Path
from typing import Any

import pytest

from renderer.notices import Notices
from renderer.request import ClipRequest, Moment
from renderer.script import write_script
from tests.e2e.program import Program, refused

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CHAT = Path("examples/chat").absolute()
SAMPLE = (
    "clip",
    CHAT / "session.jsonl.gz",
    "--events",
    CHAT / "events.json",
    "--size",
    "320x180",
    "--fps",
    "5",
    "--assets",
    "offline",
)
FOUND_MS = 54_992
"""Where the model's answer was followed by an error."""


def made(renderer: Program, *typed: str) -> dict[str, Any]:
    result = renderer(*SAMPLE, *typed, "-o", "bug.mp4", "--json", timeout_s=100)
    assert (result.code, result.err) == (0, "")
    manifest: dict[str, Any] = json.loads(result.out)
    return manifest


def test_question_answer_error_and_what_came_next(renderer: Program) -> None:
    manifest = made(renderer, "--moment", "answer-then-error")
    (flagship,) = (moment for moment in manifest["moments"] if moment["rule"] == "answer-then-error")
    assert (flagship["at_ms"], flagship["severity"]) == (FOUND_MS, "high")
    assert flagship["title"] == "nora-4-mini answered in 5.8 s, then POST /api/feedback failed with 500"
    # A clip's range is to the millisecond, and its pictures stand for 200 ms each.
    assert 0 < flagship["video_ms"] < manifest["clip"]["duration_ms"]
    assert manifest["range"]["from_ms"] <= 32_975 - 15_000
    assert manifest["range"]["to_ms"] == 72_864

    steps = [(step["at_ms"], step["text"]) for step in manifest["steps"]]
    told = [
        at_ms
        for word in (
            "Asked nora-4-mini: “If I downgrade",
            "answered after 5.8 s",
            "POST /api/feedback failed with 500",
            "Your terms say 14 days",
            "my last answer was wrong",
        )
        for at_ms, text in steps
        if word in text
    ]
    assert len(told) >= 5
    assert told == sorted(told), "question, answer, error, and what came next, in this order"
    (error,) = (entry for entry in manifest["timeline"] if entry["title"] == "POST /api/feedback failed with 500")
    assert (error["kind"], error["level"], error["at_ms"] <= FOUND_MS) == ("request", "error", True)
    asked = next(call for call in manifest["llm_calls"] if call["start_ms"] == 32_975)
    assert (asked["status"], asked["end_ms"] < FOUND_MS) == ("answered", True)


def test_the_first_with_as_much_around_it_as_is_asked_for(renderer: Program) -> None:
    manifest = made(renderer, "--moment", "first", "--before", "1", "--after", "1")
    assert ("negative-feedback", 54_868) in {(each["rule"], each["at_ms"]) for each in manifest["moments"]}
    assert 54_868 - 1000 - 10_000 <= manifest["range"]["from_ms"] <= 54_868 - 1000
    assert manifest["range"]["to_ms"] == 54_868 + 1000


@pytest.mark.parametrize("name", ["2", "answer-then-error", "answer-then-error:1"])
def test_by_number_or_name_it_is_the_same(name: str) -> None:
    request = ClipRequest(recording=str(SAMPLE[1]), events=str(SAMPLE[3]), moment=Moment(name=name))
    script = write_script(request, {}, Notices())
    assert script.moment is not None
    assert (script.moment.rule, script.moment.at_ms) == ("answer-then-error", FOUND_MS)
    assert "answer-then-error" in {each.rule for each in script.found}


def test_what_is_not_there(renderer: Program) -> None:
    error = refused(renderer, *SAMPLE, "--moment", "answer-then-error:2", "-o", "bug.mp4")
    assert error == "that rule finds a moment here once, not 2 times: ask for an earlier one"
