"""What of a session lies in the clip, sorted by what a reader asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from renderer.manifest.model import Manifest
from renderer.story.draft import SAME_MS
from renderer.story.model import Step
from renderer.timeline.model import Entry, LlmCall, PagePlace, Timeline
from renderer.timeline.recorded.surface import PAGE, surface_of


@dataclass(slots=True)
class Repeated:
    """`entry` is the first of `count` that are alike."""

    entry: Entry
    count: int = 1
    longest_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Entries of the window that is on screen, or of none, inside the clip's range. `place` is where the clip begins, `wrong_place` where it
    first went wrong (an error, a failed call, an answer that was disliked). `unsaved`: ids of the calls whose thumb the
    page failed to send, by the story. `surface`: what was recorded, in a word, see `renderer.timeline.recorded.surface`.
    """

    entries: tuple[Entry, ...]
    calls: tuple[LlmCall, ...]
    errors: tuple[Repeated, ...] = field(default=())
    requests: tuple[Repeated, ...] = field(default=())
    place: PagePlace | None = None
    wrong_place: PagePlace | None = None
    unsaved: frozenset[str] = frozenset()
    surface: str = PAGE

    @property
    def chats(self) -> list[LlmCall]:
        """Calls that somebody waited for: no embeddings."""
        return [call for call in self.calls if not call.operation.lower().startswith("embed")]


def gather(manifest: Manifest, timeline: Timeline, steps: Sequence[Step] = ()) -> Facts:
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
    places = [
        place for place in timeline.places if place.window_id == manifest.shots[0].window and place.at_ms <= to_ms
    ]
    before = [place for place in places if place.at_ms <= from_ms]
    wrong_ms = _wrong_ms(entries, calls)
    wrong_window = None if wrong_ms is None else window_at(manifest, wrong_ms)
    until_wrong = [
        place
        for place in timeline.places
        if wrong_ms is not None and place.window_id == wrong_window and place.at_ms <= wrong_ms
    ]
    return Facts(
        entries=entries,
        calls=calls,
        errors=_counted(entry for entry in entries if _is_error(entry)),
        requests=_counted(entry for entry in entries if entry.kind == "request" and entry.level != "info"),
        place=next(iter(before[-1:] or places[:1]), None),
        wrong_place=until_wrong[-1] if until_wrong else None,
        surface=surface_of(mobile=manifest.recording.mobile),
        unsaved=frozenset(call.id for call in calls if any(_is_unsaved(step, call) for step in steps)),
    )


def window_at(manifest: Manifest, session_ms: int) -> str:
    """The window on screen; before the clip's range the first, after it the last."""
    begun = [shot.window for shot in manifest.shots if shot.from_ms <= session_ms]
    return begun[-1] if begun else manifest.shots[0].window


def _is_shown(entry: Entry, manifest: Manifest) -> bool:
    """Whether its window is on screen when it is told; a call's, while it goes on."""
    if entry.window_id is None or entry.window_id == window_at(manifest, happened_ms(entry)):
        return True
    until_ms = entry.until_ms if entry.kind == "llm_call" and entry.until_ms is not None else entry.at_ms
    return entry.kind == "llm_call" and any(
        shot.window == entry.window_id and shot.from_ms <= until_ms and entry.at_ms < shot.to_ms
        for shot in manifest.shots
    )


def _wrong_ms(entries: Iterable[Entry], calls: Iterable[LlmCall]) -> int | None:
    moments_ms = [entry.at_ms for entry in entries if entry.level == "error" and entry.kind != "llm_call"]
    for call in calls:
        if call.status != "answered" or call.satisfied is False:
            moments_ms.append(call.start_ms if call.end_ms is None else call.end_ms)
    return min(moments_ms, default=None)


def _is_unsaved(step: Step, call: LlmCall) -> bool:
    if step.kind != "feedback" or step.level != "error" or call.satisfied is None:
        return False
    about = [entry.properties.get("call_id") for entry in step.tells if entry.kind == "feedback"]
    return call.id in about or (call.rated_at_ms is not None and abs(call.rated_at_ms - step.at_ms) <= SAME_MS)


def _is_error(entry: Entry) -> bool:
    return entry.kind == "exception" or (entry.kind == "console" and entry.level != "info")


def _counted(entries: Iterable[Entry]) -> tuple[Repeated, ...]:
    """In order of time."""
    by_key: dict[tuple[str, ...], Repeated] = {}
    for entry in entries:
        key = (entry.kind, *(str(part) for part in likeness(entry)))
        seen = by_key.setdefault(key, Repeated(entry, 0))
        seen.count += 1
        duration = entry.properties.get("duration_ms")
        if isinstance(duration, int | float):
            seen.longest_ms = max(seen.longest_ms or 0, round(duration))
    return tuple(sorted(by_key.values(), key=lambda seen: happened_ms(seen.entry)))


def happened_ms(entry: Entry) -> int:
    """A request fails, or was slow, when it ends."""
    return entry.until_ms if entry.kind == "request" and entry.until_ms is not None else entry.at_ms


def likeness(entry: Entry) -> Sequence[object]:
    """Requests are alike by method, address and status, everything else by its title."""
    facts = entry.properties
    if entry.kind == "request" and facts.get("url"):
        return [facts.get(name) for name in ("method", "url", "status")]
    return [entry.title]
