"""A view's place and style as CSS. Places are those on the screen, borders and paddings lie inside, as on the device."""

from math import inf
from typing import Any, Final

from renderer.notices import Notices
from renderer.recording.mobile.drawing import pictures
from renderer.recording.mobile.values import colour, font_family, font_weight, number, px
from renderer.recording.mobile.wireframe import Wireframe

_ACROSS: Final = {"left": "flex-start", "center": "center", "right": "flex-end"}
_DOWN: Final = {"top": "flex-start", "center": "center", "bottom": "flex-end"}
_SIZES: Final = frozenset({"contain", "cover", "auto"})

RESET: Final = (
    "html,body{margin:0;padding:0;width:100%;height:100%;overflow:hidden;background:#fff;font-family:sans-serif;font-size:14px}"
    "*{box-sizing:border-box}"
    "input,button,select,textarea{font:inherit;color:inherit;margin:0;padding:0;border:0;background:transparent;border-radius:0;"
    "text-align:inherit;resize:none}"
    "input[type=checkbox],input[type=radio]{width:1.2em;height:1.2em;flex:none}"
    "progress{display:block}"
)


def css(*declarations: str) -> str:
    return ";".join(one for one in declarations if one)


def mark(view: Wireframe) -> str:
    """The class by which a redaction policy can name views of a type: `wf-screenshot`."""
    return f"wf-{view.type.replace('_', '-')}"


def place(view: Wireframe) -> str:
    width = "100vw" if view.full_width else px(view.width) if view.width is not None else ""
    return css(
        f"position:fixed;left:{px(view.x)};top:{px(view.y)}",
        f"width:{width}" if width else "",
        f"height:{px(view.height)}" if view.height is not None else "",
    )


def look(view: Wireframe, notices: Notices, *, behind: str = "") -> str:
    """Place, colours, border and background; `behind` is the background where none is told."""
    style = view.style
    return css(place(view), _colours(style, behind), _border(style), _background(style, notices))


def _colours(style: dict[str, Any], behind: str) -> str:
    ink, ground = colour(style.get("color")), colour(style.get("backgroundColor"))
    if ground is None:
        return css(f"color:{ink}" if ink else "", f"background:{behind}" if behind else "")
    return css(f"color:{ink}" if ink else "", f"background-color:{ground}")


def has_border(style: dict[str, Any]) -> bool:
    return bool(number(style.get("borderWidth"), 0)) or colour(style.get("borderColor")) is not None


def _border(style: dict[str, Any]) -> str:
    width, ink = number(style.get("borderWidth"), 0, 1000), colour(style.get("borderColor"))
    radius = number(style.get("borderRadius"), 0, 10_000)
    if width is None and ink is not None:
        width = 1
    return css(
        f"border:{px(width)} solid {ink or 'currentcolor'}" if width else "",
        f"border-radius:{px(radius)}" if radius else "",
    )


def _background(style: dict[str, Any], notices: Notices) -> str:
    source = pictures.address(style.get("backgroundImage"), notices)
    if source is None:
        return ""
    size = style.get("backgroundSize")
    # Android sends the drawable at the screen's own density: it fills the view.
    size = size if isinstance(size, str) and size in _SIZES else "100% 100%"
    return f'background-image:url("{source}");background-repeat:no-repeat;background-position:center;background-size:{size}'


def font(style: dict[str, Any]) -> str:
    size, family = number(style.get("fontSize"), 0.5, 1000), font_family(style.get("fontFamily"))
    weight = font_weight(style.get("fontWeight"), style.get("fontFamily"))
    return css(
        f"font-size:{px(size)}" if size is not None else "",
        f"font-family:{family}" if family else "",
        f"font-weight:{weight}" if weight else "",
    )


def padding(style: dict[str, Any]) -> str:
    told = (
        (side, number(style.get(f"padding{side.title()}"), 0, 10_000)) for side in ("top", "right", "bottom", "left")
    )
    return css(*(f"padding-{side}:{px(value)}" for side, value in told if value))


def alignment(style: dict[str, Any], *, down: str, across: str) -> str:
    """Where the content lies in its box: `down` and `across` where nothing is told."""
    vertical, horizontal = style.get("verticalAlign"), style.get("horizontalAlign")
    vertical = vertical if isinstance(vertical, str) and vertical in _DOWN else down
    horizontal = horizontal if isinstance(horizontal, str) and horizontal in _ACROSS else across
    return f"display:flex;align-items:{_DOWN[vertical]};justify-content:{_ACROSS[horizontal]};text-align:{horizontal}"


def inner_height(view: Wireframe) -> float:
    """Without paddings and borders; infinite where no height is told."""
    style = view.style
    paddings = sum(number(style.get(name), 0, 10_000) or 0 for name in ("paddingTop", "paddingBottom"))
    border = number(style.get("borderWidth"), 0, 1000) or 0
    return inf if view.height is None else max(0.0, view.height - paddings - 2 * border)


def holds_one_line(view: Wireframe) -> bool:
    """Whether the box is too low for a second line: our fonts may be a little wider than the device's."""
    size = number(view.style.get("fontSize"), 0.5, 1000) or 14
    return inner_height(view) < 2 * 1.1 * size
