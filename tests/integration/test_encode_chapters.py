"""Chapters are in the film, and the film is the same film. Real ffmpeg."""

import itertools
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from renderer.encode.encoder import Encoder
from renderer.encode.model import EncodedFile
from renderer.encode.probe import box_order
from renderer.frames import CapturedSegment
from renderer.request import Output, OutputFormat
from renderer.settings import Settings
from renderer.story.model import Chapter
from tests.integration.encode_pictures import captured, decoded, number_of, plan_for, some_indices

HOSTILE = "a=b; #c \\ d\\n “é” 日本語 🎉 -->"


def chapters(*titles: str, each_ms: int = 1000, end_ms: int = 3880) -> list[Chapter]:
    starts = [place * each_ms for place in range(len(titles))]
    return [
        Chapter(start_ms=start, end_ms=end, title=title)
        for start, end, title in zip(starts, [*starts[1:], end_ms], titles, strict=True)
    ]


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[CapturedSegment]:
    # The last picture is shown for more than a second: what would stretch or cut it, shows.
    return captured(tmp_path_factory.mktemp("pictures"), [0, 31, 60, 97], some_indices(70, 4))


def encode(
    work_dir: Path,
    segments: Sequence[CapturedSegment],
    kind: OutputFormat,
    told: Sequence[Chapter] = (),
    fps: int = 25,
) -> EncodedFile:
    with Encoder(plan_for(segments, fps), [Output(format=kind)], work_dir, Settings(), chapters=told) as encoder:
        for segment in segments:
            encoder.add(segment)
        (file,) = encoder.finish().files
    return file


def probed(path: Path) -> dict[str, Any]:
    argv = ["ffprobe", "-v", "error", "-show_chapters", "-show_streams", "-show_format", "-of", "json", str(path)]
    shown: dict[str, Any] = json.loads(subprocess.check_output(argv))
    return shown


def told_in(path: Path) -> list[tuple[float, float, str]]:
    return [
        (round(float(one["start_time"]) * 1000, 3), round(float(one["end_time"]) * 1000, 3), one["tags"]["title"])
        for one in probed(path)["chapters"]
    ]


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_chapters_are_there_and_the_film_is_the_same(
    tmp_path: Path, segments: list[CapturedSegment], kind: OutputFormat
) -> None:
    due = chapters("Opened “Billing help”", HOSTILE, "nora-4-mini failed after 1.3 s: model_overloaded")
    plain = encode(tmp_path / "plain", segments, kind)
    file = encode(tmp_path / "told", segments, kind, due)
    assert told_in(file.path) == [(one.start_ms, one.end_ms, one.title) for one in due]
    assert told_in(plain.path) == []
    assert (file.pts_ms, file.duration_ms, file.frames) == (plain.pts_ms, plain.duration_ms, plain.frames)
    assert 0 < file.bytes - plain.bytes < 3000, "an index of chapters, not another film"
    numbers = [number_of(image) for image in decoded(file.path)]
    assert numbers == [number_of(image) for image in decoded(plain.path)]
    assert [number_of(image) for image in decoded(file.path, 25)][-1] == segments[-1].frames[-1].index

    shown = probed(file.path)
    assert float(shown["format"]["duration"]) == 3.88
    (film,) = [stream for stream in shown["streams"] if stream["codec_type"] == "video"]
    assert film["index"] == 0
    assert {stream["codec_type"] for stream in shown["streams"]} <= {"video", "data"}
    if kind == "mp4":
        assert (film["duration"], film["nb_frames"]) == ("3.880000", str(file.frames))
        boxes = box_order(file.path)
        assert boxes.index("moov") < boxes.index("mdat")
        assert set(shown["format"]["tags"]) == {"major_brand", "minor_version", "compatible_brands"}


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_the_same_chapters_give_the_same_bytes(
    tmp_path: Path, segments: list[CapturedSegment], kind: OutputFormat
) -> None:
    due = chapters("One", "Two")
    one, two = (encode(tmp_path / name, segments, kind, due) for name in ("one", "two"))
    assert one.sha256 == two.sha256


def test_titles_are_cut_between_letters_and_never_empty(tmp_path: Path, segments: list[CapturedSegment]) -> None:
    file = encode(tmp_path, segments, "mp4", chapters("🎉" * 100, "\x00\n", "two\nlines\r\x1b[31m"))
    titles = [title for _, _, title in told_in(file.path)]
    assert titles == ["🎉" * 63, "…", "two lines [31m"]
    # Players without QuickTime's text track read Nero's list: version, flags, reserved, then a count of one byte.
    found = file.path.read_bytes()
    at = found.index(b"chpl") + 4 + 8
    assert found[at] == 3
    assert found[at + 1 + 8] == 252
    assert found[at + 1 + 8 + 1 :][:252].decode() == "🎉" * 63


@pytest.mark.parametrize("fps", [7, 24])
def test_a_chapter_never_makes_the_film_longer(tmp_path: Path, segments: list[CapturedSegment], fps: int) -> None:
    """97 frames at 7 fps last 13,857.14… ms."""
    length_ms = round(97 * 1000 / fps)
    due = [*chapters("One", "Two", end_ms=length_ms + 400), *chapters("Beyond", end_ms=99)]
    due[2] = Chapter(start_ms=length_ms + 400, end_ms=length_ms + 900, title="Beyond")
    file = encode(tmp_path, segments, "mp4", due, fps)
    assert file.duration_ms == length_ms
    assert [title for _, _, title in told_in(file.path)] == ["One", "Two"]
    assert told_in(file.path)[-1][1] == 97 * 1000 // fps


def test_many_chapters_and_a_gif_that_has_no_place_for_them(tmp_path: Path, segments: list[CapturedSegment]) -> None:
    due = chapters(*(f"Chapter {number}" for number in range(20)), each_ms=190)
    file = encode(tmp_path / "mp4", segments, "mp4", due)
    assert [title for _, _, title in told_in(file.path)] == [f"Chapter {number}" for number in range(20)]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(told_in(file.path)))
    assert told_in(encode(tmp_path / "gif", segments, "gif", due).path) == []
