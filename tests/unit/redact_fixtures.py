"""Reading recordings of made-up events, redacting them, and looking at what is left."""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from renderer.redact import DEFAULT, Policy, Redacted, redact_recording
from renderer.redact.policy.model import NONE

START_MS = 1_760_000_000_000


def read(data: bytes) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.jsonl"
        path.write_bytes(data)
        return read_recording(RawRecording(path.name, path, len(data)))


def recording(events: Iterable[dict[str, Any]]) -> Recording:
    """The events as a recording, 40 ms from one to the next."""
    lines = [json.dumps({**event, "timestamp": START_MS + 40 * number}) for number, event in enumerate(events)]
    return read("\n".join(lines).encode())


def meta(href: str = "https://shop.example/") -> dict[str, Any]:
    return {"type": 4, "data": {"href": href, "width": 1280, "height": 720}}


def config(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": 5, "data": {"tag": "$session_options", "payload": {"sessionRecordingOptions": options}}}


def redacted(events: Iterable[dict[str, Any]], policy: Policy = DEFAULT) -> Redacted:
    return redact_recording(recording(events), policy)


def policy(**content: Any) -> Policy:
    """A policy that hides nothing but what is given."""
    return Policy.model_validate(NONE.model_dump() | content)


def events_of(done: Redacted) -> list[dict[str, Any]]:
    return [json.loads(bytes(event.raw)) for window in done.recording.windows for event in window.events]


def everything(recording: Recording) -> bytes:
    """All bytes that leave with a recording."""
    viewports = [viewport.href for window in recording.windows for viewport in window.viewports]
    raws = [bytes(event.raw) for window in recording.windows for event in window.events]
    notices = [asdict(notice) for notice in recording.notices]
    return b"\n".join([*raws, msgspec.json.encode(viewports), msgspec.json.encode(notices)])
