"""`renderer keys`: makes, lists, replaces and revokes the API keys of a service."""

from typing import TYPE_CHECKING, Annotated

import typer

from renderer.cli.terminal import one_line, table
from renderer.errors import RequestError

if TYPE_CHECKING:
    from renderer.access.key_facts import KeyFacts, NewKey

keys = typer.Typer(name="keys", help="Make, list, replace and revoke API keys of the service.", rich_markup_mode=None)

KeyArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the key, as keys list shows it; or the whole key.")]


@keys.command(epilog="Example: renderer keys create ticket-desk --scopes clips:read,clips:write --expires 90d")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will use it.")],
    scopes: Annotated[
        str,
        typer.Option(
            metavar="SCOPE,…", help="clips:read, clips:write, recordings:write, deliveries:write; admin is all of them."
        ),
    ],
    tenant: Annotated[str, typer.Option(metavar="NAME", help="Whose clips it sees.")] = "default",
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long it is good: 24h, 90d, 52w.  [default: until revoked]")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(metavar="N", help="Requests a minute, in the place of the service's own limit.")
    ] = None,
    concurrent_clips: Annotated[
        int | None, typer.Option(metavar="N", help="Unfinished clips, in the place of the service's own limit.")
    ] = None,
    clips_per_day: Annotated[
        int | None, typer.Option(metavar="N", help="Clips in 24 hours, in the place of the service's own limit.")
    ] = None,
) -> None:
    """Make a key and print it on stdout, once: it is not kept."""
    from renderer.access.caller import KeyLimits
    from renderer.cli.service import service_desk, whoever_types
    from renderer.database.engine import now_ms

    limits = KeyLimits(
        requests_per_minute=requests_per_minute, concurrent_clips=concurrent_clips, clips_per_day=clips_per_day
    )
    expires_ms = None if expires is None else now_ms() + _duration_ms(expires, "--expires")
    names = [scope.strip() for scope in scopes.split(",")]
    with service_desk() as desk:
        made = desk.keys.create(name, names, by=whoever_types(), tenant=tenant, expires_ms=expires_ms, limits=limits)
    _show(made)


@keys.command("list", epilog="Example: renderer keys list --json")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each, one a line.")] = False,
) -> None:
    """List the keys: what they are good for, until when, and when they were last used."""
    from renderer.cli.service import service_desk

    with service_desk() as desk:
        found = desk.keys.list()
    if as_json:
        for key in found:
            typer.echo(_json_line(key))
    elif found:
        typer.echo(table([_TITLES, *map(_row, found)], indent=""))


@keys.command(epilog="Example: renderer keys revoke 0v6c2m9tq4zx")
def revoke(key_id: KeyArgument) -> None:
    """Make a key worthless, at once and for good."""
    from renderer.cli.service import service_desk, whoever_types

    with service_desk() as desk:
        facts = desk.keys.revoke(_id(key_id), by=whoever_types())
    typer.echo(one_line(f"renderer: {facts.id} ({facts.name}) is revoked"), err=True)


@keys.command(epilog="Example: renderer keys rotate 0v6c2m9tq4zx --overlap 1h")
def rotate(
    key_id: KeyArgument,
    overlap: Annotated[
        str, typer.Option(metavar="TIME", help="How long the old one is still good: 0h, 24h, 7d.")
    ] = "24h",
) -> None:
    """Make a key that takes another's place, and print it on stdout, once."""
    from renderer.cli.service import service_desk, whoever_types

    overlap_ms = _duration_ms(overlap, "--overlap")
    with service_desk() as desk:
        made = desk.keys.rotate(_id(key_id), by=whoever_types(), overlap_ms=overlap_ms)
    _show(made)


def _id(typed: str) -> str:
    """Whoever finds a key where it should not be has nothing else to name it by."""
    from renderer.access.key_text import key_id_of

    return key_id_of(typed) or typed


def _show(made: "NewKey") -> None:
    from renderer.cli.times import utc_text

    key = made.facts
    until = "until it is revoked" if key.expires_ms is None else f"until {utc_text(key.expires_ms)}"
    typer.echo(
        one_line(f"renderer: key {key.id} ({', '.join(key.scopes)}), good {until}; it is not shown again"), err=True
    )
    typer.echo(made.text)


_TITLES = ("ID", "NAME", "TENANT", "STATE", "EXPIRES", "LAST USED", "SCOPES")


def _row(key: "KeyFacts") -> tuple[str, ...]:
    from renderer.cli.times import utc_text
    from renderer.database.engine import now_ms

    expires = "never" if key.expires_ms is None else utc_text(key.expires_ms)
    used = "never" if key.last_used_ms is None else utc_text(key.last_used_ms)
    return key.id, key.name, key.tenant, key.state(now_ms()), expires, used, ",".join(key.scopes)


def _json_line(key: "KeyFacts") -> str:
    from dataclasses import asdict

    import msgspec

    from renderer.cli.times import utc_text
    from renderer.database.engine import now_ms

    facts = asdict(key)
    limits = facts.pop("limits")
    times = {
        f"{name.removesuffix('_ms')}_at": None if (at_ms := facts.pop(name)) is None else utc_text(at_ms)
        for name in ("created_ms", "expires_ms", "revoked_ms", "last_used_ms")
    }
    return msgspec.json.encode({**facts, "state": key.state(now_ms()), **times, **limits}).decode()


def _duration_ms(text: str, option: str) -> int:
    from renderer.cli.times import parse_duration

    duration_ms = parse_duration(text)
    if duration_ms is None:
        raise RequestError("bad_duration", f"{option} is written 90m, 24h, 7d or 2w, ten years at the most")
    return duration_ms
