"""Numbers, colours and fonts as mobile recorders write them, and as CSS takes them. What is none is left out."""

import math
import re
from functools import lru_cache
from typing import Any, Final

# Views lie beside the screen when they are scrolled away; further than this they are nowhere.
_FARTHEST_PX: Final = 100_000
_NUMBER: Final = re.compile(r"\s*(-?\d{1,7}(?:\.\d{1,12})?)\s*(?:px|dp|sp|pt)?\s*", re.IGNORECASE)
_COLOUR: Final = re.compile(
    r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|(?:rgb|hsl)a?\([\d\s.,%/deg-]{3,60}\)|[a-z]{3,25}", re.IGNORECASE
)
_FAMILY: Final = re.compile(r"[\w .\-]{1,60}")
_GENERIC: Final = frozenset({"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"})
_WEIGHTS: Final = {
    "thin": 100, "ultralight": 200, "light": 300, "regular": 400, "normal": 400, "medium": 500, "semibold": 600,
    "bold": 700, "heavy": 800, "extrabold": 800, "black": 900,
}  # fmt: skip
_WEIGHT_IN_FAMILY: Final = re.compile(
    r"[-.](thin|ultralight|light|medium|semibold|bold|heavy|extrabold|black)", re.IGNORECASE
)
_LONGEST_TEXT: Final = 20_000


def number(value: object, least: float = -_FARTHEST_PX, most: float = _FARTHEST_PX) -> float | None:
    """A finite number from `least` to `most`, also one written as a text (`"4"`, `"10px"`)."""
    if type(value) is int:
        return float(value) if least <= value <= most else None
    if value is None:
        return None
    if isinstance(value, str) and (match := _NUMBER.fullmatch(value)):
        value = float(match[1])
    if type(value) is not float or not least <= value <= most:  # NaN is not between them
        return None
    return value + 0.0  # -0.0 is written as 0


@lru_cache(maxsize=4096)
def px(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "px"


def colour(value: object) -> str | None:
    """A CSS colour; SDKs send #RRGGBB and #RRGGBBAA."""
    if not isinstance(value, str):
        return None
    value = value.strip()
    return value if len(value) <= 70 and _COLOUR.fullmatch(value) else None


def is_light(value: str | None) -> bool:
    """Whether black is read better on it than white. What is not in hexadecimal digits counts as light."""
    digits = (value or "").removeprefix("#")
    if not (value or "").startswith("#"):
        return True
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[place : place + 2], 16) for place in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def font_family(value: object) -> str | None:
    """Each name quoted, with a family that every machine has at the end."""
    if not isinstance(value, str) or len(value) > 300:
        return None
    names = [name.strip().strip("'\"") for name in value.split(",")]
    names = [name for name in names if _FAMILY.fullmatch(name)]
    quoted = [name if name in _GENERIC else f"'{name}'" for name in names]
    if not names:
        return None
    return ", ".join(quoted if names[-1] in _GENERIC else [*quoted, "sans-serif"])


def font_weight(value: object, family: object) -> int | None:
    """From 1 to 1000; iOS tells it in the family's name alone (`.SFUI-Semibold`)."""
    if isinstance(value, str) and value.strip().lower() in _WEIGHTS:
        return _WEIGHTS[value.strip().lower()]
    weight = number(value, 1, 1000)
    if weight is not None:
        return round(weight)
    match = _WEIGHT_IN_FAMILY.search(family) if isinstance(family, str) and len(family) <= 300 else None
    return _WEIGHTS[match[1].lower()] if match else None


def text(value: object) -> str | None:
    """What a view says; numbers as they are written. None where nothing is told."""
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return str(value)


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
