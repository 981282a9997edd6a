"""A clip that a ticket system asks for: who asks, what is made, and that it is made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from renderer import inbound
from renderer.access.caller import Actor, Caller, KeyLimits
from renderer.api.deps import Trail
from renderer.api.idempotency import KEPT_MS, REPLAYED, Answer
from renderer.api.models.asked import ClipCreate
from renderer.api.models.inbound import Taken
from renderer.api.once import Finish, Once
from renderer.api.problems import ProblemError
from renderer.api.service import Service
from renderer.api.submit import Asked, submission
from renderer.database.engine import now_ms
from renderer.database.locks import alone
from renderer.database.tables import Clip, Delivery
from renderer.jobs.model import Submission
from renderer.jobs.seen import Seen

SCOPES: Final = frozenset({"clips:write", "deliveries:write"})
# Small enough for every ticket system, GitHub's 10 MB being the least.
_OUTPUTS: Final = ({"format": "mp4", "max_bytes": 10_000_000}, {"format": "gif", "max_bytes": 8_000_000})
_BEFORE_MS: Final = 15_000
_AFTER_MS: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class TicketSystem(Caller):
    """A caller whose signature stands for a key. Its limits are those of a key that has none of its own."""

    def actor(self, request_id: str | None = None, address: str | None = None) -> Actor:
        return Actor(name=self.key_id, request_id=request_id, address=address)


def caller_of(system: inbound.SystemName, tenant: str) -> TicketSystem:
    return TicketSystem(key_id=f"inbound:{system}", tenant=tenant, name=system, scopes=SCOPES, limits=KeyLimits())


class _MadeBeforeError(Exception):
    """Undoes the transaction that would make the clip again."""

    def __init__(self, clip_id: str) -> None:
        super().__init__()
        self.clip_id = clip_id


def create(service: Service, caller: TicketSystem, asked: inbound.Asked, trail: Trail) -> Answer:
    """A delivery that comes again is answered as it was the first time. A session's clip is put on a ticket once in 24 hours, unless it
    failed, or somebody asks for another moment of it by command.

    Raises ProblemError, TryLaterError.
    """
    key = f"{caller.key_id}:{sha256(asked.id.encode('utf-8', 'replace')).hexdigest()}" if asked.id else None
    path = f"/v1/inbound/{caller.name}"
    once = Once(keys=service.idempotency, caller=caller, key=key, path=path, body=None)
    return once.run(partial(_create, service, caller, asked, trail))


def _create(service: Service, caller: TicketSystem, asked: inbound.Asked, trail: Trail, finish: Finish) -> Answer:
    wanted = _submission(service, caller, asked)
    to = wanted.deliver[0].to

    def first(session: Session) -> None:
        alone(session, f"{caller.key_id} {to}")
        if (before := _made_before(session, caller, asked, to)) is not None:
            raise _MadeBeforeError(before)
        service.quotas.check(session, caller.key_id)

    def last(session: Session, seen: Sequence[Seen]) -> None:
        clip_id = seen[0].clip.id
        finish(session, lambda: _taken(clip_id, to))
        trail.note_in(session, caller, "clip.create", clip_id, recording=wanted.request.recording, to=to)

    try:
        (seen,) = service.queue.submit_many([wanted], first=first, last=last)
    except _MadeBeforeError as before:
        answer = _taken(before.clip_id, to, REPLAYED)
        with service.database.write() as session:
            finish(session, lambda: answer)
        return answer
    service.waker.wake()
    return _taken(seen.clip.id, to)


def _submission(service: Service, caller: TicketSystem, asked: inbound.Asked) -> Submission:
    body = ClipCreate.model_validate(
        {
            "recording": recording_of(asked),
            "moment": moment_of(asked),
            "outputs": _OUTPUTS,
            "deliver": [{"to": asked.to}],
            "metadata": {"inbound": caller.name, "ticket": asked.to.partition(":")[2]},
        }
    )
    try:
        return submission(service, caller, Asked(spec=body, metadata=body.metadata, deliver=body.deliver))
    except ProblemError as error:  # the fields that it names are none of what was sent
        raise ProblemError(error.status_code, error.code, str(error.detail), headers=error.headers) from None


def recording_of(asked: inbound.Asked) -> str:
    """As PostHog's source reads it, with the time that was pointed to."""
    if asked.at_ms is None:
        return asked.session
    seconds = f"{asked.at_ms / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{asked.session}?t={seconds}"


def moment_of(asked: inbound.Asked) -> dict[str, Any]:
    """What the ticket points to, else the first thing that the built-in rules find worth showing."""
    return (
        {"name": "first", "or_end": True} if asked.at_ms is None else {"before_ms": _BEFORE_MS, "after_ms": _AFTER_MS}
    )


def _made_before(session: Session, caller: TicketSystem, asked: inbound.Asked, to: str) -> str | None:
    """The clip that is on the ticket already, or on its way there. Our own note may hold links to other moments of the session: an event
    of it must not ask for the next clip.
    """
    found = session.execute(
        select(Clip.id, Clip.recording, Delivery.options)
        .join(Delivery, Delivery.clip_id == Clip.id)
        .where(
            Clip.key_id == caller.key_id,
            Clip.created_ms > now_ms() - KEPT_MS,
            Clip.tenant == caller.tenant,
            Clip.status.not_in(("failed", "canceled")),
            Clip.deleted_ms.is_(None),
            Delivery.destination == to,
            Delivery.status.in_(("waiting", "queued", "sending", "succeeded")),
        )
    )
    wanted = recording_of(asked)
    for clip_id, recording, options in found:
        if options.get("withdraw"):
            continue
        if recording == wanted or (not asked.is_command and recording.partition("?")[0] == asked.session):
            return str(clip_id)
    return None


def _taken(clip_id: str, to: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(202, dict(headers or {}), Taken(clip=clip_id, to=to).model_dump())
