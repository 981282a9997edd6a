"""The poster is the most telling picture: never blank while something else exists, settled rather than passing."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from renderer.encode import look, poster
from renderer.encode.timing import Shown
from renderer.errors import EncodeError

SIZE = (320, 180)


def picture(folder: Path, index: int, lines: int, ground: str = "white") -> Shown:
    image = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        draw.text((8, 4 + 12 * line), f"{index}: some words on line {line}", fill="black")
    path = folder / f"{index}.png"
    image.save(path)
    return Shown(index, path, index)


def test_the_fullest_settled_picture_is_taken(tmp_path: Path) -> None:
    shown = [
        picture(tmp_path, 0, 0),
        picture(tmp_path, 25, 4),
        picture(tmp_path, 75, 13),
        picture(tmp_path, 76, 10),
        picture(tmp_path, 150, 2),
    ]
    choice = poster.choose(shown, 200, 25)
    assert (choice.picture.index, choice.flat) == (76, False), "75 has more in it, but passes in one frame"


def test_a_faint_picture_wins_over_any_flat_one(tmp_path: Path) -> None:
    shown = [picture(tmp_path, index, 0, ground) for index, ground in enumerate(["red", "white", "black"] * 8)]
    faint = Image.new("RGB", SIZE, "white")
    ImageDraw.Draw(faint).line((0, 90, 320, 90), fill="#f6f6f6")
    faint.save(shown[17].path)
    assert poster.choose(shown, 24, 25).picture.index == 17


def test_nothing_but_flat_pictures_is_told(tmp_path: Path) -> None:
    shown = [picture(tmp_path, index, 0, ground) for index, ground in enumerate(["red", "white", "black"])]
    assert poster.choose(shown, 10, 25).flat


def test_a_hint_is_the_picture_shown_then_unless_it_is_flat(tmp_path: Path) -> None:
    shown = [picture(tmp_path, 0, 0), picture(tmp_path, 10, 2), picture(tmp_path, 40, 12)]
    assert poster.choose(shown, 100, 25, hint=39).picture.index == 10
    assert poster.choose(shown, 100, 25, hint=9).picture.index == 40
    assert poster.choose(shown, 100, 25, hint=10_000).picture.index == 40


def test_the_choice_does_not_depend_on_chance(tmp_path: Path) -> None:
    shown = [picture(tmp_path, index, 5) for index in range(0, 100, 10)]
    assert len({poster.choose(shown, 100, 25).picture.index for _ in range(3)}) == 1


def test_the_poster_is_plain_rgb_and_holds_the_same_pixels(tmp_path: Path) -> None:
    source = Image.new("RGBA", SIZE, (10, 20, 30, 255))
    ImageDraw.Draw(source).rectangle((0, 0, 50, 50), fill=(250, 0, 0, 255))
    source.save(tmp_path / "source.png", pnginfo=None)
    assert poster.write(Shown(0, tmp_path / "source.png", 0), tmp_path / "poster.png") == SIZE
    with Image.open(tmp_path / "poster.png") as written:
        assert written.mode == "RGB"
        assert written.tobytes() == source.convert("RGB").tobytes()


def test_a_picture_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    with pytest.raises(EncodeError) as caught:
        look.read(tmp_path / "broken.png")
    assert caught.value.code == "picture_broken"
    assert str(tmp_path) not in str(caught.value)
    assert "\n" not in str(caught.value)
