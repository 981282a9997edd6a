"""What a body is: types by the bytes, pixels without decoding, what moves; and the answer's headers."""

import io
import struct
import subprocess
import sys
import zlib
from typing import Any

import pytest
from PIL import Image

from renderer.assets import placeholder
from renderer.assets.asset import Asset
from renderer.assets.content import UnwantedError, examine
from renderer.assets.pictures import MAX_PIXELS


def _picture(fmt: str, frames: int = 1, size: tuple[int, int] = (20, 10), **more: Any) -> bytes:
    out = io.BytesIO()
    images = [Image.new("RGB", size, (index * 50, 9, 9)) for index in range(frames)]
    if frames > 1:
        more |= {"save_all": True, "append_images": images[1:], "duration": 100}
    images[0].save(out, fmt, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("fmt", "content_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("AVIF", "image/avif"),
        ("BMP", "image/bmp"),
        ("ICO", "image/x-icon"),
    ],
)
def test_pictures_are_known_by_their_bytes(fmt: str, content_type: str) -> None:
    for header in ("", "text/html", "application/octet-stream", "image/png"):
        content = examine(_picture(fmt), header)
        assert (content.kind, content.content_type, content.animated) == ("picture", content_type, False)


@pytest.mark.parametrize("fmt", ["PNG", "GIF", "WEBP", "AVIF"])
def test_moving_pictures_are_told_from_still_ones(fmt: str) -> None:
    assert examine(_picture(fmt, frames=3), "").animated
    assert not examine(_picture(fmt), "").animated


@pytest.mark.parametrize(
    ("body", "animated"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='4' height='4'/></svg>", False),
        (b"<svg><circle><animate attributeName='r' dur='1s'/></circle></svg>", True),
        (b"<svg><g><animateTransform type='rotate'/></g></svg>", True),
        (b"<svg><style>@keyframes spin{to{rotate:1turn}}</style></svg>", True),
        (b"<svg><text>settings</text></svg>", False),
    ],
)
def test_svg_is_a_picture_when_the_server_says_so(body: bytes, animated: bool) -> None:
    content = examine(body, "image/svg+xml; charset=utf-8")
    assert (content.kind, content.content_type, content.animated) == ("picture", "image/svg+xml", animated)
    with pytest.raises(UnwantedError, match="not_wanted"):
        examine(body, "text/html")


@pytest.mark.parametrize(
    ("magic", "content_type"),
    [
        (b"wOF2", "font/woff2"),
        (b"wOFF", "font/woff"),
        (b"\0\1\0\0", "font/ttf"),
        (b"OTTO", "font/otf"),
        (b"ttcf", "font/collection"),
    ],
)
def test_fonts_are_known_by_their_bytes(magic: bytes, content_type: str) -> None:
    content = examine(magic + bytes(64), "text/plain")
    assert (content.kind, content.content_type) == ("font", content_type)


@pytest.mark.parametrize(
    ("header", "content_type"),
    [
        ("text/css", "text/css"),
        ("TEXT/CSS; Charset=ISO-8859-1", "text/css; charset=ISO-8859-1"),
        ('text/css;charset="utf-8"', "text/css; charset=utf-8"),
        ("text/css; charset=x\r\nSet-Cookie: a=b", "text/css"),
        ("text/css; charset=", "text/css"),
    ],
)
def test_stylesheets_are_believed_and_keep_their_charset(header: str, content_type: str) -> None:
    assert examine(b"a{}", header).content_type == content_type


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"<!doctype html>", "text/html"),
        (b"alert(1)", "text/javascript"),
        (b"a{}", "text/plain"),
        (b"a{}", ""),
        (b"", ""),
        (b"\x00\x00\x00\x20ftypisom" + bytes(40), "video/mp4"),
        (b"\x1aE\xdf\xa3webm", "image/png"),
        (b"%PDF-1.7", "image/png"),
        (b"II*\0" + bytes(40), "image/tiff"),
        (b"8BPS" + bytes(40), "image/png"),
    ],
)
def test_anything_else_is_unwanted(body: bytes, header: str) -> None:
    with pytest.raises(UnwantedError, match="not_wanted"):
        examine(body, header)


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x20ftypavif" + bytes(20),
        b"\0\0\1\0\xff\xff",
    ],
)
def test_a_magic_number_is_not_enough(body: bytes) -> None:
    with pytest.raises(UnwantedError, match="broken_picture"):
        examine(body, "image/png")


def _png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def _webp_header(width: int, height: int) -> bytes:
    data = b"\x2f" + struct.pack("<I", (width - 1) | ((height - 1) << 14)) + bytes(20)
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _gif_header(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\xf0\0\0"
        + bytes(6)
        + b","
        + struct.pack("<HHHH", 0, 0, width, height)
        + b"\0\2\0;"
    )


BOMBS = {
    "png": _png_header(50_000, 50_000),
    "png of the largest size": _png_header(2**31 - 1, 2**31 - 1),
    "png just over": _png_header(8_001, 8_000),
    "webp": _webp_header(16_383, 16_383),
    "gif": _gif_header(65_535, 65_535),
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_pictures_with_too_many_pixels_are_refused(body: bytes) -> None:
    with pytest.raises(UnwantedError, match="too_many_pixels"):
        examine(body, "image/png")


def test_the_limit_itself_passes() -> None:
    assert examine(_png_header(8_000, MAX_PIXELS // 8_000), "").kind == "picture"


def test_bombs_are_judged_without_being_decoded() -> None:
    """In a process of its own, whose memory tells: decoded, each would take from 0.2 to 17 GB."""
    code = """
import resource, sys
from pathlib import Path
from renderer.assets.content import UnwantedError, examine

def peak_kb():
    status = Path("/proc/self/status")  # ru_maxrss on Linux begins with the parent's
    if status.exists():
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

examine(bytes.fromhex(sys.argv[1]), "")
before = peak_kb()
for body in sys.argv[2:]:
    try:
        examine(bytes.fromhex(body), "")
    except UnwantedError as error:
        print(error)
print(peak_kb() - before)
"""
    bodies = [_picture("WEBP"), *BOMBS.values()]
    command = [sys.executable, "-W", "error", "-c", code, *(body.hex() for body in bodies)]
    ran = subprocess.run(command, capture_output=True, text=True)
    *verdicts, grown_kb = ran.stdout.split()
    assert (ran.stderr, verdicts) == ("", ["too_many_pixels"] * len(BOMBS))
    assert int(grown_kb) < 30_000


def test_the_box_is_one_grey_pixel() -> None:
    with Image.open(io.BytesIO(placeholder.BOX)) as box:
        assert box.size == (1, 1)
        assert box.convert("RGB").getpixel((0, 0)) == (placeholder.GREY,) * 3
    assert examine(placeholder.BOX, "").content_type == placeholder.CONTENT_TYPE


def _headers(asset: Asset, page_origin: str | None = None) -> dict[str, str]:
    return {header["name"]: header["value"] for header in asset.response_headers(page_origin)}


def test_headers_for_chromium() -> None:
    font = Asset("https://a.test/f", 200, "font/woff2", b"wOF2", "cache")
    assert _headers(font) == {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Length": "4",
        "Content-Type": "font/woff2",
        "X-Content-Type-Options": "nosniff",
    }
    with_credentials = _headers(font, "http://replay.invalid")
    assert with_credentials["Access-Control-Allow-Origin"] == "http://replay.invalid"
    assert with_credentials["Access-Control-Allow-Credentials"] == "true"
    moved = Asset("https://a.test/f", 302, "", b"", "cache", location="https://b.test/f")
    assert _headers(moved)["Location"] == "https://b.test/f"
    assert "Content-Type" not in _headers(moved)
