"""From moments to clips: what one clip shows of a session, and where it begins."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from renderer.rules.language.model import Severity
from renderer.rules.model import SEVERITIES, Moment
from renderer.timeline.model import Entry, Timeline

LONGEST_MS: Final = 5 * 60_000
"""Of session time, of which idle time is mostly left out. Moments that would make a clip longer begin another."""
_MOST_BEFORE_MS: Final = 90_000
_MOST_AFTER_MS: Final = 60_000
# What is seen before something goes on, so that one sees it begin.
_LEAD_MS: Final = 1000
_SETTLING_MS: Final = 3000
_MOST_EARLIER_MS: Final = 10_000
# Entries are sorted by when they began: what still goes on began not long ago.
_LOOKED_AT: Final = 200
_ARRIVING: Final = frozenset({"page_load", "navigation", "tab", "viewport"})
_DOING: Final = frozenset({"input", "scroll", "llm_call", "blank_page"})


@dataclass(frozen=True, slots=True)
class Cut:
    """One clip: session time `from_ms` ≤ t < `to_ms`, and the moments in it, by time."""

    from_ms: int
    to_ms: int
    moments: tuple[Moment, ...]

    @property
    def lead(self) -> Moment:
        """The one that it is named after."""
        return lead_of(self.moments)

    @property
    def title(self) -> str:
        return self.lead.title

    @property
    def severity(self) -> Severity:
        return self.lead.severity

    @property
    def rules(self) -> tuple[str, ...]:
        """The leading one first."""
        return tuple(dict.fromkeys((self.lead.rule, *(moment.rule for moment in self.moments))))

    @property
    def labels(self) -> Mapping[str, str]:
        """Of all of them; where they differ, the leading one's."""
        merged: dict[str, str] = {}
        for moment in (*self.moments, self.lead):
            merged |= moment.labels
        return merged


def lead_of(moments: Sequence[Moment]) -> Moment:
    """The most severe; of those, the first. ValueError when there is none."""
    return max(moments, key=lambda moment: SEVERITIES.index(moment.severity))


def cut_clips(moments: Iterable[Moment], timeline: Timeline) -> tuple[Cut, ...]:
    """Moments whose clips would overlap share one, as long as it does not grow longer than 5 minutes. By time."""
    cuts: list[Cut] = []
    for start, end, moment in sorted(
        ((*span(moment, timeline), moment) for moment in moments), key=lambda cut: (cut[0], cut[2].at_ms)
    ):
        last = cuts[-1] if cuts else None
        fits = last is not None and (end <= last.to_ms or end - last.from_ms <= LONGEST_MS)
        if last is not None and start < last.to_ms and fits:
            together = sorted((*last.moments, moment), key=lambda each: each.at_ms)
            cuts[-1] = Cut(last.from_ms, max(end, last.to_ms), tuple(together))
        else:
            cuts.append(Cut(start, end, (moment,)))
    return tuple(cuts)


def span(moment: Moment, timeline: Timeline) -> tuple[int, int]:
    """What a clip of this moment alone shows: from before its first step to after its last one."""
    first_ms = max(moment.from_ms, moment.at_ms - _MOST_BEFORE_MS)
    last_ms = min(moment.to_ms, moment.at_ms + _MOST_AFTER_MS)
    start = settled_ms(max(0, first_ms - moment.before_ms), first_ms, timeline.entries)
    end = min(timeline.duration_ms, last_ms + moment.after_ms)
    return start, max(end, min(start + _LEAD_MS, timeline.duration_ms))


def settled_ms(start_ms: int, first_ms: int, entries: Sequence[Entry]) -> int:
    """The nearest place to `start_ms` at which a viewer finds something settled: not in the middle of an idle stretch, of a page that
    is still coming, or of something that the user is doing. Never later than `first_ms`.
    """
    if start_ms <= 0:
        return 0
    begun = bisect_right(entries, start_ms, key=lambda entry: entry.at_ms)
    earlier_ms = start_ms
    for entry in reversed(entries[max(0, begun - _LOOKED_AT) : begun]):
        over_ms = entry.at_ms if entry.until_ms is None else entry.until_ms
        if entry.kind == "idle" and over_ms > earlier_ms:
            return max(0, min(over_ms, first_ms) - _LEAD_MS)
        is_doing = entry.kind in _DOING and over_ms > earlier_ms
        is_arriving = entry.kind in _ARRIVING and earlier_ms - entry.at_ms <= _SETTLING_MS
        if (is_doing or is_arriving) and start_ms - entry.at_ms <= _MOST_EARLIER_MS:
            earlier_ms = min(earlier_ms, entry.at_ms - _LEAD_MS)
    return max(0, earlier_ms)
