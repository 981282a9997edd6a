"""What a ticket system can do, and what comes of a delivery."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from renderer.deliver.parcel import FileKind, ParcelFile

MIB = 1024 * 1024

Readers = Literal["internal", "members", "addressee"]
"""Who reads a note that is not public: `internal`: the system has notes that customers never see; `members`: whoever may see the ticket;
`addressee`: whom it is sent to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """`takes`: most bytes of a file by kind, None where the system tells no limit, absent where it is not taken. `inline`: kinds that are seen
    in the note itself. `note_chars`: of the note's markup. `total_bytes`: of all files of one note. `withdraws`: whether a delivered clip
    can be taken away again. `takes_words`: a note alone is worth sending, without a file or a link.
    """

    takes: Mapping[FileKind, int | None]
    inline: frozenset[FileKind]
    readers: Readers
    dialect: str
    note_chars: int
    total_bytes: int | None = None
    withdraws: bool = False
    takes_words: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it went up. `upload`: what the system said of it, to be kept; empty where files go with the note."""

    file: ParcelFile
    upload: Mapping[str, Any] = field(default_factory=dict)
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The note as it stands on the ticket. `facts`: what is needed to take it away again."""

    id: str
    url: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    kind: FileKind
    name: str
    bytes: int
    sha256: str
    inline: bool
    given_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`way`: how the clip can be seen on the ticket. `found`: an earlier attempt had posted it, and its answer was lost. `notes`: what was
    given up, in plain words. `facts`: of `Posted`. `share`: of the link in it, which goes when it goes.
    """

    destination: str
    ticket: str
    note_id: str
    url: str | None
    is_public: bool
    way: Literal["attached", "link", "summary"]
    files: tuple[SentFile, ...]
    notes: tuple[str, ...]
    found: bool
    at_ms: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    share: str | None = None

    def told(self) -> dict[str, Any]:
        """In JSON's types."""
        return asdict(self) | {"files": [asdict(file) for file in self.files], "facts": dict(self.facts)}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        files = tuple(SentFile(**{**file, "given_up": tuple(file["given_up"])}) for file in told["files"])
        return cls(**{**told, "files": files, "notes": tuple(told["notes"])})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check of a destination found. `is_good` None: it cannot be told without posting."""

    is_good: bool | None
    said: str
