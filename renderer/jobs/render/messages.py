"""What a render process and its supervisor say to each other: JSON lines over its stdin and stdout.

    supervisor ─ Job ─▶ process          what to make; always the first line
    process ─ Told ─▶ supervisor         how far it is
    process ─ Planned ─▶ supervisor      what it is going to make; it waits for an answer
    supervisor ─ Go ─▶ process           make it, under this name; without a Go there is nothing to make
    process ─ Offered ─▶ supervisor      others may film with it
    process ─ Found ─▶ supervisor        sessions that a source has
    process ─ Looked | NotLooked ─▶ supervisor   what there is to see of a session, or why it could not be read
    process ─ Made | Failed ─▶ supervisor   the last line

The end of its stdin is the end of whoever wanted the clip: the process stops and clears away.
"""

from typing import Any, Literal

import msgspec

from renderer.jobs.model import Failure
from renderer.jobs.survey.model import Archived, FoundSession, Survey


class Job(msgspec.Struct, frozen=True, kw_only=True, tag="clip"):
    """`kind`: the whole clip, or a hand with the segments of one that another process makes. `events`: the name of the events
    file that was uploaded with the recording.
    """

    kind: Literal["clip", "segments"]
    clip_id: str
    attempt: int
    owner: str
    tenant: str
    request: dict[str, Any]
    events: str | None = None
    plan_digest: str | None = None


class SurveyJob(msgspec.Struct, frozen=True, kw_only=True, tag="survey"):
    """To ask a source which sessions it has, or to look into some."""

    survey: Survey


class Told(msgspec.Struct, frozen=True, tag="told"):
    """`done`: of the whole, 0 to 1. `stage`: as `renderer.stages` names it."""

    stage: str
    done: float
    message: str
    frames: tuple[int, int] | None = None


class Planned(msgspec.Struct, frozen=True, tag="planned"):
    """`key`: equal keys mean equal files."""

    key: str
    plan_digest: str
    session: str
    segments: int


class Offered(msgspec.Struct, frozen=True, tag="offered"):
    """So many segments that others may film."""

    segments: int


class Go(msgspec.Struct, frozen=True, tag="go"):
    render_id: str


class Made(msgspec.Struct, frozen=True, tag="made"):
    """`files`: as in the table renders, all of them in the store."""

    files: list[dict[str, Any]]
    facts: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    failure: Failure


class Found(msgspec.Struct, frozen=True, tag="found"):
    sessions: list[FoundSession]


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """`clips`: `renderer.batch.index_model.ClipEntry` as JSON."""

    number: int
    recording_id: str
    clips: list[dict[str, Any]]
    archived: Archived | None = None


class NotLooked(msgspec.Struct, frozen=True, tag="not_looked"):
    number: int
    failure: Failure


Message = Told | Planned | Offered | Found | Looked | NotLooked | Made | Failed
AnyJob = Job | SurveyJob
