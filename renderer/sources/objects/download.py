"""Objects on their way to the disk, in blocks."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore

from renderer.clouds import answers
from renderer.clouds.client import CloudStore
from renderer.errors import SourceError
from renderer.recording.limits import MIB
from renderer.sources.objects import failures
from renderer.sources.objects.place import Place

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

_BLOCK_BYTES: Final = 1 * MIB
_HEAD_BYTES: Final = 1024
# Parts are small and far away: most of the time of each is waiting.
_AT_ONCE: Final = 8


class Download:
    """`writing` is held around whatever touches the disk, and makes its errors ours."""

    def __init__(self, store: CloudStore, place: Place, writing: Callable[[], AbstractContextManager[None]]) -> None:
        self._store = store
        self._place = place
        self._writing = writing

    async def one(self, meta: "ObjectMeta", path: Path, came: Callable[[int], None] = lambda _: None) -> None:
        """Streams the object into `path`; `came` is told how many bytes there are by now.

        That it is still the object that was found is for the store to see to (If-Match), and for the count of bytes.
        """
        received = 0
        with self._writing():
            file = path.open("wb")
        with file:
            try:
                answer = await obstore.get_async(self._store, meta["path"], options=_same(meta))
                async for block in answer.stream(min_chunk_size=_BLOCK_BYTES):
                    if not received and bytes(block[:_HEAD_BYTES]).lstrip().startswith(b"<"):
                        raise failures.web_page(self._place)
                    received += len(block)
                    if received > meta["size"]:
                        break
                    with self._writing():
                        file.write(block)
                    came(received)
            except FileNotFoundError:
                raise self._changed() from None
            except answers.ERRORS as error:
                raise failures.explain(error, self._place) from None
        if received != meta["size"]:
            raise self._changed()

    async def many(self, objects: "list[ObjectMeta]", folder: Path, tell: Callable[[str], None]) -> list[Path]:
        """All of them into `folder`, a few at once; their paths in the same order. The first error ends them all."""
        limit = asyncio.Semaphore(_AT_ONCE)
        paths = [folder / f"{number:06d}" for number in range(len(objects))]
        done = 0

        async def part(meta: "ObjectMeta", path: Path) -> None:
            nonlocal done
            async with limit:
                await self.one(meta, path)
            done += 1
            tell(f"{done} of {len(objects)} parts")

        tasks = [asyncio.create_task(part(meta, path)) for meta, path in zip(objects, paths, strict=True)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return paths

    def _changed(self) -> SourceError:
        return failures.changed(self._place)


def _same(meta: "ObjectMeta") -> "GetOptions":
    return {"if_match": meta["e_tag"]} if meta["e_tag"] else {}


def megabytes(size_bytes: int, tell: Callable[[str], None]) -> Callable[[int], None]:
    """Tells of every whole megabyte that came."""
    told = 0

    def came(received: int) -> None:
        nonlocal told
        if received // 1_000_000 > told:
            told = received // 1_000_000
            tell(f"{told} of {size_bytes / 1e6:.0f} MB")

    return came
