"""One delivery, from the clip to the note on the ticket: once, however often it is tried."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Literal

from renderer.deliver.choose import SMALLEST_BYTES, Choice, choose
from renderer.deliver.journal import RECEIPT, Steps
from renderer.deliver.model import Posted, Receipt, Sent, SentFile
from renderer.deliver.note.compose import NoteFacts, compose
from renderer.deliver.parcel import FileKind, Fit, Parcel, ParcelFile
from renderer.deliver.system import System
from renderer.errors import DestinationError

Tell = Callable[[str], None]

_NOTE: Final = "note"
_POSTED: Final = "posted"
_UPLOAD: Final = "upload:"
_LIMIT: Final = "limit:"
_SMALLER: Final = frozenset({"file_too_large", "file_type_refused"})


def deliver(
    system: System,
    reference: str,
    parcel: Parcel,
    steps: Steps,
    fit: Fit,
    tell: Tell = lambda _: None,
) -> Receipt:
    """Puts the clip on the ticket, or goes on where an earlier attempt was broken off. The receipt of one that is done is given again.

    Raises RequestError `bad_ticket_reference` and DestinationError; `retryable` ones may be tried again, with the same steps.
    """
    if (done := steps.known(RECEIPT)) is not None:
        return Receipt.read(done)
    ticket = system.ticket(reference)
    tell(f"{system.title}: looking at {ticket}")
    with _understood(system):
        takes = system.vet(ticket, parcel)

    def told_fit(source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
        what = "a GIF of it" if kind == "gif" else source.name
        tell(f"{system.title}: making {what} fit into {most_bytes:,} bytes")
        return fit(source, kind, most_bytes)

    while True:
        choice = choose(parcel, _less(takes, steps), system.capabilities, told_fit)
        _demand_something(choice, parcel, system)
        try:
            sent, posted, was_found = _put(system, ticket, parcel, choice, steps, tell)
        except _TooMuchError as refusal:
            _learn(steps, refusal)
        except DestinationError as error:
            _clean_up(system, steps, error)
            raise
        else:
            break
    tell(f"{system.title}: checking what arrived")
    with _understood(system):
        posted = system.confirm(ticket, posted, sent, parcel)
    receipt = _receipt(system, ticket, parcel, choice, sent, posted, found=was_found)
    steps.keep(RECEIPT, receipt.told())
    # Tokens of uploads are as good as keys for a while, and nobody needs them any more.
    steps.forget(_UPLOAD)
    return receipt


@contextmanager
def _understood(system: System) -> Iterator[None]:
    """An answer in which something lacks, or is of another kind than documented, is the system's and no fault of ours to be shown as one."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise DestinationError(
            "destination_bad_answer",
            f"{system.title} answered something else than it documents: check what stands before it, and try again",
            retryable=True,
            may_have_happened=True,
        ) from error


class _TooMuchError(Exception):
    """The system does not take this file."""

    def __init__(self, file: ParcelFile, error: DestinationError) -> None:
        super().__init__(error.message)
        self.file = file
        self.error = error


def _put(
    system: System, ticket: str, parcel: Parcel, choice: Choice, steps: Steps, tell: Tell
) -> tuple[list[Sent], Posted, bool]:
    if (known := steps.known(_POSTED)) is not None:
        posted = Posted(id=known["id"], url=known["url"], facts=known["facts"])
        return _sent(system, choice, steps), posted, bool(known["found"])
    if steps.was_begun(_NOTE):
        sent = _sent(system, choice, steps)
        with _understood(system):
            there = system.find(ticket, parcel, sent)
        if there is not None:
            return sent, _keep(steps, there, found=True), True
    sent = [_sent_as(system, file, _upload(system, ticket, file, steps, tell)) for file in choice.files]
    note = system.write(compose(_facts(system, parcel, sent, steps)))
    tell(f"{system.title}: writing the note")
    try:
        with steps.once(_NOTE), _understood(system):
            posted = system.post(ticket, note, sent, parcel)
    except DestinationError as error:
        if error.code in _SMALLER and sent:
            raise _TooMuchError(max((each.file for each in sent), key=lambda file: file.bytes), error) from None
        raise
    return sent, _keep(steps, posted, found=False), False


def _keep(steps: Steps, posted: Posted, *, found: bool) -> Posted:
    steps.keep(_POSTED, {"id": posted.id, "url": posted.url, "facts": dict(posted.facts), "found": found})
    return posted


def _sent(system: System, choice: Choice, steps: Steps) -> list[Sent]:
    """As far as earlier attempts came."""
    return [_sent_as(system, file, steps.known(_step(file)) or {}) for file in choice.files]


def _sent_as(system: System, file: ParcelFile, upload: Mapping[str, Any]) -> Sent:
    """An upload may say for itself that it cannot be shown in the note."""
    return Sent(file, upload, file.kind in system.capabilities.inline and bool(upload.get("inline", True)))


def _step(file: ParcelFile) -> str:
    return f"{_UPLOAD}{file.kind}:{file.sha256}"


def _upload(system: System, ticket: str, file: ParcelFile, steps: Steps, tell: Tell) -> Mapping[str, Any]:
    def act() -> Mapping[str, Any]:
        tell(f"{system.title}: sending {file.name} ({file.bytes:,} bytes)")
        try:
            with _understood(system):
                return system.upload(ticket, file)
        except DestinationError as error:
            if error.code in _SMALLER:
                raise _TooMuchError(file, error) from None
            raise

    return steps.do(_step(file), act, system.uploads_keep_s)


def _facts(system: System, parcel: Parcel, sent: Sequence[Sent], steps: Steps) -> NoteFacts:
    watch: dict[str, Any] | None = None
    make = parcel.watch
    # A link that opens without an account is more than a file on a ticket: only where there is no other way.
    if not sent and make is not None:
        watch = steps.do("watch", lambda: make()._asdict())
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


def _less(takes: Mapping[FileKind, int | None], steps: Steps) -> dict[FileKind, int | None]:
    """What the system says that it takes, less what it refused all the same."""
    left = dict(takes)
    for kind, limit in left.items():
        refused = steps.known(f"{_LIMIT}{kind}")
        if refused is not None:
            most = int(refused["bytes"])
            left[kind] = most if limit is None else min(limit, most)
    return left


def _learn(steps: Steps, refusal: _TooMuchError) -> None:
    file = refusal.file
    told = refusal.error.limit_bytes
    most = told if told is not None and told < file.bytes else file.bytes // 2
    if refusal.error.code == "file_type_refused" or most < SMALLEST_BYTES:
        most = 0
    steps.keep(f"{_LIMIT}{file.kind}", {"bytes": most, "why": refusal.error.message})


def _demand_something(choice: Choice, parcel: Parcel, system: System) -> None:
    if system.capabilities.takes_words:
        return
    if not choice.files and parcel.watch is None and parcel.replay_url is None:
        why = f" ({'; '.join(choice.notes)})" if choice.notes else ""
        raise DestinationError(
            "nothing_to_attach", f"{system.title} takes none of the clip's files{why}, and there is no link to give"
        )


def _clean_up(system: System, steps: Steps, error: DestinationError) -> None:
    if error.code == "upload_lost":
        steps.forget(_UPLOAD)
    elif not error.retryable and not steps.was_begun(_NOTE):
        for name in steps.names(_UPLOAD):
            with suppress(DestinationError):
                system.discard(steps.known(name) or {})
        steps.forget(_UPLOAD)


def _receipt(
    system: System, ticket: str, parcel: Parcel, choice: Choice, sent: Sequence[Sent], posted: Posted, *, found: bool
) -> Receipt:
    return Receipt(
        destination=system.name,
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
        notes=choice.notes,
        found=found,
        at_ms=round(time.time() * 1000),
        facts=posted.facts,
    )
