"""The timeline of the shipped sample is the story that its README tells."""

from functools import cache
from pathlib import Path

import pytest

from renderer.recording.read import read_recording
from renderer.sources.file import fetch
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline

SAMPLE = Path(__file__).parents[2] / "examples" / "chat" / "session.jsonl.gz"
NEAR_MS = 1200
"""The README's times are of the committed recording; another recording of the same story differs by some hundred ms."""


@cache
def timeline() -> Timeline:
    return build_timeline(read_recording(fetch(str(SAMPLE))))


@pytest.mark.parametrize(
    ("at_ms", "kind", "level", "title"),
    [
        (0, "page_load", "info", "Opened “Billing help · Northwind Cloud”"),
        (1326, "click", "info", "Clicked into “Work e-mail”"),
        (1520, "input", "info", "Typed in “Work e-mail”"),
        (4779, "click", "info", "Clicked “Start conversation”"),
        (4808, "navigation", "info", "Went to /billing/conversation"),
        (6806, "input", "info", "Typed in “Your question”"),
        (11_104, "click", "info", "Clicked “Send”"),
        (18_893, "click", "info", "Clicked “Good answer”"),
        (38_714, "console", "warning", "Console warning: [nora] answer has no source"),
        (50_614, "scroll", "info", "Scrolled up and down in a part of the page"),
        (52_481, "click", "info", "Marked “refundable in full for 90 days”"),
        (54_867, "click", "info", "Clicked “Bad answer”"),
        (54_869, "request", "error", "POST /api/feedback failed with 500"),
        (55_004, "console", "error", "Console error: Could not save feedback: Error: /api/feedback answered 500"),
        (62_406, "request", "error", "POST /api/chat failed with 503"),
        (63_721, "console", "warning", "Console warning: [nora] no answer: /api/chat answered 503"),
        (65_593, "click", "info", "Clicked “Try again”"),
    ],
)
def test_what_the_visitor_did_and_what_broke(at_ms, kind, level, title):
    found = [entry for entry in timeline().entries if entry.title == title and abs(entry.at_ms - at_ms) < NEAR_MS]
    assert [(entry.kind, entry.level) for entry in found] == [(kind, level)]


def test_nothing_is_told_that_did_not_happen():
    kinds = [entry.kind for entry in timeline().entries]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "click": 12,
        "console": 3,
        "idle": 2,
        "input": 4,
        "navigation": 1,
        "page_load": 1,
        "request": 7,
        "scroll": 1,
    }


def test_the_story_is_in_order_and_inside_the_session():
    entries = timeline().entries
    assert [entry.at_ms for entry in entries] == sorted(entry.at_ms for entry in entries)
    assert all(0 <= entry.at_ms <= (entry.until_ms or entry.at_ms) <= timeline().duration_ms for entry in entries)


def test_the_answers_of_the_model_are_streamed_and_not_slow():
    asked = [entry for entry in timeline().entries if entry.properties.get("path") == "/api/chat"]
    assert [(entry.properties["streamed"], entry.properties["slow"]) for entry in asked] == [
        (True, False),
        (True, False),
        (False, False),
        (True, False),
    ]


def test_the_page_is_known_from_the_first_moment():
    assert [(place.at_ms < NEAR_MS, place.url, place.title) for place in timeline().places] == [
        (True, "http://chat.northwind.example/", "Billing help · Northwind Cloud"),
        (False, "http://chat.northwind.example/billing/conversation", "Billing help · Northwind Cloud"),
    ]
    assert timeline().environment.viewport_px == (1280, 720)
