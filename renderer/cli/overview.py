"""What is in a recording: `renderer inspect`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from renderer.cli.terminal import table
from renderer.notices import Notice
from renderer.plan.timecode import format_timecode
from renderer.recording.activity import IDLE_THRESHOLD_MS, activity_times
from renderer.recording.model import Event, EventType, Source, Viewport, Window
from renderer.rules.find import find_moments
from renderer.rules.load import built_in
from renderer.rules.model import Moment
from renderer.session import Session
from renderer.timeline.model import Entry, Environment, LlmCall

_LISTED = 12
_URL_LENGTH = 120
_ENTRIES_LISTED = 300
_MARKS = {"info": "", "warning": "!", "error": "!!"}

_TYPES = {
    value: name.lower()
    for name, value in vars(EventType).items()
    if not name.startswith("_") and value != EventType.INCREMENTAL
}
_SOURCES = {value: name.lower() for name, value in vars(Source).items() if not name.startswith("_")}


@dataclass(frozen=True, slots=True)
class WindowOverview:
    """`idle_ms`: session time without activity for more than 5 s, of the time between the first and last event."""

    id: str
    events: int
    first_ms: int
    last_ms: int
    idle_ms: int
    viewports: tuple[Viewport, ...]
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class RecordingOverview:
    """`mobile`: recorded in an app, as wireframes."""

    id: str
    kind: str
    mobile: bool
    started_at: str
    duration_ms: int
    events: int


@dataclass(frozen=True, slots=True)
class Overview:
    recording: RecordingOverview
    windows: tuple[WindowOverview, ...]
    timeline: tuple[Entry, ...]
    llm_calls: tuple[LlmCall, ...]
    moments: tuple[Moment, ...]
    environment: Environment
    hidden: Mapping[str, int]
    warnings: tuple[Notice, ...]


def look_over(session: Session, source: str = "file") -> Overview:
    """Counts, times and sizes, what happened, and what the built-in rules find; of what was recorded only what the redaction policy lets
    through. `source`: where the recording is from, as rules know it.
    """
    recording, timeline = session.recording, session.timeline
    return Overview(
        RecordingOverview(
            recording.id,
            recording.kind,
            recording.mobile,
            _iso(recording.started_at_ms),
            recording.duration_ms,
            recording.event_count,
        ),
        tuple(_window(window, recording.duration_ms) for window in recording.windows),
        timeline.entries,
        timeline.calls,
        find_moments(built_in(), timeline, source),
        timeline.environment,
        dict(session.hidden),
        (*session.notices, *recording.notices, *timeline.notices),
    )


def _window(window: Window, duration_ms: int) -> WindowOverview:
    active_ms = activity_times(window.events, window.first_ms, window.last_ms, duration_ms)
    inside_ms = [at for at in active_ms if window.first_ms < at < window.last_ms]
    gaps_ms = [after - before for before, after in pairwise([window.first_ms, *inside_ms, window.last_ms])]
    kinds = Counter(kind_of(event) for event in window.events)
    return WindowOverview(
        window.id,
        len(window.events),
        window.first_ms,
        window.last_ms,
        sum(gap for gap in gaps_ms if gap > IDLE_THRESHOLD_MS),
        window.viewports,
        dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
    )


def kind_of(event: Event) -> str:
    """rrweb's name of an event's type, or of its source when it is incremental: `full_snapshot`, `mouse_move`."""
    if event.type != EventType.INCREMENTAL:
        return _TYPES.get(event.type, f"type_{event.type}")
    return "incremental" if event.source is None else _SOURCES.get(event.source, f"source_{event.source}")


def moment_table(moments: Sequence[Moment], indent: str = "  ") -> str:
    """As `--moment` numbers them."""
    return table(
        (
            (str(number), format_timecode(each.at_ms), each.severity, each.rule, each.title)
            for number, each in enumerate(moments, 1)
        ),
        indent,
    )


def _iso(unix_ms: int) -> str:
    """Empty when the recording's clock is beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return ""


def tell(overview: Overview) -> str:
    """For people, several lines."""
    recording = overview.recording
    parts = [
        table(
            [
                ("recording", recording.id[:16]),
                ("kind", f"{recording.kind}, of a mobile app" if recording.mobile else recording.kind),
                ("started", recording.started_at or "unknown"),
                ("length", format_timecode(recording.duration_ms)),
                ("events", f"{recording.events:,}"),
            ],
            indent="",
        )
    ]
    for window in overview.windows:
        length_ms = window.last_ms - window.first_ms
        idle = f"{window.idle_ms / length_ms:.0%}" if length_ms else "0%"
        parts.append(
            f"\nwindow {table([(window.id,)], indent='')}: {format_timecode(window.first_ms)} to"
            f" {format_timecode(window.last_ms)}, {window.events:,} events, idle {idle}"
        )
        parts.append(
            table(
                (format_timecode(view.at_ms), f"{view.width_px}x{view.height_px}", (view.href or "")[:_URL_LENGTH])
                for view in window.viewports[:_LISTED]
            )
        )
        if len(window.viewports) > _LISTED:
            parts.append(f"  … and {len(window.viewports) - _LISTED:,} more sizes and addresses")
        parts.append(table((f"{count:,}", kind) for kind, count in window.kinds.items()))
    if overview.timeline:
        parts.append("\nwhat happened")
        parts.append(
            table(
                (format_timecode(entry.at_ms), _MARKS[entry.level], entry.title)
                for entry in overview.timeline[:_ENTRIES_LISTED]
            )
        )
    if len(overview.timeline) > _ENTRIES_LISTED:
        parts.append(f"  … and {len(overview.timeline) - _ENTRIES_LISTED:,} more; --json lists all")
    if overview.moments:
        parts.append("\nmoments, for --moment")
        parts.append(moment_table(overview.moments[:_ENTRIES_LISTED]))
    if overview.hidden:
        parts.append("\nhidden by the redaction policy")
        parts.append(table((f"{count:,}", what) for what, count in overview.hidden.items()))
    if overview.warnings:
        parts.append("\nwarnings")
        parts.append(table((f"{notice.count:,} x", notice.message) for notice in overview.warnings))
    return "\n".join(part for part in parts if part)
