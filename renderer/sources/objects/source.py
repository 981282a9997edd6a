"""`s3:`, `gs:` and `az:` recordings: found, fetched once, and kept on disk for the next render."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import obstore

from renderer.clouds import answers
from renderer.clouds.client import CLIENT, CloudStore, open_store
from renderer.notices import Notice, Notices
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.sources import file
from renderer.sources.joined import MAX_PARTS, by_name, join_parts, too_large, too_many_parts
from renderer.sources.kept import Kept, key_of
from renderer.sources.model import Fetched
from renderer.sources.objects import failures
from renderer.sources.objects.download import Download, megabytes
from renderer.sources.objects.place import Place, parse_place

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig


class ObjectSource:
    """`scheme` is "s3", "gs" or "az". Credentials come from the environment, as each cloud's own tools read them.
    `endpoint`: of a server that is not the cloud's own.

    Objects that did not change since are not fetched again: their ETags (or versions) tell.
    """

    def __init__(
        self,
        scheme: str,
        kept: Kept,
        *,
        endpoint: str | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        client: "ClientConfig" = CLIENT,
    ) -> None:
        self._scheme = scheme
        self._kept = kept
        self._endpoint = endpoint
        self._limits = limits
        self._client = client

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """`name`: `//bucket/key`, an object, or a prefix of parts (with or without a trailing slash).

        Raises RequestError: bad_reference, bad_endpoint, no_credentials, access_denied, wrong_region. RecordingError:
        recording_not_found, recording_too_large, too_many_parts, and what `joined.join_parts` raises. SourceError:
        source_unreachable, source_failed, source_changed. SetupError: cache_unwritable.
        """
        place = parse_place(self._scheme, name)
        # A loop of its own, since obstore's blocking calls are deaf to Ctrl-C until the server answers.
        return asyncio.run(self._fetch(place, tell))

    async def _fetch(self, place: Place, tell: Callable[[str], None]) -> Fetched:
        try:
            store = open_store(place.scheme, place.bucket, self._endpoint, self._client)
        except answers.ERRORS as error:
            raise failures.explain(error, place) from None
        single, objects = await self._find(store, place)
        key = key_of(place.scheme, self._endpoint, place.bucket, single, *map(_identity, objects))
        if found := self._kept.find(key):
            path, notices = found
        else:
            path, notices = await self._bring(store, place, single, objects, key, tell)
        return Fetched(
            raw=RawRecording(name=place.name, path=path, size_bytes=path.stat().st_size),
            notices=notices,
        )

    async def _find(self, store: CloudStore, place: Place) -> "tuple[bool, list[ObjectMeta]]":
        """The object, or the parts in order; and which of the two it is."""
        empty: ObjectMeta | None = None
        if not place.folder:
            try:
                meta = await obstore.head_async(store, place.key)
            except FileNotFoundError:
                pass
            except answers.ERRORS as error:
                if answers.was_refused(error):
                    # Answers to HEAD have no body, and it is the body that tells a wrong region from a wrong key.
                    await self._provoke(store, place)
                raise failures.explain(error, place) from None
            else:
                if meta["size"] > self._limits.file_bytes:
                    raise too_large(place.name, self._limits.file_bytes)
                if meta["size"]:
                    return True, [meta]
                empty = meta  # Azure's data lakes keep a folder as an empty object of its name
        try:
            parts = await self._list(store, place)
        except answers.ERRORS as error:
            explained = failures.explain(error, place)
            if place.folder or explained.code != "access_denied":
                raise explained from None
            parts = []  # may read, may not list: then it was meant as an object
        if parts:
            return False, parts
        if empty:
            return True, [empty]
        raise failures.not_found(place)

    async def _list(self, store: CloudStore, place: Place) -> "list[ObjectMeta]":
        parts: list[ObjectMeta] = []
        size_bytes = 0
        async for page in obstore.list(store, f"{place.key}/", chunk_size=1000):
            for meta in page:
                if meta["size"]:  # folders and markers, such as _SUCCESS, are objects without content
                    parts.append(meta)
                    size_bytes += meta["size"]
            if len(parts) > MAX_PARTS:
                raise too_many_parts(place.name)
            if size_bytes > self._limits.file_bytes:
                raise too_large(place.name, self._limits.file_bytes)
        return sorted(parts, key=lambda meta: by_name(meta["path"]))

    async def _provoke(self, store: CloudStore, place: Place) -> None:
        try:
            async for _ in obstore.list(store, f"{place.key}/", chunk_size=1):
                return
        except answers.ERRORS as error:
            raise failures.explain(error, place) from None

    async def _bring(
        self,
        store: CloudStore,
        place: Place,
        single: bool,
        objects: "list[ObjectMeta]",
        key: str,
        tell: Callable[[str], None],
    ) -> tuple[Path, tuple[Notice, ...]]:
        with self._kept.room() as room:
            download = Download(store, place, self._kept.writing)
            if single:
                only = room / "object"
                await download.one(objects[0], only, megabytes(objects[0]["size"], tell))
                return self._kept.keep(key, only), ()
            paths = await download.many(objects, room, tell)
            parts = (
                RawRecording(name=file.safe_name(meta["path"]), path=path, size_bytes=meta["size"])
                for path, meta in zip(paths, objects, strict=True)
            )
            notices = Notices()
            joined = room / "joined"
            with self._kept.writing():
                join_parts(parts, joined, place.name, self._limits, notices)
            return self._kept.keep(key, joined, notices), tuple(notices)


def _identity(meta: "ObjectMeta") -> tuple[object, ...]:
    """Changes when the content does. Some servers give no ETag."""
    return meta["path"], meta["size"], meta["e_tag"] or meta["last_modified"].isoformat(), meta["version"]
