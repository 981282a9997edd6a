"""The service's secret: where it comes from, that there is one of it, and that nothing shows it."""

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from renderer.access.secret import ServiceSecret
from renderer.errors import SetupError
from renderer.settings import Settings
from tests.unit.access.fixtures import SECRET_TEXT, secret


def _settings(folder: Path, text: str | None = None) -> Settings:
    return Settings(data_dir=folder, secret_key=None if text is None else SecretStr(text))


def test_it_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = ServiceSecret.load(_settings(folder))
    again = ServiceSecret.load(_settings(folder))
    assert first.digest("a", "b") == again.digest("a", "b")
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len((folder / "secret.key").read_text().strip()) == 64


def test_two_services_have_different_secrets(tmp_path: Path) -> None:
    one, two = (ServiceSecret.load(_settings(tmp_path / name)) for name in ("one", "two"))
    assert one.digest("a", "b") != two.digest("a", "b")


_LOADER = """
import sys
from pathlib import Path
from renderer.access.secret import ServiceSecret
from renderer.settings import Settings
sys.stdin.readline()
print(ServiceSecret.load(Settings(data_dir=Path(sys.argv[1]))).digest("a", "b"))
"""


@pytest.mark.slow
def test_processes_that_start_at_the_same_time_have_the_same_one(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _LOADER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = {process.communicate(timeout=60)[0] for process in processes}
    assert said == {f"{ServiceSecret.load(_settings(tmp_path)).digest('a', 'b')}\n"}
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_the_environment_goes_before_the_file_and_leaves_none(tmp_path: Path) -> None:
    loaded = ServiceSecret.load(_settings(tmp_path, SECRET_TEXT))
    assert loaded.digest("a", "b") == secret().digest("a", "b")
    assert list(tmp_path.iterdir()) == []


def test_line_ends_around_it_make_no_other_secret(tmp_path: Path) -> None:
    assert secret(f" {SECRET_TEXT}\r\n").digest("a", "b") == secret().digest("a", "b")


@pytest.mark.parametrize("text", ["", " " * 40, "x" * 31])
def test_a_short_one_is_refused(text: str) -> None:
    with pytest.raises(SetupError) as told:
        ServiceSecret(text)
    assert told.value.code == "bad_secret_key"


@pytest.mark.parametrize("content", [b"", b"half", b"\xff" * 64])
def test_a_damaged_file_is_told_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(SetupError) as told:
        ServiceSecret.load(_settings(tmp_path))
    assert told.value.code == "bad_secret_key"
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    ServiceSecret.load(_settings(tmp_path))
    (tmp_path / "secret.key").chmod(mode)
    with pytest.raises(SetupError) as told:
        ServiceSecret.load(_settings(tmp_path))
    assert told.value.code == "open_secret_key"
    assert "chmod 600" in told.value.message


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError) as told:
        ServiceSecret.load(_settings(tmp_path / "file" / "data"))
    assert told.value.code == "secret_unwritable"


# RFC 5869, test case 1, from its pseudorandom key on.
_PRK = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
_INFO = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
_OKM = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_keys_are_derived_as_rfc_5869_says(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = secret()
    monkeypatch.setattr(derived, "_key", _PRK)

    class Info(str):
        def encode(self, *_: object) -> bytes:
            return _INFO

    assert derived.derive(Info(), 42).hex() == _OKM


def test_purposes_have_keys_of_their_own() -> None:
    derived = {secret().derive(purpose, 32) for purpose in ("a", "b", "ab", "a ", "")}
    assert len(derived) == 5
    assert secret().digest("a", "text") != secret().digest("b", "text")
    assert secret().digest("a", "text") == secret().digest("a", b"text")


@pytest.mark.parametrize("n_bytes", [1, 31, 32, 33, 64, 8160])
def test_any_length_is_the_beginning_of_a_longer_one(n_bytes: int) -> None:
    assert secret().derive("a", n_bytes) == secret().derive("a", 8160)[:n_bytes]


@pytest.mark.parametrize("n_bytes", [-1, 0, 8161])
def test_no_more_is_derived_than_hkdf_has(n_bytes: int) -> None:
    with pytest.raises(ValueError, match="8160"):
        secret().derive("a", n_bytes)


def test_nothing_shows_it() -> None:
    shown = f"{secret()!r} {secret()!s} {secret():}"
    assert SECRET_TEXT not in shown
    assert hashlib.sha256(SECRET_TEXT.encode()).hexdigest() not in shown
    assert not hasattr(secret(), "__dict__")


def test_a_variable_that_is_no_text_is_a_secret_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERER_SECRET_KEY", os.fsdecode(b"\xff\xfe" * 20))
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path))
    assert len(ServiceSecret.load(Settings()).digest("a", "b")) == 64
