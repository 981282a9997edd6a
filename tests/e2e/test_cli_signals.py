"""A render that is interrupted leaves nothing: no files, no work folder, no processes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.painted import BLUE, GREEN, HEIGHT_PX, RED, WIDTH_PX, page, paint
from tests.e2e.program import Program, alive, clip, started_by
from tests.unit.recordings import dump, meta

COLOURS = (GREEN, BLUE, RED)
LONG = [meta(0, WIDTH_PX, HEIGHT_PX), page(0), *(paint(20 * n, COLOURS[n % 3]) for n in range(1, 2000))]
"""Forty seconds in which every frame differs: far more work than any test waits for."""


@pytest.fixture
def renderer(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    (program.folder / "session.json").write_text(dump(LONG))
    (program.folder / "bug.mp4").write_text("from the last time")
    return program


def wait_for(log: Path, words: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while words not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"no {words!r} within a minute"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "whole_group", "code", "last_line"),
    [
        (signal.SIGINT, True, 130, "renderer: interrupted"),  # Ctrl-C: the terminal tells all of the foreground
        (signal.SIGINT, False, 130, "renderer: interrupted"),
        (signal.SIGTERM, False, 143, None),
    ],
)
def test_in_mid_render(
    number: signal.Signals, whole_group: bool, code: int, last_line: str | None, renderer: Program
) -> None:
    out, err = renderer.folder.parent / "out", renderer.folder.parent / "err"
    with renderer.leaving_nothing(), out.open("wb") as stdout, err.open("wb") as stderr:
        process = renderer.start(
            *clip("session.json", "-o", "bug.mp4", "-o", "bug.gif", "--idle", "keep"),
            stdout=stdout,
            stderr=stderr,
            process_group=0,
        )
        try:
            wait_for(err, "filming: ", process)
            # Segments are encoded beside the filming, so browsers and encoders are at work.
            helpers = started_by(process.pid)
            assert any("chrom" in name_of(pid) or "headless" in name_of(pid) for pid, _ in helpers)
            began = time.monotonic()
            (os.killpg if whole_group else os.kill)(process.pid, number)
            assert process.wait(20) == code
            assert time.monotonic() - began < 15
        finally:
            process.kill()
            process.wait()
        helpers |= started_by(process.pid)
        deadline = time.monotonic() + 5  # what was killed is gone as soon as the kernel gets to it
        while (left := alive(helpers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [name_of(pid) for pid in left] == []
    assert out.read_bytes() == b""
    lines = err.read_text().splitlines()
    assert not [line for line in lines if "error" in line or "Traceback" in line]
    if last_line:
        assert lines[-1] == last_line
    assert (renderer.folder / "bug.mp4").read_text() == "from the last time"


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return ""
