"""ffmpeg's last words become one line that a person understands."""

import errno
from pathlib import Path

import pytest

from renderer.encode.disk import disk_errors
from renderer.encode.process import failure
from renderer.errors import EncodeError, SetupError

WORK = Path("/secret/place")


def test_the_cause_is_the_last_line_that_says_something() -> None:
    error = failure(
        "ffmpeg",
        1,
        b"[png @ 0x55d1] Invalid PNG signature 0x0.\nError while decoding stream #0:0: Invalid data found\n\n"
        b"/secret/place/piece.mp4: Invalid argument\nConversion failed!\n",
        WORK,
    )
    assert error.code == "encoder_failed"
    assert str(error) == "ffmpeg failed with exit code 1: piece.mp4: Invalid argument"


def test_a_kill_is_named_by_its_signal() -> None:
    error = failure("ffmpeg", -9, b"", WORK)
    assert (error.code, error.retryable) == ("encoder_killed", True)
    assert str(error) == "ffmpeg was killed by signal SIGKILL"


def test_a_very_long_cause_is_cut_and_stays_one_line() -> None:
    error = failure("ffmpeg", 1, b"x" * 5000 + b"\r\n", WORK)
    assert len(str(error)) < 400
    assert "\n" not in str(error)


def test_a_full_disk_says_what_to_do() -> None:
    error = failure("ffmpeg", 1, b"av_interleaved_write_frame(): No space left on device\n", WORK)
    assert error.code == "disk_full"
    assert "RENDERER_WORK_DIR" in str(error)


def test_a_small_ffmpeg_is_a_matter_of_set_up() -> None:
    error = failure("ffmpeg", 1, b"Unknown encoder 'libx264'\n", WORK)
    assert isinstance(error, SetupError)
    assert "libx264" in str(error)


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "disk_failed")]
)
def test_the_systems_disk_errors_become_ours(number: int, code: str) -> None:
    with pytest.raises(EncodeError) as caught, disk_errors():
        raise OSError(number, "words of the system", "/secret/place/file")
    assert caught.value.code == code
    assert "/secret" not in str(caught.value)
