"""`renderer clip`: what was typed becomes a request, refused before any work when it cannot be met."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.cli import run
from renderer.cli.arguments import parse_bytes
from renderer.errors import RequestError
from renderer.request import ClipRequest, Output, Range, Size
from tests.unit.cli_fixtures import FakePipeline, standing_in


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakePipeline]:
    monkeypatch.chdir(tmp_path)
    fake = FakePipeline()
    with standing_in("renderer.pipeline", make_clip=fake.make_clip):
        yield fake


def test_the_least_that_can_be_typed(pipeline: FakePipeline) -> None:
    assert run(["clip", "a.json", "-o", "bug.mp4"]) == 0
    request, outputs, _ = pipeline.calls[0]
    assert request == ClipRequest(recording="a.json")
    assert request.range.model_fields_set == set()
    assert outputs == {"mp4": Path("bug.mp4")}


def test_everything_that_can_be_typed(pipeline: FakePipeline) -> None:
    typed = (
        "clip a.json -o bug.mp4 --output BUG.GIF -o x.webm --from 1:05 --to 1:40.5 --size 801x600 --fps 30 --speed 2.5"
        " --idle fast --activity posthog --max-bytes 8MiB --overlays pointer,skips --window w2 --assets offline"
        " --events e.json --redact p.toml --quiet"
    )
    assert run(typed.split()) == 0
    request, outputs, _ = pipeline.calls[0]
    assert request == ClipRequest(
        recording="a.json",
        range=Range(from_ms=65_000, to_ms=100_500),
        outputs=tuple(Output.model_validate({"format": kind, "max_bytes": 8 << 20}) for kind in ("mp4", "gif", "webm")),
        size=Size(width_px=802, height_px=600),
        fps=30,
        speed=2.5,
        idle="fast",
        activity="posthog",
        overlays="pointer,skips",
        window="w2",
        events="e.json",
        redaction="p.toml",
        assets="offline",
    )
    assert outputs == {"mp4": Path("bug.mp4"), "gif": Path("BUG.GIF"), "webm": Path("x.webm")}


def test_settings_come_from_the_environment(pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERER_BROWSERS", "3")
    assert run(["clip", "a.json", "-o", "bug.mp4"]) == 0
    assert pipeline.calls[0][2].browsers == 3


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("clip", "missing argument 'RECORDING' (see renderer clip --help)"),
        ("clip a.json", "missing option '--output' / '-o' (see renderer clip --help)"),
        ("clip a.json -o a.avi", "a.avi does not end in .mp4, .webm, .gif"),
        ("clip a.json -o mp4", "mp4 does not end in .mp4, .webm, .gif"),
        ("clip a.json -o a.mp4 -o b.MP4", "mp4 is asked for twice"),
        ("clip a.json -o nowhere/a.mp4", "the folder nowhere does not exist"),
        ("clip a.json -o folder.mp4", "folder.mp4 is a folder"),
        ("clip a.json -o /proc/a.mp4", "the folder /proc cannot be written"),
        ("clip a.json -o a.mp4 --from 9 --to 3", "--from and --to: the range ends before it begins"),
        ("clip a.json -o a.mp4 --from 3 --to 3", "--from and --to: the range ends before it begins"),
        ("clip a.json -o a.mp4 --from -5", "a time is written 90, 1:30"),
        ("clip a.json -o a.mp4 --to nan", "a time is written 90, 1:30"),
        ("clip a.json -o a.mp4 --to 0", "--from and --to: "),
        ("clip a.json -o a.mp4 --size big", "--size: a size is WIDTHxHEIGHT in pixels"),
        ("clip a.json -o a.mp4 --size 10x10", "--size: input should be greater than or equal to 64"),
        ("clip a.json -o a.mp4 --fps 61", "--fps: input should be less than or equal to 60"),
        ("clip a.json -o a.mp4 --fps x", "invalid value for '--fps'"),
        ("clip a.json -o a.mp4 --speed 0", "--speed: input should be greater than or equal to 0.1"),
        ("clip a.json -o a.mp4 --speed nan", "--speed: "),
        ("clip a.json -o a.mp4 --idle nap", "--idle: input should be 'skip', 'keep' or 'fast'"),
        ("clip a.json -o a.mp4 --activity x", "--activity: input should be 'text' or 'posthog'"),
        ("clip a.json -o a.mp4 --overlays gpt", "there is no overlay 'gpt'"),
        ("clip a.json -o a.mp4 --max-bytes lots", "a size in bytes is written 10MB"),
        ("clip a.json -o a.mp4 --max-bytes 0", "--max-bytes must be at least one byte"),
        ("clip a.json b.json -o a.mp4", "got unexpected extra argument"),
        ("clip a.json -o a.mp4 --nonsense", "no such option: --nonsense"),
    ],
)
def test_what_cannot_be_met_is_refused_before_any_work(
    typed: str, message: str, pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    assert run(typed.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"renderer: error: {message}")
    assert err.count("\n") == 1
    assert pipeline.calls == []
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mp4"]


@pytest.mark.parametrize(("recording", "output"), [("a.mp4", "a.mp4"), ("bug.json", "bug.mp4"), ("bug.png", "bug.gif")])
def test_the_recording_is_never_written_over(
    recording: str, output: str, pipeline: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / recording).write_text("[]")
    assert run(["clip", str(tmp_path / recording), "-o", output]) == 2
    assert f"{recording} would be written over the recording" in capsys.readouterr().err
    assert pipeline.calls == []


@pytest.mark.parametrize(
    ("option", "name", "output", "what"),
    [("--events", "bug.json", "bug.mp4", "events file"), ("--redact", "bug.md", "bug.gif", "redaction policy")],
)
def test_nothing_that_is_read_is_written_over(
    option: str, name: str, output: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("[]")
    assert run(["clip", "a.json", "-o", output, option, name]) == 2
    assert f"{name} would be written over the {what} (it comes with {output})" in capsys.readouterr().err


def test_a_link_to_the_recording_is_the_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "bug.mp4").symlink_to(tmp_path / "a.json")
    assert run(["clip", "a.json", "-o", "bug.mp4"]) == 2
    assert "would be written over the recording" in capsys.readouterr().err


def test_json_is_all_that_is_said(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clip", "a.json", "-o", "bug.mp4", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(pipeline.manifest.model_dump_json())
    assert err == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clip", "a.json", "-o", "bug.mp4", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_files_on_stdout_progress_and_warnings_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clip", "a.json", "-o", "bug.mp4"]) == 0
    out, err = capsys.readouterr()
    assert out == "bug.mp4  1.2 MB\n"
    lines = err.splitlines()
    assert lines[:-1] == [f"renderer: capture ({percent}%)" for percent in range(0, 101, 10)]
    assert lines[-1] == "renderer: warning: a picture was not found (3 times)"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10MB", 10_000_000),
        ("8MiB", 8 << 20),
        ("500k", 500_000),
        ("500 kB", 500_000),
        ("64KiB", 65_536),
        ("1.5m", 1_500_000),
        ("10.1MB", 10_100_000),
        ("1G", 10**9),
        ("8000000", 8_000_000),
        ("1b", 1),
    ],
)
def test_sizes_in_bytes(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "MB", "-1", "1e6", "10TB", "8iB", "1 2", "٣MB", "0.1", "0"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_bytes(text)
    assert caught.value.code == "bad_size"
