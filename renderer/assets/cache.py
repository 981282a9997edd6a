"""What was fetched before, on disk: bodies by their SHA-256, and an index from URL to body or to the reason why there is none.

    v1/bodies/ab/abcd…   the bytes; mtime is the last use
    v1/urls/12/1234…     one `Entry` as JSON; the name is the SHA-256 of the URL, so that no signed URL is ever written down
    v1/tmp/              files being written

Any number of processes may share it without a lock: every file is written beside and renamed, a body is immutable under its
name, and a reader takes anything that does not fit together (body pruned, torn or tampered) for "not there".
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import msgspec

from renderer.assets.addresses import Reach
from renderer.assets.asset import Kind

LAYOUT = "v1"


class Hop(msgspec.Struct, frozen=True, array_like=True):
    """A server that was asked, or would have been: `origin` is scheme://host:port, `reach` what its addresses are."""

    origin: str
    reach: Reach


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one URL. Times are Unix seconds; `expires_s` 0 is never.

    `hops` are the servers on the way, redirects included; the policy of a later run decides by them whether this may be used.
    `location` is where a stylesheet moved to. `budget_s` is the clip's budget that ran out before this URL was had, since a
    bigger one is worth another try; 0 for all else.
    """

    outcome: Literal["ok", "moved", "missing", "failed", "refused"]
    stored_s: float = 0.0
    expires_s: float = 0.0
    reason: str = ""
    hops: tuple[Hop, ...] = ()
    kind: Kind = "picture"
    content_type: str = ""
    # The pattern keeps a tampered entry from naming a file outside the cache.
    sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    animated: bool = False
    location: str = ""
    budget_s: float = 0.0


class AssetCache:
    """The cache below `root` (made when first written). Unwritable disks raise OSError from `write` alone."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        self.root = root / LAYOUT
        self._clock = clock

    def read(self, key: str) -> tuple[Entry, bytes] | None:
        """The entry of a URL's key and its body, or None when it is unknown, expired or damaged."""
        path = self._url_path(key)
        try:
            entry = msgspec.json.decode(path.read_bytes(), type=Entry)
        except (OSError, ValueError):
            # msgspec's errors are ValueErrors, as are those of bytes that are no UTF-8.
            return None
        _touch(path)
        if entry.expires_s and self._clock() >= entry.expires_s:
            return None
        if entry.outcome != "ok":
            return entry, b""
        body = self._body(entry.sha256)
        return None if body is None else (entry, body)

    def write(self, key: str, entry: Entry, body: bytes = b"") -> None:
        """Remember an entry; `entry.sha256` names the body, which must be given when the outcome is "ok"."""
        if entry.outcome == "ok":
            path = self._body_path(entry.sha256)
            if not self._has(path, len(body)):
                self._publish(path, body)
        self._publish(self._url_path(key), msgspec.json.encode(entry))

    def _has(self, path: Path, size_bytes: int) -> bool:
        """A body of that name and size may still be damaged; `read` checks the hash, so it need not be done twice."""
        try:
            present = path.stat().st_size == size_bytes
            if present:
                os.utime(path)
        except OSError:
            return False
        return present

    def _body(self, sha256: str) -> bytes | None:
        path = self._body_path(sha256)
        try:
            body = path.read_bytes()
        except (OSError, ValueError):
            return None
        if hashlib.sha256(body).hexdigest() != sha256:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        _touch(path)
        return body

    def _publish(self, path: Path, data: bytes) -> None:
        temporary = self.root / "tmp" / uuid4().hex
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.parent.mkdir(exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def _url_path(self, key: str) -> Path:
        return self.root / "urls" / key[:2] / key

    def _body_path(self, sha256: str) -> Path:
        return self.root / "bodies" / sha256[:2] / sha256


def _touch(path: Path) -> None:
    # A cache that may only be read serves all the same; it merely cannot tell what was used last.
    with contextlib.suppress(OSError):
        os.utime(path)
