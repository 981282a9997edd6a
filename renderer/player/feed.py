"""Which events the page gets, and when: from the last full snapshot on, in chunks, always a little ahead of the step."""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from renderer.player.carried import embeds, fonts_before, hand_before
from renderer.player.protocol import Pointer
from renderer.recording.model import Event, EventType, Source, Window

LOOKAHEAD_MS = 2000
"""Pointer batches carry positions from up to ~500 ms before their own time: the page must have them before it gets there."""

LEAD_MS = 2000
"""A segment starts from a full snapshot at least this long before it, so that ripples, labels and entry animations that are
still under way at its first frame are under way there as well."""

OPENING_MS = 2000
"""A window's first snapshot is shown from the window's start when it comes at most this late."""

SNAPSHOT_LAG_MS = 500
"""What belongs to a full snapshot but is recorded in a timer of its own (embedded documents) comes at most this much later; shown
with the snapshot, its frames are not blank for a moment at every checkout."""

CHUNK_BYTES = 2_000_000

_SHOWN_SOURCES = frozenset(
    {
        Source.MUTATION, Source.MOUSE_MOVE, Source.MOUSE_INTERACTION, Source.SCROLL, Source.VIEWPORT_RESIZE, Source.INPUT,
        Source.TOUCH_MOVE, Source.STYLE_SHEET_RULE, Source.CANVAS_MUTATION, Source.FONT, Source.DRAG, Source.STYLE_DECLARATION, Source.SELECTION,
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
    """Where to begin reading a window's events in order to show a given session time.

    `pointer` and `fonts` (events to be read first) are from before `index`. `opening`: no full snapshot comes before it.
    """

    index: int
    pointer: Pointer | None
    opening: bool
    fonts: tuple[int, ...] = ()


def find_start(window: Window, session_ms: int) -> Start:
    """The last full snapshot (with its Meta) that is at least LEAD_MS before `session_ms`, or the window's first event."""
    events = window.events
    last = bisect.bisect_right(events, session_ms - LEAD_MS, key=lambda event: event.at_ms) - 1
    index = _snapshot_at_or_before(events, last)
    hand = hand_before(events, index)
    if hand:
        before = _snapshot_at_or_before(events, hand.index)
        if embeds(events, before, hand.index):
            index, hand = before, hand_before(events, before)
    opening = all(events[number].type != EventType.FULL_SNAPSHOT for number in range(index))
    return Start(index, hand.pointer if hand else None, opening, fonts_before(events, index))


def _snapshot_at_or_before(events: Sequence[Event], index: int) -> int:
    """Index of the Meta of the last full snapshot up to `index`, or of the snapshot itself when it has none; else 0."""
    while index > 0 and events[index].type != EventType.FULL_SNAPSHOT:
        index -= 1
    if index <= 0:
        return 0
    meta = index
    while meta > 0 and events[meta].type != EventType.META:
        meta -= 1
    return meta if events[meta].type == EventType.META else index


class Feed:
    """The rest of a window's events as chunks of JSON, `[[at_ms, event], …]`. `frames`: of canvases, from before the start."""

    def __init__(self, window: Window, start: Start, frames: Sequence[int] = ()) -> None:
        self._events = window.events
        self._next = start.index
        self._before = (*start.fonts, *frames)
        self._opening = _opening(window)
        self._snapshot: tuple[int, int] | None = None
        """The last full snapshot: its own time, and the time at which it is shown."""

    def until(self, session_ms: int) -> Iterator[str]:
        """Chunks that the page must have before it steps to `session_ms`; nothing when it has them."""
        before, self._before = self._before, ()
        for index in before:
            event = self._events[index]
            yield _joined([b"[", str(event.at_ms).encode(), b",", event.raw, b"]"])
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
                    parts += (b",[" if parts else b"[", str(self._shown_ms(event)).encode(), b",", event.raw, b"]")
                    size += len(event.raw)
            if parts:
                yield _joined(parts)

    def _shown_ms(self, event: Event) -> int:
        """Session time at which the event just read is to be applied."""
        at_ms = self._events[0].at_ms if self._next <= self._opening else event.at_ms
        if event.type == EventType.FULL_SNAPSHOT:
            self._snapshot = (event.at_ms, at_ms)
        elif self._snapshot and event.at_ms <= self._snapshot[0] + SNAPSHOT_LAG_MS and embeds([event], 0, 1):
            return self._snapshot[1]
        return at_ms


def _joined(parts: Sequence[bytes | memoryview]) -> str:
    return b"".join((b"[", *parts, b"]")).decode("utf-8", "replace")


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
