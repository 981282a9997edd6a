"""From what was asked for and what was recorded to the frozen plan of a clip."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from renderer.errors import RecordingError, RequestError
from renderer.notices import Notice, Notices
from renderer.plan.clock import FrameClock
from renderer.plan.idle import find_idle, lay_stretches
from renderer.plan.model import ClipPlan, Skip, Stretch
from renderer.plan.overlays import parse_overlays
from renderer.plan.segments import cut_segments
from renderer.plan.shots import Turn, clip, follow, place_shots, session_activity
from renderer.plan.timecode import format_timecode
from renderer.plan.window import choose_window
from renderer.recording.activity import activity_times
from renderer.recording.model import Recording
from renderer.recording.presence import Presence
from renderer.request import ClipRequest

MAX_VIDEO_S = 3 * 3600
END_TOLERANCE_MS = 1000
"""A `to_ms` so little past the end means the end: lengths are shown rounded to seconds wherever people look them up."""

SKIP_NOTE_S = Fraction(3, 2)


def build_plan(
    recording: Recording, request: ClipRequest, versions: Mapping[str, str], shown_ms: Sequence[int] = ()
) -> tuple[ClipPlan, tuple[Notice, ...]]:
    """The plan, and what was odd about it. `versions`: of everything that draws; they go into the digest. `shown_ms`: session times that
    the clip is about, which are shown although nobody does anything then.

    RequestError: `range_outside`, `window_outside`, `unknown_window`, `unknown_overlay`, `clip_too_long`;
    RecordingError `no_length`.
    """
    overlays = parse_overlays(request.overlays)
    presence = Presence(recording.windows) if request.window is None and len(recording.windows) > 1 else None
    turns, to_the_end = _choose(recording, request, presence)
    from_ms, to_ms = turns[0].from_ms, turns[-1].to_ms
    idle = []
    if request.idle != "keep":
        length_ms, text = recording.duration_ms, request.activity == "text"
        if presence is None:
            activity_ms = activity_times(turns[0].window.events, from_ms, to_ms, length_ms, text=text)
        else:
            activity_ms = session_activity(turns, presence, from_ms, to_ms, length_ms, text=text)
        idle = find_idle(sorted((*activity_ms, *shown_ms)), from_ms, to_ms, length_ms)
    stretches = lay_stretches(idle, from_ms, to_ms, request.idle, request.speed)
    clock = FrameClock(stretches, request.fps)
    _check_length(clock, request)
    # Up to an end inside the session, all frames lie before it; at the session's end one more shows the last event.
    frame_count = ceil(clock.length) + 1 if to_the_end else max(1, floor(clock.length + Fraction(1, 2)))
    shots = place_shots(turns, recording, clock, frame_count)
    events = {window.id: window.events for window in recording.windows}
    plan = ClipPlan(
        recording_id=recording.id,
        from_ms=from_ms,
        to_ms=to_ms,
        stretches=tuple(stretches),
        skips=_lay_skips(stretches, clock, frame_count, request.fps),
        shots=shots,
        window_count=len(recording.windows),
        segments=cut_segments(shots, events, clock, request.fps),
        frame_count=frame_count,
        fps=request.fps,
        width_px=request.size.width_px,
        height_px=request.size.height_px,
        overlays=overlays,
        digest="",
    )
    return replace(plan, digest=_digest(plan, request, versions)), tuple(_notices(recording, plan))


def _choose(recording: Recording, request: ClipRequest, presence: Presence | None) -> tuple[list[Turn], bool]:
    """Which windows are shown when, and whether the range runs to the end, last event included.

    With `presence` the user is followed. A start or end that was not asked for is that of the windows shown: what lies outside of
    them is a blank or a dead page.
    """
    asked = request.range
    length = format_timecode(recording.duration_ms)
    if recording.duration_ms <= 0:
        raise RecordingError("no_length", "all events of the recording have the same time: there is nothing to play")
    if asked.from_ms >= recording.duration_ms:
        raise RequestError(
            "range_outside",
            f"the range begins at {format_timecode(asked.from_ms)}, but the session is {length} long: begin earlier",
        )
    if asked.to_ms is not None and asked.to_ms > recording.duration_ms + END_TOLERANCE_MS:
        raise RequestError(
            "range_outside",
            f"the range ends at {format_timecode(asked.to_ms)}, but the session is {length} long: end it there or"
            " leave the end out",
        )
    from_ms, to_ms = asked.from_ms, min(asked.to_ms or recording.duration_ms, recording.duration_ms)
    turns = follow(recording, presence, from_ms, to_ms) if presence else []
    if not turns:
        turns = [Turn(choose_window(recording, request.window, from_ms, to_ms), from_ms, to_ms)]
    window = turns[0].window
    if window.first_ms >= to_ms:
        raise RequestError(
            "window_outside",
            f"window {window.id} opens at {format_timecode(window.first_ms)}, and the range ends at"
            f" {format_timecode(to_ms)}: change the range or the window",
        )
    if "from_ms" not in asked.model_fields_set:
        from_ms = max(from_ms, window.first_ms)
    if asked.to_ms is None and turns[-1].window.last_ms > from_ms:
        to_ms = turns[-1].window.last_ms
    shown = list(clip([(turn.from_ms, turn.window) for turn in turns], from_ms, to_ms))
    return shown, asked.to_ms is None or to_ms == recording.duration_ms


def _check_length(clock: FrameClock, request: ClipRequest) -> None:
    length_ms = ceil(clock.length * 1000 / request.fps)
    if length_ms <= MAX_VIDEO_S * 1000:
        return
    skip = "" if request.idle == "skip" else ", leave idle time out with --idle skip"
    raise RequestError(
        "clip_too_long",
        f"the clip would be {format_timecode(length_ms)} long and the most is {format_timecode(MAX_VIDEO_S * 1000)}:"
        f" ask for a part with --from and --to{skip} or raise --speed",
    )


def _lay_skips(stretches: Sequence[Stretch], clock: FrameClock, frame_count: int, fps: int) -> tuple[Skip, ...]:
    """One per frame after a cut; cuts that fall on the same frame, at low rates or high speeds, are told as one."""
    skipped_ms: dict[int, int] = {}
    for before, after in pairwise(stretches):
        if before.to_ms < after.from_ms:
            first = clock.frame_at_or_after(after.from_ms)
            if first is not None and first < frame_count:
                skipped_ms[first] = skipped_ms.get(first, 0) + after.from_ms - before.to_ms
    firsts = [*skipped_ms, frame_count]
    note = max(1, floor(SKIP_NOTE_S * fps + Fraction(1, 2)))
    return tuple(Skip(first, min(first + note, following), skipped_ms[first]) for first, following in pairwise(firsts))


def _digest(plan: ClipPlan, request: ClipRequest, versions: Mapping[str, str]) -> str:
    """The asset policy is not a field of the plan, but it decides which pictures and fonts are seen."""
    fields = asdict(plan) | {"overlays": sorted(plan.overlays), "versions": dict(versions), "assets": request.assets}
    del fields["digest"]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _notices(recording: Recording, plan: ClipPlan) -> Notices:
    notices = Notices()
    first = next(window for window in recording.windows if window.id == plan.shots[0].window_id)
    others = len(recording.windows) - len(plan.window_ids)
    if others:
        shown = f"window {first.id} only" if len(plan.window_ids) == 1 else "the windows that the user was in"
        notices.add(
            "other_windows",
            f"the clip shows {shown}; choose another of the recording's windows with --window",
            others,
        )
    if first.first_ms > plan.from_ms:
        notices.add(
            "window_opens_later",
            f"window {first.id} opens at {format_timecode(first.first_ms)}; before that the picture is empty",
        )
    return notices
