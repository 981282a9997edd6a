"""A recording with what must never be seen taken out of its data, before the page, the timeline or any file sees it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from renderer.errors import RedactionError, RendererError
from renderer.notices import Notices
from renderer.recording.decode.depth import json_depth
from renderer.recording.limits import Limits
from renderer.recording.model import Event, EventType, Recording, Source, Window
from renderer.recording.mutations import encode, parse
from renderer.redact.document.attributes import Attributes
from renderer.redact.document.document import Document
from renderer.redact.document.events import Events
from renderer.redact.document.survey import Found, Survey
from renderer.redact.policy.model import Policy
from renderer.redact.policy.rules import Rules
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values

# Positions and numbers. They are parsed only when they hold a text, which no recorder writes into them.
_NUMBERS: Final = frozenset(
    {
        Source.MOUSE_MOVE, Source.MOUSE_INTERACTION, Source.SCROLL, Source.VIEWPORT_RESIZE, Source.TOUCH_MOVE,
        Source.MEDIA_INTERACTION, Source.DRAG, Source.SELECTION, Source.CUSTOM_ELEMENT,
    }
)  # fmt: skip
# A text as a value stands before one of these; a name stands before a colon.
_TEXT_VALUE = re.compile(rb'"[ \t\r\n]*[,\]}]')
_NAME = re.compile(rb'"([^"]*)"[ \t\r\n]*:')
_NAMES: Final = frozenset(
    {
        b"type", b"data", b"timestamp", b"delay", b"source", b"positions", b"x", b"y", b"id", b"timeOffset", b"width", b"height",
        b"pointerType", b"ranges", b"start", b"startOffset", b"end", b"endOffset", b"currentTime", b"volume", b"muted",
        b"playbackRate", b"loop", b"windowId", b"window_id", b"define", b"name", b"isTrusted", b"detail",
    }
)  # fmt: skip
_WINDOW_ID = re.compile(rb'"window_?[iI]d"[ \t\r\n]*:[ \t\r\n]*"[0-9a-fA-F-]{0,40}"')


@dataclass(frozen=True, slots=True)
class Redacted:
    """`report`: how often what was hidden. `aliases`: addresses as they stand in the redacted recording, to those that are
    to be loaded in their place; they are secret.
    """

    recording: Recording
    report: Mapping[str, int]
    aliases: Mapping[str, str]


def redact_recording(recording: Recording, policy: Policy) -> Redacted:
    """The same recording under a policy; itself when that is off.

    Events that cannot be read are left out and counted. Raises RedactionError `redaction_failed` for whatever goes wrong:
    nothing passes through as it was.
    """
    if policy.is_off:
        return Redacted(recording, MappingProxyType({}), MappingProxyType({}))
    try:
        with json_depth(Limits().json_depth):
            return _redact(recording, policy)
    except RendererError:
        raise
    except Exception as error:
        raise failed(error) from None


def failed(error: Exception) -> RedactionError:
    """Says where, never what: an exception's own words may hold what was recorded."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename.rpartition('/')[2]}:{place.tb_lineno}" if place else "?"
    return RedactionError(
        "redaction_failed",
        f"what must not be seen could not be taken out of the recording ({type(error).__name__} in {where}), so nothing was "
        "rendered; report it with the version",
    )


def _redact(recording: Recording, policy: Policy) -> Redacted:
    notices = Notices(recording.notices)
    rules = Rules(policy, recording.privacy, notices)
    scrub = Scrub(policy)
    urls = Urls(scrub)
    values = Values(scrub, urls)
    windows = tuple(_window(window, rules, scrub, urls, values) for window in recording.windows)
    if dropped := scrub.counts.pop("unreadable_events", 0):
        notices.add("unreadable_event", "events that could not be read for redaction were left out", dropped)
    report = {name: count for name, count in sorted(scrub.counts.items()) if count}
    return Redacted(
        replace(recording, windows=windows, notices=tuple(notices)),
        MappingProxyType(report),
        MappingProxyType(dict(urls.aliases)),
    )


def _window(window: Window, rules: Rules, scrub: Scrub, urls: Urls, values: Values) -> Window:
    survey = Survey(rules, scrub.finder)
    for event in window.events:
        if _tells_of_document(event):
            survey.read(event.type, event.source, _data(event))
    events = tuple(_rewritten(window.events, survey.conclude(), rules, scrub, urls, values))
    if not events:
        raise RedactionError("redaction_failed", "nothing of a window was left after redaction; give another policy")
    viewports = tuple(
        replace(viewport, href=urls.shown(viewport.href)) if viewport.href else viewport
        for viewport in window.viewports
    )
    return Window(window.id, events, viewports)


def _rewritten(
    events: Iterable[Event], found: Found, rules: Rules, scrub: Scrub, urls: Urls, values: Values
) -> Iterator[Event]:
    document = Document(scrub, urls, values, Attributes(scrub, urls, values, rules.attributes, found.spans))
    each = Events(scrub, urls, values, document)
    document.begin(found.generations[0])
    number = 0
    for event in events:
        if event.source in _NUMBERS and event.type == EventType.INCREMENTAL and not _holds_text(event.raw):
            yield event
            continue
        told = _told(event)
        if told is None:
            scrub.counts["unreadable_events"] += 1
            continue
        data = told.get("data")
        if event.type == EventType.FULL_SNAPSHOT and isinstance(data, dict) and isinstance(data.get("node"), dict):
            number += 1
            document.begin(found.generations[number])
        if not each.event(told, event.type, event.source):
            continue
        raw = encode(told)
        # Events that had nothing to hide keep their place in the one buffer that all of them share.
        yield event if raw == event.raw else Event(event.at_ms, event.type, event.source, raw)


def _tells_of_document(event: Event) -> bool:
    return event.type == EventType.FULL_SNAPSHOT or (
        event.type == EventType.INCREMENTAL and event.source in {Source.MUTATION, Source.INPUT}
    )


def _told(event: Event) -> dict[str, Any] | None:
    try:
        told = parse(event.raw)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _data(event: Event) -> Any:
    told = _told(event)
    return told.get("data") if told is not None else None


def _holds_text(raw: bytes | memoryview) -> bool:
    """Whether there is a text as a value, or a name that recorders do not write."""
    text = bytes(raw)
    if _TEXT_VALUE.search(text) is not None and _TEXT_VALUE.search(_WINDOW_ID.sub(b"0", text)) is not None:
        return True
    return not _NAMES.issuperset(_NAME.findall(text))
