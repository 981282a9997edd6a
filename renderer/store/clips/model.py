"""What a clip store is asked for and tells."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class PutFile:
    """A file that was put. `sha256` (hex): of what was read back from the store."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is there. `stored_ms`: Unix time of its putting, by the store's clock."""

    name: str
    size_bytes: int
    stored_ms: int


class Opened(NamedTuple):
    """`size_bytes`: of the whole file. `blocks`: what was asked for of it; to be read to its end, or closed."""

    size_bytes: int
    blocks: Generator[bytes]


class ClipStore(Protocol):
    """Files by name, as `renders/REN_ID/clip.mp4`: two to six words of letters, digits, `_`, `-` and inner dots, with slashes between.

    Any number of threads and processes may use one at once, and any may be killed at any moment: under its name a file is there
    whole or not at all. Every method raises RequestError `bad_file_name` for what is no name, and StoreError: store_unreachable,
    store_failed, store_full, store_damaged (as a rule retryable), store_denied, store_misconfigured (not).
    """

    def put(self, name: str, path: Path, content_type: str) -> PutFile:
        """Copies the file at `path`, and reads it back: it is there for good when this returns. Of two of a name the last one stays.

        `store_damaged`: what was read back was something else. What stands under the name then is not to be used; putting it again mends it.
        """
        ...

    def find(self, name: str) -> StoredFile:
        """Raises StoreError `file_not_found`."""
        ...

    def open(self, name: str, start: int = 0, end: int | None = None) -> Opened:
        """The bytes from `start` up to and without `end`, which may lie behind the last one; None: all.

        Raises StoreError `file_not_found`, and RequestError `bad_range` when there is nothing in that range of a file.
        `blocks` raise StoreError when they come to less, or more, than was asked for.
        """
        ...

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        """The files below `prefix`, whole words of a name: `renders/REN_ID`; all without one. In no order."""
        ...

    def delete(self, prefix: str) -> int:
        """Takes away the file of that name and all files below it, at least two words; says how many there were.

        When this returns the store was asked again, and had none: StoreError `store_damaged` otherwise.
        """
        ...

    def check(self) -> None:
        """Puts, reads and takes away a small file, as a proof that the store works."""
        ...

    def sweep(self, older_than_s: float) -> int:
        """Takes away what killed writers left behind that long ago; says how much. Object stores do this by a rule of their own."""
        ...
