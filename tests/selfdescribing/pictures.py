"""Pictures for pages to show."""

import io

from PIL import Image


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (8, 8)) -> bytes:
    """A flat PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()
