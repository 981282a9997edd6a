"""Whatever goes wrong is one line on stderr and an exit code; nobody who typed a command sees a traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.cli import run
from renderer.errors import (
    CaptureError,
    DestinationError,
    EncodeError,
    RecordingError,
    RendererError,
    RequestError,
    SetupError,
)
from tests.signals import heard
from tests.unit.cli_fixtures import FakePipeline, standing_in

CLIP = ["clip", "a.json", "-o", "bug.mp4", "-q"]


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakePipeline]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RENDERER_DEBUG", raising=False)
    fake = FakePipeline()
    with standing_in("renderer.pipeline", make_clip=fake.make_clip):
        yield fake


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RequestError, 2),
        (RecordingError, 2),
        (SetupError, 1),
        (CaptureError, 1),
        (EncodeError, 1),
        (DestinationError, 1),
    ],
)
def test_our_errors(
    kind: type[RendererError], code: int, pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = kind("some_code", "the thing failed: mend it")
    assert run(CLIP) == code
    assert capsys.readouterr() == ("", "renderer: error: the thing failed: mend it\n")


@pytest.mark.parametrize("flag", ["--json", "-q"])
def test_errors_are_told_in_silence_too(flag: str, pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.error = CaptureError("c", "no picture")
    assert run([*CLIP[:-1], flag]) == 1
    assert capsys.readouterr() == ("", "renderer: error: no picture\n")


def test_an_unexpected_error_tells_where_and_no_content(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = KeyError("patient name")
    assert run(CLIP) == 1
    err = capsys.readouterr().err
    assert err.startswith("renderer: error: unexpected KeyError in app.py, line ")
    assert "RENDERER_DEBUG=1" in err
    assert "patient" not in err
    assert err.count("\n") == 1


def test_a_refusal_of_the_system_is_told_in_its_words(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = OSError(28, "No space left on device")
    assert run(CLIP) == 1
    assert "the system refused an operation: No space left on device" in capsys.readouterr().err


def test_debug_shows_the_traceback(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RENDERER_DEBUG", "1")
    pipeline.error = KeyError("x")
    assert run(CLIP) == 1
    err = capsys.readouterr().err
    assert "Traceback (most recent call last)" in err
    assert err.splitlines()[-1].startswith("renderer: error: unexpected KeyError")


def test_terminals_get_no_escapes_and_no_second_line(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.error = RecordingError("c", "bad\nname \x1b[2J\x07 end")
    assert run(CLIP) == 2
    assert capsys.readouterr().err == "renderer: error: bad name ?[2J? end\n"


def test_a_wrong_setting_names_the_variable_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RENDERER_BROWSERS", "s3cret")
    assert run(CLIP) == 2
    err = capsys.readouterr().err
    assert err.startswith("renderer: error: RENDERER_BROWSERS: input should be a valid integer")
    assert "s3cret" not in err
    assert pipeline.calls == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ([], "missing command (see renderer --help)"),
        (["nonsense"], "no such command 'nonsense' (see renderer --help)"),
        (["doctor", "x"], "got unexpected extra argument(s) (x) (see renderer doctor --help)"),
        (["inspect"], "missing argument 'RECORDING' (see renderer inspect --help)"),
    ],
)
def test_usage_errors_are_one_line(typed: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(typed) == 2
    assert capsys.readouterr() == ("", f"renderer: error: {message}\n")


@pytest.mark.parametrize("typed", [[], ["clip"], ["inspect"], ["doctor"]])
def test_every_command_has_help_with_an_example(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*typed, "--help"]) == 0
    out, err = capsys.readouterr()
    assert f"Example: renderer {' '.join(typed)}".rstrip() in out
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("renderer ")


def test_ctrl_c_in_mid_render(pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.error = KeyboardInterrupt()
    assert run(CLIP) == 130
    assert capsys.readouterr() == ("", "renderer: interrupted\n")


SLOW = """
import sys, time
from types import ModuleType
from pathlib import Path
def make_clip(request, outputs, settings, on_progress=None, sources=None):
    half = Path("half.tmp")
    half.write_text("x")
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        half.unlink()
sys.modules["renderer.pipeline"] = ModuleType("renderer.pipeline")
sys.modules["renderer.pipeline"].make_clip = make_clip
sys.argv = ["renderer", "clip", "a.json", "-o", "bug.mp4", "-q"]
from renderer.cli import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_clear_up_on_the_way_out(number: signal.Signals, code: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=tmp_path,
        preexec_fn=heard,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, number)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == code
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_help_loads_nothing_heavy() -> None:
    """Start-up is what a person waits for; what is imported varies less than the time. (pydantic comes with typer.)"""
    code = (
        "import sys; from renderer.cli import run; run(['clip', '--help']);"
        "print(*{'playwright', 'PIL', 'ffmpeg', 'msgspec', 'rich'} & set(sys.modules), file=sys.stderr, end='')"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 5
