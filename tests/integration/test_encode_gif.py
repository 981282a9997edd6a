"""GIF and WebM: the whole length, the right pictures at the right times, and the limits of each container."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from renderer.encode.encoder import Encoder
from renderer.encode.model import EncodedFile
from renderer.frames import CapturedSegment
from renderer.request import Output, OutputFormat
from renderer.settings import Settings
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for, some_indices


def encode(
    work_dir: Path,
    kind: OutputFormat,
    segments: Sequence[CapturedSegment],
    fps: int = 25,
    size: tuple[int, int] = (320, 180),
) -> EncodedFile:
    with Encoder(plan_for(segments, fps, size), [Output(format=kind)], work_dir, Settings()) as encoder:
        for segment in segments:
            encoder.add(segment)
        (file,) = encoder.finish().files
        return file


def delays_cs(path: Path) -> list[int]:
    """Read from the file's own graphic control extensions, by Pillow: not by what wrote it."""
    with Image.open(path) as image:
        assert image.info["loop"] == 0, "loops for ever"
        delays = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            delays.append(round(image.info["duration"] / 10))
        return delays


@pytest.mark.parametrize("fps", [24, 60, 7])
def test_gif_delays_are_real_and_never_drift(tmp_path: Path, fps: int) -> None:
    # The last picture stands for a while, so that a lost last delay would be seen.
    segments = captured(tmp_path / "pictures", [0, 61, 120, 180], some_indices(150, 5))
    file = encode(tmp_path / "work", "gif", segments, fps)
    delays = delays_cs(file.path)
    assert min(delays) >= 2
    assert sum(delays) == round(180 * 100 / fps)
    assert file.duration_ms == sum(delays) * 10
    assert [round(pts / 10) for pts in file.pts_ms] == [0, *itertools.accumulate(delays[:-1])]
    indices = {frame.index for segment in segments for frame in segment.frames}
    for picture, pts_ms in zip(decoded(file.path), file.pts_ms, strict=True):
        index = number_of(picture)
        assert index in indices
        assert -5 <= pts_ms - index * 1000 / fps < 80 + 10, "never early, and at most one slot of 80 ms late"


def test_gif_shows_both_ends(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 50, 100], range(100))
    pictures = decoded(encode(tmp_path / "work", "gif", segments).path)
    assert (number_of(pictures[0]), number_of(pictures[-1])) == (0, 99)
    assert len(pictures) <= 12.5 * 4 + 2 * 2, "12.5 pictures a second, and the ends of segments"


def test_gif_of_a_large_page_fits_into_800_pixels_and_can_be_read(tmp_path: Path) -> None:
    size = (1280, 720)
    segments = captured(tmp_path / "pictures", [0, 20], [5, 12], lambda index: numbered(index, size))
    file = encode(tmp_path / "work", "gif", segments, size=size)
    assert (file.width_px, file.height_px) == (800, 450)
    assert [number_of(picture) for picture in decoded(file.path)] == [0, 5, 12]


def test_gif_colours_are_close(tmp_path: Path) -> None:
    def card(index: int) -> Image.Image:
        image = numbered(index)
        ImageDraw.Draw(image).rectangle((200, 60, 300, 120), fill="#c81e5a")
        return image

    segments = captured(tmp_path / "pictures", [0, 10], [4], card)
    for picture in decoded(encode(tmp_path / "work", "gif", segments).path):
        at = (90 * 320 + 250) * 3
        assert all(abs(a - b) <= 6 for a, b in zip(picture.tobytes()[at : at + 3], (0xC8, 0x1E, 0x5A), strict=True))
        assert picture.tobytes()[:3] == b"\x80\x80\x80"


def test_gif_of_one_picture_and_of_a_very_long_still(tmp_path: Path) -> None:
    one = captured(tmp_path / "one", [0, 1], [])
    assert delays_cs(encode(tmp_path / "work-one", "gif", one).path) == [4]
    # A delay has 16 bits of 1/100 s: 900 s do not fit into one.
    still = captured(tmp_path / "still", [0, 22_500], [10])
    file = encode(tmp_path / "work-still", "gif", still)
    assert delays_cs(file.path) == [40, 60_000, 29_960]
    assert [number_of(picture) for picture in decoded(file.path)] == [0, 10, 10]


def test_fine_stripes_are_not_taken_for_a_flat_picture(tmp_path: Path) -> None:
    def stripes(index: int) -> Image.Image:
        image = Image.new("RGB", (320, 180), "#0000ff")
        for x in range(index % 2, 320, 2):
            image.paste("#ff0000", (x, 0, x + 1, 180))
        return image

    segments = captured(tmp_path / "pictures", [0, 50], [25], stripes)
    assert decoded(encode(tmp_path / "work", "gif", segments).path)[1].tobytes() == stripes(25).tobytes()


def test_gif_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 20, 40], some_indices(40, 2))
    assert len({encode(tmp_path / f"work{attempt}", "gif", segments).sha256 for attempt in range(2)}) == 1


@pytest.mark.parametrize("fps", [24, 7])
def test_webm_shows_every_picture_when_planned_and_says_its_whole_length(tmp_path: Path, fps: int) -> None:
    segments = captured(tmp_path / "pictures", [0, 31, 60, 97], some_indices(80, 4))
    file = encode(tmp_path / "work", "webm", segments, fps)
    indices = [frame.index for segment in segments for frame in segment.frames]
    # WebM does not say how long its last picture is shown: it comes again in the last output frame.
    assert [round(index * 1000 / fps) for index in [*indices, 96]] == list(file.pts_ms)
    assert file.duration_ms == round(97 * 1000 / fps)
    assert [number_of(picture) for picture in decoded(file.path)] == [*indices, 79]


def test_webm_of_one_picture(tmp_path: Path) -> None:
    file = encode(tmp_path / "work", "webm", captured(tmp_path / "pictures", [0, 1], []))
    assert (file.frames, file.duration_ms) == (1, 40)
