"""One pass over a window's events: each is parsed once, the mirror kept, and every part of the timeline told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from renderer.recording.dom.mirror import Mirror
from renderer.recording.model import Event, EventType, Source, Window
from renderer.recording.mutations import parse
from renderer.timeline.model import PagePlace
from renderer.timeline.recorded import sentry, tags
from renderer.timeline.recorded.blanks import Blank, Blanks
from renderer.timeline.recorded.clicks import Clicks
from renderer.timeline.recorded.collected import Collected
from renderer.timeline.recorded.console import console_entry
from renderer.timeline.recorded.fields import Fields
from renderer.timeline.recorded.gestures import Gestures, Interaction
from renderer.timeline.recorded.lookup import Lookup
from renderer.timeline.recorded.network import Network
from renderer.timeline.recorded.pages import Pages
from renderer.timeline.recorded.scrolls import Scrolls
from renderer.timeline.recorded.surface import SCREEN

_LONGEST: Final = 1000
"""Characters kept of a text or an attribute: names are shorter, and style sheets need not be held twice."""

# Seen as changes of the page without being read: style rules, drawings, adopted sheets, custom elements; and players.
_VISIBLE: Final = frozenset(
    {
        Source.VIEWPORT_RESIZE,
        Source.MEDIA_INTERACTION,
        Source.STYLE_SHEET_RULE,
        Source.CANVAS_MUTATION,
        Source.STYLE_DECLARATION,
        Source.ADOPTED_STYLE_SHEET,
        Source.CUSTOM_ELEMENT,
    }
)
_READ: Final = frozenset(
    {Source.MUTATION, Source.MOUSE_INTERACTION, Source.SCROLL, Source.INPUT, Source.SELECTION, Source.LOG}
)


@dataclass(frozen=True, slots=True)
class Walked:
    """`starts_ms`: when the page asked for something, sorted. `clicks` still wait to hear what other windows did."""

    places: Sequence[PagePlace]
    clicks: Clicks
    starts_ms: Sequence[int]
    user_agent: str
    blanks: Sequence[Blank]


def walk(
    window: Window, collected: Collected, *, surface: str, is_first: bool, started_at_ms: int, duration_ms: int
) -> Walked:
    """Tells `collected` of everything but the clicks. `surface`: what the window shows, see `surface_of`."""
    walker = _Walker(window.id, collected, surface, is_first, started_at_ms, duration_ms)
    for event in window.events:
        walker.see(event)
    return walker.finish()


class _Walker:
    def __init__(
        self,
        window_id: str,
        collected: Collected,
        surface: str,
        is_first: bool,
        started_at_ms: int,
        duration_ms: int,
    ) -> None:
        self._window_id = window_id
        self._tell = collected.tell
        self._mirror = Mirror(_LONGEST)
        self._lookup = Lookup(self._mirror, surface)
        self._clicks = Clicks(window_id)
        self._gestures = Gestures(self._mirror, self._lookup, self._clicks.tell)
        self._fields = Fields(window_id, self._mirror, self._lookup, self._gestures, self._tell)
        self._pages = Pages(
            window_id, self._mirror, is_first=is_first, tell=self._tell, left=self._clicks.navigated, surface=surface
        )
        self._scrolls = Scrolls(window_id, self._mirror, self._tell, surface)
        self._network = Network(window_id, started_at_ms, duration_ms)
        self._blanks = Blanks(self._mirror, self._pages, is_app=surface == SCREEN)
        self._user_agent = ""
        self._last_ms = 0

    def see(self, event: Event) -> None:
        self._pages.tick(event.at_ms)
        if event.type == EventType.INCREMENTAL:
            if event.source in _READ:
                self._incremental(event.at_ms, event.source, _data(event))
            elif event.source in _VISIBLE:
                self._clicks.effect(event.at_ms)
        elif event.type in (EventType.DOM_CONTENT_LOADED, EventType.LOAD):
            self._pages.started(event.at_ms)
            return  # of a page that is not recorded yet
        else:
            self._other(event.at_ms, event.type, _data(event))
        self._last_ms = event.at_ms

    def finish(self) -> Walked:
        self._fields.finish()
        self._scrolls.finish()
        self._pages.finish()
        self._blanks.finish(self._last_ms)
        for entry in self._network.entries(self._pages.host):
            self._tell(entry)
        return Walked(self._pages.places, self._clicks, self._network.starts_ms(), self._user_agent, self._blanks.found)

    def _incremental(self, at_ms: int, source: int | None, data: dict[str, Any]) -> None:
        if source == Source.MUTATION:
            self._mutation(at_ms, data)
        elif source == Source.MOUSE_INTERACTION:
            self._interaction(at_ms, data)
        elif source == Source.INPUT:
            self._mirror.apply(EventType.INCREMENTAL, source, data)
            self._clicks.effect(at_ms)
            if self._fields.input(at_ms, data):
                self._scrolls.acted(at_ms)
        elif source == Source.SCROLL:
            self._scrolls.scroll(at_ms, data)
            self._clicks.effect(at_ms)
        elif source == Source.LOG:  # the console, before rrweb 1.0 made a plugin of it
            if entry := console_entry(at_ms, self._window_id, data):
                self._tell(entry)
        else:
            self._gestures.selection(data)
            self._clicks.effect(at_ms)

    def _mutation(self, at_ms: int, data: dict[str, Any]) -> None:
        change = self._mirror.apply(EventType.INCREMENTAL, Source.MUTATION, data)
        if not change:
            return
        self._lookup.changed(change)
        self._pages.changed(at_ms, change)
        self._blanks.changed(at_ms, change)
        self._fields.edited(at_ms, change)
        self._scrolls.grown(at_ms, change)
        self._clicks.effect(at_ms)

    def _interaction(self, at_ms: int, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == Interaction.FOCUS:
            self._clicks.focused(at_ms)
        elif kind in (Interaction.CLICK, Interaction.TOUCH_END):
            self._scrolls.acted(at_ms)
        if kind not in (Interaction.FOCUS, Interaction.BLUR):
            self._blanks.touched(at_ms)
        self._clicks.href = self._pages.href
        self._gestures.interaction(at_ms, data)

    def _other(self, at_ms: int, event_type: int, data: dict[str, Any]) -> None:
        if event_type == EventType.META:
            before = self._pages.href
            self._pages.meta(at_ms, data)
            self._blanks.meta(at_ms, self._last_ms, is_another=self._pages.href != before)
        elif event_type == EventType.FULL_SNAPSHOT:
            self._lookup.changed(self._mirror.apply(event_type, None, data))
            self._scrolls.rebuilt()
            self._pages.snapshot(at_ms)
            self._blanks.snapshot(at_ms)
        elif event_type == EventType.CUSTOM:
            self._custom(at_ms, data.get("tag"), data.get("payload"))
        elif event_type == EventType.PLUGIN:
            self._plugin(at_ms, data.get("plugin"), data.get("payload"))

    def _custom(self, at_ms: int, tag: object, payload: object) -> None:
        if not isinstance(tag, str):
            return
        self._blanks.tag(at_ms, tag)
        if tag in tags.PAGE_TAGS:
            self._pages.went(at_ms, payload.get("href") if isinstance(payload, dict) else None)
        elif tag in tags.STARTED_TAGS:
            self._pages.started(at_ms)
        elif tag in sentry.TAGS:
            self._sentry(at_ms, payload)
        elif sentry.is_options(tag, payload):
            return
        elif (entry := tags.tag_entry(at_ms, self._window_id, tag, payload)) is not None:
            self._tell(entry)
            if entry.kind == "visibility":  # a link that opened another tab, a file dialog, another program
                self._clicks.effect(at_ms)
        if not self._user_agent and isinstance(payload, dict):
            told = payload.get("userAgent") or payload.get("user_agent") or payload.get("$raw_user_agent")
            self._user_agent = told[:500] if isinstance(told, str) else ""

    def _sentry(self, at_ms: int, payload: object) -> None:
        page = self._pages.href
        if message := sentry.console_of(payload):
            entry = console_entry(at_ms, self._window_id, message)
        elif request := sentry.request_of(payload, page):
            duration_ms, told = request
            # A span's own time is its start; it was told when it had ended.
            if self._network.payload(at_ms + round(duration_ms), told, page):
                self._pages.started(at_ms)
            return
        elif href := sentry.went_to(payload, page):
            self._pages.went(at_ms, href)
            return
        else:
            crumb = sentry.named(payload)
            entry = tags.tag_entry(at_ms, self._window_id, *crumb) if crumb else None
        if entry is not None:
            self._tell(entry)

    def _plugin(self, at_ms: int, plugin: object, payload: object) -> None:
        if not isinstance(plugin, str):
            return
        if plugin.startswith("rrweb/console@"):
            entry = console_entry(at_ms, self._window_id, payload)
            if entry is not None:
                self._tell(entry)
        elif plugin.startswith("rrweb/network@") and self._network.payload(at_ms, payload, self._pages.href):
            self._pages.started(at_ms)


def _data(event: Event) -> dict[str, Any]:
    """The event's `data`, empty where it is none. Deep snapshots need the caller's `json_depth`."""
    try:
        value = parse(event.raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, dict) else {}
