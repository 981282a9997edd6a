"""Small recordings for tests of the timeline: elements, events on a session's clock, and what is told of them."""

import json
from itertools import count
from typing import Any

from renderer.recording.model import Event, Recording, Viewport, Window
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Entry, Timeline

Json = dict[str, Any]
START_MS = 1_760_000_000_000
HREF = "https://shop.example/cart"
DOWN, CLICK, MENU, DOUBLE, FOCUS, BLUR, TOUCH_START = 1, 2, 3, 4, 5, 6, 7
_ids = count(100_000)


def el(node_id: int, tag: str, *children: Json | str, **attributes: Any) -> Json:
    """An element; texts become text nodes, `for_` and `aria_label` become `for` and `aria-label`."""
    named = {
        name.rstrip("_").replace("_", "-") if name.startswith(("aria", "data")) else name.rstrip("_"): value
        for name, value in attributes.items()
    }
    nodes = [text(child) if isinstance(child, str) else child for child in children]
    return {"type": 2, "tagName": tag, "attributes": named, "childNodes": nodes, "id": node_id}


def text(content: str, node_id: int = 0) -> Json:
    return {"type": 3, "textContent": content, "id": node_id or next(_ids)}


def document(*children: Json | str, title: str = "Cart") -> Json:
    head = el(4, "head", el(5, "title", text(title, 6)))
    return {"type": 0, "id": 1, "childNodes": [el(2, "html", head, el(3, "body", *children))]}


def event(at_ms: int, event_type: int, data: Any) -> tuple[int, Json]:
    return at_ms, {"type": event_type, "timestamp": START_MS + at_ms, "data": data}


def meta(at_ms: int, href: str = HREF, width: int = 1280, height: int = 720) -> tuple[int, Json]:
    return event(at_ms, 4, {"href": href, "width": width, "height": height})


def full(at_ms: int, *children: Json | str, title: str = "Cart") -> tuple[int, Json]:
    return event(at_ms, 2, {"node": document(*children, title=title), "initialOffset": {"top": 0, "left": 0}})


def mouse(at_ms: int, kind: int, node_id: int, x: float = 50, y: float = 60, **more: Any) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 2, "type": kind, "id": node_id, "x": x, "y": y, **more})


def click(at_ms: int, node_id: int, x: float = 50, y: float = 60) -> list[tuple[int, Json]]:
    """A press, its release 60 ms later, and the click."""
    return [
        mouse(at_ms - 70, DOWN, node_id, x, y),
        mouse(at_ms - 5, 0, node_id, x, y),
        mouse(at_ms, CLICK, node_id, x, y),
    ]


def scroll(at_ms: int, y: float, node_id: int = 1, x: float = 0) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 3, "id": node_id, "x": x, "y": y})


def resize(at_ms: int, width: int, height: int) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 4, "width": width, "height": height})


def typed(at_ms: int, node_id: int, content: str, **more: Any) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 5, "id": node_id, "text": content, "isChecked": False} | more)


def selected(at_ms: int, start: int, from_index: int, end: int, to_index: int) -> tuple[int, Json]:
    ranges = [{"start": start, "startOffset": from_index, "end": end, "endOffset": to_index}]
    return event(at_ms, 3, {"source": 14, "ranges": ranges})


def mutated(at_ms: int, **lists: list[Json]) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 0, "adds": [], "removes": [], "texts": [], "attributes": []} | lists)


def added(at_ms: int, parent: int, *nodes: Json) -> tuple[int, Json]:
    return mutated(at_ms, adds=[{"parentId": parent, "nextId": None, "node": node} for node in nodes])


def tag(at_ms: int, name: str, payload: Any = None) -> tuple[int, Json]:
    return event(at_ms, 5, {"tag": name, "payload": payload})


def console(at_ms: int, level: str, *payload: Any, trace: list[str] | None = None) -> tuple[int, Json]:
    told = {"level": level, "trace": trace or [], "payload": [json.dumps(part) for part in payload]}
    return event(at_ms, 6, {"plugin": "rrweb/console@1", "payload": told})


def network(at_ms: int, *requests: Json) -> tuple[int, Json]:
    return event(at_ms, 6, {"plugin": "rrweb/network@1", "payload": {"requests": list(requests)}})


def request(at_ms: int, url: str = "https://shop.example/api/order", **more: Any) -> Json:
    """As posthog-js merges a timing entry and what its wrapper saw."""
    return {
        "name": url,
        "entryType": "resource",
        "initiatorType": "fetch",
        "startTime": 100.0,
        "duration": 120.4,
        "timestamp": START_MS + at_ms,
        "method": "GET",
        "status": 200,
    } | more


def window(name: str, events: list[tuple[int, Json]]) -> Window:
    own = tuple(
        Event(at_ms, told["type"], told["data"].get("source") if told["type"] == 3 else None, json.dumps(told).encode())
        for at_ms, told in events
    )
    sizes = tuple(
        Viewport(at_ms, told["data"]["width"], told["data"]["height"], told["data"].get("href"))
        for at_ms, told in events
        if told["type"] == 4 or told["data"].get("source") == 4
    )
    return Window(name, own, sizes)


def recording(*windows: Window) -> Recording:
    end_ms = max(own.last_ms for own in windows)
    return Recording("id", "rrweb-json", START_MS, end_ms, windows, ())


def session(*parts: tuple[int, Json] | list[tuple[int, Json]], end_ms: int = 20_000) -> Timeline:
    """The timeline of one window: lists are taken apart, a harmless event marks the end."""
    events: list[tuple[int, Json]] = []
    for part in parts:
        events.extend(part if isinstance(part, list) else [part])
    events.append(tag(end_ms, "$session_ending"))
    return build_timeline(recording(window("w", events)))


def told(timeline: Timeline, *kinds: str) -> list[Entry]:
    return [entry for entry in timeline.entries if entry.kind in kinds]


def titles(timeline: Timeline, *kinds: str) -> list[str]:
    return [entry.title for entry in told(timeline, *kinds)]
