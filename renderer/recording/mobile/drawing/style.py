"""A view's place and style as CSS. Places are those on the screen, borders and paddings lie inside, as on the device."""

from functools import lru_cache
from math import inf
from typing import Any, Final

import msgspec

from renderer.notices import Notices
from renderer.recording.mobile.drawing import pictures
from renderer.recording.mobile.values import colour, font_family, font_weight, number, px
from renderer.recording.mobile.wireframe import TYPES, Wireframe

_ACROSS: Final = {"left": "flex-start", "center": "center", "right": "flex-end"}
_DOWN: Final = {"top": "flex-start", "center": "center", "bottom": "flex-end"}
_MARKS: Final = {kind: f"wf-{kind.replace('_', '-')}" for kind in TYPES}
_SIDES: Final = ("top", "right", "bottom", "left")
_SIZES: Final = frozenset({"contain", "cover", "auto"})
_NOTHING: Final = b"{}"
# A style has some 200 bytes; one with a picture in it is not worth its memory.
_LONGEST_KEPT: Final = 1000

RESET: Final = (
    "html,body{margin:0;padding:0;width:100%;height:100%;overflow:hidden;background:#fff;font-family:sans-serif;font-size:14px}"
    "*{box-sizing:border-box}"
    "input,button,select,textarea{font:inherit;color:inherit;margin:0;padding:0;border:0;background:transparent;border-radius:0;"
    "text-align:inherit;resize:none}"
    "input[type=checkbox],input[type=radio]{width:1.2em;height:1.2em;flex:none}"
    "progress{display:block}"
)


def css(*declarations: str) -> str:
    return ";".join([one for one in declarations if one])


class Style:
    """What a view's `style` says, as CSS declarations, "" for what is not told. See `style_of`."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.ink, self.ground = colour(told.get("color")), colour(told.get("backgroundColor"))
        border, edge = number(told.get("borderWidth"), 0, 1000), colour(told.get("borderColor"))
        self.has_border = bool(number(told.get("borderWidth"), 0)) or edge is not None
        self.border = _border(border, edge, number(told.get("borderRadius"), 0, 10_000))
        self.surface = css(self._ink, f"background-color:{self.ground}" if self.ground else "", self.border)
        self.image = told.get("backgroundImage")
        self._image_size = told.get("backgroundSize")

        self.font_size = number(told.get("fontSize"), 0.5, 1000)
        self.font = _font(self.font_size, told)
        paddings = {side: number(told.get(f"padding{side.title()}"), 0, 10_000) for side in _SIDES}
        self.padding = css(*(f"padding-{side}:{px(value)}" for side, value in paddings.items() if value))
        self.inset_px = (paddings["top"] or 0) + (paddings["bottom"] or 0)
        self.border_px = border or 0.0
        self.across, self._down = told.get("horizontalAlign"), told.get("verticalAlign")
        self._contents: dict[tuple[str, str], str] = {}

    @property
    def _ink(self) -> str:
        return f"color:{self.ink}" if self.ink else ""

    def surface_on(self, behind: str) -> str:
        """Colours and border, with the background `behind` where none is told."""
        if self.ground is not None or not behind:
            return self.surface
        return css(self._ink, f"background:{behind}", self.border)

    def background(self, notices: Notices) -> str:
        source = pictures.address(self.image, notices)
        if source is None:
            return ""
        # Android sends the drawable at the screen's own density: it fills the view.
        told = self._image_size
        size = told if isinstance(told, str) and told in _SIZES else "100% 100%"
        return f'background-image:url("{source}");background-repeat:no-repeat;background-position:center;background-size:{size}'

    def content(self, *, down: str, across: str) -> str:
        """Font, paddings, and where the content lies in its box: `down` and `across` where nothing is told."""
        made = self._contents.get((down, across))
        if made is None:
            made = self._contents[down, across] = css(self.font, self.padding, self._alignment(down, across))
        return made

    def _alignment(self, down: str, across: str) -> str:
        down = self._down if isinstance(self._down, str) and self._down in _DOWN else down
        across = self.across if isinstance(self.across, str) and self.across in _ACROSS else across
        return f"display:flex;align-items:{_DOWN[down]};justify-content:{_ACROSS[across]};text-align:{across}"


def style_of(view: Wireframe) -> Style:
    """One object for all views that are told the same: an app has some dozen styles and ten thousand views."""
    told = view.told.get("style")
    if not told or not isinstance(told, dict):
        return _read(_NOTHING)
    try:
        key = msgspec.json.encode(told)  # unlike a tuple of the items it tells true from 1
    except (OverflowError, ValueError):  # what `json` reads and msgspec does not write
        return Style(told)
    return _read(key) if len(key) <= _LONGEST_KEPT else Style(told)


@lru_cache(maxsize=2048)
def _read(told: bytes) -> Style:
    return Style(msgspec.json.decode(told))


def mark(view: Wireframe) -> str:
    """The class by which a redaction policy can name views of a type: `wf-screenshot`."""
    return _MARKS[view.type]


def place(view: Wireframe) -> str:
    width, height = view.width, view.height
    where = f"position:fixed;left:{px(view.x)};top:{px(view.y)}"
    if view.full_width:
        where += ";width:100vw"
    elif width is not None:
        where += f";width:{px(width)}"
    return where if height is None else f"{where};height:{px(height)}"


def look(view: Wireframe, style: Style, notices: Notices, *, behind: str = "") -> str:
    """Place, colours, border and background; `behind` is the background where none is told."""
    surface = style.surface_on(behind)
    drawn = f"{place(view)};{surface}" if surface else place(view)
    return css(drawn, style.background(notices)) if style.image else drawn


def _border(width: float | None, ink: str | None, radius: float | None) -> str:
    if width is None and ink is not None:
        width = 1
    return css(
        f"border:{px(width)} solid {ink or 'currentcolor'}" if width else "",
        f"border-radius:{px(radius)}" if radius else "",
    )


def _font(size: float | None, told: dict[str, Any]) -> str:
    family, weight = (
        font_family(told.get("fontFamily")),
        font_weight(told.get("fontWeight"), told.get("fontFamily")),
    )
    return css(
        f"font-size:{px(size)}" if size is not None else "",
        f"font-family:{family}" if family else "",
        f"font-weight:{weight}" if weight else "",
    )


def inner_height(view: Wireframe, style: Style) -> float:
    """Without paddings and borders; infinite where no height is told."""
    return inf if view.height is None else max(0.0, view.height - style.inset_px - 2 * style.border_px)


def holds_one_line(view: Wireframe, style: Style) -> bool:
    """Whether the box is too low for a second line: our fonts may be a little wider than the device's."""
    return inner_height(view, style) < 2 * 1.1 * (style.font_size or 14)
