"""A clip store in memory that may be away, or keep what it should not."""

from collections.abc import Iterator
from pathlib import Path

from renderer.errors import StoreError
from renderer.store.clips.model import Opened, PutFile, StoredFile


class Shelf:
    """`files`: bytes by name. `away`: the beginnings of names of which it says that it cannot be reached; `denied`: of which it says no."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.stored_ms: dict[str, int] = {}
        self.away: tuple[str, ...] = ()
        self.denied: tuple[str, ...] = ()
        self.asked: list[str] = []

    def lay(self, name: str, data: bytes = b"x", stored_ms: int = 0) -> None:
        self.files[name] = data
        self.stored_ms[name] = stored_ms

    def put(self, name: str, path: Path, content_type: str) -> PutFile:
        raise NotImplementedError

    def find(self, name: str) -> StoredFile:
        raise NotImplementedError

    def open(self, name: str, start: int = 0, end: int | None = None) -> Opened:
        self._ask(name)
        if name not in self.files:
            raise StoreError("file_not_found", f"there is no {name}")
        return Opened(len(self.files[name]), (block for block in [self.files[name]]))

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        self._ask(prefix)
        for name in list(self.files):
            if name.startswith(prefix):
                yield StoredFile(name, len(self.files[name]), self.stored_ms[name])

    def delete(self, prefix: str) -> int:
        self._ask(prefix)
        gone = [name for name in self.files if name == prefix or name.startswith(f"{prefix}/")]
        for name in gone:
            del self.files[name]
        return len(gone)

    def check(self) -> None:
        self._ask("checks")

    def sweep(self, older_than_s: float) -> int:
        self._ask(".incoming")
        return 0

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if name.startswith(self.away):
            raise StoreError("store_unreachable", "the store is away", retryable=True)
        if name.startswith(self.denied):
            raise StoreError("store_denied", "the store says no")
