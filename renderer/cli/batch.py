"""`renderer batch`: clips of many sessions, in a folder with an index."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from renderer.cli.environment import JsonOption, read_settings
from renderer.cli.terminal import human_bytes, json_text, one_line, printable, table
from renderer.errors import RequestError

if TYPE_CHECKING:
    from renderer.batch.index_model import Index
    from renderer.batch.request import BatchRequest, Wanted
    from renderer.request import ClipRequest
    from renderer.rules.model import RuleSet
    from renderer.sources.model import Listing

_MOST_COMPLAINTS = 20


def batch(
    recordings: Annotated[
        list[str] | None, typer.Argument(metavar="[RECORDING…]", help="Paths, patterns, posthog:ID, s3://…")
    ] = None,
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--recordings", metavar="GLOB", help="Files that match, in quotes: 'nightly/**/*.json.gz'; again for more."
        ),
    ] = None,
    sessions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A list of sessions, one a line, as RECORDING names them.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="posthog", help="Where to list sessions.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Of a source: how long ago they may have begun: 90m, 24h, 7d.")
    ] = None,
    filters: Annotated[
        str | None,
        typer.Option("--filter", metavar="FILE", help="Of a source: a RecordingsQuery or saved filter, as JSON."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="Of a source: most sessions to look into.")
    ] = 1000,
    rules: Annotated[
        str, typer.Option(metavar="FILE|built-in|whole", help="What to look for; whole makes a clip of every session.")
    ] = "built-in",
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the clips and the index.")
    ] = Path("flagged"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look into the sessions, say what would be made and what it costs.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Say which parts of the rules the source checks and which are checked here; no more."
        ),
    ] = False,
    every: Annotated[
        bool, typer.Option("--every-session", help="Look into sessions too that the source says no rule can match.")
    ] = False,
    most: Annotated[
        int | None,
        typer.Option("--most", metavar="N", min=1, max=1000, help="Most clips of one session, the most severe."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", min=1, max=64, help="How many at once.  [default: by cores]"),
    ] = None,
    formats: Annotated[str, typer.Option(metavar="mp4,gif,webm", help="Files to make of each clip.")] = "mp4",
    events: Annotated[
        str | None,
        typer.Option(metavar="ENDING", help="Events of a file a.json stand in a and this: .events.json."),
    ] = None,
    size: Annotated[str | None, typer.Option(metavar="WIDTHxHEIGHT", help="As for a clip.")] = None,
    fps: Annotated[int | None, typer.Option(metavar="N", help="As for a clip.")] = None,
    speed: Annotated[float | None, typer.Option(metavar="X", help="As for a clip.")] = None,
    max_bytes: Annotated[str | None, typer.Option(metavar="BYTES", help="As for a clip.")] = None,
    overlays: Annotated[str | None, typer.Option(metavar="auto|none|NAME,…", help="As for a clip.")] = None,
    redact: Annotated[
        str | None, typer.Option("--redact", metavar="default|off|POLICY.toml", help="As for a clip.")
    ] = None,
    assets: Annotated[str | None, typer.Option(metavar="public|offline|HOST,…", help="As for a clip.")] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Look through many sessions for moments at which something went wrong, and make a clip of each.

    The folder gets the clips, index.html to go through them, index.json and index.csv. Run it again with the same folder to go on after an
    interruption, or to try what failed once more. Exit code 1 when a session could not be read or a clip not be made.
    """
    from renderer.batch.request import WHOLE, BatchRequest
    from renderer.batch.run import look_through, run_batch
    from renderer.batch.sessions import check_count
    from renderer.rules.load import load_rules

    clip = _clip(
        formats,
        {
            "size": size, "fps": fps, "speed": speed, "max_bytes": max_bytes, "overlays": overlays, "redaction": redact,
            "assets": assets,
        },
    )  # fmt: skip
    settings = read_settings()
    say = quiet or as_json
    looked_for = None if rules == WHOLE else load_rules(rules)  # so that bad rules are told before anything is done
    if explain:
        _explain(source, looked_for, as_json=as_json)
        return
    wanted = _named(recordings, patterns, sessions, events)
    if source is not None:
        narrowing = None if every else looked_for
        wanted += _listed(source, filters, since, limit, redact, narrowing, is_quiet=say)
    elif since is not None or filters is not None:
        raise RequestError("bad_request", "--since and --filter are of a source: give --source posthog with them")
    check_count(wanted)
    request = BatchRequest(
        sessions=tuple(wanted), rules=rules, clip=clip, most_clips=most, hands=jobs or settings.slots
    )
    index = _run(request, None if dry_run else output, quiet=say, look=look_through, run=run_batch)
    if as_json:
        typer.echo(index.model_dump_json(indent=2))
    elif not quiet:
        _tell(index, None if dry_run else output)
    _complain(index)
    if index.totals.unreadable or index.totals.failed:
        raise typer.Exit(1)


def _clip(formats: str, fields: dict[str, Any]) -> "ClipRequest":
    from typing import get_args

    from renderer.cli.arguments import build_request
    from renderer.request import OutputFormat

    known: tuple[OutputFormat, ...] = get_args(OutputFormat)
    wanted = [each.strip() for each in formats.split(",") if each.strip()]
    for each in wanted or ["nothing"]:
        if each not in known:
            raise RequestError("unknown_format", f"{each[:20]} is no format: write {', '.join(known)}, with commas")
    return build_request("-", [each for each in known if each in wanted], (None, None), fields)


def _named(
    recordings: list[str] | None, patterns: list[str] | None, sessions: Path | None, events: str | None
) -> "list[Wanted]":
    from renderer.batch.sessions import named_sessions, references_in

    listed = references_in(sessions) if sessions is not None else ()
    return named_sessions((*(recordings or ()), *(patterns or ()), *listed), events)


def _listed(
    source: str,
    filters: str | None,
    since: str | None,
    limit: int,
    redact: str | None,
    rules: "RuleSet | None",
    *,
    is_quiet: bool,
) -> "list[Wanted]":
    from renderer.batch.sessions import listed_sessions
    from renderer.cli.sessions import parse_since
    from renderer.redact.policy.load import load_policy

    def say(words: str) -> None:
        if not is_quiet:
            typer.echo(one_line(f"renderer: {words}"), err=True)

    listing = _listing(source)
    since_ms = None if since is None else parse_since(since)
    return listed_sessions(
        source, listing.sessions(filters, since_ms, limit, load_policy(redact or "default"), say, rules)
    )


def _listing(source: str) -> "Listing":
    from renderer.bootstrap import build_listings

    listings = build_listings(read_settings())
    if source not in listings:
        raise RequestError("unknown_source", f"sessions cannot be listed from there; it can be {', '.join(listings)}")
    return listings[source]


def _explain(source: str | None, rules: "RuleSet | None", *, as_json: bool) -> None:
    if source is None or rules is None:
        raise RequestError("bad_request", "--explain is of a source and of rules: give --source posthog and --rules")
    narrowed = _listing(source).explain(rules)
    if as_json:
        typer.echo(json_text(narrowed))
        return
    for each in narrowed.explained:
        typer.echo(printable(each.rule))
        typer.echo(
            printable(
                f"  {source} is asked for: {'; '.join(each.asked) or 'nothing, so that all sessions are looked into'}"
            )
        )
        typer.echo(printable(f"  checked here: {'; '.join(each.checked) or 'nothing more'}"))
    count = len(narrowed.queries)
    typer.echo(
        f"{count} questions to {source}"
        if count
        else f"{source} is asked for all sessions, as not every rule narrows them down"
    )


def _run(request: "BatchRequest", folder: Path | None, *, quiet: bool, look: Any, run: Any) -> "Index":
    def act(tell: Any) -> "Index":
        return look(request, tell) if folder is None else run(request, folder, tell)  # type: ignore[no-any-return]

    if quiet:
        return act(lambda _: None)
    from renderer.cli.progress import Display

    with Display() as display:
        return act(display.show)


def _tell(index: "Index", folder: Path | None) -> None:
    totals = index.totals
    typer.echo(
        f"{totals.sessions} sessions: {totals.matched} matched, {totals.read - totals.matched} did not,"
        f" {totals.unreadable} could not be read, {totals.duplicates} were there twice"
    )
    found: dict[str, int] = {}
    for clip in index.clips:
        for moment in clip.moments:
            found[moment.rule] = found.get(moment.rule, 0) + 1
    if found:
        rows = sorted(found.items(), key=lambda each: (-each[1], each[0]))
        typer.echo(table([(f"{count:,}", rule) for rule, count in rows]))
    if folder is None:
        from renderer.batch.estimate import estimate

        cost = estimate(index.clips)
        typer.echo(
            f"{totals.moments} moments in {cost.clips} clips, {_minutes(cost.video_s)} of video: about {_minutes(cost.render_s)}"
            f" to make here, and {human_bytes(cost.bytes)}"
        )
        return
    typer.echo(f"{totals.moments} moments in {totals.clips} clips: {totals.made} made, {totals.failed} failed")
    typer.echo(str(folder / "index.html"))


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _complain(index: "Index") -> None:
    """Whatever did not work, by name: on stderr, where errors go, also when nothing else is said."""
    told = [
        *((each.session, each.error) for each in index.sessions if each.error is not None),
        *((each.id, each.error) for each in index.clips if each.error is not None),
    ]
    for name, error in told[:_MOST_COMPLAINTS]:
        typer.echo(one_line(f"renderer: error: {name}: {error.message}"), err=True)
    if len(told) > _MOST_COMPLAINTS:
        typer.echo(f"renderer: error: … and {len(told) - _MOST_COMPLAINTS} more, in index.json", err=True)
