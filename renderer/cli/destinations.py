"""`renderer destinations`: where clips can be attached, and whether that works."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from renderer.cli.environment import JsonOption, read_settings
from renderer.cli.terminal import human_bytes, json_text, one_line, printable, table

if TYPE_CHECKING:
    from renderer.deliver.model import Capabilities
    from renderer.deliver.registry import Destinations, Listed

destinations = typer.Typer(
    name="destinations",
    help="Ticket systems that clips can be attached to.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: renderer destinations check zendesk",
)
_READERS = {"internal": "internal notes", "members": "whoever sees the ticket", "addressee": "whom it is sent to"}


@destinations.callback()
def listed(context: typer.Context, as_json: JsonOption = False) -> None:
    """List them, with what each can do."""
    if context.invoked_subcommand is not None:
        return
    from renderer.bootstrap import build_destinations

    found = build_destinations(read_settings()).all()
    if as_json:
        typer.echo(json_text({"destinations": [_told(each) for each in found]}))
        return
    rows = [(each.name, _state(each), *_can(each.system.capabilities if each.system else None)) for each in found]
    typer.echo(table(rows, indent=""))


@destinations.command(epilog="Example: renderer destinations check zendesk")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Which; all that are set up when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Try credentials and permissions without posting anything. Exit code 1 when something is wrong."""
    from renderer.bootstrap import build_destinations
    from renderer.deliver.understood import understood
    from renderer.errors import DestinationError, RequestError

    known = build_destinations(read_settings())
    for name in names or ():
        _demand_known(known, name)
    wanted = names or [each.name for each in known.all() if not each.lacks]
    told: list[dict[str, Any]] = []
    for name in wanted:
        found: list[tuple[bool | None, str]] = []
        try:
            system = known.system(name)
            with understood(system):
                found += ((each.is_good, each.said) for each in system.check())
        except (DestinationError, RequestError) as error:
            found.append((False, error.message))
        told.append({"name": name, "ok": all(good is not False for good, _ in found), "findings": found})
        if not as_json:
            for good, said in found:
                mark = {True: "ok", False: "wrong", None: "unknown"}[good]
                typer.echo(one_line(f"{name}  {mark}  {said}"))
    if as_json:
        typer.echo(json_text({"destinations": told}))
    if not all(each["ok"] for each in told):
        raise typer.Exit(1)


def _demand_known(known: "Destinations", name: str) -> None:
    """A slip of the fingers is no finding. Raises RequestError `unknown_destination`."""
    from renderer.errors import RequestError

    try:
        known.kind(name)
    except RequestError as error:
        if error.code == "unknown_destination":
            raise


def _state(each: "Listed") -> str:
    if each.wrong is not None:
        return printable(each.wrong)
    return "ready" if each.is_ready else f"needs {', '.join(each.lacks)}"


def _can(can: "Capabilities | None") -> tuple[str, str]:
    return (_READERS[can.readers], _files(can)) if can is not None else ("", "")


def _files(can: "Capabilities") -> str:
    """As `films and pictures up to 52.4 MB, gif in the note`."""
    if not can.takes:
        return "no files"
    films, pictures = can.takes.get("mp4"), can.takes.get("gif")
    if films == pictures:
        said = f"films and pictures{_up_to(films)}"
    else:
        said = f"films{_up_to(films)}, pictures{_up_to(pictures)}"
    shown = [kind for kind in ("mp4", "gif") if kind in can.inline]
    return f"{said}, {' and '.join(shown)} in the note" if shown else said


def _up_to(limit: int | None) -> str:
    return f" up to {human_bytes(limit)}" if limit else ""


def _told(each: "Listed") -> dict[str, Any]:
    told = {"name": each.name, "ready": each.is_ready, "lacks": each.lacks, "wrong": each.wrong}
    if each.system is None:
        return told
    can = each.system.capabilities
    return {
        **told,
        "system": each.system.name,
        "title": each.system.title,
        "reference": each.system.reference_says,
        "takes": dict(can.takes),
        "inline": sorted(can.inline),
        "readers": can.readers,
        "dialect": can.dialect,
        "withdraws": can.withdraws,
    }
