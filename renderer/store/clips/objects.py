"""A clip store in an object store: S3 and its like, Google Cloud Storage, Azure Blob Storage."""

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore

from renderer.clouds.answers import ERRORS
from renderer.clouds.client import CloudStore, open_store
from renderer.errors import RequestError, SetupError, StoreError
from renderer.store.clips import faults, trial
from renderer.store.clips.answers import explain
from renderer.store.clips.model import Opened, PutFile, StoredFile
from renderer.store.clips.names import check_name, check_prefix, is_name
from renderer.store.clips.place import CloudPlace
from renderer.store.clips.ranges import bad_range, check_range

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult, ObjectMeta
    from obstore.store import ClientConfig, RetryConfig

# Who waits for a clip is told of a dead store within minutes; the queue has more patience.
CLIENT: "Final[ClientConfig]" = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "20m"}
RETRY: "Final[RetryConfig]" = {
    "max_retries": 3,
    "retry_timeout": timedelta(minutes=2),
    "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2},
}
_MIB: Final = 1024 * 1024
_PART_BYTES: Final = 8 * _MIB
_PARTS_AT_ONCE: Final = 4
_ROUNDS: Final = 3

_Missing = Callable[[str], StoreError]


class ObjectStore:
    """A file is an object below `place`. Each is put by one request, or in parts that become an object at once when all are there.

    Credentials, regions and endpoints come from the environment, as each cloud's own tools read them. Not to be carried over a
    fork: every process makes its own.
    """

    def __init__(
        self,
        place: CloudPlace,
        *,
        endpoint: str | None = None,
        client: "ClientConfig" = CLIENT,
        retry: "RetryConfig" = RETRY,
    ) -> None:
        """Connects to nothing. Raises SetupError `bad_store_url`."""
        self._place = place
        self._store = _open(place, endpoint, client, retry)

    def put(self, name: str, path: Path, content_type: str) -> PutFile:
        check_name(name)
        with path.open("rb") as file:
            given = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            with self._asking(name, missing=faults.damaged):  # parts that it had taken are not there
                obstore.put(
                    self._store,
                    name,
                    file,
                    attributes={"Content-Type": content_type},
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
        size_bytes, kept = self._read_back(name)
        if kept != given:
            # Left where it is: another writer of the same name may have been quicker, and its file is good.
            raise faults.damaged(name)
        return PutFile(name, size_bytes, kept)

    def find(self, name: str) -> StoredFile:
        check_name(name)
        with self._asking(name):
            return _stored(obstore.head(self._store, name))

    def open(self, name: str, start: int = 0, end: int | None = None) -> Opened:
        check_name(name)
        return self._get(name, _part(name, start, end), start, end)

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        with self._asking(prefix):
            pages = iter(obstore.list(self._store, check_prefix(prefix) or None, chunk_size=1000))
        while True:
            with self._asking(prefix):
                page = next(pages, None)
            if page is None:
                return
            # What else lies in the bucket is not ours.
            yield from (_stored(meta) for meta in page if is_name(meta["path"]))

    def delete(self, prefix: str) -> int:
        check_prefix(prefix, least=2)
        there = names = self._names(prefix)
        for _ in range(_ROUNDS):
            if not names:
                break
            with self._asking(prefix), suppress(FileNotFoundError):  # somebody else deletes them as well
                obstore.delete(self._store, names)
            names = self._names(prefix)
        if names:
            raise faults.still_there(prefix)
        return len(there)

    def check(self) -> None:
        trial.try_out(self)

    def sweep(self, older_than_s: float) -> int:
        """Nothing to do: what a killed writer left are parts without a name, which the bucket's lifecycle rule takes away."""
        return 0

    def _names(self, prefix: str) -> tuple[str, ...]:
        """The object of that name, and those below it."""
        found = tuple(each.name for each in self.list(prefix))
        try:
            return (*found, self.find(prefix.removesuffix("/")).name)
        except StoreError as error:
            if error.code != "file_not_found":
                raise
            return found

    def _read_back(self, name: str) -> tuple[int, str]:
        digest = hashlib.sha256()
        size_bytes, blocks = self._get(name, {}, 0, None, missing=faults.damaged)
        for block in blocks:
            digest.update(block)
        return size_bytes, digest.hexdigest()

    def _get(
        self, name: str, part: "GetOptions", start: int, end: int | None, missing: _Missing = faults.not_found
    ) -> Opened:
        with self._asking(name, missing):
            result = obstore.get(self._store, name, options=part)
        size_bytes = result.meta["size"]
        last = check_range(name, size_bytes, start, end)
        if result.range != (start, last):
            raise faults.damaged(name)
        blocks = self._blocks(name, result, last - start)
        next(blocks)  # begun: only then does closing it let go of the connection
        return Opened(size_bytes, blocks)

    def _blocks(self, name: str, result: "GetResult", length: int) -> Generator[bytes]:
        yield b""
        with self._asking(name):
            stream = iter(result.stream(min_chunk_size=_MIB))
        while True:
            with self._asking(name):
                block = next(stream, None)
            if block is None:
                break
            length -= len(block)
            if length < 0:
                break
            yield bytes(block)
        if length:
            raise faults.damaged(name)

    @contextmanager
    def _asking(self, name: str, missing: _Missing = faults.not_found) -> Iterator[None]:
        """Makes obstore's errors ours; `missing`: what it means that the file is not there."""
        try:
            yield
        except ERRORS as error:
            raise explain(error, name, self._place, missing) from None


def _open(place: CloudPlace, endpoint: str | None, client: "ClientConfig", retry: "RetryConfig") -> CloudStore:
    try:
        return open_store(place.scheme, place.bucket, endpoint, client, retry, place.prefix)
    except RequestError as error:
        raise SetupError("bad_store_url", error.message) from None
    except ERRORS as error:
        said = explain(error, "a file", place)
        raise SetupError("bad_store_url", f"the store cannot be used: {said.message}") from None


def _part(name: str, start: int, end: int | None) -> "GetOptions":
    if start == 0 and end is None:
        return {}
    if start < 0 or (end is not None and end <= start):
        raise bad_range(name)
    return {"range": {"offset": start} if end is None else (start, end)}


def _stored(meta: "ObjectMeta") -> StoredFile:
    return StoredFile(meta["path"], meta["size"], int(meta["last_modified"].timestamp() * 1000))
