"""One delivery, from the clip to the note on the ticket: once, however often it is tried."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from renderer.deliver import sending
from renderer.deliver.journal import RECEIPT, Steps
from renderer.deliver.model import Posted, Receipt, Sent, SentFile
from renderer.deliver.note.compose import NoteFacts, compose
from renderer.deliver.parcel import Fit, Parcel
from renderer.deliver.sending import Tell
from renderer.deliver.system import System
from renderer.deliver.understood import understood
from renderer.errors import DestinationError

NOTE: Final = "note"
_POSTED: Final = "posted"
WATCH: Final = "watch"


@dataclass(frozen=True, slots=True)
class _Standing:
    """A note that is on the ticket. `notes`: what was given up; `found`: an earlier attempt had posted it."""

    posted: Posted
    sent: Sequence[Sent]
    notes: tuple[str, ...]
    found: bool


def deliver(
    system: System,
    reference: str,
    parcel: Parcel,
    steps: Steps,
    fit: Fit,
    tell: Tell = lambda _: None,
    *,
    name: str | None = None,
) -> Receipt:
    """Puts the clip on the ticket, or goes on where an earlier attempt was broken off. The receipt of one that is done is given again.

    `name`: of the destination, where it is another than the system's. Raises RequestError `bad_ticket_reference` and DestinationError;
    `retryable` ones may be tried again, with the same steps.
    """
    if (done := steps.known(RECEIPT)) is not None:
        return Receipt.read(done)
    ticket = system.ticket(reference)
    tell(f"{system.title}: looking at {ticket}")
    try:
        standing = _earlier(system, ticket, parcel, steps) or _post(system, ticket, parcel, steps, fit, tell)
    except DestinationError as error:
        if error.code == "upload_lost":
            steps.forget(sending.UPLOAD)
        elif not error.retryable:
            abandon(system, steps)
        raise
    tell(f"{system.title}: checking what arrived")
    try:
        with understood(system):
            posted = system.confirm(ticket, standing.posted, standing.sent, parcel)
    except DestinationError as error:
        if error.retryable:
            raise
        raise _undone(system, ticket, standing.posted, steps, error) from None
    receipt = _receipt(name or system.name, system, ticket, parcel, standing, posted, steps.known(WATCH))
    steps.keep(RECEIPT, receipt.told())
    # Tokens of uploads are as good as keys for a while, and nobody needs them any more.
    steps.forget(sending.UPLOAD)
    return receipt


def abandon(system: System, steps: Steps) -> None:
    """Of a delivery that will not be tried again: uploads go away, unless a note may refer to them."""
    if not steps.was_begun(NOTE):
        sending.discard(system, steps)
    steps.forget(sending.LIMIT)


def _earlier(system: System, ticket: str, parcel: Parcel, steps: Steps) -> _Standing | None:
    """The note of an attempt before this one."""
    sent, notes = sending.sent_before(system, steps)
    if (known := steps.known(_POSTED)) is not None:
        posted = Posted(id=known["id"], url=known["url"], facts=known["facts"])
        return _Standing(posted, sent, notes, bool(known["found"]))
    if not steps.was_begun(NOTE):
        return None
    with understood(system):
        found = system.find(ticket, parcel, sent)
    return None if found is None else _stands(steps, _Standing(found, sent, notes, found=True))


def _post(system: System, ticket: str, parcel: Parcel, steps: Steps, fit: Fit, tell: Tell) -> _Standing:
    with understood(system):
        takes = system.vet(ticket, parcel)
    while True:
        choice = sending.chosen(system, parcel, takes, steps, fit, tell)
        try:
            sent = sending.send(system, ticket, choice, steps, tell)
            posted = _write(system, ticket, parcel, sent, steps, tell)
        except sending.TooMuchError as refusal:
            sending.learn(steps, refusal)
        else:
            return _stands(steps, _Standing(posted, sent, choice.notes, found=False))


def _write(system: System, ticket: str, parcel: Parcel, sent: list[Sent], steps: Steps, tell: Tell) -> Posted:
    with understood(system):
        note = system.write(compose(_facts(system, parcel, sent, steps)))
    tell(f"{system.title}: writing the note")
    try:
        with steps.once(NOTE), understood(system):
            return system.post(ticket, note, sent, parcel)
    except DestinationError as error:
        raise sending.refused(sent, error) or error from None


def _stands(steps: Steps, standing: _Standing) -> _Standing:
    posted = standing.posted
    steps.keep(_POSTED, {"id": posted.id, "url": posted.url, "facts": dict(posted.facts), "found": standing.found})
    return standing


def _undone(system: System, ticket: str, posted: Posted, steps: Steps, error: DestinationError) -> DestinationError:
    """Of a note that is not as it should be: it goes, where it can, and a delivery that is tried again by hand begins anew."""
    said = f"; the note stands at {posted.url or ticket}: take it away there"
    if system.capabilities.withdraws:
        with suppress(DestinationError), understood(system):
            system.withdraw(ticket, posted.facts)
            said = "; it was taken away again"
    steps.forget("")
    return DestinationError(error.code, f"{error.message}{said}")


def _facts(system: System, parcel: Parcel, sent: Sequence[Sent], steps: Steps) -> NoteFacts:
    watch: dict[str, Any] | None = None
    make = parcel.watch
    # A link that opens without an account is more than a file on a ticket: only where there is no other way.
    if not sent and make is not None:
        watch = steps.do(WATCH, lambda: make()._asdict())
    return NoteFacts(
        summary=parcel.summary,
        replay_url=parcel.replay_url,
        moment_ms=parcel.moment_ms,
        time_map=parcel.time_map,
        watch_url=watch["url"] if watch else None,
        watch_says=watch["says"] if watch else "",
        media=tuple(system.media(sent)),
        marker=parcel.marker,
    )


def _receipt(
    name: str,
    system: System,
    ticket: str,
    parcel: Parcel,
    standing: _Standing,
    posted: Posted,
    watch: dict[str, Any] | None,
) -> Receipt:
    sent = standing.sent
    return Receipt(
        destination=name,
        ticket=ticket,
        note_id=posted.id,
        url=posted.url,
        is_public=parcel.is_public,
        way="attached" if sent else "summary" if system.capabilities.takes_words else "link",
        files=tuple(
            SentFile(
                kind=each.file.kind,
                name=each.file.name,
                bytes=each.file.bytes,
                sha256=each.file.sha256,
                inline=each.inline,
                given_up=each.file.given_up,
            )
            for each in sent
        ),
        notes=standing.notes,
        found=standing.found,
        at_ms=round(time.time() * 1000),
        facts=posted.facts,
        share=watch["share"] if watch and not sent else None,
    )
