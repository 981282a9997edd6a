"""Redaction of a session of several windows: the user is still followed, and what the header says of a tab is redacted."""

import json
from typing import Any

from renderer.plan.build import build_plan
from renderer.player.scene.build import build_scene
from renderer.recording.model import Recording
from renderer.recording.presence import Presence
from renderer.redact import DEFAULT, redact_recording
from renderer.request import ClipRequest
from renderer.story.steps import choose_steps
from renderer.timeline.build import build_timeline
from tests.unit.redact_fixtures import START_MS, meta, read

MAIL = "jane.doe@canary.example"


def incremental(source: int, **data: Any) -> dict[str, Any]:
    return {"type": 3, "data": {"source": source, **data}}


def snapshot(title: str) -> dict[str, Any]:
    name = {
        "type": 2,
        "id": 5,
        "tagName": "title",
        "attributes": {},
        "childNodes": [{"type": 3, "id": 6, "textContent": title}],
    }
    head = {"type": 2, "id": 4, "tagName": "head", "attributes": {}, "childNodes": [name]}
    body = {"type": 2, "id": 3, "tagName": "body", "attributes": {}, "childNodes": []}
    page = {"type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": [head, body]}
    return {
        "type": 2,
        "data": {"node": {"type": 0, "id": 1, "childNodes": [page]}, "initialOffset": {"left": 0, "top": 0}},
    }


def two_windows() -> Recording:
    """Every sign that brings the user to a window, and chatter that does not, 1 s apart."""
    happened = [
        ("a", incremental(2, type=2, id=3, x=5, y=5)),
        ("b", incremental(1, positions=[{"x": 1, "y": 1, "id": 3, "timeOffset": -400}])),
        ("a", incremental(5, id=3, text=MAIL, isChecked=False, userTriggered=True)),
        ("b", incremental(5, id=3, text=MAIL, isChecked=False, userTriggered=False)),
        ("b", incremental(3, id=1, x=0, y=50)),
        ("a", {"type": 5, "data": {"tag": "window visible", "payload": {}}}),
        ("b", incremental(6, positions=[{"x": 1, "y": 1, "id": 3, "timeOffset": -100}])),
        ("a", incremental(2, type=7, id=3, x=5, y=5)),
        ("b", {"type": 5, "data": {"tag": "window hidden", "payload": {}}}),
        ("b", incremental(3, id=1, x=0, y=90)),
        ("b", incremental(12, positions=[{"x": 1, "y": 1, "id": 3, "timeOffset": 0}])),
    ]
    opened = [
        (window, event)
        for window in ("a", "b")
        for event in (meta(f"https://{window}.example/?mail={MAIL}"), snapshot(f"Mail of {MAIL}"))
    ]
    lines = [[window, {**event, "timestamp": START_MS}] for window, event in opened]
    lines += [[window, {**event, "timestamp": START_MS + 1000 * at}] for at, (window, event) in enumerate(happened, 1)]
    return read("\n".join(map(json.dumps, lines)).encode())


def test_the_user_is_followed_in_a_redacted_recording_as_in_the_one_that_was_made() -> None:
    made = two_windows()
    visits = Presence(made.windows).visits()
    assert [(visit.at_ms, visit.window_id) for visit in visits] == [
        *((1000, "a"), (1600, "b"), (3000, "a"), (5000, "b")),
        *((6000, "a"), (6900, "b"), (8000, "a"), (11_000, "b")),
    ]
    assert Presence(redact_recording(made, DEFAULT).recording.windows).visits() == visits


def test_what_the_header_says_of_a_tab_is_redacted() -> None:
    recording = redact_recording(two_windows(), DEFAULT).recording
    timeline = build_timeline(recording)
    plan, _ = build_plan(recording, ClipRequest(recording="r"), {})
    scene = build_scene(plan, timeline, choose_steps(timeline, plan))
    assert len(scene.tabs) == len(plan.shots) > 2
    assert len({place.url for place in scene.places}) == 2
    assert all(place.title.startswith("Mail of ") for place in scene.places)
    assert MAIL not in scene.model_dump_json()
