"""Letter by letter: what is a secret in one state of a text is hidden in the states before and after it as well.

States of a text share signs: a longer value begins as the shorter one did. From where a pattern found something it is
carried over to every state that holds the same signs.
"""

from collections import deque
from collections.abc import Callable, Sequence

from renderer.redact.text.masks import Span, merged

Key = tuple[int, str, int]
"""A state: the node's id, the attribute ("" for its text), and the hash of the value."""

# A common letter at the beginning is no reason to take one text for another's next state.
_FEWEST = 3


def key(node_id: int, field: str, value: str) -> Key:
    return max(node_id, 0), field, hash(value)  # nodes without an id are one: the same text is hidden in all of them


class SameSigns:
    def __init__(self) -> None:
        self._edges: dict[Key, list[tuple[Key, int, int, int]]] = {}
        self._spans: dict[Key, list[Span]] = {}

    def found(self, state: Key, spans: Sequence[Span]) -> None:
        if spans:
            self._spans.setdefault(state, []).extend(spans)

    def join(self, a: Key, a_start: int, b: Key, b_start: int, length: int) -> None:
        """`length` signs from `a_start` in the one state are those from `b_start` in the other."""
        if length > 0 and a != b:
            self._edges.setdefault(a, []).append((b, a_start, b_start, length))
            self._edges.setdefault(b, []).append((a, b_start, a_start, length))

    def next_state(self, a: Key, before: str, b: Key, after: str) -> None:
        """One value became another: what both begin with and what both end with are the same signs."""
        if before == after:
            return
        first, last = shared(before, after)
        self.join(a, 0, b, 0, first)
        self.join(a, len(before) - last, b, len(after) - last, last)

    def replaced(self, before: Sequence[tuple[Key, str]], after: Sequence[tuple[Key, str]]) -> None:
        """Texts in a row gave way to others: rendered anew with a few letters more."""
        first, last = shared("".join(text for _, text in before), "".join(text for _, text in after))
        if first >= _FEWEST:
            self._align(before, after, first)
        if last >= _FEWEST:
            self._align_ends(before, after, last)

    def _align(self, before: Sequence[tuple[Key, str]], after: Sequence[tuple[Key, str]], length: int) -> None:
        b_number = b_offset = 0
        left = length
        for state, text in before:
            a_offset = 0
            while a_offset < len(text) and left > 0 and b_number < len(after):
                other, other_text = after[b_number]
                step = min(len(text) - a_offset, len(other_text) - b_offset, left)
                self.join(state, a_offset, other, b_offset, step)
                a_offset, b_offset, left = a_offset + step, b_offset + step, left - step
                if b_offset == len(other_text):
                    b_number, b_offset = b_number + 1, 0

    def _align_ends(self, before: Sequence[tuple[Key, str]], after: Sequence[tuple[Key, str]], length: int) -> None:
        a, b = len(before) - 1, len(after) - 1
        a_left, b_left = len(before[a][1]), len(after[b][1])
        while length > 0:
            step = min(a_left, b_left, length)
            self.join(before[a][0], a_left - step, after[b][0], b_left - step, step)
            a_left, b_left, length = a_left - step, b_left - step, length - step
            if a_left == 0 and a > 0:
                a, a_left = a - 1, len(before[a - 1][1])
            if b_left == 0 and b > 0:
                b, b_left = b - 1, len(after[b - 1][1])
            if step == 0 and (a_left == 0 or b_left == 0):
                return

    def conclude(self) -> dict[Key, Sequence[Span]]:
        """Everything that is hidden in each state that is told of."""
        todo = deque((state, span) for state, spans in self._spans.items() for span in spans if state in self._edges)
        while todo:
            state, (start, end) = todo.popleft()
            for other, own_start, other_start, length in self._edges.get(state, ()):
                low, high = max(start, own_start), min(end, own_start + length)
                if low >= high:
                    continue
                span = (low - own_start + other_start, high - own_start + other_start)
                there = self._spans.setdefault(other, [])
                if not any(one[0] <= span[0] and span[1] <= one[1] for one in there):
                    there[:] = merged([*there, span])
                    todo.append((other, next(one for one in there if one[0] <= span[0] and span[1] <= one[1])))
        return {state: merged(spans) for state, spans in self._spans.items()}


def shared(before: str, after: str) -> tuple[int, int]:
    """How many signs both begin with, and how many of the rest both end with."""
    most = min(len(before), len(after))
    first = _longest(most, lambda count: before[:count] == after[:count])
    last = _longest(most - first, lambda count: count == 0 or before[-count:] == after[-count:])
    return first, last


def _longest(most: int, same: Callable[[int], bool]) -> int:
    if same(most):
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if same(middle) else (low, middle)
    return low
