"""Every built-in rule on a recording of its own, read from a file as a user's is: found by it, and by no rule that has no business."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from renderer.rules.find import find_moments
from renderer.rules.load import load_rules
from renderer.rules.model import Moment
from renderer.session import read_session
from tests.unit.timeline_fixtures import (
    FOCUS,
    START_MS,
    Json,
    added,
    click,
    console,
    el,
    event,
    full,
    meta,
    mouse,
    mutated,
    network,
    request,
    tag,
    text,
    typed,
)

Told = tuple[int, Json]
ASK, SEND, BAD, COPY, AGAIN, SEARCH, SAVE, LOG = 20, 21, 22, 23, 24, 25, 26, 30
PAGE = el(
    10,
    "main",
    el(LOG, "div", el(31, "p", "How can I help?")),
    el(ASK, "textarea", placeholder="Your question"),
    el(SEND, "button", "Send"),
    el(BAD, "button", "Bad answer"),
    el(COPY, "button", "Copy"),
    el(AGAIN, "button", "Regenerate"),
    el(SEARCH, "input", type="search", placeholder="Search the help"),
    el(SAVE, "button", "Save"),
)
QUESTION, ANOTHER = "Why is my October invoice higher?", "Where can I change my password?"
THIRD, FOURTH = "Who may see the reports of a team?", "Does the app work without a network?"
_ids = count(10_000)


@dataclass
class Story:
    """What a recorder and an application told of one session, by session time in ms."""

    end_ms: int = 60_000
    events: list[Told] = field(default_factory=lambda: [meta(0), full(1, PAGE)])
    told: list[Json] = field(default_factory=list)

    def tell(self, at_ms: int, name: str, **properties: Any) -> None:
        common = {"$lib": "web", "$browser": "Chrome", "$browser_version": 156, "$os": "Linux", "$window_id": "w"}
        self.told.append({"event": name, "timestamp": START_MS + at_ms, "properties": {**common, **properties}})

    def shows(self, at_ms: int, words: str) -> None:
        self.events.append(added(at_ms, LOG, el(next(_ids), "p", text(words, next(_ids)))))

    def presses(self, at_ms: int, node_id: int, answer: str | None = "Done") -> None:
        """A click, and what the page answers at once."""
        self.events.extend(click(at_ms, node_id))
        if answer is not None:
            self.shows(at_ms + 30, answer)

    def writes(self, from_ms: int, to_ms: int, node_id: int = ASK, every_ms: int = 500) -> None:
        self.events.append(mouse(from_ms - 100, FOCUS, node_id))
        for number, at_ms in enumerate(range(from_ms, to_ms + 1, every_ms)):
            self.events.append(typed(at_ms, node_id, "x" * (number + 1)))

    def calls(self, at_ms: int, until_ms: int | None, call: str = "c1", *, failed: bool = False, **facts: Any) -> None:
        prompt = facts.pop("prompt", QUESTION)
        self.tell(at_ms, "llm_call_started", llm_call_id=call, model="nova", prompt=prompt)
        if until_ms is not None:
            name = "llm_call_failed" if failed else "llm_call_completed"
            told = {"finish_reason": "error" if failed else "stop"} | facts
            self.tell(until_ms, name, llm_call_id=call, model="nova", latency_ms=until_ms - at_ms, **told)
            self.shows(until_ms, "No answer" if failed else "You added two seats.")

    def asks(self, at_ms: int, until_ms: int | None, call: str = "c1", **facts: Any) -> None:
        """Written, sent with a click, and answered."""
        self.writes(at_ms - 3000, at_ms - 1000)
        self.presses(at_ms, SEND, str(facts.get("prompt", QUESTION)))
        self.calls(at_ms + 5, until_ms, call, **facts)

    def recording(self) -> str:
        events = sorted(self.events, key=lambda told: told[0])
        return "".join(json.dumps(["w", told]) + "\n" for _, told in events)


Expected = Mapping[str, int]
"""Rules, and when."""


def answer_then_error() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.events.append(console(30_000, "error", "cannot draw the chart"))
    return story, {"answer-then-error": 30_000, "console-error": 30_000}


def negative_feedback() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.presses(25_000, BAD)
    story.tell(25_010, "answer_rated", llm_call_id="c1", rating="down")
    return story, {"negative-feedback": 25_010}


def chat_abandoned() -> tuple[Story, Expected]:
    story = Story(end_ms=120_000)
    story.asks(10_000, 16_000)
    story.writes(40_000, 72_000, every_ms=4000)
    return story, {"chat-abandoned": 40_000}


def answer_then_search() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.writes(30_000, 33_000, SEARCH)
    return story, {"answer-then-search": 30_000}


def llm_failed() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 11_000, failed=True, error="model_overloaded")
    return story, {"llm-failed": 10_005}


def llm_timed_out() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, None)
    return story, {"llm-timed-out": 10_005}


def llm_token_limit() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000, finish_reason="length")
    return story, {"llm-token-limit": 10_005}


def llm_slow() -> tuple[Story, Expected]:
    story = Story(end_ms=90_000)
    for number, prompt in enumerate((QUESTION, ANOTHER, THIRD)):
        story.asks(10_000 + number * 15_000, 12_000 + number * 15_000, f"c{number}", prompt=prompt)
    story.asks(60_000, 69_000, "slow", prompt=FOURTH)
    return story, {"llm-slow": 60_005}


def asked_again() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.asks(30_000, 36_000, "c2", prompt="October invoice is higher than usual, why?")
    return story, {"asked-again": 30_005}


def answer_regenerated() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.presses(30_000, AGAIN)
    story.calls(30_010, 36_000, "c2")
    return story, {"answer-regenerated": 30_010}


def answer_copied() -> tuple[Story, Expected]:
    story = Story()
    story.asks(10_000, 16_000)
    story.presses(25_000, COPY, "Copied")
    return story, {"answer-copied": 25_000}


def rage_click() -> tuple[Story, Expected]:
    story = Story()
    for at_ms in (20_000, 20_400, 20_800, 21_200):
        story.presses(at_ms, SAVE)
    return story, {"rage-click": 20_000}


def dead_click() -> tuple[Story, Expected]:
    story = Story()
    story.presses(20_000, SAVE, None)
    story.shows(40_000, "Something else")
    return story, {"dead-click": 20_000}


def error_click() -> tuple[Story, Expected]:
    story = Story()
    story.presses(20_000, SAVE)
    story.events.append(console(20_400, "error", "cannot save"))
    return story, {"error-click": 20_400, "console-error": 20_400}


def exception() -> tuple[Story, Expected]:
    story = Story()
    story.tell(
        20_000,
        "$exception",
        **{"$exception_list": [{"type": "TypeError", "value": "x is undefined", "mechanism": {"handled": False}}]},
    )
    # The recorder's console plugin tells of it as well.
    story.events.append(console(20_010, "error", "Uncaught TypeError: x is undefined"))
    return story, {"exception": 20_000}


def console_error() -> tuple[Story, Expected]:
    story = Story()
    story.presses(10_000, SAVE)
    story.events.append(console(20_000, "error", "cannot draw the chart"))
    return story, {"console-error": 20_000}


def request_failed() -> tuple[Story, Expected]:
    story = Story()
    story.events.append(network(21_000, request(20_000, status=503, duration=400.0), request(20_000, "/api/b")))
    return story, {"request-failed": 20_400}


def request_slow() -> tuple[Story, Expected]:
    story = Story()
    story.events.append(network(25_000, request(20_000, duration=4200.0), request(20_000, "/api/b", duration=2900.0)))
    return story, {"request-slow": 24_200}


def blank_page() -> tuple[Story, Expected]:
    story = Story()
    story.events.append(mutated(20_000, removes=[{"parentId": 3, "id": 10}]))
    story.events.append(added(25_000, 3, el(90, "p", text("Here again", 91))))
    return story, {"blank-page": 20_000}


def crash() -> tuple[Story, Expected]:
    story = Story(end_ms=0)
    story.tell(2000, "$pageleave")  # of an earlier page: this one would have told of it too
    story.presses(20_000, SAVE)
    story.shows(20_800, "Saving")
    return story, {"crash": 20_800}


STORIES = [
    answer_then_error, negative_feedback, chat_abandoned, answer_then_search, llm_failed, llm_timed_out, llm_token_limit, llm_slow,
    asked_again, answer_regenerated, answer_copied, rage_click, dead_click, error_click, exception, console_error, request_failed,
    request_slow, blank_page, crash,
]  # fmt: skip


def moments(story: Story, folder: Path) -> list[Moment]:
    if story.end_ms:
        story.events.append(tag(story.end_ms, "$session_ending"))
    recording, beside = folder / "session.jsonl", folder / "events.json"
    recording.write_text(story.recording())
    beside.write_text(json.dumps(story.told))
    session = read_session(str(recording), str(beside) if story.told else None)
    return list(find_moments(load_rules(), session.timeline))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_recording_of_each_rule(story: Any, tmp_path: Path):
    told, expected = story()
    found = moments(told, tmp_path)
    assert sorted((moment.rule, moment.at_ms) for moment in found) == sorted(expected.items())


def test_every_rule_has_its_recording():
    assert [story.__name__.replace("_", "-") for story in STORIES] == list(load_rules().names)
    assert all(story.__name__.replace("_", "-") in story()[1] for story in STORIES)


def test_the_browser_of_a_crash_is_told(tmp_path: Path):
    (found,) = moments(crash()[0], tmp_path)
    assert found.labels == {"area": "code", "browser": "Chrome 156", "os": "Linux"}


def test_a_session_in_which_all_goes_well(tmp_path: Path):
    """An agent that calls twice, a rating, another question and its embedding, harmless noise, a search much later, a tab that is left."""
    story = Story(end_ms=0)
    story.asks(10_000, 12_000, finish_reason="tool_calls")
    story.calls(13_000, 16_000, "c2")
    story.presses(20_000, SAVE, "Thank you")
    story.tell(20_010, "answer_rated", llm_call_id="c2", rating="up")
    story.asks(40_000, 46_000, "c3", prompt=ANOTHER)
    story.tell(46_100, "$ai_embedding", **{"$ai_model": "tiny", "$ai_input": ANOTHER, "$ai_latency": 0.05})
    story.events.append(network(48_000, request(47_000), request(47_000, "/favicon.ico", status=404)))
    story.events.append(console(49_000, "warn", "deprecated"))
    story.events.append(console(49_100, "error", "ResizeObserver loop completed with undelivered notifications."))
    story.writes(107_000, 109_000, SEARCH)
    story.presses(70_000, SAVE)
    story.events.extend([meta(111_000, "https://shop.example/account"), full(111_001, PAGE)])
    story.events.append(event(111_300, 3, {"source": 1, "positions": [{"x": 5, "y": 5, "id": 3, "timeOffset": -300}]}))
    story.tell(112_000, "$pageleave")
    story.events.append(tag(112_000, "window hidden"))
    assert moments(story, tmp_path) == []
    assert len(story.told) == 9
