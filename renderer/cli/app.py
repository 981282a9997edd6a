"""The command line: translates what was typed and what came of it; decides nothing else.

Imports of the rooms below are inside the commands: `--help` answers in the time it takes to start Python.
"""

import io
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from renderer.cli.attach import attach
from renderer.cli.audit import audit
from renderer.cli.batch import batch
from renderer.cli.destinations import destinations
from renderer.cli.environment import JsonOption, read_settings
from renderer.cli.keys import keys
from renderer.cli.rules import rules
from renderer.cli.terminal import human_bytes, json_text, one_line, printable
from renderer.errors import RendererError, RequestError

if TYPE_CHECKING:
    from renderer.pipeline import Manifest

INTERRUPTED = 130

app = typer.Typer(
    name="renderer",
    help="Turn a recorded browser session (rrweb, PostHog Session Replay) into a short MP4, WebM or GIF.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Example: renderer clip session.json -o bug.mp4",
    context_settings={"help_option_names": ["-h", "--help"]},
)

RecordingArgument = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Path of a recording, posthog:ID, or the address of a replay.")
]
EventsOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Events of the same session: PostHog's, your own, OpenTelemetry spans."),
]
RedactOption = Annotated[
    str | None,
    typer.Option("--redact", metavar="default|off|POLICY.toml", help="What must never be seen.  [default: default]"),
]


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"renderer {version('renderer')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Example: renderer clip session.json --from 1:05 --to 1:40 -o bug.mp4 -o bug.gif --max-bytes 8MB",
)
def clip(
    recording: RecordingArgument,
    output: Annotated[
        list[Path],
        typer.Option(
            "--output", "-o", metavar="FILE", help="File to write: .mp4, .webm or .gif; once for each format wanted."
        ),
    ],
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Where to begin: 90, 1:30, 1:30.250 or 1:02:03.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where to end; the session's end.")] = None,
    moment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|UUID|RULE|first|N",
            help="What to show: an event by its name (NAME:2 is its second time) or uuid, or what rules find: first, a number of"
            " `renderer rules`, a rule's name.",
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How much to show before the moment.  [default: 15, or as the rule says]"),
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="TIME", help="How much to show after it.  [default: 20, or as the rule says]")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Size of the picture in pixels.  [default: 1280x720]")
    ] = None,
    fps: Annotated[int | None, typer.Option(metavar="N", help="Frames per second, 1 to 60.  [default: 25]")] = None,
    speed: Annotated[
        float | None, typer.Option(metavar="X", help="Session seconds per second of video, 0.1 to 100.  [default: 1]")
    ] = None,
    idle: Annotated[
        str | None,
        typer.Option(
            metavar="skip|keep|fast", help="What becomes of stretches where nothing happens.  [default: skip]"
        ),
    ] = None,
    activity: Annotated[
        str | None,
        typer.Option(
            metavar="text|posthog",
            help="What is not idle: what PostHog counts, or also text that appears.  [default: text]",
        ),
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(metavar="BYTES", help="Largest size of each file: 10MB, 8MiB, 500k.")
    ] = None,
    rules_file: Annotated[
        str | None,
        typer.Option(
            "--rules",
            metavar="FILE",
            help="Rules that --moment picks by, and that the manifest tells of.  [default: built-in]",
        ),
    ] = None,
    overlays: Annotated[
        str | None,
        typer.Option(
            metavar="auto|none|NAME,…",
            help="Drawn with the page: header, llm, timeline, steps, console, network, pointer, ripples, labels, skips.",
        ),
    ] = None,
    events: EventsOption = None,
    redact: RedactOption = None,
    window: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Browser window or tab to show; by default the one that the user is in."),
    ] = None,
    assets: Annotated[
        str | None,
        typer.Option(
            metavar="public|offline|HOST,…", help="Where pictures, fonts and styles may come from.  [default: public]"
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Film a recorded session into one file or several."""
    from renderer.cli.arguments import build_request, choose_outputs, moment_of

    outputs = choose_outputs(
        output, {"recording": recording, "events file": events, "redaction policy": redact, "file of rules": rules_file}
    )
    request = build_request(
        recording,
        list(outputs),
        (start, end),
        {
            **moment_of(moment, before, after),
            "size": size,
            "fps": fps,
            "speed": speed,
            "idle": idle,
            "activity": activity,
            "max_bytes": max_bytes,
            "rules": rules_file,
            "overlays": overlays,
            "events": events,
            "redaction": redact,
            "window": window,
            "assets": assets,
        },
    )
    settings = read_settings()
    from renderer.bootstrap import build_sources
    from renderer.pipeline import make_clip

    sources = build_sources(settings)
    if as_json or quiet:
        manifest = make_clip(request, outputs, settings, None, sources=sources)
    else:
        from renderer.cli.progress import Display

        with Display() as display:
            manifest = make_clip(request, outputs, settings, display.show, sources=sources)
    if as_json:
        typer.echo(manifest.model_dump_json(indent=2))
    elif not quiet:
        _tell(manifest)


def _tell(manifest: "Manifest") -> None:
    for warning in manifest.warnings:
        times = f" ({warning.count} times)" if warning.count > 1 else ""
        typer.echo(one_line(f"renderer: warning: {warning.message}{times}"), err=True)
    for file in manifest.files:
        typer.echo(printable(f"{file.path}  {human_bytes(file.bytes)}"))


@app.command(epilog="Example: renderer inspect session.json --events events.json")
def inspect(
    recording: RecordingArgument,
    events: EventsOption = None,
    redact: RedactOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what is in a recording.

    Its length, windows with their sizes and addresses, kinds of events, idle time, what happened when, the moments at which it went wrong,
    and what is odd about it.
    """
    from renderer.bootstrap import build_sources
    from renderer.cli.overview import look_over, tell
    from renderer.rules.session import scheme_of
    from renderer.session import read_session

    sources = build_sources(read_settings())
    say = _silence if as_json else _say
    session = read_session(recording, events, redact or "default", sources=sources, tell=say)
    overview = look_over(session, scheme_of(recording))
    typer.echo(json_text(overview) if as_json else tell(overview))


@app.command("list", epilog="Example: renderer list posthog --since 24h --filter saved.json --json")
def list_sessions(
    source: Annotated[str, typer.Argument(metavar="posthog", help="Where to look.")],
    filters: Annotated[
        str | None,
        typer.Option(
            "--filter", metavar="FILE", help="A RecordingsQuery, saved filter or playlist of PostHog, as JSON."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long ago sessions may have begun: 90m, 24h, 7d, 2w.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help="Most sessions to list.")] = 100,
    redact: RedactOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object for each, one a line.")] = False,
) -> None:
    """List sessions that can be rendered."""
    from renderer.bootstrap import build_listings
    from renderer.cli.sessions import line, parse_since
    from renderer.redact.policy.load import load_policy

    listings = build_listings(read_settings())
    if source not in listings:
        raise RequestError("unknown_source", f"sessions cannot be listed from there; it can be {', '.join(listings)}")
    since_ms = None if since is None else parse_since(since)
    policy = load_policy(redact or "default")
    for session in listings[source].sessions(filters, since_ms, limit, policy, _silence if as_json else _say):
        typer.echo(line(source, session, as_json=as_json))


@app.command(epilog="Example: renderer doctor --json")
def doctor(as_json: JsonOption = False) -> None:
    """Check that this machine has what a render needs, and say what to do where it has not."""
    from renderer.cli.doctor import examine, tell

    checks = examine(read_settings())
    failed = any(check.needed and not check.ok for check in checks)
    if as_json:
        typer.echo(json_text({"ok": not failed, "checks": checks}))
    else:
        typer.echo(tell(checks))
    if failed:
        raise typer.Exit(1)


@app.command(epilog="Example: renderer serve --port 8080")
def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen at; others than loopback need an API key first.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65_535, help="Port to listen at; 0 is any.")] = 8080,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether to make clips too, where there is no broker.")
    ] = True,
) -> None:
    """Serve the HTTP API, and make the clips that are asked for.

    Without RENDERER_BROKER_URL nothing else is needed. With it, workers are started with celery -A worker worker.
    """
    settings = read_settings()
    from renderer.cli.serve import run_service

    run_service(settings, host, port, with_worker=worker)


app.add_typer(keys)
app.add_typer(destinations)
app.command(epilog="Example: renderer attach clip.json --to zendesk:48213")(attach)
app.command(epilog="Example: renderer batch --rules rules.yaml --recordings 'nightly/*.json' -o flagged")(batch)
app.command(epilog="Example: renderer rules session.json --events events.json")(rules)
app.command(epilog="Example: renderer audit --limit 200 --json")(audit)


def _silence(words: str) -> None:
    pass


def _say(words: str) -> None:
    typer.echo(one_line(f"renderer: {words}"), err=True)


def main() -> NoReturn:
    """The console script. Exit codes: 0 done, 1 the render failed, 2 the input or the arguments are wrong, 130 Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # the latter: the terminal was closed
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter gets another, not a crash
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """As an exception, so that half-written files and browsers are cleared away on the way out."""
    sys.exit(128 + number)


def run(argv: list[str]) -> int:
    """The exit code; whatever goes wrong becomes one line on stderr."""
    try:
        code = typer.main.get_command(app)(argv, prog_name="renderer", standalone_mode=False)
    except RendererError as error:
        _complain(error.message, error)
        return error.exit_code
    except TyperException as error:
        _complain(_usage(error), error)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:  # the last line of defence: a traceback is for us, not for the person who typed
        _complain(_unexpected(error), error)
        return 1
    if code == INTERRUPTED:
        typer.echo("renderer: interrupted", err=True)
    return code if isinstance(code, int) else 0


def _usage(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    said = error.format_message().rstrip(".")
    return f"{said[:1].lower()}{said[1:]} (see {context.command_path if context else 'renderer'} --help)"


def _unexpected(error: Exception) -> str:
    """Only where and what kind: the message of a foreign exception may quote the recording."""
    if isinstance(error, OSError) and error.strerror:
        return f"the system refused an operation: {error.strerror}; RENDERER_DEBUG=1 shows where"
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}renderer{os.sep}" in frame.filename
    ]
    where = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return f"unexpected {type(error).__name__}{where}: this is a fault of renderer; RENDERER_DEBUG=1 shows more"


def _complain(message: str, error: Exception) -> None:
    if _debugging():
        traceback.print_exception(error)
    typer.echo(one_line(f"renderer: error: {message}"), err=True)


def _debugging() -> bool:
    from renderer.settings import Settings

    try:
        return Settings().debug
    except ValueError:  # another variable is wrong: that is what is being told
        return False
