"""What repeats is told once, with a count."""

from collections.abc import Sequence
from dataclasses import replace

from renderer.story.draft import Draft
from renderer.story.words import MOST_SHOWN, shorten


def fold(drafts: Sequence[Draft]) -> list[Draft]:
    """Three or more alike in a row become one with a count; so do errors and warnings that come more than three times,
    wherever they stand.
    """
    often: dict[tuple[str, str], list[Draft]] = {}
    for draft in drafts:
        if draft.level != "info" and draft.kind in {"console", "request", "exception"}:
            often.setdefault(draft.alike, []).append(draft)
    told: set[tuple[str, str]] = set()
    folded: list[Draft] = []
    row: list[Draft] = []
    for draft in drafts:
        if len(often.get(draft.alike, ())) > 3:
            if draft.alike not in told:
                told.add(draft.alike)
                folded += [*_as_one(row), _times(often[draft.alike])]
                row = []
            continue
        if row and row[-1].alike != draft.alike:
            folded += _as_one(row)
            row = []
        row.append(draft)
    return [*folded, *_as_one(row)]


def _as_one(row: Sequence[Draft]) -> Sequence[Draft]:
    return row if len(row) < 3 else [_times(row)]


def _times(row: Sequence[Draft]) -> Draft:
    draft, count = row[0], len(row)
    suffix = f" ({count:,} times)"
    return replace(
        draft,
        text=shorten(draft.text, MOST_SHOWN - len(suffix)) + suffix,
        key=draft.alike[1],
        count=count,
        tells=tuple(entry for one in row for entry in one.tells),
    )
