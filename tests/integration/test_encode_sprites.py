"""Sprites in the finished files: ffmpeg lays them over the pictures where and when `renderer.sprites.paint` does."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from renderer.encode.encoder import Encoder
from renderer.encode.formats import GIF
from renderer.encode.maker import Maker
from renderer.encode.runner import Runner
from renderer.encode.tools import find_tools
from renderer.frames import CapturedSegment, Frame, Sprite
from renderer.request import Output, OutputFormat
from renderer.settings import Settings
from renderer.sprites import paint
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for

SIZE = (320, 180)


def moving(index: int) -> tuple[Sprite, ...]:
    """Nothing, an arrow that moves out of the picture, clicks on its way, and a finger at the end."""
    if index < 3:
        return ()
    arrow = Sprite("arrow", 250 + 7 * (index % 13), 40 + 11 * (index // 4), 1.0)
    if index < 20:
        return (arrow,)
    if index < 30:
        rings = [Sprite("ring", 120, 60, 1.0, (index - 20) // 3), Sprite("ring", -4, 178, 1.0, (index - 20) // 2)]
        return (*rings[: index % 3], arrow)
    return (Sprite("finger", 300, 3 * index, 1.5),) if index < 36 else ()


def with_sprites(
    segments: Sequence[CapturedSegment], over: Callable[[int], tuple[Sprite, ...]] = moving
) -> list[CapturedSegment]:
    """The same with sprites; the pointer moves every frame, the picture changes only where `segments` says so."""
    made = []
    for segment in segments:
        frames: list[Frame] = []
        for index in range(segment.first, segment.end):
            last = [frame for frame in segment.frames if frame.index <= index][-1]
            frame = replace(last, index=index, session_ms=index * 40, sprites=over(index))
            if not frames or frames[-1].looks != frame.looks:
                frames.append(frame)
        made.append(replace(segment, frames=tuple(frames)))
    return made


def seen(segments: Sequence[CapturedSegment]) -> list[Image.Image]:
    """What each stored frame looks like."""
    return [
        paint(Image.open(frame.path).convert("RGB"), frame.sprites) for segment in segments for frame in segment.frames
    ]


def furthest(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any channel of any pixel."""
    extrema = ImageChops.difference(one, other).getextrema()
    return max(high for _, high in extrema)  # type: ignore[misc]  # RGB: a pair for each band


def lossless(segment: CapturedSegment, folder: Path, size: tuple[int, int]) -> list[Image.Image]:
    """A GIF's piece, before its colours are reduced, with a picture at every tick of its own clock."""
    plan = plan_for([segment], 25, size)
    folder.mkdir()
    with ThreadPoolExecutor(1) as pool:
        maker = Maker(plan, GIF, Runner(find_tools(Settings()), folder, 2), pool)
        best = replace(maker.best, gap=1, width_px=size[0], height_px=size[1])
        piece = maker.begin(segment, best).result()
    return decoded(folder / piece.name)


@pytest.mark.parametrize("size", [SIZE, (321, 181)])
def test_ffmpeg_and_pillow_agree_to_a_level(tmp_path: Path, size: tuple[int, int]) -> None:
    pictures = captured(tmp_path / "pictures", [0, 40], range(0, 40, 8), lambda index: numbered(index, size))
    (segment,) = with_sprites(pictures)
    assert len(segment.frames) > 30
    found = lossless(segment, tmp_path / "work", size)
    expected = seen([segment])
    assert len(found) == len(expected)
    assert max(furthest(one, other) for one, other in zip(found, expected, strict=True)) <= 1
    bare = [Image.open(frame.path).convert("RGB") for frame in segment.frames]
    assert sum(furthest(one, other) > 100 for one, other in zip(found, bare, strict=True)) > 25, "they can be seen"


def test_transparent_and_opaque_pictures_may_follow_each_other(tmp_path: Path) -> None:
    """ffmpeg begins the graph anew where they do."""

    def mixed(index: int) -> Image.Image:
        return numbered(index).convert("RGBA" if index % 16 else "RGB")

    (segment,) = with_sprites(captured(tmp_path / "pictures", [0, 40], range(0, 40, 8), mixed))
    found = lossless(segment, tmp_path / "work", SIZE)
    pairs = list(zip(found, seen([segment]), strict=True))
    assert [number for number, (one, other) in enumerate(pairs) if furthest(one, other) > 1] == []


@pytest.mark.parametrize("kind", ["mp4", "webm", "gif"])
def test_every_format_shows_them(tmp_path: Path, kind: OutputFormat) -> None:
    segments = with_sprites(captured(tmp_path / "pictures", [0, 17, 40], range(0, 40, 10)))
    with Encoder(plan_for(segments), [Output(format=kind)], tmp_path / "work", Settings()) as encoder:
        for segment in segments:
            encoder.add(segment)
        (file,) = encoder.finish().files
    frames = [frame for segment in segments for frame in segment.frames]
    likeness = []
    for picture, pts_ms in zip(decoded(file.path), file.pts_ms, strict=True):
        (frame, expected) = [
            pair for pair in zip(frames, seen(segments), strict=True) if pair[0].index * 40 <= pts_ms + 5
        ][-1]
        assert number_of(picture) == frame.index // 10 * 10 if frame.index >= 20 or frame.index < 17 else True
        for sprite in frame.sprites:
            place = (sprite.x_px - 14, sprite.y_px - 14, sprite.x_px + 20, sprite.y_px + 20)
            likeness.append(_mean(ImageChops.difference(picture.crop(place), expected.crop(place))))
    assert len(likeness) > 10
    assert max(likeness) < 12, "where a sprite is, the file looks as it should; without it, by 25 or more otherwise"


def test_the_poster_shows_them(tmp_path: Path) -> None:
    over = (Sprite("arrow", 200, 90, 2.0),)
    segments = with_sprites(captured(tmp_path / "pictures", [0, 10], [0]), lambda _: over)
    with Encoder(plan_for(segments), [Output(format="mp4")], tmp_path / "work", Settings()) as encoder:
        encoder.add(segments[0])
        clip = encoder.finish()
    poster = Image.open(clip.poster.path)
    assert poster.tobytes() == paint(numbered(0), over).tobytes()
    assert poster.tobytes() != numbered(0).tobytes()


def test_the_same_sprites_give_the_same_bytes_and_others_do_not(tmp_path: Path) -> None:
    pictures = captured(tmp_path / "pictures", [0, 20], [0, 10])
    digests = []
    for number, over in enumerate((moving, moving, lambda index: moving(index + 1))):
        segments = with_sprites(pictures, over)
        with Encoder(plan_for(segments), [Output(format="mp4")], tmp_path / str(number), Settings()) as encoder:
            encoder.add(segments[0])
            digests.append(encoder.finish().files[0].sha256)
    assert digests[0] == digests[1] != digests[2]


def _mean(image: Image.Image) -> float:
    histogram = image.convert("L").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / (image.width * image.height)
