"""The list of what a recording is kept in, and how it is asked for: `GET …/session_recordings/:id/snapshots`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from renderer.errors import SourceError
from renderer.timeline.forms.instants import unix_ms

Kind = Literal["blob_v2", "blob_v2_lts", "blob", "realtime"]

# A personal key may ask for `end_blob_key - start_blob_key` of 20 at most, and the documentation says 20 keys.
MAX_BLOCKS_A_CALL: Final = 19
_MAX_BLOCKS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """`key`: None for `realtime`. Times are Unix ms of its first and last event, None where the list does not tell."""

    kind: Kind
    key: str | None
    start_ms: float | None
    end_ms: float | None

    @property
    def number(self) -> int:
        return int(self.key or 0)


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks of one kind that are asked for in one call."""

    blocks: tuple[Block, ...]

    @property
    def params(self) -> dict[str, str]:
        first, last = self.blocks[0], self.blocks[-1]
        if first.kind == "blob_v2":
            return {"source": "blob_v2", "start_blob_key": first.key or "", "end_blob_key": last.key or ""}
        return {"source": first.kind} | ({"blob_key": first.key} if first.key is not None else {})

    @property
    def is_settled(self) -> bool:
        """Whether it stays what it is; `realtime` is what has not been written yet."""
        return self.blocks[0].kind != "realtime"

    @property
    def name(self) -> str:
        """Of its file in the cache: the same for the same blocks with the same times."""
        told = [(block.kind, block.key, block.start_ms, block.end_ms) for block in self.blocks]
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]

    def halves(self) -> tuple["Part", "Part"]:
        middle = len(self.blocks) // 2
        return Part(self.blocks[:middle]), Part(self.blocks[middle:])


def read_blocks(answer: Mapping[str, Any]) -> list[Block]:
    """In order. Of the formats in which a server keeps the same recording, the best. SourceError `posthog_bad_list`."""
    listed = answer.get("sources")
    if not isinstance(listed, list) or len(listed) > _MAX_BLOCKS:
        raise _bad_list()
    blocks = [_block(each) for each in listed if isinstance(each, dict)]
    known = [block for block in blocks if block is not None]
    if listed and not known:
        raise _bad_list()
    kinds = {block.kind for block in known}
    for alone in ("blob_v2_lts", "blob_v2"):
        if alone in kinds:
            known = [block for block in known if block.kind == alone]
    if kinds & {"blob_v2", "blob_v2_lts"} == {"blob_v2"}:
        return list({block.number: block for block in sorted(known, key=lambda block: block.number)}.values())
    return known


def missing_numbers(blocks: Sequence[Block]) -> int:
    """How many keys between 0 and the last are not in the list."""
    numbers = [block.number for block in blocks if block.kind == "blob_v2"]
    return numbers[-1] + 1 - len(numbers) if numbers else 0


def parts_of(blocks: Sequence[Block]) -> Iterator[Part]:
    """Neighbours together, as many as a call may ask for; other kinds one by one."""
    places = enumerate(blocks)
    for _, run in groupby(
        places,
        lambda each: (each[1].kind == "blob_v2", each[0] - each[1].number if each[1].kind == "blob_v2" else each[0]),
    ):
        own = [block for _, block in run]
        for start in range(0, len(own), MAX_BLOCKS_A_CALL):
            yield Part(tuple(own[start : start + MAX_BLOCKS_A_CALL]))


def _block(told: Mapping[str, Any]) -> Block | None:
    key = told.get("blob_key")
    if isinstance(key, int) and 0 <= key < 10**9:
        key = str(int(key))
    key = key if isinstance(key, str) else None
    start_ms, end_ms = unix_ms(told.get("start_timestamp")), unix_ms(told.get("end_timestamp"))
    match told.get("source"):
        case "blob_v2":
            # At most 9 digits: there are no billion blocks, and int() of a long text takes for ever.
            if key is None or not (key.isascii() and key.isdigit() and len(key) <= 9):
                raise _bad_list()
            return Block("blob_v2", key, start_ms, end_ms)
        case "blob_v2_lts":
            return Block("blob_v2_lts", key, start_ms, end_ms)
        case "blob":
            return Block("blob", key, start_ms, end_ms)
        case "realtime":
            return Block("realtime", None, start_ms, end_ms)
    return None


def _bad_list() -> SourceError:
    return SourceError(
        "posthog_bad_list",
        "PostHog lists the recording's blocks in a form that is not known: it is newer than this program, or a proxy is in"
        " the way",
    )
