"""A batch's index as it may be: clips that differ in whatever the page sorts, filters and groups by."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from renderer.batch.index_model import (
    ClipEntry,
    ClipFile,
    ClipMoment,
    ClipStep,
    Environment,
    Failure,
    Index,
    RulesUsed,
    SessionEntry,
    Severity,
    Span,
    Totals,
)

STARTED = datetime(2026, 11, 26, 21, 10, 4, tzinfo=UTC)
SEVERITIES: Sequence[Severity] = ("low", "medium", "high", "critical")
BROWSERS = ("Chrome", "Firefox", "Safari")
AREAS = ("chat", "billing")
NO_FILM = Failure(code="capture_failed", message="Chromium was lost twice on the same segment; try again")


def file_at(path: str, size: int = 1234) -> ClipFile:
    return ClipFile(path=path, bytes=size, sha256="0" * 64)


def a_clip(number: int = 1, **changes: Any) -> ClipEntry:
    """Clip `number`, of a session that began so many minutes later; each fourth is critical, each third in Safari."""
    rule = ("answer-then-error", "thumbs-down", "slow-answer")[number % 3]
    severity = SEVERITIES[number % 4]
    told: dict[str, Any] = {
        "id": f"{number:04}-{rule}",
        "session": f"posthog:0190{number:04}",
        "recording_id": f"{number:032x}",
        "started_at": STARTED + timedelta(minutes=number),
        "session_ms": 183_000,
        "title": f"nova-4-mini answered, then TypeError: x{number} is undefined",
        "severity": severity,
        "rules": (rule,),
        "labels": {"browser": BROWSERS[number % 3], "area": AREAS[number % 2]},
        "range": Span(from_ms=1000, to_ms=46_000),
        "moments": (
            ClipMoment(rule=rule, title="An error after an answer", severity=severity, at_ms=31_000, video_ms=2500),
            ClipMoment(rule=rule, title="Asked again", severity="low", at_ms=90_000, video_ms=None),
        ),
        "status": "made",
        "error": None,
        "files": {
            "mp4": file_at(f"clips/{number:04}.mp4", 123_456),
            "poster": file_at(f"clips/{number:04}.png"),
            "summary": file_at(f"clips/{number:04}.md", 900),
        },
        "duration_ms": 4000,
        "width_px": 320,
        "height_px": 180,
        "steps": (
            ClipStep(video_ms=0, text="Clicked “Send”", level="info"),
            ClipStep(video_ms=1500, text="POST /api/chat took 4.1 s", level="warning"),
            ClipStep(video_ms=3000, text=f"TypeError: x{number} is undefined", level="error"),
        ),
        "replay_url": f"https://eu.posthog.com/project/1/replay/0190{number:04}",
        "environment": Environment(browser="Chrome 140", os="macOS 15", device="Desktop", person="p-1"),
    }
    return ClipEntry(**{**told, **changes})


def an_index(clips: Sequence[ClipEntry], unreadable: Sequence[SessionEntry] = (), **changes: Any) -> Index:
    """Of a batch that looked through twenty times as many sessions as it made clips of."""
    status = [clip.status for clip in clips]
    read = 20 * len(clips)
    told: dict[str, Any] = {
        "created_at": datetime(2026, 11, 27, 19, tzinfo=UTC),
        "renderer": "0.1.0",
        "finished": True,
        "rules": RulesUsed(
            source="rules.yaml", digest="ab12", names=("answer-then-error", "thumbs-down", "slow-answer")
        ),
        "totals": Totals(
            sessions=read + len(unreadable),
            read=read,
            unreadable=len(unreadable),
            duplicates=0,
            matched=len(clips),
            moments=sum(len(clip.moments) for clip in clips),
            clips=len(clips),
            made=status.count("made"),
            failed=status.count("failed"),
            waiting=status.count("waiting"),
        ),
        "clips": tuple(clips),
        "sessions": (
            *(
                SessionEntry(session=clip.session, status="matched", moments=len(clip.moments), error=None)
                for clip in clips
            ),
            *unreadable,
        ),
    }
    return Index(**{**told, **changes})
