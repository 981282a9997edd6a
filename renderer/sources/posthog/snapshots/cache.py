"""Where fetched recordings lie: a folder for each, its parts, and the whole once they are joined.

    recordings/posthog/<which PostHog and project>/<session id>/ {lock, <part>.jsonl, recording.jsonl, state.json}

What is recorded of people is in there: only the owner may look. A name stands for a whole file; half-written ones have
names of their own, which are cleared away.
"""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from renderer.errors import SetupError
from renderer.notices import Notice
from renderer.sources.posthog.access import Access

_HALF = ".part"


class State(msgspec.Struct, frozen=True):
    """What `recording.jsonl` is. `is_final`: nothing will be added to it. Times are Unix ms; `person_id` is PostHog's.

    `notices`: what is odd about it, to be told each time it is used.
    """

    is_final: bool
    size_bytes: int
    start_ms: float
    end_ms: float
    person_id: str | None = None
    distinct_id: str | None = None
    notices: tuple[Notice, ...] = ()


class Folder:
    """One recording's."""

    def __init__(self, root: Path, access: Access, session_id: str) -> None:
        place = hashlib.sha256(access.api.encode()).hexdigest()[:16]
        self.path = root / "posthog" / place / session_id
        self.whole = self.path / "recording.jsonl"
        self._state = self.path / "state.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Others who want the same recording wait and find it there. Raises SetupError `cache_unwritable`."""
        try:
            descriptor = self._lock()
        except OSError as error:
            raise unwritable(error) from None
        try:
            yield
        except OSError as error:
            raise unwritable(error) from None
        finally:
            self._clear_halves()
            with suppress(OSError):  # only where nothing was fetched: what is not empty stays
                if {each.name for each in self.path.iterdir()} == {"lock"}:
                    shutil.rmtree(self.path)
            os.close(descriptor)

    def _lock(self) -> int:
        """The descriptor of the lock, held. One who waited may have got the lock of a folder that is no more."""
        while True:
            try:
                self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            except FileNotFoundError:  # taken away between these two lines
                continue
            except FileExistsError:  # `exist_ok` looks again whether it is a folder: it was taken away meanwhile
                with suppress(FileNotFoundError):  # one look: between two it could come and go
                    if not stat.S_ISDIR(self.path.stat().st_mode):
                        raise
                continue
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), (self.path / "lock").stat()):
                    return descriptor
            os.close(descriptor)

    def part(self, name: str) -> Path:
        return self.path / f"{name}.jsonl"

    def half(self, name: str) -> Path:
        return self.path / f"{name}{_HALF}"

    def state(self) -> State | None:
        """None unless the whole is there as it was written."""
        try:
            state = msgspec.json.decode(self._state.read_bytes(), type=State)
            return state if self.whole.stat().st_size == state.size_bytes else None
        except (OSError, msgspec.DecodeError):
            return None

    def join(self, parts: Iterable[Path]) -> int:
        """Makes the whole of its parts; returns its size in bytes."""
        half = self.half("recording")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for part in parts:
                with part.open("rb") as opened:
                    shutil.copyfileobj(opened, file, 1 << 20)
            size_bytes = file.tell()
        self._state.unlink(missing_ok=True)
        half.replace(self.whole)
        return size_bytes

    def keep(self, state: State, parts: Iterable[Path]) -> None:
        """Writes what the whole is, and drops all parts but these."""
        half = self.half("state")
        half.write_bytes(msgspec.json.encode(state))
        half.replace(self._state)
        kept = set(parts)
        for each in self.path.glob("*.jsonl"):
            if each != self.whole and each not in kept:
                each.unlink()

    def _clear_halves(self) -> None:
        for each in self.path.glob(f"*{_HALF}"):
            with suppress(OSError):
                each.unlink()


def unwritable(error: OSError) -> SetupError:
    return SetupError(
        "cache_unwritable",
        f"the fetched recording cannot be kept ({error.strerror or 'disk error'}): make room, or set RENDERER_CACHE_DIR to a"
        " folder that can be written",
    )
