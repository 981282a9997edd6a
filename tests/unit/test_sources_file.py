"""References to recordings: what is fetched, and what is refused with one clear line."""

import os
import socket
from pathlib import Path

import pytest

from renderer.errors import RecordingError, RendererError, RequestError
from renderer.recording.raw import RawRecording
from renderer.sources import LOCAL


def fetch(reference: str) -> RawRecording:
    return LOCAL.fetch(reference).raw


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "my session.json"
    path.write_bytes(b"[]")
    return path


@pytest.mark.parametrize("reference", ["{path}", "file:{path}", "file://{path}", "FILE://localhost{path}"])
def test_a_path_or_a_file_address(reference: str, recording: Path) -> None:
    fetched = fetch(reference.format(path=recording))
    assert (fetched.name, fetched.path, fetched.size_bytes) == ("my session.json", recording, 2)


def test_a_file_address_may_be_percent_encoded(recording: Path) -> None:
    assert fetch(f"file://{recording}".replace(" ", "%20")).path == recording


def test_a_relative_path(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recording.parent)
    assert fetch("my session.json").size_bytes == 2


def test_a_name_with_a_colon_is_a_file_when_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("session-12:30.json").write_bytes(b"[]")
    assert fetch("session-12:30.json").name == "session-12:30.json"


@pytest.mark.parametrize("reference", ["posthog:0199", "s3://bucket/key", "recording:1", "https://example.com/a.json"])
def test_another_kind_of_reference_names_the_kinds_there_are(reference: str) -> None:
    with pytest.raises(RequestError) as caught:
        fetch(reference)
    assert caught.value.code == "unknown_source"
    assert reference.split(":", maxsplit=1)[0] + ":" in caught.value.message
    assert "(kinds: a path, file:)" in caught.value.message
    assert caught.value.exit_code == 2


def refused(reference: str) -> RendererError:
    with pytest.raises(RecordingError) as caught:
        fetch(reference)
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("nothing here.json", "recording_not_found"),
        ("my session.json/inner.json", "recording_not_found"),
        (".", "recording_is_directory"),
        ("pipe", "recording_not_a_file"),
        ("socket", "recording_not_a_file"),
        ("/dev/zero", "recording_not_a_file"),
        ("/proc/self/mem", "recording_unreadable"),  # opens, and cannot be read, even as root
        ("loop", "recording_unreadable"),
        ("x" * 5000, "recording_unreadable"),
        ("a\0b", "recording_unreadable"),
        ("dangling", "recording_not_found"),
        ("file://elsewhere/a.json", "recording_not_found"),
    ],
)
def test_what_is_no_readable_file(reference: str, code: str, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recording.parent)
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("dangling").symlink_to("gone")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        assert refused(reference).code == code


def test_a_file_without_permission(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read anything, so the refusal itself is made up here."""

    def no_permission(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", no_permission)
    error = refused(str(recording))
    assert error.code == "recording_unreadable"
    assert "my session.json cannot be read (Permission denied)" in error.message


def test_names_in_messages_are_one_short_printable_line() -> None:
    error = refused("a\n\x1b[31mb" + "c" * 200)
    assert "\x1b" not in error.message
    assert error.message.startswith("a??[31mbccc")
    assert len(error.message) < 160
