"""`renderer audit`: shows the audit log, and whether it is as it was written."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from renderer.cli.environment import JsonOption
from renderer.cli.terminal import json_text, table
from renderer.errors import OperationError, RequestError

if TYPE_CHECKING:
    from renderer.database.tables import AuditEntry


def audit(
    limit: Annotated[int, typer.Option(metavar="N", min=0, max=1_000_000, help="Entries to show, the newest.")] = 50,
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Of one tenant alone.")] = None,
    noted: Annotated[
        str | None,
        typer.Option(metavar="NUMBER:SEAL", help="The end of the log as it was printed once: it must still be there."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who did what in the service, and check that no entry was changed, removed or inserted since.

    Exit code 1 when one was.
    """
    from renderer.access import checks
    from renderer.cli.service import service_desk

    if tenant is not None:
        checks.tenant(tenant)
    number, seal = _parse(noted) if noted is not None else (None, "")
    with service_desk() as desk:
        broken = desk.audit.verify()
        if broken is None and number is not None and not desk.audit.holds(number, seal):
            broken = number
        head = desk.audit.head()
        entries = desk.audit.page(limit, tenant=tenant)[::-1]
    end = None if head is None else f"{head[0]}:{head[1]}"
    typer.echo(_json(entries, broken, end) if as_json else _text(entries, broken, end))
    if broken is not None:
        raise OperationError(
            "audit_broken", f"entry {broken} of the audit log is not as it was written: compare with a backup"
        )


def _parse(noted: str) -> tuple[int, str]:
    number, _, seal = noted.strip().partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < 19 and seal.isalnum() and seal.isascii()):
        raise RequestError("bad_noted", "--noted is the last line of an earlier renderer audit: NUMBER:SEAL")
    return int(number), seal


def _text(entries: "list[AuditEntry]", broken: int | None, end: str | None) -> str:
    from renderer.cli.times import utc_text

    rows = [
        (
            str(entry.number),
            utc_text(entry.at_ms),
            entry.tenant,
            entry.actor,
            entry.action,
            entry.object,
            entry.outcome,
            entry.address or "-",
        )
        for entry in entries
    ]
    verdict = "the log is empty" if end is None else "no entry was changed, removed or inserted; the log ends with"
    lines = [table(rows, indent="")] if rows else []
    if broken is None:
        lines.append(verdict if end is None else f"{verdict}\n{end}")
    return "\n".join(lines)


def _json(entries: "list[AuditEntry]", broken: int | None, end: str | None) -> str:
    from renderer.cli.times import utc_text

    told: list[dict[str, Any]] = [
        {
            "number": entry.number,
            "at": utc_text(entry.at_ms),
            "tenant": entry.tenant,
            "actor": entry.actor,
            "action": entry.action,
            "object": entry.object,
            "outcome": entry.outcome,
            "request_id": entry.request_id,
            "address": entry.address,
            "detail": entry.detail,
            "seal": entry.digest,
        }
        for entry in entries
    ]
    answer = {"ok": broken is None, "first_broken": broken, "end": end, "entries": told}
    return json_text(answer)
