"""From drafts to windows on one session clock: order, repetitions, strays, and what precedes the first snapshot."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import headers
from renderer.recording.events import Draft
from renderer.recording.limits import HOUR_MS, Limits
from renderer.recording.mobile.convert import convert
from renderer.recording.model import Event, EventType, Source, Viewport, Window
from renderer.recording.sizes import Size
from renderer.recording.viewports import Told, Viewports

# The name of the only window of a recording that names none.
MAIN = "main"
# What draws or sizes a page; the rest (custom, plugin, load) only tells of it.
_STRAY = "events with a time more than a day away from the rest of the session were dropped"
_DRAWING = frozenset({EventType.FULL_SNAPSHOT, EventType.INCREMENTAL, EventType.META})


def by_window(drafts: Mapping[str | None, list[Draft]], limits: Limits, notices: Notices) -> dict[str, list[Draft]]:
    """Each renderable window's drafts in order, windows by their first event.

    Events without a window belong to the only named one, if there is just one. A window without a full snapshot cannot
    be shown and is dropped.
    """
    named = [name for name in drafts if name is not None]
    unnamed = drafts.get(None, [])
    home = named[0] if len(named) == 1 else MAIN
    merged = {name: drafts[name] for name in named}
    if unnamed:
        merged[home] = merged.get(home, []) + unnamed if len(named) != 1 else unnamed + merged[home]
    windows: dict[str, list[Draft]] = {}
    for name, own in merged.items():
        ordered = _playable(convert(in_order(own, limits, notices), notices), notices)
        if ordered:
            windows[name] = ordered
        else:
            notices.add("window_without_snapshot", "windows without a full snapshot cannot be shown and were left out")
    return windows


def in_order(drafts: list[Draft], limits: Limits, notices: Notices) -> list[Draft]:
    """By time, equal times in the order of the file, without repetitions (the same time and the same JSON)."""
    time = attrgetter("timestamp_ms")
    backwards = sum(after.timestamp_ms < before.timestamp_ms for before, after in pairwise(drafts))
    notices.add("out_of_order", "events out of order were sorted by time", backwards)
    ordered = sorted(_without_interlopers(drafts, limits, notices), key=time) if backwards else drafts
    unique: list[Draft] = []
    seen: set[bytes] = set()
    for draft in ordered:
        if unique and unique[-1].timestamp_ms == draft.timestamp_ms:
            if not seen:
                seen.add(_content(unique[-1]))
            content = _content(draft)
            if content in seen:
                continue
            seen.add(content)
        elif seen:
            seen = set()
        unique.append(draft)
    notices.add("duplicate_event", "repeated events were dropped", len(ordered) - len(unique))
    return unique


def _content(draft: Draft) -> bytes:
    """An event's JSON whatever the line shape it came in: flat ones carry their window's id."""
    event = headers.decode_object(draft.raw)
    event.pop("windowId", None)
    event.pop("window_id", None)
    return msgspec.json.encode(event, order="deterministic")


def _without_interlopers(drafts: list[Draft], limits: Limits, notices: Notices) -> list[Draft]:
    """Without events of a wrong clock: far from both neighbours in the file, which are near each other."""
    far_ms = limits.session_ms
    interlopers = {
        index
        for index in range(1, len(drafts) - 1)
        if abs(drafts[index].timestamp_ms - drafts[index - 1].timestamp_ms) > far_ms
        and abs(drafts[index].timestamp_ms - drafts[index + 1].timestamp_ms) > far_ms
        and abs(drafts[index + 1].timestamp_ms - drafts[index - 1].timestamp_ms) <= far_ms
    }
    notices.add("stray_event", _STRAY, len(interlopers))
    return [draft for index, draft in enumerate(drafts) if index not in interlopers] if interlopers else drafts


def _playable(drafts: list[Draft], notices: Notices) -> list[Draft]:
    """Without the changes before the first full snapshot: there is nothing yet that they could change.

    Sizes, custom and plugin events (console, network) from before it are kept. Empty without a full snapshot.
    """
    first = next((index for index, draft in enumerate(drafts) if draft.type == EventType.FULL_SNAPSHOT), None)
    if first is None:
        return []
    kept = [
        draft
        for draft in drafts[:first]
        if draft.type != EventType.INCREMENTAL or draft.source == Source.VIEWPORT_RESIZE
    ]
    notices.add("before_snapshot", "changes from before the first full snapshot were dropped", first - len(kept))
    return kept + drafts[first:] if first != len(kept) else drafts


def without_strays(
    windows: dict[str, list[Draft]], name: str, limits: Limits, notices: Notices
) -> dict[str, list[Draft]]:
    """Refuses a session that is too long; drops what lies impossibly far from it without being a part of the picture.

    How long a session is, is decided by what is drawn. A custom or plugin event (a page's console or network entry with
    a wrong clock: 66 hours early in PostHog's own test data) more than `limits.session_ms` away from all drawing is
    dropped and counted. So is any single event whose neighbours in the file are on both sides far from it and near each
    other (`in_order`). A drawing event at the end of the file is not: nothing tells a wrong clock from a session that
    really went on, so the recording is refused, and the message says how many events stand apart.

    Raises RecordingError `session_too_long`.
    """
    times = sorted(draft.timestamp_ms for drafts in windows.values() for draft in drafts if draft.type in _DRAWING)
    first_ms, last_ms = times[0], times[-1]
    if last_ms - first_ms > limits.session_ms:
        raise _too_long(times, name, limits)
    from_ms, to_ms = first_ms - limits.session_ms, last_ms + limits.session_ms
    strays = 0
    for window, drafts in windows.items():
        kept = [draft for draft in drafts if draft.type in _DRAWING or from_ms <= draft.timestamp_ms <= to_ms]
        strays += len(drafts) - len(kept)
        windows[window] = kept
    notices.add("stray_event", _STRAY, strays)
    return windows


def _too_long(times: Sequence[float], name: str, limits: Limits) -> RecordingError:
    hours = (times[-1] - times[0]) / HOUR_MS
    length = f"{hours:.0f} hours" if hours < 24 * 365 else f"{hours / 24 / 365.25:.1f} years"
    what = "cut it into sessions"
    gaps = [after - before for before, after in pairwise(times)]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    apart = min(widest + 1, len(times) - widest - 1)
    if gaps[widest] > limits.session_ms and apart * 100 <= len(times):
        what = f"{apart} of its {len(times)} events stand apart from the rest by a wrong clock; remove them"
    return RecordingError(
        "session_too_long",
        f"the session in {name} lasts {length}, more than the {limits.session_ms // HOUR_MS} hours there can be; {what}",
    )


def on_one_clock(
    drafts: dict[str, list[Draft]], sizes: Mapping[str | None, Size], name: str, limits: Limits, notices: Notices
) -> tuple[tuple[Window, ...], int, int]:
    """Windows, the Unix time of session time 0 in whole milliseconds, and the session's length in milliseconds.

    `sizes`: what envelopes told of a window's size. Empties `drafts` as it goes, to hold no event twice.
    """
    started_ms = min(own[0].timestamp_ms for own in drafts.values())
    viewports = Viewports(name, limits.viewport_px, notices)
    known: dict[str | None, Size] = {**sizes}
    for window, own in drafts.items():
        if size := viewports.first_size(own):
            known[window] = size
    windows = []
    for window in list(drafts):
        elsewhere = known.get(window) or next(iter(known.values()), None)
        placed, told = viewports.place(drafts.pop(window), elsewhere)
        windows.append(_window(window, placed, told, started_ms))
    windows.sort(key=attrgetter("first_ms"))
    return tuple(windows), int(started_ms), max(window.last_ms for window in windows)


def _window(window_id: str, placed: Sequence[Draft], told: Sequence[Told], started_ms: float) -> Window:
    events = tuple(
        Event(round(draft.timestamp_ms - started_ms), draft.type, draft.source, draft.raw) for draft in placed
    )
    viewports = tuple(
        Viewport(round(timestamp_ms - started_ms), size.width_px, size.height_px, href)
        for timestamp_ms, size, href in told
        if size is not None
    )
    return Window(window_id, events, viewports)
