"""A finished clip without filming one: its files are real, and as small as they can be."""

import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

REPLAY: Final = "https://us.posthog.com/project/12345/replay/01a20950-65f7-7603-87a4-92d8e7c41c38"
SUMMARY: Final = (
    "The user asked nora\\-4\\-mini a question; one answer got a thumbs\\-down.\n\n"
    "- **Clip:** 0:02 of video\n\n### What happened\n\n"
    "1. `0:01` (session 0:33) Asked nora\\-4\\-mini: “Is it refunded?”\n"
)
KINDS: Final = {
    "clip.mp4": ("mp4", "video/mp4"),
    "clip.gif": ("gif", "image/gif"),
    "clip.png": ("poster", "image/png"),
    "clip.vtt": ("captions", "text/vtt; charset=utf-8"),
    "clip.md": ("summary", "text/markdown; charset=utf-8"),
    "clip.json": ("manifest", "application/json"),
}


@cache
def clip_files() -> dict[str, bytes]:
    """By name; a film of two seconds in which something moves, and the rest of what stands beside one."""
    files = {
        "clip.mp4": _filmed("-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"),
        "clip.gif": _filmed("-f", "gif"),
        "clip.png": _filmed("-frames:v", "1", "-f", "image2pipe", "-c:v", "png"),
        "clip.vtt": b"WEBVTT\n",
        "clip.md": SUMMARY.encode(),
    }
    return {**files, "clip.json": json.dumps(manifest(files)).encode()}


def write_clip(folder: Path) -> Path:
    """The manifest's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in clip_files().items():
        (folder / name).write_bytes(content)
    return folder / "clip.json"


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "clip": {"duration_ms": 2000, "width_px": 320, "height_px": 180, "fps": 10},
        "files": [
            {
                "kind": KINDS[name][0],
                "path": name,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in files.items()
        ],
        "recording": {
            "id": "01a20950-65f7-7603-87a4-92d8e7c41c38",
            "kind": "posthog-jsonl",
            "replay_url": REPLAY,
            "started_at_ms": 1_795_452_593_000,
            "duration_ms": 72_000,
            "events": 12,
            "windows": [],
        },
        "range": {"from_ms": 32_000, "to_ms": 34_000},
        "time_map": [{"video_ms": 0, "session_ms": 32_000, "speed": 1.0}],
        "shots": [{"video_ms": 0, "from_ms": 32_000, "to_ms": 34_000, "window": "w"}],
        "frames": {"captured": 20, "distinct": 20, "total": 20},
        "timeline": [],
        "llm_calls": [],
        "chapters": [],
        "environment": dict.fromkeys(("browser", "os", "device", "viewport_px", "language", "app", "person")),
        "clock_offsets": [],
        "redaction": {"policy": "default", "digest": "e0" * 32, "counts": {}},
        "assets": dict.fromkeys(("asked", "from_cache", "fetched", "missing", "failed", "refused", "bytes"), 0),
        "capture_method": "beginframe",
        "timings": {},
        "warnings": [],
        "versions": {"renderer": "0.1.0", "rrweb": "2.1.6", "chromium": "156", "ffmpeg": "5.1"},
        "plan_digest": "ab" * 32,
    }


def _filmed(*options: str) -> bytes:
    source = ("-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=2")
    command = ("ffmpeg", "-v", "error", *source, "-fflags", "+bitexact", *options, "-")
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
