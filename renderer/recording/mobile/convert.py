"""One window of a mobile recording, event by event, as rrweb would have recorded it from a browser."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from renderer.notices import Notices
from renderer.recording.events import Draft
from renderer.recording.mobile.screen import Screen
from renderer.recording.mobile.touches import Touches
from renderer.recording.mobile.tree import Changes
from renderer.recording.mobile.values import mapping, number, objects
from renderer.recording.model import EventType, Source
from renderer.recording.mutations import encode, parse

_KEYBOARD: Final = "keyboard"
_SCREEN: Final = "$screen"
_SCREEN_NAMES: Final = ("$screen_name", "screen_name", "screenName", "name", "href")
_POSITIONS: Final = frozenset({Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG})
# Of a web page's events these name a node or change one; no mobile recorder sends them.
_FOREIGN: Final = (
    frozenset(range(Source.SCROLL, Source.CUSTOM_ELEMENT + 1)) - _POSITIONS - {Source.VIEWPORT_RESIZE, Source.LOG}
)
_MOST_BYTES: Final = 1024 * 1024 * 1024
"""Of what is made: an event of 60 bytes can ask for a document of 2,000."""


def convert(drafts: Sequence[Draft], notices: Notices) -> list[Draft]:
    """The drafts of one window in order, those of mobile recorders turned into rrweb's; web drafts stay as they are."""
    if not any(draft.mobile for draft in drafts):
        return list(drafts)
    return list(_Converter(notices).all(drafts))


class _Converter:
    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._screen: Screen | None = None
        self._kept = Screen(notices)
        self._touches = Touches(self._kept)
        self._size: tuple[float, float] | None = None
        self._described = False
        self._href: object = None
        self._made = 0

    def all(self, drafts: Sequence[Draft]) -> Iterator[Draft]:
        for draft in drafts:
            if self._made > _MOST_BYTES:
                self._notices.add("mobile_too_large", "what came after the first GB of a mobile recording was left out")
                continue
            try:
                event = self._parsed(draft)
            except (msgspec.DecodeError, ValueError, RecursionError):
                self._notices.add("malformed_event", "events that the player cannot read were dropped")
                continue
            if event is None:
                yield draft
                continue
            for made in self._one(draft, mapping(event.get("data"))):
                self._made += len(made.raw)
                yield made

    def _parsed(self, draft: Draft) -> dict[str, Any] | None:
        """None for what need not be read."""
        wanted = draft.mobile or draft.type in {EventType.META, EventType.CUSTOM, EventType.FULL_SNAPSHOT}
        if draft.type == EventType.INCREMENTAL:
            wanted = wanted or self._screen is not None or draft.source == Source.VIEWPORT_RESIZE
        return mapping(parse(draft.raw)) if wanted else None

    def _one(self, draft: Draft, data: dict[str, Any]) -> Iterator[Draft]:
        if draft.type == EventType.META:
            self._see_size(data)
            self._described = True
            self._href = data.get("href")
            yield draft
        elif draft.type == EventType.FULL_SNAPSHOT:
            if draft.mobile:
                yield from self._full(draft, data.get("wireframes"))
            else:
                self._screen = None  # a web page from here on
                yield draft
        elif draft.type == EventType.CUSTOM:
            yield from self._custom(draft, data)
        else:
            yield from self._incremental(draft, data)

    def _full(self, draft: Draft, wireframes: object) -> Iterator[Draft]:
        self._screen = self._kept
        told = _size_of(wireframes)
        if told is not None and (self._size is None or (not self._described and _is_turned(self._size, told))):
            self._size = told
            yield self._meta(draft)
        self._described = False
        node = self._screen.replace(wireframes, self._href if isinstance(self._href, str) else "", self._size)
        yield _draft(draft, EventType.FULL_SNAPSHOT, None, {"node": node, "initialOffset": {"top": 0, "left": 0}})

    def _incremental(self, draft: Draft, data: dict[str, Any]) -> Iterator[Draft]:
        if draft.source == Source.VIEWPORT_RESIZE:
            self._see_size(data)
        if self._screen is None:
            if draft.mobile and (shot := _screenshot(data)) is not None:
                yield from self._full(draft, [shot])  # as good as a full snapshot: it shows the whole screen
            elif draft.mobile:
                self._notices.add("before_snapshot", "changes from before the first full snapshot were dropped")
            else:
                yield draft
        elif draft.source == Source.MUTATION:
            if (shot := _screenshot(data)) is not None and self._turned(shot):
                yield from self._full(draft, [shot])
                return
            before = self._screen.name
            changes = self._screen.change(data)
            if (name := self._screen.name) != before:  # the user came back to another screen
                yield _went(draft, name)
            yield from self._changes(draft, changes)
        elif draft.source == Source.MOUSE_INTERACTION:
            for told in self._touches.interaction(draft.timestamp_ms, data):
                yield _draft(draft, EventType.INCREMENTAL, Source.MOUSE_INTERACTION, told)
        elif draft.source in _POSITIONS:
            yield _draft(draft, EventType.INCREMENTAL, draft.source, self._touches.positions(data))
        elif draft.source in _FOREIGN:
            self._notices.add("mobile_foreign_event", "events of a web page in a mobile recording were left out")
        else:
            yield draft

    def _custom(self, draft: Draft, data: dict[str, Any]) -> Iterator[Draft]:
        tag, payload = data.get("tag"), mapping(data.get("payload"))
        if tag == _KEYBOARD:
            if self._screen is not None:
                yield from self._changes(draft, self._screen.type(payload, self._size[1] if self._size else None))
        elif tag == _SCREEN:
            name = next((told for key in _SCREEN_NAMES if isinstance(told := payload.get(key), str) and told), None)
            if name is not None:
                yield _went(draft, name)
        else:
            yield draft

    def _changes(self, draft: Draft, changes: Changes) -> Iterator[Draft]:
        if (mutation := changes.mutation()) is not None:
            yield _draft(draft, EventType.INCREMENTAL, Source.MUTATION, mutation)
        for told in changes.inputs:
            yield _draft(draft, EventType.INCREMENTAL, Source.INPUT, told)

    def _see_size(self, data: dict[str, Any]) -> None:
        width, height = number(data.get("width"), 1), number(data.get("height"), 1)
        if width is not None and height is not None:
            self._size = (width, height)

    def _turned(self, shot: dict[str, Any]) -> bool:
        told = _size_of([shot])
        return told is not None and self._size is not None and not self._described and _is_turned(self._size, told)

    def _meta(self, draft: Draft) -> Draft:
        width, height = self._size or (0, 0)
        href = self._href if isinstance(self._href, str) else ""
        return _draft(draft, EventType.META, None, {"href": href, "width": round(width), "height": round(height)})


def _draft(draft: Draft, event_type: int, source: int | None, data: dict[str, Any]) -> Draft:
    raw = encode({"type": event_type, "data": data, "timestamp": draft.timestamp_ms})
    return Draft(draft.timestamp_ms, event_type, source, raw)


def _went(draft: Draft, name: str) -> Draft:
    """As posthog-js tells of a new address."""
    return _draft(draft, EventType.CUSTOM, None, {"tag": "$url_changed", "payload": {"href": name}})


def _screenshot(data: dict[str, Any]) -> dict[str, Any] | None:
    """The last picture of the whole screen among a mutation's views."""
    views = [mapping(one.get("wireframe")) for name in ("adds", "updates") for one in objects(data.get(name))]
    return next((view for view in reversed(views) if view.get("type") == "screenshot"), None)


def _size_of(wireframes: object) -> tuple[float, float] | None:
    """The screen's, if a view at its corner tells: the first one mostly fills it."""
    for one in objects(wireframes):
        width, height = number(one.get("width"), 1), number(one.get("height"), 1)
        if width is not None and height is not None and not number(one.get("x")) and not number(one.get("y")):
            return width, height
    return None


def _is_turned(before: tuple[float, float], now: tuple[float, float]) -> bool:
    """From upright to lying or back, with about the same sides: bars take their share."""
    (width, height), (new_width, new_height) = before, now
    if (width < height) == (new_width < new_height):
        return False
    return abs(new_width - height) <= 0.2 * height and abs(new_height - width) <= 0.2 * width
