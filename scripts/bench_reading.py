"""How fast and in how much memory recordings are read: one made-up session in every shape and compression.

    .venv/bin/python scripts/bench_reading.py [--events 200000] [--megabytes 100] [--only wireframes]

Each file is read in a process of its own, so that peak memory (ru_maxrss) is its alone; "base" is what Python and the
imports take before any reading, and "x text" is the rest over the size of the decompressed text. Seconds are those of
`read_recording`, cold interpreter, warm disk; "cpu s" is what the process itself used, whatever else the machine does.
Wireframes (mobile recordings) grow threefold when they become documents: 10 MB of them for each 100 of the rest.
"""

import argparse
import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zstandard

START_MS = 1_760_000_000_000
WORDS = [
    "the",
    "model",
    "answered",
    "that",
    "your",
    "order",
    "has",
    "left",
    "our",
    "warehouse",
    "and",
    "will",
    "be",
    "with",
    "you",
    "on",
    "Thursday",
    "morning",
]

_CHILD = """
import json, resource, sys, time
from renderer.recording.read import read_recording
from renderer.sources.file import fetch
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
base = peak()
begin, begin_cpu = time.perf_counter(), time.process_time()
recording = read_recording(fetch(sys.argv[1]))
seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak(), "base": base, "events": recording.event_count}))
"""


def session(count: int, text_bytes: int) -> Iterator[dict[str, Any]]:
    """Meta, full snapshot, then mouse moves, mutations that add a streamed word, inputs and custom events."""
    choose = random.Random(7)
    padding = max(0, text_bytes // count - 240)
    yield {
        "type": 4,
        "data": {"href": "https://shop.example/chat", "width": 1280, "height": 720},
        "timestamp": START_MS,
    }
    body = {"type": 2, "tagName": "body", "attributes": {}, "childNodes": [], "id": 3}
    html = {"type": 2, "tagName": "html", "attributes": {}, "childNodes": [body], "id": 2}
    node = {"type": 0, "childNodes": [html], "id": 1}
    yield {"type": 2, "data": {"node": node, "initialOffset": {"left": 0, "top": 0}}, "timestamp": START_MS + 5}
    for number in range(2, count):
        timestamp = START_MS + number * 6
        if number % 2:
            positions = [
                {"x": choose.randrange(1280), "y": choose.randrange(720), "id": 3, "timeOffset": -offset}
                for offset in range(0, 40 + padding, 50)
            ]
            yield {"type": 3, "data": {"source": 1, "positions": positions}, "timestamp": timestamp}
        else:
            words = " ".join(choose.choices(WORDS, k=4 + padding // 6))
            add = {"parentId": 3, "nextId": None, "node": {"type": 3, "textContent": words, "id": number + 10}}
            data = {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [add]}
            yield {"type": 3, "data": data, "timestamp": timestamp}


# As posthog-android writes them; see the increment among PostHog's own test inputs (mobile-replay, MIT).
SDK_STYLE = {
    "color": "#000000",
    "fontFamily": "sans-serif",
    "fontSize": 14,
    "horizontalAlign": "left",
    "paddingBottom": 0,
    "paddingLeft": 0,
    "paddingRight": 0,
    "paddingTop": 0,
    "verticalAlign": "top",
}


def app_session(text_bytes: int, *, compact: bool = False) -> Iterator[dict[str, Any]]:
    """An app's list of 60 rows, which is scrolled, changes its texts, and is sent anew each 40th time, as PostHog's SDKs write it.
    `compact`: some 100 bytes a view, less than half of that, so that the work that is done for each shows."""
    choose = random.Random(7)

    def sent(view: dict[str, Any]) -> dict[str, Any]:
        if compact:
            return view
        own_style = SDK_STYLE if view["type"] == "text" else view.get("style", {})
        return {"disabled": False, **view, "id": 183_891_000 + view["id"], "style": own_style}

    def row(number: int, top: int) -> dict[str, Any]:
        own = 1000 + number * 10
        disc = {"backgroundColor": f"#{number * 271_828 % 0x1000000:06x}", "borderRadius": 20}
        inside = [
            sent(
                {"id": own + 1, "type": "rectangle", "x": 16, "y": top + 16, "width": 40, "height": 40, "style": disc}
            ),
            sent(
                {
                    "id": own + 2,
                    "type": "text",
                    "x": 72,
                    "y": top + 14,
                    "width": 240,
                    "height": 22,
                    "text": f"Row {number}",
                }
            ),
            changed(own + 3, top + 38),
        ]
        box = {"id": own, "type": "div", "x": 0, "y": top, "width": 411, "height": 72}
        return {**sent(box), "childWireframes": inside}

    def changed(own: int, top: int) -> dict[str, Any]:
        said = choose.choice(WORDS)
        return sent({"id": own, "type": "text", "x": 72, "y": top, "width": 280, "height": 18, "text": said})

    def update(*views: dict[str, Any]) -> dict[str, Any]:
        told = [
            {"parentId": screen_id if "childWireframes" in one else one["id"] // 10 * 10, "wireframe": one}
            for one in views
        ]
        return {"type": 3, "data": {"source": 0, "updates": told}}

    screen = sent({"id": 0, "type": "div", "x": 0, "y": 0, "width": 411, "height": 914})
    screen_id = screen["id"]
    yield {"type": 4, "data": {"href": "Inbox", "width": 411, "height": 914}, "timestamp": START_MS}
    written = number = 0
    while written < text_bytes:
        scrolled = choose.randrange(2000)
        if number % 40 == 0:
            rows = [row(place, place * 72 - scrolled) for place in range(60)]
            event: dict[str, Any] = {"type": 2, "data": {"wireframes": [{**screen, "childWireframes": rows}]}}
        elif number % 10 == 0:
            event = update(*(row(place, place * 72 - scrolled) for place in range(60)))
        else:
            places = choose.sample(range(60), 4)
            event = update(*(changed(1003 + place * 10, place * 72 + 38) for place in places))
        number += 1
        event["timestamp"] = START_MS + number * 100
        written += len(dump(event))
        yield event


def dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def compressed(event: dict[str, Any]) -> dict[str, Any]:
    """As posthog-js sends it: `cv: "2024-10"`."""

    def field(value: Any) -> str:
        return gzip.compress(dump(value).encode(), 1, mtime=0).decode("latin-1")

    data = event["data"]
    if event["type"] == 2:
        return {**event, "data": field(data), "cv": "2024-10"}
    if event["type"] == 3 and data["source"] == 0:
        inner = {name: field(data[name]) for name in ("texts", "attributes", "removes", "adds")}
        return {**event, "data": {**data, **inner}, "cv": "2024-10"}
    return event


def shapes(events: Callable[[], Iterator[dict[str, Any]]]) -> Iterator[tuple[str, Iterator[str]]]:
    """Name and text, in pieces, of each file shape."""

    def array(before: str, after: str, extra: dict[str, Any]) -> Iterator[str]:
        yield before
        for number, event in enumerate(events()):
            yield ("," if number else "") + dump(extra | event)
        yield after

    window = "0199a1b2-7c3d-7e4f-8a5b-0123456789ab"
    yield "rrweb array", array("[", "]", {})
    yield "rrweb lines", (dump(event) + "\n" for event in events())
    yield "posthog lines", (dump([window, event]) + "\n" for event in events())
    yield "posthog lines, cv", (dump([window, compressed(event)]) + "\n" for event in events())
    before = '{"version":"2023-04-28","data":{"id":"x","person":{},"snapshots":['
    yield "posthog export v2", array(before, "]}}", {"windowId": 1})
    before = '{"version":"2022-12-02","data":{"person":{},"snapshotsByWindowId":{"' + window + '":['
    yield "posthog export v1", array(before, "]}}}", {})


def measure(path: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _CHILD, str(path)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--only", default="", help="part of the names of the files to read")
    options = parser.parse_args()
    print(
        f"{'file':<26}{'on disk':>9}{'text':>9}{'events':>9}{'seconds':>9}{'cpu s':>7}{'MB/s':>7}{'peak MB':>9}{'base':>6}{'x text':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        window = "0199a1b2-7c3d-7e4f-8a5b-0123456789ab"
        apps = (
            (
                name,
                (dump([window, event]) + "\n" for event in app_session(int(options.megabytes * 1e5), compact=compact)),
            )
            for name, compact in (("wireframes", False), ("compact wireframes", True))
        )
        web = shapes(lambda: session(options.events, int(options.megabytes * 1e6)))
        for name, pieces in (*web, *apps):
            if options.only not in name:
                continue
            plain = Path(folder) / "recording"
            with plain.open("w", encoding="utf-8") as file:
                file.writelines(pieces)
            row(name, plain, plain.stat().st_size)
            packed = Path(folder) / "packed"
            for suffix, compress in (("gzip", gzip.open), ("zstd", zstandard.open)):
                with plain.open("rb") as text, compress(packed, "wb") as packing:
                    shutil.copyfileobj(text, packing)
                row(f"{name}, {suffix}", packed, plain.stat().st_size)


def row(name: str, path: Path, text_bytes: int) -> None:
    figures = measure(path)
    over = (figures["peak"] - figures["base"]) / text_bytes
    print(
        f"{name:<26}{path.stat().st_size / 1e6:>9.1f}{text_bytes / 1e6:>9.1f}{figures['events']:>9}"
        f"{figures['seconds']:>9.2f}{figures['cpu']:>7.2f}{text_bytes / 1e6 / figures['seconds']:>7.0f}{figures['peak'] / 1e6:>9.0f}"
        f"{figures['base'] / 1e6:>6.0f}{over:>8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
