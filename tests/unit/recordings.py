"""Builders of recordings for tests: events, files in every shape and compression, and reading them back."""

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cramjam
import zstandard

from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.recording.read import read_recording
from renderer.sources.file import fetch

START_MS = 1_760_000_000_000
Json = dict[str, Any]


def meta(at_ms: float = 0, width: object = 1280, height: object = 720, href: str = "https://shop.example/") -> Json:
    return {"type": 4, "data": {"href": href, "width": width, "height": height}, "timestamp": START_MS + at_ms}


def full(at_ms: float = 1, children: Sequence[Json] = ()) -> Json:
    body = {"type": 2, "tagName": "body", "attributes": {}, "childNodes": list(children), "id": 3}
    html = {"type": 2, "tagName": "html", "attributes": {}, "childNodes": [body], "id": 2}
    node = {"type": 0, "childNodes": [html], "id": 1}
    return {"type": 2, "data": {"node": node, "initialOffset": {"left": 0, "top": 0}}, "timestamp": START_MS + at_ms}


def move(at_ms: float, x: int = 10) -> Json:
    positions = [{"x": x, "y": 20, "id": 3, "timeOffset": 0}]
    return {"type": 3, "data": {"source": 1, "positions": positions}, "timestamp": START_MS + at_ms}


def resize(at_ms: float, width: object, height: object) -> Json:
    return {"type": 3, "data": {"source": 4, "width": width, "height": height}, "timestamp": START_MS + at_ms}


def text_node(node_id: int, text: str = "word") -> Json:
    return {"type": 3, "textContent": text, "id": node_id}


def add(node_id: int, parent_id: int = 3, next_id: int | None = None, text: str = "word") -> Json:
    return {"parentId": parent_id, "nextId": next_id, "node": text_node(node_id, text)}


def mutation(at_ms: float, adds: Sequence[Json] = (), **lists: list[Json]) -> Json:
    data = {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": list(adds)} | lists
    return {"type": 3, "data": data, "timestamp": START_MS + at_ms}


def custom(at_ms: float, tag: str, payload: object = None) -> Json:
    return {"type": 5, "data": {"tag": tag, "payload": payload}, "timestamp": START_MS + at_ms}


def session() -> list[Json]:
    return [meta(0), full(5), move(100), mutation(200, [add(10)]), move(1000, x=50)]


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def lines(values: Sequence[object]) -> str:
    return "".join(dump(value) + "\n" for value in values)


def compressed_fields(event: Json) -> Json:
    """As posthog-js sends it: `cv: "2024-10"`."""

    def field(value: object) -> str:
        return gzip.compress(dump(value).encode(), mtime=0).decode("latin-1")

    data = event["data"]
    if event["type"] == 2:
        return {**event, "data": field(data), "cv": "2024-10"}
    if event["type"] == 3 and data["source"] == 0:
        inner = {name: field(data[name]) for name in ("texts", "attributes", "removes", "adds")}
        return {**event, "data": {**data, **inner}, "cv": "2024-10"}
    if event["type"] == 3 and data["source"] == 8:
        return {
            **event,
            "data": {**data, **{n: field(data[n]) for n in ("adds", "removes") if n in data}},
            "cv": "2024-10",
        }
    return event


def capture(events: Sequence[Json], window: str, **properties: object) -> Json:
    return {"event": "$snapshot", "properties": {"$snapshot_data": list(events), "$window_id": window, **properties}}


def export_v1(events: Sequence[Json], window: str) -> Json:
    return {"version": "2022-12-02", "data": {"person": {"id": 1}, "snapshotsByWindowId": {window: list(events)}}}


def export_v2(events: Sequence[Json], window: object) -> Json:
    snapshots = [{"windowId": window, **event} for event in events]
    return {"version": "2023-04-28", "data": {"id": "x", "person": {"id": 1}, "snapshots": snapshots}}


def mixed_lines(events: Sequence[Json], window: str) -> str:
    """PostHog's three line shapes in turn, with blank lines between."""
    shaped = []
    for number, event in enumerate(events):
        shapes: list[object] = [[window, event], {"window_id": window, "data": [event]}, {"windowId": window, **event}]
        shaped.append(dump(shapes[number % 3]))
    return "\n\n".join(shaped) + "\n"


def packed(event: Json) -> str:
    """As rrweb's `pack` does it."""
    return zlib.compress(dump(event).encode()).decode("latin-1")


def raw_dump(value: object) -> str:
    """As browsers write it: nothing is escaped that need not be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Name of the shape -> its text, and the kind and window id that reading it gives for window "w".
SHAPES: dict[str, tuple[Callable[[Sequence[Json]], str], str, str]] = {
    "array": (dump, "rrweb-json", "main"),
    "indented array": (lambda events: json.dumps(events, indent=2), "rrweb-json", "main"),
    "array, one event a line": (lambda events: "[\n" + ",\n".join(map(dump, events)) + "\n]\n", "rrweb-json", "main"),
    "wrapper": (lambda events: dump({"title": "x", "events": events}), "rrweb-json", "main"),
    "array of pairs": (lambda events: dump([["w", event] for event in events]), "rrweb-json", "w"),
    "lines": (lines, "rrweb-jsonl", "main"),
    "lines, CRLF": (lambda events: lines(events).replace("\n", "\r\n"), "rrweb-jsonl", "main"),
    "posthog pairs": (lambda events: lines([["w", event] for event in events]), "posthog-jsonl", "w"),
    "posthog batches": (
        lambda events: dump({"window_id": "w", "data": []}) + "\n" + dump({"window_id": "w", "data": events}),
        "posthog-jsonl",
        "w",
    ),
    "posthog mixed": (lambda events: mixed_lines(events, "w"), "posthog-jsonl", "w"),
    "posthog cv": (lambda events: lines([["w", compressed_fields(event)] for event in events]), "posthog-jsonl", "w"),
    "capture": (lambda events: dump(capture(events, "w")), "posthog-capture", "w"),
    "captures": (lambda events: dump([capture([event], "w") for event in events]), "posthog-capture", "w"),
    "capture lines": (lambda events: lines([capture([event], "w") for event in events]), "posthog-capture", "w"),
    "capture request": (lambda events: dump({"api_key": "k", "batch": [capture(events, "w")]}), "posthog-capture", "w"),
    "packed array": (lambda events: raw_dump([*map(packed, events)]), "rrweb-packed", "main"),
    "packed array, escaped": (lambda events: dump([*map(packed, events)]), "rrweb-packed", "main"),
    "packed lines": (lambda events: "\n".join(raw_dump(packed(event)) for event in events), "rrweb-packed", "main"),
    "packed pairs": (lambda events: dump([["w", packed(event)] for event in events]), "rrweb-packed", "w"),
    "strings": (lambda events: dump([dump(event) for event in events]), "rrweb-packed", "main"),
    "amplitude": (
        lambda events: "\n".join(dump({"version": 1, "events": [dump(event)]}) for event in events),
        "amplitude",
        "main",
    ),
    "amplitude, packed": (
        lambda events: raw_dump({"version": 1, "events": [raw_dump(packed(event)) for event in events]}),
        "amplitude",
        "main",
    ),
    "export v1": (lambda events: dump(export_v1(events, "w")), "posthog-export-v1", "w"),
    "export v2": (lambda events: dump(export_v2(events, "w")), "posthog-export-v2", "w"),
    "indented export v2": (lambda events: json.dumps(export_v2(events, "w"), indent=1), "posthog-export-v2", "w"),
}


def gzip_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def zstd_frames(data: bytes) -> bytes:
    """Two frames after a skippable one, as parallel compressors write."""
    half = len(data) // 2
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
    return skippable + zstandard.compress(data[:half]) + zstandard.compress(data[half:])


def snappy(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(data))


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "gzip members": gzip_members,
    "gzip, padded": lambda data: gzip.compress(data, mtime=0) + b"\0" * 512,
    "zstd": zstandard.compress,
    "zstd frames": zstd_frames,
    "snappy": snappy,
    "row of snappy": lambda data: len(snappy(data)).to_bytes(4, "big") + snappy(data),
    "gzip of gzip": lambda data: gzip.compress(gzip.compress(data, mtime=0), mtime=0),
    "zstd of gzip": lambda data: zstandard.compress(gzip.compress(data, mtime=0)),
}


def read(folder: Path, content: str | bytes | Sequence[object], limits: Limits | None = None) -> Recording:
    """The recording in a file of this content (a list becomes a JSON array); its name tells nothing."""
    if not isinstance(content, str | bytes):
        content = dump(content)
    path = folder / "recording"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_recording(fetch(str(path)), limits=limits or Limits())


def notices(recording: Recording) -> dict[str, int]:
    return {notice.code: notice.count for notice in recording.notices}


def played(recording: Recording, window: int = 0) -> list[Json]:
    """A window's events as the player gets them, less the window's name that flat PostHog events carry."""
    events = []
    for event in recording.windows[window].events:
        parsed = json.loads(bytes(event.raw))
        parsed.pop("windowId", None)
        events.append(parsed)
    return events
