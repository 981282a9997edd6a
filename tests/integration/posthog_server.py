"""A stand-in for PostHog's API on loopback, which keeps to what is documented of it: keys and scopes, required keys, caps,
pages, default limits. Faults are asked for one by one.
"""

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cramjam

SAMPLE = Path("examples/chat")
KEY = "phx_a_key_of_the_tests_and_nobody_elses"
PROJECT = "2"
SESSION = "01a20950-65f7-7603-87a4-92d7ef6dc542"
PERSON = "0199a1b2-0000-7000-8000-000000000001"
OCTETS = {"Content-Type": "application/octet-stream"}
SCOPES = frozenset({"session_recording:read", "session_recording_playlist:read", "query:read"})
HEAVY = {
    "$ai_input": "input",
    "$ai_output": "output",
    "$ai_output_choices": "output_choices",
    "$ai_input_state": "input_state",
    "$ai_output_state": "output_state",
    "$ai_tools": "tools",
}


def iso(unix_ms: float) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def line_ms(line: bytes) -> int:
    told = json.loads(line)
    event = told[1] if isinstance(told, list) else (told["data"][0] if "data" in told and "type" not in told else told)
    return int(event["timestamp"])


@dataclass
class Block:
    key: str
    lines: list[bytes]
    source: str = "blob_v2"
    listed: bool = True
    sent: bool = True

    def listing(self) -> dict[str, Any]:
        if self.source == "blob_v2_lts":
            return {"source": self.source, "blob_key": self.key, "start_timestamp": None, "end_timestamp": None}
        times = [line_ms(line) for line in self.lines]
        return {
            "source": self.source,
            "start_timestamp": iso(min(times)),
            "end_timestamp": iso(max(times)),
            "blob_key": None if self.source == "realtime" else self.key,
        }


@dataclass
class Stored:
    id: str
    blocks: list[Block]
    ongoing: bool = False
    deleted: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        times = [line_ms(line) for block in self.blocks for line in block.lines] or [1_795_452_593_688]
        return {
            "id": self.id,
            "distinct_id": "visitor@northwind.example",
            "person": {
                "uuid": PERSON,
                "distinct_ids": ["visitor@northwind.example"],
                "properties": {"email": "v@n.example"},
            },
            "recording_duration": (max(times) - min(times)) // 1000,
            "active_seconds": 40,
            "start_time": iso(min(times)),
            "end_time": iso(max(times)),
            "click_count": 9,
            "console_error_count": 2,
            "start_url": "http://chat.northwind.example/?email=v@n.example",
            "snapshot_source": "web",
            "ongoing": self.ongoing,
        } | self.facts


def sample_lines() -> list[bytes]:
    return [line for line in gzip.decompress((SAMPLE / "session.jsonl.gz").read_bytes()).split(b"\n") if line]


def in_blocks(lines: list[bytes], count: int, source: str = "blob_v2") -> list[Block]:
    """Cut where time passes: no two blocks share a millisecond."""
    size = -(-len(lines) // count)
    cuts = [0]
    for number in range(1, count):
        at = max(cuts[-1] + 1, number * size)
        while at < len(lines) and line_ms(lines[at]) == line_ms(lines[at - 1]):
            at += 1
        cuts.append(at)
    cuts.append(len(lines))
    pieces = [lines[start:end] for start, end in pairwise(cuts) if start < end]
    return [Block(str(number), piece, source) for number, piece in enumerate(pieces)]


def snappy(lines: list[bytes]) -> bytes:
    """A block as PostHog stores it."""
    return bytes(cramjam.snappy.compress_raw(b"\n".join(lines)))


Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[["Asked"], Answer | None]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class PostHogServer:
    """`asked` is every request. `faults` are asked first, each may answer in the place of the API. `sent_bytes`: of bodies."""

    def __init__(self) -> None:
        self.recordings: dict[str, Stored] = {}
        self.listed: list[Stored] = []
        self.playlists: dict[str, list[Stored]] = {}
        self.events: list[dict[str, Any]] = []
        self.ai_events: list[dict[str, Any]] = []
        self.keys: dict[str, frozenset[str]] = {KEY: SCOPES}
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.raw: Callable[[Any], bool] | None = None
        self.url = ""
        self.sent_bytes = 0

    def store(self, *blocks: Block, session_id: str = SESSION, **more: Any) -> Stored:
        stored = Stored(session_id, list(blocks), **more)
        self.recordings[session_id] = stored
        self.listed.append(stored)
        return stored

    def store_sample(self, blocks: int = 3) -> Stored:
        return self.store(*in_blocks(sample_lines(), blocks))

    def store_events(self, split: bool = True) -> None:
        """The sample's events as PostHog keeps them: what is long of the model's calls in a table of its own."""
        for event in json.loads((SAMPLE / "events.json").read_text()):
            row = {**event, "properties": dict(event["properties"]), "person_id": PERSON}
            if event["event"].startswith("$ai_"):
                heavy = {column: row["properties"].pop(name, None) for name, column in HEAVY.items()} if split else {}
                self.ai_events.append({**row, **heavy, "trace_id": row["properties"].get("$ai_trace_id", "")})
            self.events.append(row)

    def count(self, text: str) -> int:
        return sum(
            text in asked.path + "?" + "&".join(f"{k}={v}" for k, v in asked.query.items()) for asked in self.asked
        )

    @property
    def settings(self) -> dict[str, str]:
        return {
            "RENDERER_POSTHOG_HOST": self.url,
            "RENDERER_POSTHOG_PROJECT": PROJECT,
            "RENDERER_POSTHOG_API_KEY": KEY,
        }

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        for fault in list(self.faults):
            if (answer := fault(asked)) is not None:
                return answer
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self.keys:
            return failure(
                401,
                "authentication_error",
                "authentication_failed",
                "Personal API key found in request Authorization header is invalid.",
            )
        match = re.fullmatch(r"/api/projects/([^/]+)(/.*)", asked.path)
        if match is None:
            return failure(404, "invalid_request", "not_found", "Endpoint not found.")
        if match[1] != PROJECT:
            return failure(403, "authentication_error", "permission_denied", "You don't have access to the project.")
        path = match[2]
        scope = "query:read" if path == "/query/" else "session_recording:read"
        if path.startswith("/session_recording_playlists"):
            scope = "session_recording_playlist:read"
        if scope not in self.keys[key]:
            return failure(
                403, "authentication_error", "permission_denied", f"API key missing required scope '{scope}'"
            )
        if path == "/query/" and asked.method == "POST":
            return self._query(asked.body["query"])
        if path in {"/session_recordings", "/session_recordings/"}:
            return self._list(self.listed, asked.query)
        if found := re.fullmatch(r"/session_recording_playlists/([^/]+)/recordings/?", path):
            if found[1] not in self.playlists:
                return failure(404, "invalid_request", "not_found", "Not found.")
            return self._list(self.playlists[found[1]], asked.query)
        if found := re.fullmatch(r"/session_recordings/([^/]+?)(/snapshots)?/?", path):
            return self._recording(found[1], found[2] is not None, asked.query)
        return failure(404, "invalid_request", "not_found", "Endpoint not found.")

    def _recording(self, session_id: str, snapshots: bool, query: dict[str, str]) -> Answer:
        stored = self.recordings.get(session_id)
        if stored is None:
            return failure(404, "invalid_request", "not_found", "Not found.")
        if stored.deleted:
            return answer_json(
                410, {"error": "recording_deleted", "deleted_at": "2026-11-20T10:00:00Z", "deleted_by": "a@b.example"}
            )
        if not snapshots:
            return answer_json(200, stored.metadata())
        if "source" not in query:
            return answer_json(200, {"sources": [block.listing() for block in stored.blocks if block.listed]})
        return self._lines(stored, query)

    def _lines(self, stored: Stored, query: dict[str, str]) -> Answer:
        source = query["source"]
        own = [block for block in stored.blocks if block.source == source]
        if source == "blob_v2":
            if "start_blob_key" not in query or "end_blob_key" not in query:
                return failure(
                    400, "validation_error", "invalid_input", "Must provide both start_blob_key and end_blob_key"
                )
            start, end = int(query["start_blob_key"]), int(query["end_blob_key"])
            if end - start > 20:
                return failure(
                    400, "validation_error", "invalid_input", "Cannot request more than 20 blob keys at once"
                )
            if end >= 1 + max((int(block.key) for block in own), default=-1):
                return failure(404, "invalid_request", "not_found", "Block index out of range")
            own = [block for block in own if start <= int(block.key) <= end]
        elif source in {"blob_v2_lts", "blob"}:
            own = [block for block in own if block.key == query.get("blob_key")]
            if not own:
                return failure(404, "invalid_request", "not_found", "Snapshot file not found")
        elif source != "realtime":
            return failure(
                400, "validation_error", "invalid_choice", "Invalid source must be one of [blob_v2, blob_v2_lts, None]"
            )
        if query.get("decompress") == "false" and source in {"blob_v2", "blob_v2_lts"}:
            stored_blocks = [snappy(block.lines) for block in own if block.sent]
            if source == "blob_v2":
                stored_blocks = [len(each).to_bytes(4, "big") + each for each in stored_blocks]
            return 200, OCTETS, b"".join(stored_blocks)
        body = b"\n".join(line for block in own if block.sent for line in block.lines)
        return 200, {"Content-Type": "application/jsonl"}, body

    def _list(self, recordings: list[Stored], query: dict[str, str]) -> Answer:
        """Newest first, pages by cursor. Filters are checked for their form and noted in `asked`."""
        for name, value in query.items():
            if name in {"events", "actions", "properties", "console_log_filters", "having_predicates"}:
                json.loads(value)
        limit = int(query.get("limit", 50))
        if limit > 100:
            return failure(400, "validation_error", "invalid_input", "Limit too large")
        ordered = sorted(recordings, key=lambda each: each.metadata()["start_time"], reverse=True)
        start = int(query["after"].removeprefix("cursor-")) if "after" in query else int(query.get("offset", 0))
        page = ordered[start : start + limit]
        more = start + limit < len(ordered)
        answer: dict[str, Any] = {"results": [each.metadata() for each in page], "has_next": more, "version": 4}
        if more:
            answer["next_cursor"] = f"cursor-{start + limit}"
        return answer_json(200, answer)

    def _query(self, query: dict[str, Any]) -> Answer:
        """The few shapes of HogQL that are asked, by table, conditions, limit and offset; 100 rows without a limit."""
        assert query["kind"] == "HogQLQuery"
        text, values = query["query"], query.get("values", {})
        assert "'" not in text.replace("'web'", ""), "values belong into placeholders"
        selected = text.partition("SELECT ")[2].partition(" FROM ")[0]
        columns = [name.strip().rpartition(" AS ")[2] for name in selected.split(",")]
        rows = self.ai_events if "FROM posthog.ai_events" in text else self.events
        first, last = (datetime.fromisoformat(values[name].replace("Z", "+00:00")) for name in ("first", "last"))
        rows = [row for row in rows if first <= datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00")) <= last]
        if "event IN {names}" in text:
            rows = [row for row in rows if row["event"] in values["names"]]
            assert "empty($session_id) OR isNull($session_id)" in text
            rows = [row for row in rows if not row["properties"].get("$session_id")]
        if "$session_id = {session_id}" in text:
            rows = [row for row in rows if row["properties"].get("$session_id") == values["session_id"]]
        if whose := re.search(r"(person_id|distinct_id) = \{\1\}", text):
            rows = [
                row
                for row in rows
                if row[whose[1]] == values[whose[1]]
                and not row["properties"].get("$session_id")
                and row["properties"].get("$lib") != "web"
            ]
        if "trace_id IN {trace_ids}" in text:
            rows = [row for row in rows if row["trace_id"] in values["trace_ids"]]
        rows = sorted(rows, key=lambda row: (row["timestamp"], row["uuid"]))
        limit = int(found[1]) if (found := re.search(r"LIMIT (\d+)", text)) else 100
        offset = int(found[1]) if (found := re.search(r"OFFSET (\d+)", text)) else 0
        page = rows[offset : offset + limit]
        results = [[_cell(row, column) for column in columns] for row in page]
        return answer_json(
            200, {"columns": columns, "results": results, "types": [], "hasMore": offset + limit < len(rows)}
        )


def _cell(row: dict[str, Any], column: str) -> Any:
    value = {"email": "v@n.example"} if column == "person_properties" else row.get(column)
    return json.dumps(value) if isinstance(value, dict | list) else value


def answer_json(status: int, value: Any, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


def failure(status: int, kind: str, code: str, detail: str) -> Answer:
    return answer_json(status, {"type": kind, "code": code, "detail": detail, "attr": None})


def once(fault: Fault, times: int = 1) -> Fault:
    left = [times]

    def one(asked: Asked) -> Answer | None:
        if left[0] <= 0 or (answer := fault(asked)) is None:
            return None
        left[0] -= 1
        return answer

    return one


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "posthog"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        own: PostHogServer = self.server.own  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            parts.path,
            {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(body) if body else None,
        )
        if own.raw is not None and own.raw(self):
            self.close_connection = True
            return
        status, headers, content = own.answer(asked)
        if (
            "gzip" in asked.headers.get("accept-encoding", "")
            and len(content) > 200
            and "Content-Encoding" not in headers
        ):
            content, headers = gzip.compress(content, 1), {**headers, "Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        own.sent_bytes += len(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[PostHogServer]:
    own = PostHogServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.own = own  # type: ignore[attr-defined]
        own.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield own
        finally:
            server.shutdown()
            thread.join()


def a_day_later(stored: Stored) -> float:
    """Unix seconds at which the recording counts as settled."""
    return (
        datetime.fromisoformat(stored.metadata()["end_time"].replace("Z", "+00:00")) + timedelta(hours=25)
    ).timestamp()
