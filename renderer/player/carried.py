"""What a page that starts from a full snapshot must know of the time before it: a snapshot holds neither pointer nor fonts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import msgspec

from renderer.player.protocol import Pointer
from renderer.recording.model import Event, EventType, Source

_MOVES = (Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG)
_TOUCH_START, _TOUCH_END, _TOUCH_CANCEL = 7, 9, 10  # rrweb MouseInteractions
_EMBEDS = b"isAttachIframe"


@dataclass(frozen=True, slots=True)
class Hand:
    """The user's hand, and the index of the event that put it where it is."""

    pointer: Pointer
    index: int


class _Position(msgspec.Struct):
    x: float
    y: float
    timeOffset: float = 0  # noqa: N815 - rrweb's name


class _Data(msgspec.Struct):
    type: int | None = None
    x: float | None = None
    y: float | None = None
    positions: list[_Position] = []


class _Event(msgspec.Struct):
    data: _Data


@dataclass(frozen=True, slots=True)
class _Place:
    at_ms: float
    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Touch:
    at_ms: float
    yes: bool


_DECODER = msgspec.json.Decoder(_Event)


def hand_before(events: Sequence[Event], end: int) -> Hand | None:
    """The user's hand as the events before `end` leave it: what the page's own `UserHand` would know by then.

    The place is told as it was recorded: in an embedded document that is from its own corner, see `embeds`.
    """
    place: _Place | None = None
    touch: _Touch | None = None
    lifted_at_ms = -1.0
    for index in range(end - 1, -1, -1):
        event = events[index]
        # No event holds a position that is newer than itself.
        if place and touch and event.at_ms < min(place.at_ms, touch.at_ms):
            break
        if event.type != EventType.INCREMENTAL or event.source not in (*_MOVES, Source.MOUSE_INTERACTION):
            continue
        try:
            data = _DECODER.decode(event.raw).data
        except msgspec.MsgspecError:
            continue
        if event.source in _MOVES:
            for position in data.positions[-1:]:
                at_ms = event.at_ms + min(0, position.timeOffset)
                if place is None or at_ms > place.at_ms:
                    place = _Place(at_ms, index, position.x, position.y)
                if touch is None or at_ms > touch.at_ms:
                    touch = _Touch(at_ms, event.source == Source.TOUCH_MOVE)
            continue
        if data.type == _TOUCH_START and (touch is None or event.at_ms > touch.at_ms):
            touch = _Touch(event.at_ms, yes=True)
        if data.type in (_TOUCH_END, _TOUCH_CANCEL):
            lifted_at_ms = max(lifted_at_ms, event.at_ms)
        if _moves_hand(data) and (place is None or event.at_ms > place.at_ms):
            place = _Place(event.at_ms, index, data.x or 0, data.y or 0)
    if place is None:
        return None
    touching = touch is not None and touch.yes
    pressed = touch is not None and touching and touch.at_ms > lifted_at_ms
    return Hand(Pointer(x=place.x, y=place.y, touch=touching, pressed=pressed), place.index)


def _moves_hand(data: _Data) -> bool:
    """A click made with the keyboard is recorded at 0, 0 and moves nothing."""
    return data.x is not None and data.y is not None and (data.x, data.y) != (0, 0) and isfinite(data.x + data.y)


def embeds(events: Sequence[Event], first: int, end: int) -> bool:
    """Whether these events embed a document: then a place may be one inside it, and only the page can tell where that is."""
    return any(event.source == Source.MUTATION and _EMBEDS in bytes(event.raw) for event in events[first:end])


def fonts_before(events: Sequence[Event], end: int) -> tuple[int, ...]:
    """Fonts that scripts loaded stay loaded, and rrweb tells of each only once."""
    return tuple(index for index in range(end) if events[index].source == Source.FONT)
