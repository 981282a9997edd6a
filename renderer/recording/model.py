"""What a recording is once it has been read: rrweb events in order, by window, on one session clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from renderer.notices import Notice
from renderer.recording.privacy import NOTHING_HIDDEN, RecorderPrivacy

RecordingKind = Literal[
    "rrweb-json",
    "rrweb-jsonl",
    "rrweb-packed",
    "posthog-jsonl",
    "posthog-capture",
    "posthog-export-v1",
    "posthog-export-v2",
    "sentry-envelopes",
    "amplitude",
]


class EventType:
    """rrweb `EventType` (@rrweb/types)."""

    DOM_CONTENT_LOADED = 0
    LOAD = 1
    FULL_SNAPSHOT = 2
    INCREMENTAL = 3
    META = 4
    CUSTOM = 5
    PLUGIN = 6


class Source:
    """rrweb `IncrementalSource` (@rrweb/types), the kind of an incremental event."""

    MUTATION = 0
    MOUSE_MOVE = 1
    MOUSE_INTERACTION = 2
    SCROLL = 3
    VIEWPORT_RESIZE = 4
    INPUT = 5
    TOUCH_MOVE = 6
    MEDIA_INTERACTION = 7
    STYLE_SHEET_RULE = 8
    CANVAS_MUTATION = 9
    FONT = 10
    LOG = 11
    DRAG = 12
    STYLE_DECLARATION = 13
    SELECTION = 14
    ADOPTED_STYLE_SHEET = 15
    CUSTOM_ELEMENT = 16


@dataclass(frozen=True, slots=True)
class Event:
    """One rrweb event.

    `at_ms` is session time: milliseconds since the first event of the recording (all windows), an integer.
    `raw` is the event's own JSON object, UTF-8 and decompressed, exactly as the player is to receive it; its
    `timestamp` field is not to be trusted (`at_ms` is). Keeping bytes instead of parsed objects is what lets 100 MB
    load in little more than 100 MB.
    """

    at_ms: int
    type: int
    source: int | None
    raw: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Viewport:
    """A window's inner size in CSS pixels from `at_ms` on (Meta, ViewportResize), and its URL if known."""

    at_ms: int
    width_px: int
    height_px: int
    href: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """The events of one browser window or tab, in time order; the first full snapshot is preceded by a Meta event."""

    id: str
    events: Sequence[Event]
    viewports: tuple[Viewport, ...]

    @property
    def first_ms(self) -> int:
        return self.events[0].at_ms

    @property
    def last_ms(self) -> int:
        return self.events[-1].at_ms


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording. `id`: SHA-256 (hex) of the file's bytes, or what its source knows it by; `started_at_ms`: Unix time of session time 0.

    `privacy` is what the recorder was told to hide. `mobile`: of an app; wireframes were turned into documents.
    """

    id: str
    kind: RecordingKind
    started_at_ms: int
    duration_ms: int
    windows: tuple[Window, ...]
    notices: tuple[Notice, ...]
    privacy: RecorderPrivacy = NOTHING_HIDDEN
    mobile: bool = False

    @property
    def event_count(self) -> int:
        return sum(len(window.events) for window in self.windows)
