"""Entries of small sessions, made by what makes them in the real timeline wherever that stands alone; and what is found in them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from renderer.rules.find import find_moments
from renderer.rules.happening import Sign
from renderer.rules.load import load_rules
from renderer.rules.model import Moment
from renderer.timeline.analytics import AnalyticsEvent, Origin
from renderer.timeline.llm.feedback import Reaction
from renderer.timeline.model import Ending, Entry, Environment, LlmCall, Timeline
from renderer.timeline.recorded.console import console_entry
from renderer.timeline.recorded.network import Network
from renderer.timeline.told.entries import call_entry, custom_entry, exception_entry, feedback_entry
from renderer.timeline.told.words import seconds

SESSION_MS = 1_200_000
W = "w"
SHOP = "https://shop.example"
Window = str | None
_ids = count(1)


def timeline(*entries: Entry, duration_ms: int = SESSION_MS, ending: Ending | None = None) -> Timeline:
    return Timeline(
        duration_ms=duration_ms,
        entries=tuple(sorted(entries, key=lambda entry: entry.at_ms)),
        calls=tuple(llm_call(entry) for entry in entries if entry.kind == "llm_call"),
        environment=Environment(browser="Chrome 156", os="Linux"),
        ending=ending,
    )


def found(rule: str, told: Timeline) -> list[Moment]:
    return [moment for moment in find_moments(load_rules(), told) if moment.rule == rule]


def llm_call(entry: Entry) -> LlmCall:
    status: Any = entry.properties["status"]
    return LlmCall(
        id=str(entry.properties["call_id"]),
        status=status,
        forms=("llm_call",),
        start_ms=entry.at_ms,
        end_ms=None if status == "unanswered" else entry.until_ms,
    )


def call(at_ms: int, until_ms: int | None = None, prompt: str | None = None, window: Window = W, **facts: Any) -> Entry:
    """Answered; without an end unanswered, to the session's end at `session_ms`; with an error failed."""
    failed = facts.pop("failed", "error" in facts or "http_status" in facts)
    session_ms = facts.pop("session_ms", SESSION_MS)
    status: Any = "unanswered" if until_ms is None else "failed" if failed else "answered"
    told = LlmCall(
        id=facts.pop("id", f"call-{next(_ids)}"),
        status=status,
        forms=("llm_call",),
        start_ms=at_ms,
        end_ms=until_ms,
        latency_ms=facts.pop("latency_ms", None if until_ms is None else until_ms - at_ms),
        model=facts.pop("model", "nova"),
        prompt=prompt,
        **facts,
    )
    return call_entry(told, session_ms, window)


def thumb(at_ms: int, up: bool | None, of: str | None = "c", window: Window = W, **more: Any) -> Entry:
    """On the answer of the call `of`."""
    event = AnalyticsEvent(name="answer_rated", at_unix_ms=at_ms, origin="browser", window_id=window)
    about = None
    if of is not None:
        about = LlmCall(id=of, status="answered", forms=("llm_call",), start_ms=0, end_ms=1, model="nova")
    return feedback_entry(Reaction(event=event, satisfied=up, **more), about, round)


def console(at_ms: int, message: str = "it broke", level: str = "error", window: str = W) -> Entry:
    entry = console_entry(at_ms, window, {"level": level, "payload": [json.dumps(message)], "trace": []})
    assert entry is not None
    return entry


def request(
    at_ms: int, until_ms: int, status: int = 200, url: str = "/api/order", window: str = W, **told: Any
) -> Entry:
    """As posthog-js tells of it."""
    network = Network(window, 0, SESSION_MS)
    facts = {
        "name": SHOP + url if url.startswith("/") else url, "entryType": "resource", "initiatorType": "fetch", "startTime": 0.0,
        "duration": float(until_ms - at_ms), "timestamp": float(at_ms), "method": "GET", "status": status,
    } | told  # fmt: skip
    network.payload(until_ms, {"requests": [facts]}, SHOP + "/")
    (entry,) = network.entries("shop.example")
    return entry


def exception(
    at_ms: int,
    message: str = "x is undefined",
    handled: bool | None = False,
    window: Window = W,
    origin: Origin = "browser",
) -> Entry:
    listed = [{"type": "TypeError", "value": message, "mechanism": {"handled": handled}}]
    event = AnalyticsEvent(
        name="$exception", at_unix_ms=at_ms, origin=origin, window_id=window, properties={"$exception_list": listed}
    )
    return exception_entry(event, round)


def tracked(at_ms: int, name: str, window: Window = W, **properties: Any) -> Entry:
    event = AnalyticsEvent(name=name, at_unix_ms=at_ms, origin="browser", window_id=window, properties=properties)
    return custom_entry(event, round)


def click(at_ms: int, name: str = "Pay", role: str = "button", window: str = W, **facts: Any) -> Entry:
    told: dict[str, Any] = {
        "action": "click",
        "by": "mouse",
        "target": f"“{name}”",
        "name": name,
        "role": role,
        "tag": "button",
        "x": 5,
        "y": 6,
    }
    title = f"Clicked into “{name}”" if role == "field" else f"Clicked “{name}”"
    return Entry(at_ms=at_ms, kind="click", title=title, window_id=window, properties={**told, "node_id": 9} | facts)


def marked(at_ms: int, until_ms: int, window: str = W) -> Entry:
    """A text, with the mouse: told as a click."""
    facts = {"action": "select", "by": "mouse", "target": "text", "name": "", "role": "", "text": "some words"}
    return Entry(
        at_ms=at_ms, until_ms=until_ms, kind="click", title="Marked “some words”", window_id=window, properties=facts
    )


def dead(at_ms: int, name: str = "Pay", window: str = W) -> Entry:
    clicked = click(at_ms, name, window=window)
    return replace(clicked, kind="dead_click", title=f"{clicked.title}, and nothing happened", level="warning")


def rage(at_ms: int, until_ms: int, name: str = "Pay", times: int = 4, window: str = W) -> Entry:
    clicked = click(at_ms, name, window=window)
    facts: dict[str, Any] = {name: value for name, value in clicked.properties.items() if name != "action"}
    return replace(
        clicked,
        until_ms=until_ms,
        kind="rage_click",
        title=f"Clicked “{name}” {times} times in a row",
        level="warning",
        properties={"count": times, "dead": False, **facts},
    )


def typed(at_ms: int, until_ms: int | None = None, name: str = "Your question", window: str = W, **facts: Any) -> Entry:
    told: dict[str, Any] = {
        "target": f"“{name}”" if name else "a text field",
        "name": name,
        "role": "field",
        "type": "textarea",
        "node_id": 7,
    }
    return Entry(
        at_ms=at_ms,
        until_ms=until_ms,
        kind="input",
        title=f"Typed in {told['target']}",
        window_id=window,
        properties={**told, "characters": 12, "pasted": False} | facts,
    )


def page(at_ms: int, path: str = "/next", host: str = "shop.example", window: str = W, **facts: Any) -> Entry:
    told: dict[str, Any] = {"url": f"https://{host}{path}", "host": host, "path": path, "page_title": ""}
    return Entry(
        at_ms=at_ms, kind="navigation", title=f"Went to {path}", window_id=window, properties={**told, **facts}
    )


def loaded(at_ms: int, path: str = "/next", host: str = "shop.example", *, reload: bool = False) -> Entry:
    told = page(at_ms, path, host, reload=reload, new_tab=False)
    return replace(told, kind="page_load", title=f"{'Reloaded' if reload else 'Opened'} {path}")


def scrolled(at_ms: int, until_ms: int, window: str = W) -> Entry:
    facts: dict[str, Any] = {"direction": "down", "pixels": 900, "node_id": 1}
    return Entry(
        at_ms=at_ms, until_ms=until_ms, kind="scroll", title="Scrolled down", window_id=window, properties=facts
    )


def idle(at_ms: int, until_ms: int) -> Entry:
    length_ms = until_ms - at_ms
    title = f"Nothing happened for {length_ms / 1000:.0f} s"
    return Entry(at_ms=at_ms, until_ms=until_ms, kind="idle", title=title, properties={"duration_ms": length_ms})


def blank(at_ms: int, until_ms: int, window: str = W) -> Entry:
    length_ms = until_ms - at_ms
    facts: dict[str, Any] = {"url": SHOP + "/", "host": "shop.example", "path": "/", "page_title": ""}
    return Entry(
        at_ms=at_ms,
        until_ms=until_ms,
        kind="blank_page",
        title=f"The page was blank for {seconds(length_ms)}",
        level="error" if length_ms >= 10_000 else "warning",
        window_id=window,
        properties={**facts, "duration_ms": length_ms, "ended": True},
    )


def broken_off(at_ms: int = SESSION_MS, **facts: Any) -> Ending:
    """In the middle of activity, unless `facts` say otherwise."""
    known = {"last_action_ms": at_ms - 500, "last_activity_ms": at_ms - 300, "is_witnessed": True}
    return Ending(at_ms=at_ms, **(known | facts))


def facts_of(signs: Sequence[Sign], *names: str) -> list[tuple[Any, ...]]:
    """When each is, and these of its properties."""
    return [(sign.at_ms, *(sign.properties[name] for name in names)) for sign in signs]
