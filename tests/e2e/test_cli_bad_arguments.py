"""Every bad argument is refused, whether it takes a look into the recording to see that it is bad or not."""

from pathlib import Path

import pytest

from tests.e2e import painted
from tests.e2e.program import Program, refused
from tests.unit.recordings import dump


@pytest.fixture
def renderer(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    (program.folder / "session.json").write_text(dump(painted.session()))
    (program.folder / "folder.mp4").mkdir()
    return program


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("-o bug.avi", "bug.avi does not end in .mp4, .webm, .gif: the suffix says which format is wanted"),
        ("-o bug", "bug does not end in .mp4, .webm, .gif"),
        ("-o /proc/bug.mp4", "the folder /proc cannot be written"),
        ("-o session.json/bug.mp4", "the folder session.json does not exist"),
        ("-o nowhere/bug.mp4", "the folder nowhere does not exist: make it first"),
        ("-o folder.mp4", "folder.mp4 is a folder: --output is the name of a file"),
        ("-o bug.mp4 --from 0:01 --to 0:00.5", "--from and --to: the range ends before it begins"),
        ("-o bug.mp4 --from 0:02", "the range begins at 0:02, but the session is 0:01.200 long: begin earlier"),
        ("-o bug.mp4 --to 1:00", "the range ends at 1:00, but the session is 0:01.200 long"),
        ("-o bug.mp4 --from soon", "a time is written 90, 1:30"),
        ("-o bug.mp4 --window nine", "nine"),
        ("-o bug.mp4 --overlays llms", "there is no overlay 'llms'"),
        ("-o bug.mp4 --size 0x0", "--size: input should be greater than or equal to 64"),
        ("-o bug.mp4 --size 99999x99999", "--size: input should be less than or equal to 4096"),
        ("-o bug.mp4 --fps 0", "--fps: input should be greater than or equal to 1"),
        ("-o bug.mp4 --speed inf", "--speed: "),
        ("-o bug.mp4 --idle nap", "--idle: input should be 'skip', 'keep' or 'fast'"),
        ("-o bug.mp4 --max-bytes lots", "a size in bytes is written 10MB"),
        ("-o bug.mp4 --assets http://[", "--assets"),
    ],
)
def test_bad_argument(typed: str, message: str, renderer: Program) -> None:
    assert message in refused(renderer, "clip", "session.json", *typed.split())


def test_an_impossible_budget_is_known_after_filming(renderer: Program) -> None:
    typed = ("--size", "320x180", "--max-bytes", "100")
    error = refused(renderer, "clip", "session.json", "-o", "bug.mp4", *typed, seconds=60)
    assert error.startswith("the mp4 file cannot be made as small as 100 bytes: the smallest that was reached is ")


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("BROWSERS", "many", "RENDERER_BROWSERS: input should be a valid integer"),
        ("CAPTURE_METHOD", "film", "RENDERER_CAPTURE_METHOD: input should be 'auto', 'beginframe' or 'screenshot'"),
    ],
)
def test_bad_setting(setting: str, value: str, message: str, renderer: Program) -> None:
    with renderer.leaving_nothing():
        result = renderer("clip", "session.json", "-o", "bug.mp4", env={f"RENDERER_{setting}": value})
    assert (result.code, result.out) == (2, "")
    assert message in result.error
    assert value not in result.error.removeprefix(message)
