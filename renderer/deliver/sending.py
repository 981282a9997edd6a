"""The files of one delivery: which go up, how they went up, and what was learned of what the system takes."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from renderer.deliver.choose import SMALLEST_BYTES, Choice, choose
from renderer.deliver.journal import Steps
from renderer.deliver.model import Sent
from renderer.deliver.parcel import FileKind, Fit, Parcel, ParcelFile
from renderer.deliver.system import System
from renderer.deliver.understood import understood
from renderer.errors import DestinationError

Tell = Callable[[str], None]

UPLOAD: Final = "upload:"
LIMIT: Final = "limit:"
_CHOSEN: Final = "chosen"
_SMALLER: Final = frozenset({"file_too_large", "file_type_refused"})
_ROUNDS: Final = 24
"""Of sizes that are tried: each halves one kind's limit, of 2 GB down to what nothing fits into."""


class TooMuchError(Exception):
    """The system does not take this file."""

    def __init__(self, file: ParcelFile, error: DestinationError) -> None:
        super().__init__(error.message)
        self.file = file
        self.error = error


def chosen(
    system: System, parcel: Parcel, takes: Mapping[FileKind, int | None], steps: Steps, fit: Fit, tell: Tell
) -> Choice:
    """What goes up this time. Raises DestinationError `nothing_to_attach`."""

    def told_fit(source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
        what = "a GIF of it" if kind == "gif" else source.name
        tell(f"{system.title}: making {what} fit into {most_bytes:,} bytes")
        return fit(source, kind, most_bytes)

    choice = choose(parcel, _less(takes, steps), system.capabilities, told_fit)
    has_link = parcel.watch is not None or parcel.replay_url is not None
    if not choice.files and not has_link and not system.capabilities.takes_words:
        why = f" ({'; '.join(choice.notes)})" if choice.notes else ""
        raise DestinationError(
            "nothing_to_attach", f"{system.title} takes none of the clip's files{why}, and there is no link to give"
        )
    return choice


def send(system: System, ticket: str, choice: Choice, steps: Steps, tell: Tell) -> list[Sent]:
    """Uploads what is to go before the note, and remembers what was chosen. Raises TooMuchError."""
    sent = [_sent(system, file, _upload(system, ticket, file, steps, tell)) for file in choice.files]
    files = [
        {"kind": file.kind, "name": file.name, "bytes": file.bytes, "sha256": file.sha256, "given_up": file.given_up}
        for file in choice.files
    ]
    # Another attempt might choose otherwise: limits change, and files that are there already count.
    steps.keep(_CHOSEN, {"files": files, "notes": choice.notes})
    return sent


def sent_before(system: System, steps: Steps) -> tuple[list[Sent], tuple[str, ...]]:
    """What an earlier attempt sent, and what it gave up. The files need not be on this machine."""
    known = steps.known(_CHOSEN) or {"files": [], "notes": []}
    files = [
        ParcelFile(
            each["kind"], each["name"], Path(each["name"]), each["bytes"], each["sha256"], tuple(each["given_up"])
        )
        for each in known["files"]
    ]
    return [_sent(system, file, steps.known(_step(file)) or {}) for file in files], tuple(known["notes"])


def refused(sent: list[Sent], error: DestinationError) -> TooMuchError | None:
    """The same of a note that took its files along: it is the largest that is too large."""
    if error.code not in _SMALLER or not sent:
        return None
    return TooMuchError(max((each.file for each in sent), key=lambda file: file.bytes), error)


def learn(steps: Steps, refusal: TooMuchError) -> None:
    """So that less is sent next time. Raises the refusal's own error when nothing less is left to be tried."""
    file = refusal.file
    told = refusal.error.limit_bytes
    most = told if told is not None and told < file.bytes else file.bytes // 2
    if refusal.error.code == "file_type_refused" or most < SMALLEST_BYTES:
        most = 0
    known = steps.known(f"{LIMIT}{file.kind}")
    if (known is not None and most >= known["bytes"]) or len(steps.names(LIMIT)) > _ROUNDS:
        raise refusal.error
    steps.keep(f"{LIMIT}{file.kind}", {"bytes": most, "why": refusal.error.message})


def discard(system: System, steps: Steps) -> None:
    """Takes away what was uploaded and no note will refer to, as well as it can be."""
    for name in steps.names(UPLOAD):
        with suppress(DestinationError), understood(system):
            system.discard(steps.known(name) or {})
    steps.forget(UPLOAD)


def _upload(system: System, ticket: str, file: ParcelFile, steps: Steps, tell: Tell) -> Mapping[str, Any]:
    def act() -> Mapping[str, Any]:
        tell(f"{system.title}: sending {file.name} ({file.bytes:,} bytes)")
        try:
            with understood(system):
                return system.upload(ticket, file)
        except DestinationError as error:
            if error.code in _SMALLER:
                raise TooMuchError(file, error) from None
            raise

    return steps.do(_step(file), act, system.uploads_keep_s)


def _sent(system: System, file: ParcelFile, upload: Mapping[str, Any]) -> Sent:
    """An upload may say for itself that it cannot be shown in the note."""
    return Sent(file, upload, file.kind in system.capabilities.inline and bool(upload.get("inline", True)))


def _step(file: ParcelFile) -> str:
    return f"{UPLOAD}{file.kind}:{file.sha256}"


def _less(takes: Mapping[FileKind, int | None], steps: Steps) -> dict[FileKind, int | None]:
    """What the system says that it takes, less what it refused all the same."""
    left = dict(takes)
    for kind, limit in left.items():
        refusal = steps.known(f"{LIMIT}{kind}")
        if refusal is not None:
            most = int(refusal["bytes"])
            left[kind] = most if limit is None else min(limit, most)
    return left
