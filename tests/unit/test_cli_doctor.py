"""`renderer doctor`: what is there, what is missing, and what to do about it."""

import json
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from renderer.check import Check
from renderer.cli import doctor, run
from renderer.errors import SetupError
from renderer.settings import Settings
from tests.unit.cli_fixtures import standing_in


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RENDERER_WORK_DIR", str(tmp_path))
    with standing_in(
        "renderer.capture.check", check_chromium=lambda settings: (Check("chromium", True, "156, frame control"),)
    ):
        yield Settings()


def _program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _by_name(checks: Iterable[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_this_machine_is_fit() -> None:
    """The machine that runs the tests has all of it: `make setup` sees to that."""
    checks = _by_name(doctor.examine(Settings()))
    assert [check for check in checks.values() if check.needed and not check.ok] == []
    assert {"chromium", "ffmpeg", "ffprobe", "encoder libx264", "encoder libvpx-vp9", "player page", "sandbox"} <= set(
        checks
    )
    assert checks["font Liberation Sans"].ok
    assert checks["font Noto Sans CJK"].ok
    assert checks["font Noto Color Emoji"].ok


def test_all_is_well_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["ok"] is True
    assert told["checks"][0] == {
        "name": "chromium",
        "ok": True,
        "detail": "156, frame control",
        "mend": "",
        "needed": True,
    }
    assert err == ""


def test_a_missing_ffmpeg_fails_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RENDERER_FFMPEG", "no-such-ffmpeg")
    assert run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "FAIL  ffmpeg: no-such-ffmpeg was not found\n      -> install it" in out
    assert "ok    player page: built" in out  # the other checks are made all the same


def test_an_ffmpeg_without_encoders_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg = _program(
        tmp_path / "ffmpeg", "ffmpeg version 7.1\n V....D libx264 H.264\n V....D gif GIF\n V....D png PNG"
    )
    monkeypatch.setenv("RENDERER_FFMPEG", str(ffmpeg))
    checks = _by_name(doctor.examine(Settings()))
    assert checks["ffmpeg"].detail == f"{ffmpeg}, version 7.1"
    assert checks["encoder libx264"].ok
    assert not checks["encoder libvpx-vp9"].ok
    assert checks["encoder libvpx-vp9"].needed


def test_fonts_that_are_not_there_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path / "fc-list", "Noto Sans CJK JP\nDejaVu Sans")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    checks = _by_name(doctor.examine(Settings()))
    assert checks["font Noto Sans CJK"].ok
    assert not checks["font Liberation Sans"].ok
    assert not checks["font Liberation Sans"].needed
    assert "fonts-liberation" in checks["font Liberation Sans"].mend


def test_a_folder_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "file" / "below"))
    monkeypatch.setenv("RENDERER_WORK_DIR", "/proc/here")
    checks = _by_name(doctor.examine(Settings()))
    assert not checks["data dir"].ok
    assert "is not a folder" in checks["data dir"].detail
    assert not checks["cache dir"].ok
    assert not checks["work dir"].ok
    assert "RENDERER_WORK_DIR" in checks["work dir"].mend


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    doctor.examine(Settings())
    assert list(tmp_path.iterdir()) == []


def test_a_look_that_fails_is_a_failed_check() -> None:
    def look(settings: Settings) -> Iterable[Check]:
        raise SetupError("chromium_missing", "no Chromium was found: install chromium-headless-shell")

    with standing_in("renderer.capture.check", check_chromium=look):
        assert doctor.examine(Settings())[0] == Check(
            "chromium", False, "no Chromium was found", "install chromium-headless-shell"
        )


def test_what_is_told_is_plain() -> None:
    told = doctor.tell(
        [
            Check("a", True, "good"),
            Check("b", False, "bad\n\x1b[1m", "mend it"),
            Check("c", False, "odd", "look", needed=False),
        ]
    )
    assert told == "ok    a: good\nFAIL  b: bad ?[1m\n      -> mend it\nwarn  c: odd\n      -> look"
