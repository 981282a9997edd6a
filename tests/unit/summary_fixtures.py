"""The manifest of the hand-made session in `story_fixtures`."""

from typing import Any

from renderer.manifest.model import Manifest
from renderer.plan.model import ClipPlan
from renderer.timeline.model import Timeline


def manifest(plan: ClipPlan, timeline: Timeline, **other: Any) -> Manifest:
    video_ms = 0.0
    pieces = []
    for stretch in plan.stretches:
        pieces.append({"video_ms": round(video_ms), "session_ms": stretch.from_ms, "speed": stretch.speed})
        video_ms += stretch.video_ms
    around = timeline.environment
    facts: dict[str, Any] = {
        "clip": {"duration_ms": plan.duration_ms, "width_px": 1280, "height_px": 720, "fps": plan.fps},
        "files": [
            {"kind": "mp4", "path": "/tmp/out/clip.mp4", "bytes": 1_234_567, "sha256": "ab" * 32},
            {"kind": "captions", "path": "/tmp/out/clip.vtt", "bytes": 2_345, "sha256": "cd" * 32},
        ],
        "recording": {
            "id": plan.recording_id,
            "kind": "posthog-jsonl",
            "started_at_ms": 1_795_452_593_000,
            "duration_ms": timeline.duration_ms,
            "events": 527,
            "windows": [
                {
                    "id": window_id,
                    "events": 527,
                    "first_ms": 0,
                    "last_ms": timeline.duration_ms,
                    "width_px": 1280,
                    "height_px": 720,
                    "shown": True,
                }
                for window_id in plan.window_ids
            ],
        },
        "range": {"from_ms": plan.from_ms, "to_ms": plan.to_ms},
        "time_map": pieces,
        "shots": [
            {
                "video_ms": round(shot.first * 1000 / plan.fps),
                "from_ms": shot.from_ms,
                "to_ms": shot.to_ms,
                "window": shot.window_id,
            }
            for shot in plan.shots
        ],
        "frames": {"captured": 900, "distinct": 800, "total": plan.frame_count},
        "timeline": [],
        "llm_calls": [],
        "chapters": [],
        "environment": {name: getattr(around, name) for name in around.__slots__},
        "clock_offsets": [],
        "redaction": {"policy": "default", "digest": "e0" * 32, "counts": {"email": 3, "masked_inputs": 14}},
        "assets": dict.fromkeys(("asked", "from_cache", "fetched", "missing", "failed", "refused", "bytes"), 0),
        "capture_method": "beginframe",
        "timings": {},
        "warnings": [
            {"code": "canvas_not_recorded", "message": "canvases were not recorded; they are labelled", "count": 1},
        ],
        "versions": {"renderer": "0.1.0", "rrweb": "2.0.0", "chromium": "156.0.1", "ffmpeg": "5.1.9"},
        "plan_digest": plan.digest,
    }
    return Manifest.model_validate({**facts, **other})
