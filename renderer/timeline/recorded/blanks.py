"""When a window showed a page with nothing on it, from its recorded document alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from renderer.recording.dom.mirror import Change, Mirror
from renderer.recording.model import Recording
from renderer.recording.presence import Presence
from renderer.timeline.model import Entry, Value
from renderer.timeline.recorded.contents import Contents
from renderer.timeline.recorded.pages import Pages
from renderer.timeline.told.words import seconds

BLANK_MS: Final = 3000
"""A page that is built in the browser is empty for a second or two on a slow connection."""

ERROR_MS: Final = 10_000
"""A person has given up by then."""

UNRECORDED_MS: Final = 5000
"""So long a page may be there before its recorder is: what was seen just before a snapshot of it is not known."""

Span = tuple[int, int]
_SWITCHES: Final[Mapping[str, tuple[str, bool]]] = {
    "window hidden": ("hidden", True),
    "window visible": ("hidden", False),
    "recording paused": ("paused", True),
    "recording resumed": ("paused", False),
    "sessionIdle": ("idle", True),
    "sessionNoLongerIdle": ("idle", False),
}
# Something of what was recorded is not there: it may have been what would have been seen.
_HOLES: Final = frozenset(
    {"bad_lines", "damaged_blocks", "damaged_events", "damaged_fields", "damaged_segments", "malformed_event"}
    | {"missing_segments", "unknown_compression"}
)


@dataclass(slots=True)
class Blank:
    """`seen`: when the empty page was shown, in order, less the times when the window was hidden or not recorded.

    `ended`: something appeared, or another page came; otherwise the window's recording ends with it. `facts` are the page's.
    """

    facts: Mapping[str, Value]
    seen: list[Span] = field(default_factory=list)
    ended: bool = False


class Blanks:
    """Empty pages of one window; events in order, each after the mirror and `pages` took it. Never of an app's screens:
    their recorders have no views of what draws itself, and send an empty screen for it.
    """

    def __init__(self, mirror: Mirror, pages: Pages, *, is_app: bool = False) -> None:
        self._pages = pages
        self._contents = Contents(mirror)
        self._is_off = is_app
        self._now: Blank | None = None
        self._from_ms = 0
        self._before_ms = 0
        self._unseen: set[str] = set()
        self._saw_hidden = False
        self.found: list[Blank] = []

    def meta(self, at_ms: int, before_ms: int, *, is_another: bool) -> None:
        """A full snapshot comes, perhaps of a page of another address; the window's last event was at `before_ms`."""
        self._before_ms = max(before_ms, at_ms - UNRECORDED_MS)
        if is_another:
            self._close(self._before_ms, ended=True)

    def snapshot(self, at_ms: int) -> None:
        if self._is_off:
            return
        if self._contents.look():
            self._close(min(at_ms, self._before_ms), ended=True)
        else:
            self._open(at_ms)

    def changed(self, at_ms: int, change: Change) -> None:
        if self._is_off:
            return
        if self._now is None:
            if self._contents.lost(change) and not self._contents.look():
                self._open(at_ms)
        elif self._contents.gained(change) and self._contents.look():
            if self._contents.is_spent:
                self._is_off, self._now = True, None
            self._close(at_ms, ended=True)

    def tag(self, at_ms: int, name: str) -> None:
        """A custom event: the window was hidden, the recorder paused, or the contrary."""
        if name not in _SWITCHES:
            return
        why, is_on = _SWITCHES[name]
        if why == "hidden" and not self._saw_hidden:
            self._saw_hidden = True
            if not is_on:  # a tab that was opened in the background, and is looked at for the first time
                self.found.clear()
                self._restart(at_ms)
        if is_on:
            self._pause(at_ms)
            self._unseen.add(why)
        else:
            self._resume(at_ms, why)

    def touched(self, at_ms: int) -> None:
        """The user's hand was at work: the window is not hidden, whatever was told."""
        if self._unseen:
            self._resume(at_ms, "hidden")

    def finish(self, last_ms: int) -> None:
        self._close(last_ms, ended=False)

    def _open(self, at_ms: int) -> None:
        if self._now is None and not self._pages.href.startswith("about:"):
            self._now, self._from_ms = Blank(self._pages.facts), at_ms

    def _close(self, at_ms: int, *, ended: bool) -> None:
        self._pause(at_ms)
        blank, self._now = self._now, None
        if blank is not None and _length_ms(blank.seen) >= BLANK_MS:
            blank.ended = ended
            self.found.append(blank)

    def _pause(self, at_ms: int) -> None:
        if self._now is not None and not self._unseen and at_ms > self._from_ms:
            self._now.seen.append((self._from_ms, at_ms))

    def _resume(self, at_ms: int, why: str) -> None:
        if why in self._unseen:
            self._unseen.discard(why)
            self._from_ms = at_ms

    def _restart(self, at_ms: int) -> None:
        self._from_ms = at_ms
        if self._now is not None:
            self._now.seen.clear()


def blank_entries(recording: Recording, found: Sequence[Sequence[Blank]]) -> Iterator[Entry]:
    """`found`: of each window, in the recording's order. Of several windows only what the user was in is told."""
    if not any(found) or any(notice.code in _HOLES for notice in recording.notices):
        return
    visits = _visits(recording) if len(recording.windows) > 1 else None
    for window, blanks in zip(recording.windows, found, strict=True):
        for blank in blanks:
            seen = blank.seen if visits is None else _common(blank.seen, visits.get(window.id, []))
            if _length_ms(seen) >= BLANK_MS:
                yield _entry(window.id, blank, seen)


def _entry(window_id: str, blank: Blank, seen: Sequence[Span]) -> Entry:
    length_ms = _length_ms(seen)
    return Entry(
        at_ms=seen[0][0],
        until_ms=seen[-1][1],
        kind="blank_page",
        title=f"The page was blank for {seconds(length_ms)}" if blank.ended else "The page stayed blank",
        level="warning" if blank.ended and length_ms < ERROR_MS else "error",
        window_id=window_id,
        properties={**blank.facts, "duration_ms": length_ms, "ended": blank.ended},
    )


def _visits(recording: Recording) -> Mapping[str, Sequence[Span]]:
    spans: dict[str, list[Span]] = {}
    visits = Presence(recording.windows).visits()
    ends_ms = [*(visit.at_ms for visit in visits[1:]), recording.duration_ms]
    for visit, end_ms in zip(visits, ends_ms, strict=False):
        spans.setdefault(visit.window_id, []).append((visit.at_ms, end_ms))
    return spans


def _common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is in both."""
    both = ((max(start, other[0]), min(end, other[1])) for start, end in spans for other in others)
    return [(start, end) for start, end in both if start < end]


def _length_ms(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)
