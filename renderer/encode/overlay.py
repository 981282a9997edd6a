"""A piece's sprites, laid out for ffmpeg: beside the pictures stand as many small ones, and where each of them goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from renderer.encode.timing import Shown
from renderer.frames import Sprite
from renderer.sprites import corner, drawing


@dataclass(frozen=True, slots=True)
class Layer:
    """`pattern` names the small pictures, all of one size, one for each picture of the piece; `corners` is where their upper left
    corners lie.
    """

    pattern: str
    corners: tuple[tuple[int, int], ...]


def lay_over(shown: Sequence[Shown], folder: Path) -> list[Layer]:
    """Writes small pictures into `folder`; layers from the lowest to the highest, as many as the most sprites of one picture."""
    count = max((len(picture.sprites) for picture in shown), default=0)
    return [_layer(number, shown, folder) for number in range(count)]


def _layer(number: int, shown: Sequence[Shown], folder: Path) -> Layer:
    sprites = [picture.sprites[number] if number < len(picture.sprites) else None for picture in shown]
    images = {_looks(sprite): drawing(*_looks(sprite)).image for sprite in sprites if sprite}
    # One size for all: ffmpeg begins the graph anew when it changes.
    size = max(image.width for image in images.values()), max(image.height for image in images.values())
    names: dict[tuple[object, ...] | None, str] = {}
    for looks, image in [(None, None), *images.items()]:
        names[looks] = f"sprite-{number}-{len(names)}.png"
        canvas = Image.new("RGBA", size)
        if image:
            canvas.paste(image)
        canvas.save(folder / names[looks], compress_level=1)
    corners: list[tuple[int, int]] = []
    for place, sprite in enumerate(sprites):
        (folder / f"layer-{number}-{place:06d}.png").symlink_to(names[_looks(sprite) if sprite else None])
        # Where there is none, the one before stays where it is: it is transparent, and the formula of the places short.
        corners.append(corner(sprite) if sprite else corners[-1] if corners else (0, 0))
    return Layer(f"layer-{number}-%06d.png", tuple(corners))


def _looks(sprite: Sprite) -> tuple[str, float, int]:
    return sprite.kind, sprite.scale, sprite.step
