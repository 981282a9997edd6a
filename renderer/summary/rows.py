"""Tables of a summary: some rows are seen, others folded; all are when the steps tell them already."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from renderer.story.model import Step
from renderer.story.words import counted
from renderer.summary.markdown import details, table
from renderer.timeline.model import Entry


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` makes them, harmless; of thousands of rows few are written. `weight`: heavier ones stay when there is no room for all; `is_told` by a step."""

    cells: Callable[[], Sequence[str]]
    weight: int = 0
    is_told: bool = False


class Told:
    """What of the timeline the steps tell."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._known = {_key(entry) for step in steps for entry in step.tells}

    def knows(self, entry: Entry) -> bool:
        return _key(entry) in self._known


def section(title: str, head: Sequence[str], rows: Sequence[Row], most: int, most_rows: int, noun: str) -> str:
    """`rows` in order of time: of `most_rows`, `most` are seen, the others folded, and how many are told nowhere is said."""
    total = len(rows)
    kept = _heaviest(rows, most_rows)
    left = f"\n\n… and {counted(total - most_rows, noun)} more in the manifest." if total > most_rows else ""
    if all(row.is_told for row in rows):
        return details(f"{title} ({total:,})", _table(head, kept) + left)
    seen = _heaviest(kept, most)
    parts = [f"### {title}", _table(head, seen)]
    folded = [row for row in kept if not any(row is one for one in seen)]
    if folded or left:
        parts.append(details(f"{counted(total - len(seen), noun)} more", _table(head, folded) + left))
    return "\n\n".join(parts)


def _heaviest(rows: Sequence[Row], most: int) -> Sequence[Row]:
    places = sorted(range(len(rows)), key=lambda place: (-rows[place].weight, place))[:most]
    return [rows[place] for place in sorted(places)]


def _table(head: Sequence[str], rows: Iterable[Row]) -> str:
    return table(head, (row.cells() for row in rows))


def _key(entry: Entry) -> tuple[str, int, str]:
    return entry.kind, entry.at_ms, entry.title
