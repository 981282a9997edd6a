"""Which window the user was in: told by what only a hand can do there, never by what a page does by itself.

A tab in the background changes its page, polls, plays music, moves its own focus, is resized with the others and is recorded
anew every few minutes; none of that brings the user there. See docs/adr/following-windows.md.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import msgspec

from renderer.recording.model import Event, EventType, Source, Window

STRAY_MS: Final = 300
"""A shorter visit to a window was none: an event sent late, a hover over a window on the way to another."""

OPENED_BY_MS: Final = 5000
"""A window that opens so soon after the user did something elsewhere was opened by it (a slow page takes seconds to record)."""

OPENED_MS: Final = 1000
"""… and is gone to, unless the user goes on elsewhere so soon: then it was opened in the background."""

SCRIPTED_MS: Final = 100
"""A scroll so soon after the page changed is the page's: a chat that keeps its newest line in view."""

MOST_LATE_MS: Final = 1000
"""rrweb sends positions in batches of 500 ms; what reaches back further is no position of a batch."""

_FOCUS, _BLUR = 5, 6  # rrweb MouseInteractions: scripts move the focus, and a window loses it by being left
_HAND: Final = frozenset({Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG, Source.MOUSE_INTERACTION})
_HIDDEN, _VISIBLE = "window hidden", "window visible"  # posthog-js, from the page's visibilitychange


@dataclass(frozen=True, slots=True)
class Visit:
    """The user is in window `window_id` from `at_ms` on, until the next visit."""

    at_ms: int
    window_id: str


class _Position(msgspec.Struct):
    timeOffset: float = 0  # noqa: N815 - rrweb's name


class _Data(msgspec.Struct):
    type: int | None = None
    tag: str | None = None
    userTriggered: bool | None = None  # noqa: N815 - rrweb's name
    positions: list[_Position] = []


class _Event(msgspec.Struct):
    data: _Data


_DECODER = msgspec.json.Decoder(_Event)
_NOTHING = _Data()


class Presence:
    """Signs of the user in all windows of a recording. Costs a decoding of each pointer, input and custom event."""

    def __init__(self, windows: Sequence[Window]) -> None:
        signs = sorted({(at_ms, window.id) for window in windows for at_ms in _signs(window)})
        first_ms = {window.id: window.first_ms for window in windows}
        # (time, window, whether the window only opens)
        marks = [(at_ms, window_id, False) for at_ms, window_id in signs]
        marks += [
            (at_ms, window_id, True) for window_id, at_ms in first_ms.items() if _was_opened(window_id, at_ms, signs)
        ]
        self._marks = sorted(marks)
        self.times_ms = [at_ms for at_ms, _, _ in self._marks]
        """Sorted."""

    def visits(self, stray_ms: int = STRAY_MS) -> list[Visit]:
        """In order of time, each of another window than the one before; empty when nothing tells of a user."""
        visits: list[tuple[Visit, int]] = []  # with the least length that it must have
        for at_ms, window_id, opening in self._marks:
            if visits and visits[-1][0].window_id == window_id:
                visits[-1] = (visits[-1][0], stray_ms)
                continue
            if len(visits) > 1 and at_ms - visits[-1][0].at_ms < visits[-1][1]:
                visits.pop()
                if visits[-1][0].window_id == window_id:
                    continue
            visits.append((Visit(at_ms, window_id), max(stray_ms, OPENED_MS) if opening else stray_ms))
        return [visit for visit, _ in visits]


def _was_opened(window_id: str, at_ms: int, signs: Sequence[tuple[int, str]]) -> bool:
    for sign_ms, other in reversed(signs[: bisect_left(signs, at_ms, key=itemgetter(0))]):
        if at_ms - sign_ms > OPENED_BY_MS:
            return False
        if other != window_id:
            return True
    return False


def _signs(window: Window) -> Iterator[int]:
    """When the user's hand was at work there. Positions count at their own times: batches are sent half a second late."""
    hidden = False
    changed_ms = -SCRIPTED_MS - 1
    for event in window.events:
        if event.type == EventType.CUSTOM:
            tag = _data(event).tag
            hidden = tag == _HIDDEN or (hidden and tag != _VISIBLE)
            if tag == _VISIBLE:
                yield event.at_ms
        if event.type != EventType.INCREMENTAL:
            continue
        if event.source == Source.MUTATION:
            changed_ms = event.at_ms
        elif event.source in _HAND:
            data = _data(event)
            if event.source == Source.MOUSE_INTERACTION and data.type in (None, _FOCUS, _BLUR):
                continue
            hidden = False
            offsets = [position.timeOffset for position in data.positions] or [0]
            back_ms = (min(MOST_LATE_MS, max(0, round(-offset))) for offset in offsets)
            yield from (max(window.first_ms, event.at_ms - late_ms) for late_ms in back_ms)
        elif hidden:
            continue
        elif event.source == Source.INPUT:
            if _data(event).userTriggered is not False:
                yield event.at_ms
        elif event.source == Source.SCROLL and event.at_ms - changed_ms > SCRIPTED_MS:
            yield event.at_ms


def _data(event: Event) -> _Data:
    try:
        return _DECODER.decode(event.raw).data
    except msgspec.MsgspecError:
        return _NOTHING
