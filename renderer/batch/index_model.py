"""The index of a batch's folder, `index.json`: what was looked through, what matched, and the clips that came of it."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict

Severity = Literal["low", "medium", "high", "critical"]
ClipStatus = Literal["made", "failed", "waiting"]
SessionStatus = Literal["matched", "no_match", "unreadable", "duplicate"]


def _whole(value: object) -> object:
    # Half a surrogate pair, as cut-off JSON leaves it, is in no UTF-8 file.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _inside(path: str) -> str:
    parts = path.split("/")
    if "\\" in path or any(part in ("", ".", "..") for part in parts) or PurePosixPath(path).is_absolute():
        raise ValueError("a path in the index is relative to its folder and stays in it")
    return path


Text = Annotated[str, BeforeValidator(_whole)]
"""Redacted, and hostile nevertheless: it came from a recorded page."""

FolderPath = Annotated[str, BeforeValidator(_whole), AfterValidator(_inside)]
"""Below the folder of the index, with forward slashes, not encoded."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RulesUsed(_Part):
    """`source`: a file's name, or `built-in`. `digest`: of the rules' content."""

    source: Text
    digest: Text
    names: tuple[Text, ...]


class Totals(_Part):
    """`sessions` are `read`, `unreadable`, `duplicates`, and in a batch that is not finished those nobody looked into yet.

    `matched` counts sessions. `clips` are `made`, `failed` and `waiting`.
    """

    sessions: int
    read: int
    unreadable: int
    duplicates: int
    matched: int
    moments: int
    clips: int
    made: int
    failed: int
    waiting: int


class Failure(_Part):
    code: Text
    message: Text


class Span(_Part):
    """Session time."""

    from_ms: int
    to_ms: int


class ClipMoment(_Part):
    """`at_ms` is session time; `video_ms` is None where the clip leaves the moment out."""

    rule: Text
    title: Text
    severity: Severity
    at_ms: int
    video_ms: int | None
    labels: dict[Text, Text] = {}


class ClipFile(_Part):
    path: FolderPath
    bytes: int
    sha256: Text


class ClipStep(_Part):
    video_ms: int
    text: Text
    level: Literal["info", "warning", "error"]


class Environment(_Part):
    browser: Text | None = None
    os: Text | None = None
    device: Text | None = None
    person: Text | None = None


class ClipEntry(_Part):
    """`files`: by kind (`mp4`, `poster`, …), those that exist. `severity`: the worst of its moments. `deliver`: where its rules say that it goes."""

    id: Text
    session: Text
    recording_id: Text
    started_at: AwareDatetime | None
    session_ms: int
    title: Text
    severity: Severity
    rules: tuple[Text, ...]
    labels: dict[Text, Text] = {}
    range: Span
    moments: tuple[ClipMoment, ...]
    status: ClipStatus
    error: Failure | None
    files: dict[Text, ClipFile] = {}
    duration_ms: int | None
    width_px: int
    height_px: int
    steps: tuple[ClipStep, ...] = ()
    replay_url: Text | None
    environment: Environment
    deliver: tuple[Text, ...] = ()


class SessionEntry(_Part):
    session: Text
    status: SessionStatus
    moments: int
    error: Failure | None


class Index(_Part):
    format: Literal[1] = 1
    created_at: AwareDatetime
    renderer: Text
    finished: bool
    rules: RulesUsed
    totals: Totals
    clips: tuple[ClipEntry, ...]
    sessions: tuple[SessionEntry, ...]
