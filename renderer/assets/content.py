"""What a body is, by its own bytes: the picture, font or stylesheet that a page may have, or a reason to refuse it."""

from dataclasses import dataclass
from typing import Final

from renderer.assets.asset import Kind
from renderer.assets.pictures import examine_picture

_FONTS: Final = (
    (b"wOF2", "font/woff2"),
    (b"wOFF", "font/woff"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"true", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
)


class UnwantedError(Exception):
    """Not something that a page may have; the message is the reason as a snake_case word."""


@dataclass(frozen=True, slots=True)
class Content:
    kind: Kind
    content_type: str
    animated: bool = False


def examine(body: bytes, header: str) -> Content:
    """Tell what `body` is; `header` is the server's Content-Type, believed for stylesheets alone, as browsers do.

    Raises UnwantedError: "not_wanted" (a page, a script, a video …), "too_many_pixels", "broken_picture".
    """
    if found := examine_picture(body, header):
        if found.refusal:
            raise UnwantedError(found.refusal)
        return Content("picture", found.content_type, found.animated)
    for magic, content_type in _FONTS:
        if body.startswith(magic):
            return Content("font", content_type)
    essence, _, parameters = header.partition(";")
    if essence.strip().lower() == "text/css":
        charset = _charset(parameters)
        return Content("stylesheet", f"text/css; charset={charset}" if charset else "text/css")
    raise UnwantedError("not_wanted")


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        value = value.strip().strip('"')
        if name.strip().lower() == "charset" and value.isascii() and value.replace("-", "").replace("_", "").isalnum():
            return value
    return ""
