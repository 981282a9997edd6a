"""How the recording ended: what the user and the page last did, and whether anything told that the user left."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from renderer.recording.model import Event, EventType, Recording, Source, Window
from renderer.recording.presence import SCRIPTED_MS
from renderer.timeline.model import Ending, Entry, LlmCall, ToldEvent

LEAVING_MS: Final = 5000
"""So soon after a click on a link, or a new address, another page may be on its way, which no recorder has seen yet."""

OPEN_MS: Final = 60_000
"""What was asked for longer ago was given up, or its end got lost."""

# posthog-js sends `$pageleave` from `pagehide`, by a beacon; apps tell when they are sent to the background. Its "window hidden"
# is no such sign: told after the recorder's last flush, that of a tab which is closed never leaves the browser (1.449.2).
_LEFT: Final = frozenset({"$pageleave", "Application Backgrounded"})
# The recorder's own: it stops, or sleeps.
_STOPPED: Final = frozenset({"$session_ending", "$session_id_change", "sessionIdle", "recording paused"})
_LEADS_AWAY: Final = re.compile(
    r"\b(?:log|sign)(?:ged|ging|ed|ing)?[\s-]?(?:out|off)\b|\b(?:close|exit|quit|leave)\b|\b(?:log|sign) in with\b",
    re.IGNORECASE,
)
_CLICKS: Final = frozenset({"click", "rage_click", "dead_click"})
_MOVES: Final = frozenset({Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG})
_DONE: Final = frozenset({*_MOVES, Source.MOUSE_INTERACTION, Source.SCROLL, Source.INPUT})
_CHANGES: Final = frozenset(
    {Source.MUTATION, Source.STYLE_SHEET_RULE, Source.CANVAS_MUTATION, Source.STYLE_DECLARATION}
    | {Source.ADOPTED_STYLE_SHEET, Source.CUSTOM_ELEMENT}
)
_FOCUS, _BLUR = 5, 6  # rrweb MouseInteractions: scripts move the focus, and a window loses it by being left
_MOST_READ: Final = 2_000


class _Data(msgspec.Struct):
    type: int | None = None
    tag: str | None = None
    userTriggered: bool | None = None  # noqa: N815 - rrweb's name


class _Told(msgspec.Struct):
    data: _Data


_DECODER: Final = msgspec.json.Decoder(_Told)
_NOTHING: Final = _Data()


def ending_of(
    recording: Recording, entries: Sequence[Entry], calls: Sequence[LlmCall], told: Sequence[ToldEvent]
) -> Ending:
    """`entries` of the recording and `told` are sorted by time. Looks at the last events of each window only."""
    end_ms = recording.duration_ms
    actions = {window.id: at_ms for window in recording.windows if (at_ms := _last_action(window)) is not None}
    changes = [at_ms for window in recording.windows if (at_ms := _last_change(window)) is not None]
    first_ms = {window.id: window.first_ms for window in recording.windows}
    return Ending(
        at_ms=end_ms,
        last_action_ms=max(actions.values(), default=None),
        last_activity_ms=max(changes, default=None),
        was_hidden=_is_hidden(recording.windows, actions, entries)
        or any(each.name in _LEFT and each.at_ms > end_ms - LEAVING_MS for each in told)
        or any(_leads_away(entry, first_ms) for entry in _since(entries, end_ms - LEAVING_MS)),
        was_stopped=_is_offline(entries) or _has_stopped(recording, end_ms) or _goes_on(told, end_ms),
        request_open=_is_open(entries, calls, end_ms),
        is_witnessed=any(each.name in _LEFT for each in told),
    )


def _last_action(window: Window) -> int | None:
    """When the user's hand was at work for the last time. Positions count from when they were sent, half a second late."""
    events = window.events
    read = 0
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if event.type != EventType.INCREMENTAL or event.source not in _DONE:
            continue
        if event.source in _MOVES:
            return event.at_ms
        read += 1
        if read > _MOST_READ:
            return None
        if event.source == Source.SCROLL:
            if not _is_scripted(events, place):
                return event.at_ms
            continue
        data = _data(event)
        if event.source == Source.INPUT:
            if data.userTriggered is not False:
                return event.at_ms
        elif data.type not in (None, _FOCUS, _BLUR):
            return event.at_ms
    return None


def _is_scripted(events: Sequence[Event], place: int) -> bool:
    """A scroll so soon after the page changed is the page's."""
    at_ms = events[place].at_ms
    for before in range(place - 1, max(-1, place - 50), -1):
        if at_ms - events[before].at_ms > SCRIPTED_MS:
            return False
        if events[before].source == Source.MUTATION:
            return True
    return False


def _last_change(window: Window) -> int | None:
    return next(
        (
            event.at_ms
            for event in reversed(window.events)
            if event.type == EventType.INCREMENTAL and event.source in _CHANGES
        ),
        None,
    )


def _is_hidden(windows: Sequence[Window], actions: Mapping[str, int], entries: Sequence[Entry]) -> bool:
    """Whether the window that the user was in last was hidden, and nothing was done in it since."""
    states = {entry.window_id: entry for entry in entries if entry.name in {"window hidden", "window visible"}}
    hidden = {
        window_id
        for window_id, entry in states.items()
        if entry.name == "window hidden" and actions.get(window_id or "", -1) <= entry.at_ms
    }

    def seen_ms(window: Window) -> int:
        shown = states.get(window.id)
        shown_ms = shown.at_ms if shown is not None and shown.name == "window visible" else 0
        return max(window.first_ms, actions.get(window.id, 0), shown_ms)

    return max(windows, key=seen_ms).id in hidden


def _leads_away(entry: Entry, first_ms: Mapping[str, int]) -> bool:
    """`first_ms`: when the windows began; the page that one begins with leads to it."""
    if entry.kind in {"navigation", "page_load"}:
        return entry.at_ms > first_ms.get(entry.window_id or "", 0)
    facts = entry.properties
    is_link = facts.get("role") == "link"
    return entry.kind in _CLICKS and (is_link or _LEADS_AWAY.search(str(facts.get("name"))) is not None)


def _is_offline(entries: Sequence[Entry]) -> bool:
    last = next((entry for entry in reversed(entries) if entry.name in {"browser offline", "browser online"}), None)
    return last is not None and last.name == "browser offline"


def _has_stopped(recording: Recording, end_ms: int) -> bool:
    """The recorder told of it at the very end."""
    for window in recording.windows:
        for event in reversed(window.events[-_MOST_READ:]):
            if event.at_ms < end_ms - LEAVING_MS:
                break
            if event.type == EventType.CUSTOM and _data(event).tag in _STOPPED:
                return True
    return False


def _goes_on(told: Sequence[ToldEvent], end_ms: int) -> bool:
    """What the page told after the recording's end lies upon it: the browser was still there."""
    return any(each.at_ms >= end_ms and each.name.startswith("$") and not each.name.startswith("$ai_") for each in told)


def _is_open(entries: Sequence[Entry], calls: Sequence[LlmCall], end_ms: int) -> bool:
    if any(call.status == "unanswered" and call.start_ms >= end_ms - OPEN_MS for call in calls):
        return True
    return any(
        entry.kind == "request" and entry.until_ms is None and "first_byte_ms" in entry.properties
        for entry in _since(entries, end_ms - OPEN_MS)
    )


def _since(entries: Sequence[Entry], from_ms: int) -> Iterator[Entry]:
    return (entries[place] for place in range(bisect_left(entries, from_ms, key=lambda each: each.at_ms), len(entries)))


def _data(event: Event) -> _Data:
    try:
        return _DECODER.decode(event.raw).data
    except msgspec.MsgspecError:
        return _NOTHING
