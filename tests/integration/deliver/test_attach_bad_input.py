"""What cannot be attached is told in one line that says what to set or change, and nothing is posted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.cli import run
from tests.made_clips import write_clip
from tests.vendors.zendesk import ZendeskVendor

TICKET = "zendesk:48213"


@pytest.fixture(autouse=True)
def zendesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZendeskVendor]:
    """Set up in the environment, with a finished clip in `clips`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    with ZendeskVendor() as running:
        for name, value in running.settings().items():
            monkeypatch.setenv(f"RENDERER_ZENDESK_{name.upper()}", value)
        yield running


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clips")


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n")
    last = err.splitlines()[-1]
    assert last.startswith("renderer: error: ")
    return last


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("clips/clip.json", "--to", "nowhere:1"), 2, "clips cannot be delivered there"),
        (("clips/clip.json", "--to", "zendesk:HELP-1"), 2, "write it as zendesk:48213"),
        (("clips/clip.json", "--to", "zendesk"), 2, "say which ticket: zendesk:48213"),
        (("clips/clip.json", "--to", "zendesk:404"), 1, "Zendesk has no ticket 404"),
        (("clips/clip.json", "--to", "github:o/r#1"), 2, "set RENDERER_GITHUB_TOKEN"),
        (("clips/clip.json",), 2, "Missing option '--to'"),
        (("clips/none.json", "--to", TICKET), 2, "give the clip.json that stands beside a finished clip"),
        (("clips/clip.mp4", "--to", TICKET), 2, "clip.mp4 is not the manifest of a clip"),
        (("clips/clip.json", "--to", TICKET, "--accept", "all"), 2, "--accept takes visible_files"),
        (("clips/clip.json", "--to", TICKET, "--to", "nowhere:1"), 2, "clips cannot be delivered there"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_nothing_is_posted(
    clip: Path,
    zendesk: ZendeskVendor,
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert run(["attach", *typed]) == code
    assert said.lower() in complaint(capsys).lower()
    assert zendesk.notes() == []


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_clip_whose_files_are_not_its_own_is_not_attached(
    clip: Path, zendesk: ZendeskVendor, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    film = clip.with_name("clip.mp4")
    if how == "changed":
        film.write_bytes(film.read_bytes()[:-1] + b"x")
    else:
        film.unlink()
    assert run(["attach", str(clip), "--to", TICKET]) == 2
    assert "clip.mp4 is not" in complaint(capsys)
    assert zendesk.asked == []
