"""When something happened that a viewer came to see: what keeps a stretch from being idle.

Two sources, see docs/adr/activity.md: the user's activity, exactly as PostHog defines it, and text that appears
while the user waits, because the answer of an AI is what clips are made for.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from renderer.recording.model import Event, EventType, Source

IDLE_THRESHOLD_MS = 5000
"""A longer gap between activities is idle (PostHog's replay player)."""

ACTIVE_SOURCES = frozenset(
    {
        Source.MOUSE_MOVE,
        Source.MOUSE_INTERACTION,
        Source.SCROLL,
        Source.VIEWPORT_RESIZE,
        Source.INPUT,
        Source.TOUCH_MOVE,
        Source.MEDIA_INTERACTION,
        Source.DRAG,
    }
)

GROWTH_CHARACTERS = 40
"""Text that grew by so much within the threshold is an answer; a clock or "Thinking…" grows by a few characters."""

_ELEMENT_TEXT = 3  # rrweb NodeType.Text
_SCRIPT_TEXT = "SCRIPT_PLACEHOLDER"  # what rrweb records in place of a script's source


def is_user_activity(event: Event) -> bool:
    """PostHog's definition: full snapshot, meta, or one of eight incremental sources; DOM mutations are not."""
    if event.type == EventType.INCREMENTAL:
        return event.source in ACTIVE_SOURCES
    return event.type in (EventType.FULL_SNAPSHOT, EventType.META)


def activity_times(
    events: Sequence[Event], from_ms: int, to_ms: int, duration_ms: int, *, text: bool = True
) -> list[int]:
    """Sorted session times of activity among one window's `events`, as far as they bear on `from_ms`…`to_ms`.

    Includes the user's last activity before the range and the first after it, if there are, because they say how long
    a gap is that reaches into the range. With `text` false only the user's activity counts.
    """
    times = sorted({event.at_ms for event in events if is_user_activity(event)})
    times = times[max(0, bisect_right(times, from_ms) - 1) : bisect_left(times, to_ms) + 1]
    if not text:
        return times
    found: list[int] = []
    for start, end in zip([0, *times], [*times, duration_ms], strict=True):
        if end - start > IDLE_THRESHOLD_MS and start < to_ms and end > from_ms:
            first = bisect_left(events, start, key=_at_ms)
            last = bisect_right(events, end, key=_at_ms)
            found.extend(growth_times(events[number] for number in range(first, last)))
    return sorted({*times, *found})


def _at_ms(event: Event) -> int:
    return event.at_ms


class _Node(msgspec.Struct):
    id: int
    type: int
    textContent: str | None = None  # noqa: N815 - rrweb's name
    isStyle: bool | None = None  # noqa: N815 - rrweb's name


class _Add(msgspec.Struct):
    parentId: int  # noqa: N815 - rrweb's name
    node: _Node


class _Text(msgspec.Struct):
    id: int
    value: str | None = None


class _Remove(msgspec.Struct):
    id: int


class _Mutation(msgspec.Struct):
    texts: list[_Text] = []
    adds: list[_Add] = []
    removes: list[_Remove] = []


class _MutationEvent(msgspec.Struct):
    data: _Mutation


_DECODER = msgspec.json.Decoder(_MutationEvent)


def growth_times(events: Iterable[Event]) -> Iterator[int]:
    """Times of mutations at which the page's text has grown by GROWTH_CHARACTERS within the last IDLE_THRESHOLD_MS.

    Net growth, not the number of mutations: a clock that ticks, a spinner and dots that come and go change the page
    without telling anything, however often they do it.
    """
    text = _TextLengths()
    recent: deque[tuple[int, int]] = deque()
    total = 0
    for event in events:
        if event.type != EventType.INCREMENTAL or event.source != Source.MUTATION:
            continue
        try:
            growth = text.apply(_DECODER.decode(event.raw).data)
        except msgspec.MsgspecError:
            continue
        if growth == 0:
            continue
        recent.append((event.at_ms, growth))
        total += growth
        while recent[0][0] <= event.at_ms - IDLE_THRESHOLD_MS:
            total -= recent.popleft()[1]
        if growth > 0 and total >= GROWTH_CHARACTERS:
            yield event.at_ms


class _TextLengths:
    """Lengths of the text nodes seen since a gap began; of a node not seen before, only later changes count."""

    def __init__(self) -> None:
        self._length: dict[int, int] = {}
        self._children: dict[int, list[int]] = {}

    def apply(self, mutation: _Mutation) -> int:
        """Characters by which the text grew (negative: shrank)."""
        growth = -sum(self._remove(remove.id) for remove in mutation.removes)
        for add in mutation.adds:
            node = add.node
            self._children.setdefault(add.parentId, []).append(node.id)
            if node.type == _ELEMENT_TEXT and not node.isStyle and node.textContent not in (None, _SCRIPT_TEXT):
                growth -= self._length.get(node.id, 0)
                self._length[node.id] = len(node.textContent or "")
                growth += self._length[node.id]
        for change in mutation.texts:
            length = len(change.value or "")
            growth += length - self._length.get(change.id, length)
            self._length[change.id] = length
        return growth

    def _remove(self, root: int) -> int:
        """Forget a subtree; a loop, not recursion: depth is the recording's, and the recording is hostile."""
        removed, waiting = 0, [root]
        while waiting:
            node = waiting.pop()
            removed += self._length.pop(node, 0)
            waiting.extend(self._children.pop(node, ()))
        return removed
