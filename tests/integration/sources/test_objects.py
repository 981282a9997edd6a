"""`s3:` against a real server: what is fetched, and how often."""

import gzip
import hashlib
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renderer.bootstrap import build_sources
from renderer.errors import RendererError, RequestError, SourceError
from renderer.recording.limits import Limits
from renderer.recording.read import read_recording
from renderer.settings import Settings
from renderer.sources import Sources
from renderer.sources.kept import Kept
from renderer.sources.objects.source import ObjectSource
from tests.integration.sources.link import link_to
from tests.integration.sources.s3_server import BUCKET, STRANGER, S3Server
from tests.unit import recordings

if TYPE_CHECKING:
    from obstore.store import ClientConfig

QUICK: "ClientConfig" = {"connect_timeout": "2s", "read_timeout": "700ms", "timeout": "20s"}


def _sources(folder: Path) -> Sources:
    return build_sources(Settings(data_dir=folder))


def _object_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "cache" / "recordings" / "objects").rglob("*") if path.is_file()]


def _noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def test_an_object_comes_byte_for_byte_and_is_read(s3: S3Server, tmp_path: Path) -> None:
    data = gzip.compress(recordings.dump(recordings.session()).encode(), mtime=0)
    s3.put("team a/2026/sess ion#1?é%20.json.gz", data)

    fetched = _sources(tmp_path).fetch(f"s3://{BUCKET}/team a/2026/sess ion#1?é%20.json.gz")

    assert fetched.raw.path.read_bytes() == data
    assert fetched.raw.size_bytes == len(data)
    assert fetched.raw.name == "sess ion#1"
    recording = read_recording(fetched.raw)
    assert recording.event_count == 5
    assert recording.id == hashlib.sha256(data).hexdigest()


def test_a_second_fetch_brings_nothing_over_the_line(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put("twice/object.json", _noise(2_000_000))
    for number in range(3):
        s3.put(f"twice/parts/{number}.jsonl", recordings.lines(recordings.session()).encode() + b" " * 1_000_000)
    with link_to(s3.port) as link:
        monkeypatch.setenv("AWS_ENDPOINT_URL", link.endpoint)
        for name, size in (("twice/object.json", 2_000_000), ("twice/parts", 3_000_000)):
            link.down_bytes = 0
            first = _sources(tmp_path).fetch(f"s3://{BUCKET}/{name}")
            assert link.down_bytes > size
            link.down_bytes = 0
            second = _sources(tmp_path).fetch(f"s3://{BUCKET}/{name}")
            assert 0 < link.down_bytes < 5_000
            assert second == first


def test_what_changed_is_fetched_again(s3: S3Server, tmp_path: Path) -> None:
    sources = _sources(tmp_path)
    for text in (b"[1]", b"[2]"):
        s3.put("changes.json", text)
        assert sources.fetch(f"s3://{BUCKET}/changes.json").raw.path.read_bytes() == text


def test_a_line_that_breaks_and_falls_silent_is_taken_up_where_it_was(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _noise(3_000_000)
    s3.put("broken.json", data)
    with link_to(s3.port) as link:
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=link.endpoint, client=QUICK)
        link.cuts, link.stalls, link.cut_after_bytes = 2, 1, 500_000
        fetched = source.fetch(f"//{BUCKET}/broken.json", lambda _: None)
        assert (link.cuts, link.stalls) == (0, 0)
        assert link.down_bytes < 2 * len(data)
    assert fetched.raw.path.read_bytes() == data


def test_a_slow_server_is_waited_for_and_told_of(s3: S3Server, tmp_path: Path) -> None:
    s3.put("slow.json", _noise(3_500_000))
    told: list[str] = []
    with link_to(s3.port) as link:
        link.bytes_per_s = 1_500_000  # longer than the read timeout in all, never without a byte for so long
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=link.endpoint, client=QUICK)
        fetched = source.fetch(f"//{BUCKET}/slow.json", told.append)
    assert fetched.raw.size_bytes == 3_500_000
    assert told == ["1 of 4 MB", "2 of 4 MB", "3 of 4 MB"]


def test_a_server_that_stays_silent_is_given_up_and_nothing_is_left(s3: S3Server, tmp_path: Path) -> None:
    s3.put("silent.json", _noise(2_000_000))
    with link_to(s3.port) as link:
        link.stalls, link.cut_after_bytes = 1_000, 100
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=link.endpoint, client=QUICK)
        with pytest.raises(SourceError) as caught:
            source.fetch(f"//{BUCKET}/silent.json", lambda _: None)
    assert (caught.value.code, caught.value.exit_code, caught.value.retryable) == ("source_unreachable", 1, True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("change", "code", "exit_code", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret-canary"}, "access_denied", 2, "secret key does not belong"),
        ({"AWS_ACCESS_KEY_ID": "NOBODYKEY"}, "access_denied", 2, "access key is not known"),
        (
            {"AWS_ACCESS_KEY_ID": STRANGER[0], "AWS_SECRET_ACCESS_KEY": STRANGER[1]},
            "access_denied",
            2,
            "need the right to read and list",
        ),
        ({"AWS_ENDPOINT_URL": "localhost:9000"}, "bad_endpoint", 2, "https://HOST:PORT"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "source_unreachable", 1, "does not answer"),
    ],
)
def test_whose_fault_it_is(
    s3: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    change: dict[str, str],
    code: str,
    exit_code: int,
    says: str,
) -> None:
    s3.put("mine.json", b"[]")
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    for key in ("mine.json", "some/prefix/"):
        with pytest.raises(RendererError) as caught:
            _sources(tmp_path).fetch(f"s3://{BUCKET}/{key}")
        error = caught.value
        assert (error.code, error.exit_code) == (code, exit_code)
        assert says in error.message
        _says_no_secret(error)
    assert capfd.readouterr() == ("", "")
    assert _object_files(tmp_path) == []


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        (f"s3://{BUCKET}/not/there.json", "recording_not_found"),
        (f"s3://{BUCKET}/not/there/", "recording_not_found"),
        ("s3://no-such-bucket/there.json", "recording_not_found"),
        ("s3://no-such-bucket/there/", "recording_not_found"),
        (f"s3://{BUCKET}", "bad_reference"),
        (f"s3://{BUCKET}///", "bad_reference"),
        (f"s3:{BUCKET}/there.json", "bad_reference"),
        (f"s3://{BUCKET}/a//b", "bad_reference"),
        (f"s3://{BUCKET}/a/../b", "bad_reference"),
        (f"s3://{BUCKET}/a\nb", "bad_reference"),
        (f"s3://{BUCKET}/" + 1025 * "k", "bad_reference"),
        ("s3://AKIDCANARY:secret-canary@bucket/key", "bad_reference"),
        ("s3://buck et/key", "bad_reference"),
        ("gs://../key", "bad_reference"),
        ("az://", "bad_reference"),
    ],
)
def test_what_is_not_there_is_the_callers_to_mend(s3: S3Server, tmp_path: Path, reference: str, code: str) -> None:
    with pytest.raises(RendererError) as caught:
        _sources(tmp_path).fetch(reference)
    assert (caught.value.code, caught.value.exit_code) == (code, 2)
    _says_no_secret(caught.value)


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_without_credentials_the_variables_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    # Nothing listens there: a machine that has no identity of its own.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(RequestError) as caught:
        _sources(tmp_path).fetch(f"{scheme}://bucket/key")
    assert caught.value.code == "no_credentials"
    assert {"s3": "AWS_ACCESS_KEY_ID", "gs": "GOOGLE_", "az": "AZURE_"}[scheme] in caught.value.message


def test_too_large_is_known_before_it_is_fetched(s3: S3Server, tmp_path: Path) -> None:
    s3.put("large/a.json", _noise(600_000))
    s3.put("large/b.json", _noise(600_000))
    with link_to(s3.port) as link:
        for limit, key in ((500_000, "large/a.json"), (1_000_000, "large")):
            source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=link.endpoint, limits=Limits(file_bytes=limit))
            with pytest.raises(RendererError) as caught:
                source.fetch(f"//{BUCKET}/{key}", lambda _: None)
            assert caught.value.code == "recording_too_large"
        assert link.down_bytes < 10_000


def _says_no_secret(error: RendererError) -> None:
    said = f"{error.message} {error.__cause__} {error!r}"
    assert "canary" not in said.lower()
    assert "\n" not in error.message
