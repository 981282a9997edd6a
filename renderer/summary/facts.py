"""What of a session lies in the clip, sorted by what a reader asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from renderer.manifest.model import Manifest
from renderer.timeline.model import Entry, LlmCall, PagePlace, Timeline


@dataclass(slots=True)
class Repeated:
    """`entry` is the first of `count` that are alike."""

    entry: Entry
    count: int = 1
    longest_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Entries of the window that is on screen, or of none, inside the clip's range."""

    entries: tuple[Entry, ...]
    calls: tuple[LlmCall, ...]
    errors: tuple[Repeated, ...] = field(default=())
    requests: tuple[Repeated, ...] = field(default=())
    place: PagePlace | None = None


def gather(manifest: Manifest, timeline: Timeline) -> Facts:
    from_ms, to_ms = manifest.range.from_ms, manifest.range.to_ms
    entries = tuple(
        entry
        for entry in timeline.entries
        if from_ms <= entry.at_ms <= to_ms and (entry.kind == "tab" or _is_shown(entry, manifest))
    )
    elsewhere = {
        entry.properties.get("call_id")
        for entry in timeline.entries
        if entry.kind == "llm_call" and not _is_shown(entry, manifest)
    }
    calls = tuple(
        call
        for call in timeline.calls
        if call.id not in elsewhere and call.start_ms <= to_ms and (call.end_ms or call.start_ms) >= from_ms
    )
    first = manifest.shots[0].window
    places = [place for place in timeline.places if place.window_id == first and place.at_ms <= to_ms]
    before = [place for place in places if place.at_ms <= from_ms]
    return Facts(
        entries=entries,
        calls=calls,
        errors=_counted(entry for entry in entries if _is_error(entry)),
        requests=_counted(entry for entry in entries if entry.kind == "request" and entry.level != "info"),
        place=next(iter(before[-1:] or places[:1]), None),
    )


def _is_shown(entry: Entry, manifest: Manifest) -> bool:
    """Whether its window is on screen when it is told; a call's, while it goes on."""
    told_ms = entry.until_ms if entry.kind == "request" and entry.until_ms is not None else entry.at_ms
    until_ms = entry.until_ms if entry.kind == "llm_call" and entry.until_ms is not None else told_ms
    first, last = manifest.shots[0], manifest.shots[-1]
    return entry.window_id is None or any(
        shot.window == entry.window_id
        and (shot.from_ms <= until_ms or shot is first)
        and (told_ms < shot.to_ms or shot is last)
        for shot in manifest.shots
    )


def _is_error(entry: Entry) -> bool:
    return entry.kind == "exception" or (entry.kind == "console" and entry.level != "info")


def _counted(entries: Iterable[Entry]) -> tuple[Repeated, ...]:
    """Errors first, then by time."""
    by_key: dict[tuple[str, ...], Repeated] = {}
    for entry in entries:
        key = (entry.kind, *(str(part) for part in likeness(entry)))
        seen = by_key.setdefault(key, Repeated(entry, 0))
        seen.count += 1
        duration = entry.properties.get("duration_ms")
        if isinstance(duration, int | float):
            seen.longest_ms = max(seen.longest_ms or 0, round(duration))
    return tuple(sorted(by_key.values(), key=lambda seen: (seen.entry.level != "error", seen.entry.at_ms)))


def likeness(entry: Entry) -> Sequence[object]:
    """Requests are alike by method, address and status, everything else by its title."""
    facts = entry.properties
    if entry.kind == "request" and facts.get("url"):
        return [facts.get(name) for name in ("method", "url", "status")]
    return [entry.title]
