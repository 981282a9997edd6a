"""What is delivered: the files of a clip, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

FileKind = Literal["mp4", "webm", "gif", "poster"]
CONTENT_TYPES: Final[dict[FileKind, str]] = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "gif": "image/gif",
    "poster": "image/png",
}


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """A file on this machine's disk. `given_up`: in plain words, what it cost to make it fit."""

    kind: FileKind
    name: str
    path: Path
    bytes: int
    sha256: str
    given_up: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.kind]


class Watch(NamedTuple):
    """Where a clip can be watched without an account, and until when, in words. `share`: by what the link is revoked."""

    url: str
    says: str = ""
    share: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A clip, to be put on one ticket.

    `key`: the same at every attempt of this delivery, and of no other. `summary`: clip.md. `replay_url`: the session in PostHog, without a
    time; `moment_ms`: session time that a link to it points to. `time_map`: (video ms, session ms, speed). `watch`: makes a link to the clip,
    for when no file may be attached: not called before. `is_public`: the customer may read the note. `accepts`: risks that the caller knows of, see `Risk`.
    """

    key: str
    summary: str
    files: tuple[ParcelFile, ...]
    replay_url: str | None = None
    moment_ms: int | None = None
    time_map: tuple[tuple[int, int, float], ...] = ()
    watch: Callable[[], Watch] | None = None
    is_public: bool = False
    accepts: frozenset[str] = frozenset()

    @property
    def marker(self) -> str:
        """Stands in the note; by it the note is found again."""
        return f"renderer-{self.key}"

    def file(self, kind: FileKind) -> ParcelFile | None:
        return next((file for file in self.files if file.kind == kind), None)


Risk = Literal["visible_files", "public_project"]
"""`visible_files`: a private note's files can be seen by who must not read the note. `public_project`: strangers read it, another
company or the whole world."""

Fit = Callable[[ParcelFile, Literal["mp4", "gif"], int], ParcelFile]
"""Makes of a film another file of at most so many bytes. Raises EncodeError `cannot_fit`. The same bytes for the same arguments."""
