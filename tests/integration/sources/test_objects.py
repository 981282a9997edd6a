"""`s3:`, `gs:` and `az:` against real servers: what is fetched, and how often."""

import gzip
import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renderer.bootstrap import build_sources
from renderer.errors import RendererError, SourceError
from renderer.recording.limits import Limits
from renderer.recording.read import read_recording
from renderer.settings import Settings
from renderer.sources import Sources
from renderer.sources.kept import Kept
from renderer.sources.objects.source import ObjectSource
from tests.integration.sources.link import link_to
from tests.integration.sources.object_server import BUCKET, ENDPOINT, ObjectServer
from tests.unit import recordings

if TYPE_CHECKING:
    from obstore.store import ClientConfig

QUICK: "ClientConfig" = {"connect_timeout": "2s", "read_timeout": "700ms", "timeout": "20s"}


def _sources(folder: Path) -> Sources:
    return build_sources(Settings(data_dir=folder))


def _noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def test_an_object_comes_byte_for_byte_and_is_read(cloud: ObjectServer, tmp_path: Path) -> None:
    data = gzip.compress(recordings.dump(recordings.session()).encode(), mtime=0)
    cloud.put("team a/2026/sess ion#1?é%20.json.gz", data)

    fetched = _sources(tmp_path).fetch(f"{cloud.container}/team a/2026/sess ion#1?é%20.json.gz")

    assert fetched.raw.path.read_bytes() == data
    assert fetched.raw.size_bytes == len(data)
    assert fetched.raw.name == "sess ion#1"
    recording = read_recording(fetched.raw)
    assert recording.event_count == 5
    assert recording.id == hashlib.sha256(data).hexdigest()


def test_a_second_fetch_brings_nothing_over_the_line(
    cloud: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.put("twice/object.json", _noise(2_000_000))
    for number in range(3):
        cloud.put(f"twice/parts/{number}.jsonl", recordings.lines(recordings.session()).encode() + b" " * 1_000_000)
    with link_to(cloud.port) as link:
        monkeypatch.setenv(ENDPOINT[cloud.scheme], cloud.endpoint(link.port))
        for name, size in (("twice/object.json", 2_000_000), ("twice/parts", 3_000_000)):
            link.down_bytes = 0
            first = _sources(tmp_path).fetch(f"{cloud.container}/{name}")
            assert link.down_bytes > size
            link.down_bytes = 0
            second = _sources(tmp_path).fetch(f"{cloud.container}/{name}")
            assert 0 < link.down_bytes < 5_000
            assert second == first


@pytest.mark.parametrize("marker", [True, False])
def test_a_folder_that_is_an_object_too_is_a_folder(cloud: ObjectServer, tmp_path: Path, marker: bool) -> None:
    """Azure's data lakes and some tools keep an empty object for each folder."""
    folder = f"marked-{marker}"
    cloud.put(f"{folder}/1.jsonl", recordings.lines(recordings.session()).encode())
    if marker:
        cloud.put(folder, b"")
    assert read_recording(_sources(tmp_path).fetch(f"{cloud.container}/{folder}").raw).event_count == 5


def test_what_changed_is_fetched_again(cloud: ObjectServer, tmp_path: Path) -> None:
    sources = _sources(tmp_path)
    for text in (b"[1]", b"[2]"):
        cloud.put("changes.json", text)
        assert sources.fetch(f"{cloud.container}/changes.json").raw.path.read_bytes() == text


def test_a_line_that_breaks_and_falls_silent_is_taken_up_where_it_was(
    cloud: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _noise(3_000_000)
    cloud.put("broken.json", data)
    with link_to(cloud.port) as link:
        source = ObjectSource(cloud.scheme, Kept(tmp_path), endpoint=cloud.endpoint(link.port), client=QUICK)
        link.cuts, link.stalls, link.cut_after_bytes = 2, 1, 500_000
        fetched = source.fetch(f"//{BUCKET}/broken.json", lambda _: None)
        assert (link.cuts, link.stalls) == (0, 0)
        assert link.down_bytes < 2 * len(data)
    assert fetched.raw.path.read_bytes() == data


def test_a_slow_server_is_waited_for_and_told_of(s3: ObjectServer, tmp_path: Path) -> None:
    s3.put("slow.json", _noise(3_500_000))
    told: list[str] = []
    with link_to(s3.port) as link:
        link.bytes_per_s = 1_500_000  # longer than the read timeout in all, never without a byte for so long
        source = ObjectSource(s3.scheme, Kept(tmp_path), endpoint=s3.endpoint(link.port), client=QUICK)
        fetched = source.fetch(f"//{BUCKET}/slow.json", told.append)
    assert fetched.raw.size_bytes == 3_500_000
    assert told == ["1 of 4 MB", "2 of 4 MB", "3 of 4 MB"]


def test_a_server_that_stays_silent_is_given_up_and_nothing_is_left(s3: ObjectServer, tmp_path: Path) -> None:
    s3.put("silent.json", _noise(2_000_000))
    with link_to(s3.port) as link:
        link.stalls, link.cut_after_bytes = 1_000, 100
        source = ObjectSource(s3.scheme, Kept(tmp_path), endpoint=s3.endpoint(link.port), client=QUICK)
        with pytest.raises(SourceError) as caught:
            source.fetch(f"//{BUCKET}/silent.json", lambda _: None)
    assert (caught.value.code, caught.value.exit_code, caught.value.retryable) == ("source_unreachable", 1, True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_too_large_is_known_before_it_is_fetched(cloud: ObjectServer, tmp_path: Path) -> None:
    cloud.put("large/a.json", _noise(600_000))
    cloud.put("large/b.json", _noise(600_000))
    with link_to(cloud.port) as link:
        for limit, key in ((500_000, "large/a.json"), (1_000_000, "large")):
            source = ObjectSource(
                cloud.scheme, Kept(tmp_path), endpoint=cloud.endpoint(link.port), limits=Limits(file_bytes=limit)
            )
            with pytest.raises(RendererError) as caught:
                source.fetch(f"//{BUCKET}/{key}", lambda _: None)
            assert caught.value.code == "recording_too_large"
        assert link.down_bytes < 10_000
