"""Sessions of several windows as one recording, in PostHog's form."""

import json
from collections.abc import Mapping
from pathlib import Path

from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from tests.selfdescribing.session import Session


def write_windows(windows: Mapping[str, Session], path: Path, opens_ms: Mapping[str, int] | None = None) -> Path:
    """A line for each event, in order of time. A window's own time 0 is the session's `opens_ms` (0 unless told)."""
    lines = []
    for name, session in windows.items():
        later_ms = (opens_ms or {}).get(name, 0)
        lines += [(name, event | {"timestamp": event["timestamp"] + later_ms}) for event in session.events]
    lines.sort(key=lambda line: line[1]["timestamp"])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def recording_of_windows(
    windows: Mapping[str, Session], folder: Path, opens_ms: Mapping[str, int] | None = None
) -> Recording:
    path = write_windows(windows, folder / "session.jsonl", opens_ms)
    return read_recording(RawRecording("session", path, path.stat().st_size))
