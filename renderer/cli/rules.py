"""`renderer rules`: which rules match, where."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from renderer.cli.environment import JsonOption, read_settings
from renderer.cli.terminal import json_text, one_line, printable, table
from renderer.errors import RendererError

if TYPE_CHECKING:
    from renderer.rules.model import Moment, RuleSet
    from renderer.sources import Sources
    from renderer.timeline.model import Timeline

_ABOUT_LETTERS = 100


def rules(
    recordings: Annotated[
        list[str] | None,
        typer.Argument(metavar="RECORDING…", help="Paths, posthog:ID …; without any, the rules themselves are listed."),
    ] = None,
    rules_file: Annotated[
        str, typer.Option("--rules", metavar="FILE", help="Rules to look for, in YAML.  [default: the built-in ones]")
    ] = "built-in",
    events: Annotated[
        str | None, typer.Option(metavar="FILE", help="Events of the same session; of a single recording.")
    ] = None,
    redact: Annotated[
        str | None,
        typer.Option(
            "--redact", metavar="default|off|POLICY.toml", help="What must never be seen.  [default: default]"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the moments of sessions at which something went wrong: which rules match, and where.

    Without a recording the rules are checked and listed. Exit code 1 when one of several recordings could not be read.
    """
    from renderer.bootstrap import build_sources
    from renderer.errors import RequestError
    from renderer.rules.load import load_rules

    wanted = load_rules(rules_file)
    if not recordings:
        _list(wanted, as_json=as_json)
        return
    if events is not None and len(recordings) > 1:
        raise RequestError("bad_request", "--events are those of one session: give one recording with it")
    sources = build_sources(read_settings())
    told: list[dict[str, Any]] = []
    for reference in recordings:
        try:
            timeline = _timeline(reference, events, redact, sources)
        except RendererError as error:
            if len(recordings) == 1:
                raise
            typer.echo(one_line(f"renderer: error: {reference}: {error.message}"), err=True)
            told.append({"recording": reference, "error": {"code": error.code, "message": error.message}})
            continue
        moments = _find(wanted, timeline, reference)
        told.append({"recording": reference, **_told(moments, timeline)})
        if not as_json:
            _show(moments, reference if len(recordings) > 1 else None)
    if as_json:
        typer.echo(json_text({"rules": {"source": wanted.source, "digest": wanted.digest}, "recordings": told}))
    failed = sum("error" in each for each in told)
    if failed and not as_json:
        typer.echo(f"renderer: {failed} of {len(recordings)} recordings could not be read", err=True)
    if failed:
        raise typer.Exit(1)


def _timeline(reference: str, events: str | None, redact: str | None, sources: "Sources") -> "Timeline":
    from renderer.session import read_session

    return read_session(reference, events, redact or "default", sources=sources).timeline


def _find(wanted: "RuleSet", timeline: "Timeline", reference: str) -> "tuple[Moment, ...]":
    from renderer.rules.find import find_moments
    from renderer.rules.session import scheme_of

    return find_moments(wanted, timeline, scheme_of(reference))


def _told(moments: "tuple[Moment, ...]", timeline: "Timeline") -> dict[str, Any]:
    from renderer.rules.clips import cut_clips

    clips = cut_clips(moments, timeline)
    return {
        "moments": [asdict(moment) for moment in moments],
        "clips": [
            {
                "from_ms": cut.from_ms,
                "to_ms": cut.to_ms,
                "title": cut.title,
                "severity": cut.severity,
                "rules": cut.rules,
                "labels": cut.labels,
            }
            for cut in clips
        ],
    }


def _show(moments: "tuple[Moment, ...]", heading: str | None) -> None:
    from renderer.cli.overview import moment_table

    if heading is not None:
        typer.echo(printable(heading))
    if not moments:
        typer.echo("  no moments" if heading is not None else "no moments")
        return
    typer.echo(moment_table(moments, indent="  " if heading is not None else ""))


def _list(wanted: "RuleSet", *, as_json: bool) -> None:
    if as_json:
        listed = [{"name": rule.name, "severity": rule.severity, "about": rule.about} for rule in wanted.rules]
        typer.echo(json_text({"rules": {"source": wanted.source, "digest": wanted.digest, "rules": listed}}))
        return
    typer.echo(table([(rule.name, rule.severity, _short(rule.about)) for rule in wanted.rules], indent=""))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _ABOUT_LETTERS else words[: _ABOUT_LETTERS - 1] + "…"
