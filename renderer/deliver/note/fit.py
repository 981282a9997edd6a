"""A note made to fit: the least telling parts go, and the note says that they are in the summary's file."""

from collections.abc import Callable, Sequence, Sized
from dataclasses import replace
from typing import TypeVar

from renderer.deliver.note.document import (
    Block,
    Bullets,
    Code,
    FileLink,
    Fold,
    Heading,
    Image,
    Numbered,
    Paragraph,
    Quote,
    Table,
    Text,
    Video,
    words,
)
from renderer.story.words import at_word

R = TypeVar("R", bound=Sized)

_REST = Paragraph((Text("The rest is in "), Code("clip.md"), Text(".")))
# Of the limit: as much as a few rows take.
_FAR = 1.1
_MEDIA = (Image, Video, FileLink)
_ON_TOP = (Paragraph, Quote, *_MEDIA)


def fitted(
    blocks: Sequence[Block], write: Callable[[Sequence[Block]], R], limit: int, size: Callable[[R], int] = len
) -> tuple[R, bool]:
    """What `write` gives for as many blocks as `limit` lets in, and whether some are missing.

    Folds go first, the last one before the others; then other blocks from the end, lists and tables row by row. What
    stands above the first heading, media and the last line stay; the first paragraph is cut at a word when even that
    is too long. Where nothing helps the shortest is given, longer than `limit`.
    """
    rendered = write(blocks)
    if size(rendered) <= limit or not blocks:
        return rendered, False
    kept = list(blocks)
    while (shorter := _shorter(kept, is_far=size(rendered) > limit * _FAR)) is not None:
        kept = shorter
        rendered = write(_told(kept))
        if size(rendered) <= limit:
            return rendered, True
    return _with_less_said(kept, write, limit, size), True


def _told(kept: Sequence[Block]) -> list[Block]:
    return [*kept[:-1], _REST, kept[-1]]


def _shorter(blocks: list[Block], *, is_far: bool) -> list[Block] | None:
    stays = next((at for at, block in enumerate(blocks) if not isinstance(block, _ON_TOP)), len(blocks))
    last = len(blocks) - 1
    open_to = [at for at in range(stays, last) if not isinstance(blocks[at], _MEDIA)]
    if not open_to:
        return None
    folds = [at for at in open_to if isinstance(blocks[at], Fold)]
    at = (folds or open_to)[-1]
    less = None if folds else _less(blocks[at], is_far=is_far)
    left = [*blocks[:at], *([less] if less else []), *blocks[at + 1 :]]
    while at and not less and at - 1 >= stays and isinstance(left[at - 1], Heading):
        at -= 1
        del left[at]
    return left


def _less(block: Block, *, is_far: bool) -> Block | None:
    """A row at a time near the limit, an eighth of them where there is far to go: each step costs a whole note."""
    match block:
        case Bullets(items) | Numbered(items) if len(items) > 1:
            return replace(block, items=items[: -_step(len(items), is_far=is_far)])
        case Table(_, rows) if len(rows) > 1:
            return replace(block, rows=rows[: -_step(len(rows), is_far=is_far)])
        case _:
            return None


def _step(count: int, *, is_far: bool) -> int:
    return max(1, count // 8) if is_far else 1


def _with_less_said(
    kept: Sequence[Block], write: Callable[[Sequence[Block]], R], limit: int, size: Callable[[R], int]
) -> R:
    first, rest = kept[0], _told(kept)[1:]
    if not isinstance(first, Paragraph) or len(kept) < 2:
        return write(kept)
    said = words(first.inlines)
    low, high = 0, len(said)
    while low < high:
        middle = (low + high + 1) // 2
        if size(write(_saying(said, middle, rest))) <= limit:
            low = middle
        else:
            high = middle - 1
    return write(_saying(said, low, rest))


def _saying(said: str, length: int, rest: Sequence[Block]) -> list[Block]:
    return [Paragraph((Text(at_word(said, length)),)), *rest] if length > 1 else list(rest)
