"""Small recordings built event by event, for the tests of planning."""

import json
from collections.abc import Iterable

from renderer.recording.model import Event, EventType, Recording, Source, Viewport, Window


def event(at_ms: int, kind: int, source: int | None = None, **data: object) -> Event:
    body = {"type": kind, "timestamp": at_ms, "data": ({} if source is None else {"source": source}) | data}
    return Event(at_ms, kind, source, json.dumps(body).encode())


def click(at_ms: int) -> Event:
    return event(at_ms, EventType.INCREMENTAL, Source.MOUSE_INTERACTION, type=2, id=1, x=5, y=5)


def texts(at_ms: int, *changes: tuple[int, str]) -> Event:
    return event(
        at_ms,
        EventType.INCREMENTAL,
        Source.MUTATION,
        texts=[{"id": node, "value": value} for node, value in changes],
        attributes=[],
        removes=[],
        adds=[],
    )


def adds(at_ms: int, *nodes: tuple[int, int, str], removes: Iterable[int] = (), style: bool = False) -> Event:
    """Text nodes as (parent, id, text)."""
    return event(
        at_ms,
        EventType.INCREMENTAL,
        Source.MUTATION,
        texts=[],
        attributes=[],
        removes=[{"parentId": 1, "id": node} for node in removes],
        adds=[
            {
                "parentId": parent,
                "nextId": None,
                "node": {"type": 3, "id": node, "textContent": text} | ({"isStyle": True} if style else {}),
            }
            for parent, node, text in nodes
        ],
    )


def log(at_ms: int) -> Event:
    return event(at_ms, EventType.CUSTOM)


def window(events: Iterable[Event], *, opens_ms: int = 0, name: str = "w1") -> Window:
    start = [
        event(opens_ms, EventType.META, href="https://example.test/", width=1280, height=720),
        event(opens_ms, EventType.FULL_SNAPSHOT, node={}, initialOffset={}),
    ]
    return Window(
        name,
        sorted([*start, *events], key=lambda item: item.at_ms),
        (Viewport(opens_ms, 1280, 720, "https://example.test/"),),
    )


def recording(*windows: Window, duration_ms: int | None = None) -> Recording:
    length = max(item.last_ms for item in windows) if duration_ms is None else duration_ms
    return Recording("a" * 64, "rrweb-json", 1_700_000_000_000, length, tuple(windows), ())


def session(*events: Event, until_ms: int) -> Recording:
    """One window whose last event, not an activity, is at `until_ms`."""
    return recording(window([*events, log(until_ms)]))
