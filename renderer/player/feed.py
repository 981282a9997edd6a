"""Which events the page gets, and when: from the last full snapshot on, in chunks, always a little ahead of the step."""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from renderer.player.protocol import Pointer
from renderer.recording.model import Event, EventType, Source, Window

LOOKAHEAD_MS = 2000
"""Pointer batches carry positions from up to ~500 ms before their own time: the page must have them before it gets there."""

LEAD_MS = 2000
"""A segment starts from a full snapshot at least this long before it, so that ripples, labels and entry animations that are
still under way at its first frame are under way there as well."""

OPENING_MS = 2000
"""A window's first snapshot is shown from the window's start when it comes at most this late."""

CHUNK_BYTES = 2_000_000

_SHOWN_SOURCES = frozenset(
    {
        Source.MUTATION, Source.MOUSE_MOVE, Source.MOUSE_INTERACTION, Source.SCROLL, Source.VIEWPORT_RESIZE, Source.INPUT,
        Source.TOUCH_MOVE, Source.STYLE_SHEET_RULE, Source.FONT, Source.DRAG, Source.STYLE_DECLARATION, Source.SELECTION,
        Source.ADOPTED_STYLE_SHEET, Source.CUSTOM_ELEMENT,
    }
)  # fmt: skip


def can_show(event: Event) -> bool:
    """Whether the event can change the picture. The page need not hear of any other."""
    if event.type == EventType.INCREMENTAL:
        return event.source in _SHOWN_SOURCES
    return event.type in (EventType.FULL_SNAPSHOT, EventType.META)


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin reading a window's events in order to show a given session time."""

    index: int
    pointer: Pointer | None


def find_start(window: Window, session_ms: int) -> Start:
    """The last full snapshot (with its Meta) that is at least LEAD_MS before `session_ms`, or the window's first event."""
    events = window.events
    index = bisect.bisect_right(events, session_ms - LEAD_MS, key=lambda event: event.at_ms) - 1
    while index > 0 and events[index].type != EventType.FULL_SNAPSHOT:
        index -= 1
    if index <= 0:
        return Start(0, None)
    meta = index
    while meta > 0 and events[meta].type != EventType.META:
        meta -= 1
    if events[meta].type == EventType.META:
        index = meta
    return Start(index, _pointer_before(window, index))


class Feed:
    """The rest of a window's events as chunks of JSON, `[[at_ms, event], …]`."""

    def __init__(self, window: Window, start: Start) -> None:
        self._events = window.events
        self._next = start.index
        self._opening = _opening(window)

    def until(self, session_ms: int) -> Iterator[str]:
        """Chunks that the page must have before it steps to `session_ms`; nothing when it has them."""
        horizon = session_ms + LOOKAHEAD_MS
        while self._next < len(self._events) and self._events[self._next].at_ms <= horizon:
            parts: list[bytes | memoryview] = []
            size = 0
            while self._next < len(self._events) and size < CHUNK_BYTES:
                event = self._events[self._next]
                # Reading on to the end of a chunk spares calls; beyond the horizon it is only done for a quarter of one.
                if event.at_ms > horizon and size > CHUNK_BYTES // 4:
                    break
                self._next += 1
                if can_show(event):
                    at_ms = self._events[0].at_ms if self._next <= self._opening else event.at_ms
                    parts += (b",[" if parts else b"[", str(at_ms).encode(), b",", event.raw, b"]")
                    size += len(event.raw)
            if parts:
                yield b"".join((b"[", *parts, b"]")).decode("utf-8", "replace")


def _opening(window: Window) -> int:
    """How many events, up to the first full snapshot, are shown at the window's very beginning.

    A recorder takes its first snapshot some ms after its first event; a clip whose first frame is blank has a blank thumbnail.
    """
    for number, event in enumerate(window.events):
        if event.at_ms - window.events[0].at_ms > OPENING_MS:
            break
        if event.type == EventType.FULL_SNAPSHOT:
            return number + 1
    return 0


class _Position(msgspec.Struct):
    x: float
    y: float


class _Moves(msgspec.Struct):
    positions: list[_Position]


class _MoveEvent(msgspec.Struct):
    data: _Moves


def _pointer_before(window: Window, index: int) -> Pointer | None:
    for event in reversed(window.events[:index]):
        if event.type != EventType.INCREMENTAL or event.source not in (
            Source.MOUSE_MOVE,
            Source.TOUCH_MOVE,
            Source.DRAG,
        ):
            continue
        try:
            last = msgspec.json.decode(event.raw, type=_MoveEvent).data.positions[-1]
        except (msgspec.MsgspecError, IndexError):
            continue
        return Pointer(x=last.x, y=last.y, touch=event.source == Source.TOUCH_MOVE)
    return None
