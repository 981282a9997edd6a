"""`renderer attach`: a finished clip, on a ticket."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from renderer.cli.environment import JsonOption, read_settings
from renderer.cli.terminal import human_bytes, json_text, one_line, printable
from renderer.errors import RequestError

if TYPE_CHECKING:
    from renderer.deliver.model import Receipt
    from renderer.deliver.outbox import Outbox
    from renderer.deliver.system import System
    from renderer.manifest.model import Manifest
    from renderer.settings import Settings

_RISKS = ("visible_files", "public_project")


def attach(
    clip: Annotated[Path, typer.Argument(metavar="CLIP.json", help="The manifest beside a finished clip.")],
    to: Annotated[
        list[str],
        typer.Option("--to", metavar="SYSTEM:TICKET", help="Where it goes: zendesk:48213. Again for more."),
    ],
    is_public: Annotated[
        bool, typer.Option("--public", help="Let the customer read the note.  [default: an internal note]")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RISK",
            help=f"Deliver although what is internal may be seen: {' or '.join(_RISKS)}. Again for more.",
        ),
    ] = None,
    withdraw: Annotated[
        bool,
        typer.Option(
            "--withdraw",
            help="Take the clip away again from where this command put it; with --public, the public note.",
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Take away what this command put on the ticket before, once this clip is there."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Attach a finished clip to a ticket: film, picture and summary, as an internal note.

    It is attached once: the same command again says where it is, and goes on where an earlier one was broken off.
    """
    from renderer.attach import files_beside, read_manifest
    from renderer.bootstrap import build_destinations
    from renderer.deliver.journal import RECEIPT
    from renderer.store.work import work_folder

    unknown = [risk for risk in accept or () if risk not in _RISKS]
    if unknown:
        raise RequestError("bad_request", f"--accept takes {' and '.join(_RISKS)}, not {unknown[0][:40]!r}")
    settings = read_settings()
    manifest = read_manifest(clip)
    files = {} if withdraw else files_beside(manifest, clip)
    known = build_destinations(settings)
    # All of them before the first: a slip of the fingers in the second should not find the first one done.
    wanted = [(destination, *known.resolve(destination)) for destination in dict.fromkeys(to)]
    told: list[dict[str, Any]] = []
    with _outboxes(settings) as outbox_of, work_folder(settings) as folder:
        for destination, system, ticket in wanted:
            if withdraw:
                keys = _keys(manifest, destination.partition(":")[0], ticket, is_public=is_public)
                told += ({"to": destination, **each.told()} for each in _withdraw(system, settings, outbox_of, keys))
                if not as_json:
                    typer.echo(one_line(f"taken away from {system.title} {ticket}"))
                continue
            key = _key(manifest, destination.partition(":")[0], ticket, is_public=is_public)
            with _alone(settings, key):
                outbox = outbox_of(key)
                is_there = RECEIPT in outbox.read()
                receipt = _deliver(
                    system,
                    ticket,
                    manifest,
                    files,
                    outbox,
                    folder,
                    settings,
                    key,
                    name=destination.partition(":")[0],
                    is_public=is_public,
                    accepts=frozenset(accept or ()),
                )
                if replace:
                    _replace(system, outbox, receipt)
            told.append({"to": destination, **receipt.told()})
            if not as_json:
                _show(receipt, is_there=is_there)
    if as_json:
        done = "withdrawn" if withdraw else "receipts"
        typer.echo(json_text({done: told}))


def _deliver(
    system: "System",
    ticket: str,
    manifest: "Manifest",
    files: dict[str, Path],
    outbox: "Outbox",
    folder: Path,
    settings: "Settings",
    key: str,
    *,
    name: str,
    is_public: bool,
    accepts: frozenset[str],
) -> "Receipt":
    from renderer.attach import fit_in, parcel_of
    from renderer.deliver.deliver import deliver
    from renderer.deliver.journal import Steps
    from renderer.deliver.patience import patiently
    from renderer.deliver.sending import LIMIT
    from renderer.deliver.withdraw import withdrawals

    summary = files["summary"].read_text("utf-8") if "summary" in files else ""
    outbox.forget(LIMIT)  # what was too large the last time may have been allowed since
    times = withdrawals(Steps(outbox))
    key = f"{key}.{times}" if times else key
    parcel = parcel_of(manifest, files, summary, key=key, is_public=is_public, accepts=accepts)
    fit = fit_in(folder, settings)
    with _telling() as tell:
        return patiently(lambda: deliver(system, ticket, parcel, Steps(outbox), fit, tell, name=name), tell)


def _replace(system: "System", outbox: "Outbox", receipt: "Receipt") -> None:
    from renderer.deliver.journal import Steps
    from renderer.deliver.withdraw import withdraw

    for older in outbox.others(receipt.destination, receipt.ticket):
        withdraw(system, Steps(older))
        typer.echo(one_line(f"renderer: an earlier clip was taken away from {system.title} {receipt.ticket}"), err=True)


def _withdraw(
    system: "System", settings: "Settings", outbox_of: "Callable[[str], Outbox]", keys: list[str]
) -> "Iterator[Receipt]":
    """What was delivered under any of the keys. Raises RequestError `not_delivered` when nothing was."""
    from renderer.deliver.journal import RECEIPT, Steps
    from renderer.deliver.withdraw import withdraw

    delivered = [key for key in keys if RECEIPT in outbox_of(key).read()]
    for key in delivered or keys[:1]:
        with _alone(settings, key):
            yield withdraw(system, Steps(outbox_of(key)))


def _keys(manifest: "Manifest", destination: str, ticket: str, *, is_public: bool) -> list[str]:
    """Of what a command may have delivered: it need not say again how."""
    kinds = (True,) if is_public else (False, True)
    return [_key(manifest, destination, ticket, is_public=each) for each in kinds]


def _key(manifest: "Manifest", destination: str, ticket: str, *, is_public: bool) -> str:
    """The same for the same clip on the same ticket, however often and from where it is attached."""
    words = [file.sha256 for file in manifest.files] + [destination, ticket, "public" if is_public else "internal"]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:26]


@contextmanager
def _outboxes(settings: "Settings") -> "Iterator[Any]":
    from renderer.database.engine import Database
    from renderer.database.upgrade import upgrade
    from renderer.deliver.outbox import Outbox

    database = Database(settings.database)
    try:
        upgrade(database)
        yield lambda key: Outbox(database, key)
    finally:
        database.close()


@contextmanager
def _alone(settings: "Settings", key: str) -> Iterator[None]:
    """Two commands that attach the same clip to the same ticket at once go one after the other, and the second finds it done."""
    import fcntl

    folder = settings.data_dir / "deliveries"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{key}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _show(receipt: "Receipt", *, is_there: bool) -> None:
    where = receipt.url or f"{receipt.destination} {receipt.ticket}"
    said = {"attached": "attached", "link": "a link was posted, no file", "summary": "the summary was posted, no file"}
    found = " before" if is_there else " by an attempt whose answer was lost" if receipt.found else ""
    typer.echo(printable(f"{where}  {said[receipt.way]}{found}, {'public' if receipt.is_public else 'internal'}"))
    for file in receipt.files:
        typer.echo(printable(f"  {file.name}  {human_bytes(file.bytes)}{'  in the note' if file.inline else ''}"))
    for note in receipt.notes:
        typer.echo(one_line(f"renderer: warning: {note}"), err=True)


@dataclass(frozen=True, slots=True)
class _Step:
    stage: str
    done: float
    message: str = ""


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, plain lines elsewhere. How far it is nobody knows: each step comes a third nearer."""
    import sys

    if not sys.stderr.isatty():
        yield lambda words: typer.echo(one_line(f"renderer: {words}"), err=True)
        return
    from renderer.cli.progress import Display

    left = 1.0
    with Display() as display:

        def tell(words: str) -> None:
            nonlocal left
            left *= 2 / 3
            display.show(_Step(words, 1 - left))

        yield tell
