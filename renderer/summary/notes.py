"""What a reader has to know about the clip itself: what it shows, what was hidden, what is not exact, where it comes from."""

from collections.abc import Sequence
from datetime import UTC, datetime

from renderer.manifest.model import Manifest
from renderer.story.words import counted, seconds
from renderer.summary.facts import Facts
from renderer.summary.hidden import redaction_line
from renderer.summary.markdown import code, details, inline, table
from renderer.summary.timing import ClipTimes

_SHORT = 12
MOST_WINDOWS = 4


def setting(manifest: Manifest, facts: Facts, times: ClipTimes) -> str:
    """Where and when: the clip, the page, the user's side."""
    around = manifest.environment
    clip = f"{times.clock(manifest.clip.duration_ms)} of video"
    whole = manifest.range.from_ms == 0 and manifest.range.to_ms >= manifest.recording.duration_ms
    if not whole:
        start, end = times.clock(manifest.range.from_ms), times.clock(manifest.range.to_ms)
        clip += f", session time {start} to {end}"
    clip += f", of a session of {times.clock(manifest.recording.duration_ms)}" + _began(manifest)
    lines = [f"**Clip:** {clip}"]
    lines += _pages(facts)
    size = f"{around.viewport_px[0]:,}×{around.viewport_px[1]:,} pixels".replace(",", "") if around.viewport_px else ""
    parts = [around.browser, around.os, around.device, size, around.language, around.app]
    known = ", ".join(part if part == size else inline(part, 60) for part in parts if part)
    if known:
        lines.append(f"**Environment:** {known}")
    if around.person:
        lines.append(f"**Person:** {inline(around.person, 80)}")
    return "\n".join(f"- {line}" for line in lines)


def _pages(facts: Facts) -> list[str]:
    place = facts.wrong_place or facts.place
    if place is None:
        return []
    title = f"“{inline(place.title, 80)}” at " if place.title else ""
    line = f"**{facts.surface.capitalize()}:** {title}{code(place.url, 160)}"
    if facts.wrong_place is None or facts.place is None or facts.place.url == place.url:
        return [line]
    return [f"{line}, where it first went wrong; the clip begins at {code(facts.place.url, 160)}"]


def _began(manifest: Manifest) -> str:
    try:
        began = datetime.fromtimestamp(manifest.recording.started_at_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):  # the recording's clock is beyond what a calendar holds
        return ""
    return f" that began {began:%Y-%m-%d %H:%M} UTC"


def caveats(manifest: Manifest, facts: Facts, times: ClipTimes, most: int, rows: int) -> str:
    lines = [*_pace(manifest, times), redaction_line(manifest, facts)]
    for file in manifest.files:
        if file.given_up:
            lines.append(f"To keep the {file.kind} file small: {inline('; '.join(file.given_up), 200)}.")
    told = [_warning(warned.message, warned.count) for warned in manifest.warnings[: most + rows]]
    parts = ["### About this clip", _bullets([*lines, *told[:most]])]
    if told[most:]:
        parts.append(details(f"{counted(len(manifest.warnings) - most, 'caveat')} more", _bullets(told[most:])))
    return "\n\n".join(parts)


def _pace(manifest: Manifest, times: ClipTimes) -> Sequence[str]:
    lines = []
    skipped_ms = times.skipped_ms()
    if skipped_ms >= 1000:
        lines.append(
            f"{seconds(skipped_ms)} in which nothing was done are left out; each cut is marked in the picture."
        )
    speeds = sorted(times.speeds())
    if speeds and (speeds[0], speeds[-1]) != (1, 1):
        fast = f"{speeds[0]:g}" if len(speeds) == 1 else f"{speeds[0]:g} to {speeds[-1]:g}"
        lines.append(f"Played at {fast} times the speed of the session.")
    return lines


def _warning(message: str, count: int) -> str:
    text = inline(message, 240)
    return f"{text[:1].upper()}{text[1:]}" + (f" ({count:,} times)." if count > 1 else ".")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def provenance(manifest: Manifest) -> str:
    """Enough to find the session again, and to prove that a file is the one that was made."""
    versions, recording = manifest.versions, manifest.recording
    shown = list(dict.fromkeys(shot.window for shot in manifest.shots))
    windows = ", ".join(code(window, 80) for window in shown[:MOST_WINDOWS])
    if shown[MOST_WINDOWS:]:
        windows += f" and {len(shown) - MOST_WINDOWS} more"
    rows = [
        ["Recording", code(recording.id, 80)],
        ["Form", f"{inline(recording.kind, 40)}, {recording.events:,} events"],
        ["Window" if len(shown) == 1 else "Windows", windows],
        ["Range", f"{manifest.range.from_ms:,} to {manifest.range.to_ms:,} ms of {recording.duration_ms:,} ms"],
        *(["Server clock", _offset(one.source, one.offset_ms, one.evidence)] for one in manifest.clock_offsets),
        ["Made by", inline(f"renderer {versions.renderer}, rrweb {versions.rrweb}", 120)],
        ["With", inline(f"Chromium {versions.chromium}, ffmpeg {versions.ffmpeg}", 160)],
        ["Redaction", inline(manifest.redaction.policy, 60) + _short(manifest.redaction.digest)],
        ["Plan", code(manifest.plan_digest[:_SHORT])],
    ]
    files = [
        [
            inline(file.kind, 20),
            code(file.path.replace("\\", "/").rsplit("/", 1)[-1], 100),
            f"{file.bytes:,}",
            code(file.sha256),
        ]
        for file in manifest.files
    ]
    body = f"{table(('', 'What'), rows)}\n\n{table(('File', 'Name', 'Bytes', 'SHA-256'), files)}"
    return details("Where this comes from: recording, versions, checksums", body)


def _short(digest: str) -> str:
    return f" {code(digest[:_SHORT])}" if digest else ""


def _offset(source: str, offset_ms: int, evidence: int) -> str:
    if not evidence:
        return f"{inline(source, 20)}: taken to agree with the browser's"
    return f"{inline(source, 20)}: {offset_ms:+,} ms, from {counted(evidence, 'event')} that both saw"
