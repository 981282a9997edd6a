"""MP4 through the one door: times, both ends, pictures, colours, joins, same bytes. Real ffmpeg."""

import itertools
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from renderer.encode.encoder import Encoder
from renderer.encode.model import EncodedClip
from renderer.encode.probe import box_order
from renderer.frames import CapturedSegment
from renderer.request import Output
from renderer.settings import Settings
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for, some_indices

MP4 = Output(format="mp4")


def encode(
    work_dir: Path, segments: Sequence[CapturedSegment], fps: int = 25, size: tuple[int, int] = (320, 180)
) -> EncodedClip:
    with Encoder(plan_for(segments, fps, size), [MP4], work_dir, Settings()) as encoder:
        for segment in reversed(segments):
            encoder.add(segment)
        return encoder.finish()


def on_screen(segments: Sequence[CapturedSegment]) -> list[int]:
    """The number of the picture that belongs on the screen in every output frame."""
    indices = [frame.index for segment in segments for frame in segment.frames]
    return [max(index for index in indices if index <= at) for at in range(segments[-1].end)]


@pytest.mark.parametrize(("fps", "last"), [(24, 96), (25, 71), (30, 96), (7, 71), (11, 96)])
def test_every_picture_is_shown_exactly_when_planned_and_until_the_end(tmp_path: Path, fps: int, last: int) -> None:
    segments = captured(tmp_path / "pictures", [0, 31, 60, 97], [*some_indices(last, 4), last])
    clip = encode(tmp_path / "work", segments, fps)
    (file,) = clip.files
    indices = [frame.index for segment in segments for frame in segment.frames]
    assert file.pts_ms == tuple(index * 1000 / fps for index in indices)
    assert file.duration_ms == round(97 * 1000 / fps)
    assert [number_of(image) for image in decoded(file.path, fps)] == on_screen(segments)
    assert file.frames == len(indices)
    assert clip.notices == ()


def test_a_segments_last_picture_stays_until_the_next_segment_begins(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 50, 60, 110], [3, 52, 61])
    (file,) = encode(tmp_path / "work", segments).files
    assert list(file.pts_ms) == [0, 120, 2000, 2080, 2400, 2440]
    assert [number_of(image) for image in decoded(file.path, 25)] == on_screen(segments)


def test_joined_segments_show_what_one_segment_shows(tmp_path: Path) -> None:
    indices = [*some_indices(120, 2), 40, 80]
    one = captured(tmp_path / "one", [0, 120], indices)
    three = captured(tmp_path / "three", [0, 40, 80, 120], indices)
    files = [encode(tmp_path / f"work{len(cut)}", cut).files[0] for cut in (one, three)]
    assert files[0].pts_ms == files[1].pts_ms
    pictures = [decoded(file.path) for file in files]
    assert [number_of(image) for image in pictures[0]] == [number_of(image) for image in pictures[1]]
    for single, joined in zip(*pictures, strict=True):
        assert mean_difference(single, joined) < 1.0


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return sum(abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)) / len(one.tobytes())


def test_many_short_segments_do_not_drift(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", list(range(31)), [], lambda index: numbered(index, (64, 64)))
    (file,) = encode(tmp_path / "work", segments, 7, (64, 64)).files
    assert file.pts_ms == tuple(index * 1000 / 7 for index in range(30))


COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "grey": (128, 128, 128),
    "orange": (230, 120, 40),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
}


def test_colours_come_back_through_a_bt709_limited_range_decoder(tmp_path: Path) -> None:
    def patches(_: int) -> Image.Image:
        image = Image.new("RGB", (448, 64))
        for place, colour in enumerate(COLOURS.values()):
            image.paste(colour, (place * 64, 0, place * 64 + 64, 64))
        return image

    segments = captured(tmp_path / "pictures", [0, 10], [], patches)
    (file,) = encode(tmp_path / "work", segments, size=(448, 64)).files
    (image,) = decoded(file.path)
    for place, (name, colour) in enumerate(COLOURS.items()):
        at = (32 * 448 + place * 64 + 32) * 3
        found = tuple(image.tobytes()[at : at + 3])
        assert all(abs(a - b) <= 4 for a, b in zip(found, colour, strict=True)), (name, found)


def test_black_text_on_white_stays_black_on_white(tmp_path: Path) -> None:
    def text(_: int) -> Image.Image:
        image = Image.new("RGB", (320, 180), "white")
        draw = ImageDraw.Draw(image)
        for row in range(8):
            draw.text((6, 4 + row * 21), "Sharp text, 1px and 2px strokes | l i", fill="black", font_size=15)
        return image

    segments = captured(tmp_path / "pictures", [0, 10], [], text)
    (file,) = encode(tmp_path / "work", segments).files
    (image,) = decoded(file.path)
    source = text(0).convert("L").tobytes()
    luma = image.convert("L").tobytes()
    ink = [there for here, there in zip(source, luma, strict=True) if here == 0]
    paper = [there for here, there in zip(source, luma, strict=True) if here == 255]
    assert len(ink) > 400
    assert sum(ink) / len(ink) < 20
    assert sum(paper) / len(paper) > 250
    assert sorted(ink)[len(ink) * 9 // 10] < 40
    assert sorted(paper)[len(paper) // 50] > 235


def test_one_picture_is_a_clip(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 1], [])
    (file,) = encode(tmp_path / "work", segments).files
    assert (file.frames, file.duration_ms, file.pts_ms) == (1, 40, (0.0,))


def test_a_minute_of_one_still_picture_lasts_a_minute(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 1500], [])
    (file,) = encode(tmp_path / "work", segments).files
    assert (file.frames, file.duration_ms) == (1, 60_000)
    assert file.bytes < 20_000
    screens = decoded(file.path, 1)
    assert [number_of(image) for image in screens] == [0] * 60


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 30, 60], some_indices(60, 2))
    clips = [encode(tmp_path / f"work-{attempt}", segments) for attempt in ("one", "two")]
    assert clips[0].files[0].sha256 == clips[1].files[0].sha256
    assert clips[0].poster.sha256 == clips[1].poster.sha256


def test_odd_sizes_are_padded_by_a_pixel_not_stretched(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 5], [3], lambda index: numbered(index, (321, 181)))
    (file,) = encode(tmp_path / "work", segments, size=(321, 181)).files
    assert (file.width_px, file.height_px) == (322, 182)
    for index, image in zip((0, 3), decoded(file.path), strict=True):
        assert mean_difference(image.crop((0, 0, 321, 181)), numbered(index, (321, 181))) < 2


def test_transparent_and_opaque_pictures_may_follow_each_other(tmp_path: Path) -> None:
    def mixed(index: int) -> Image.Image:
        return numbered(index).convert("RGBA" if index % 2 else "RGB")

    segments = captured(tmp_path / "pictures", [0, 6], range(6), mixed)
    (file,) = encode(tmp_path / "work", segments).files
    assert [number_of(image) for image in decoded(file.path)] == list(range(6))


def test_the_file_is_what_players_want(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 20, 40], some_indices(40, 2))
    (file,) = encode(tmp_path / "work", segments).files
    argv = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-show_packets", "-of", "json", str(file.path)]
    shown = json.loads(subprocess.check_output(argv))
    (stream,) = shown["streams"]
    assert (stream["codec_name"], stream["pix_fmt"], stream["has_b_frames"]) == ("h264", "yuv420p", 0)
    assert stream["start_pts"] == 0
    assert {stream[f"color_{name}"] for name in ("space", "transfer", "primaries")} == {"bt709"}
    assert stream["color_range"] == "tv"
    boxes = box_order(file.path)
    assert boxes.index("moov") < boxes.index("mdat")
    assert set(shown["format"]["tags"]) == {"major_brand", "minor_version", "compatible_brands"}, "nothing that varies"
    assert all(packet["pts"] == packet["dts"] for packet in shown["packets"])
    keys = [float(packet["pts_time"]) for packet in shown["packets"] if "K" in packet["flags"]]
    assert keys == [0.0, 0.8], "each segment is one closed group of pictures"


def test_progress_never_falls_and_ends_at_one(tmp_path: Path) -> None:
    segments = captured(tmp_path / "pictures", [0, 10, 20], [5, 15])
    told: list[float] = []
    with Encoder(plan_for(segments), [MP4, Output(format="gif")], tmp_path / "work", Settings()) as encoder:
        for segment in segments:
            encoder.add(segment)
        encoder.finish(told.append)
    assert told[-1] == 1.0
    assert len(told) >= 4
    assert all(before <= after for before, after in itertools.pairwise(told))


def test_the_poster_and_the_hint(tmp_path: Path) -> None:
    def first_blank(index: int) -> Image.Image:
        return numbered(index) if index else Image.new("RGB", (320, 180), "white")

    segments = captured(tmp_path / "pictures", [0, 50], [2, 30], first_blank)
    plan = plan_for(segments)
    for hint, expected in ((None, {2, 30}), (12, {2}), (1, {2, 30})):
        with Encoder(plan, [MP4], tmp_path / f"work-{hint}", Settings()) as encoder:
            encoder.add(segments[0])
            clip = encoder.finish(poster_hint_frame=hint)
        assert clip.poster_frame in expected
        with Image.open(clip.poster.path) as poster:
            assert number_of(poster.convert("RGB")) == clip.poster_frame
        assert (clip.poster.width_px, clip.poster.height_px, clip.poster.kind) == (320, 180, "poster")
