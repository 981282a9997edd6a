"""What the system draws around an app: its bars and the keyboard. Recorders tell where they are, not what stands on them."""

from collections.abc import Sequence
from typing import Any, Final

from renderer.notices import Notices
from renderer.recording.mobile.drawing.style import css, look, style_of
from renderer.recording.mobile.tree import BARS, KEYBOARD, Drawn, Ids
from renderer.recording.mobile.values import colour, is_light, number, px
from renderer.recording.mobile.wireframe import Wireframe

# Keys a row, and how wide the space bar is beside them.
_ROWS: Final = (10, 9, 9)
_KEY: Final = "flex:1;height:100%;border-radius:5px;background:"
_USUAL_HEIGHT: Final = 0.36


def status_bar(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    """Signal and battery in outline. No clock: the device's time zone is not recorded."""
    told = style_of(view)
    ink = "#000" if is_light(told.ground) else "#fff"
    height = min(view.height if view.height is not None else 24.0, 12.0)
    parts: list[Drawn] = []
    if height >= 4:
        for part, shape in (
            ("signal", f"width:{px(height)};background:linear-gradient(to top right,{ink} 50%,transparent 50%)"),
            ("battery", f"width:{px(height * 1.9)};border-radius:{px(height / 4)};border:1px solid {ink};opacity:.8"),
        ):
            parts.append(Drawn(ids.of(view.key, part), "div", {"style": f"height:{px(height)};{shape}"}))
    style = css(
        look(view, told, notices),
        "display:flex;align-items:center;justify-content:flex-end;gap:6px;padding:0 14px;overflow:hidden",
    )
    return Drawn(ids.of(view.key), "div", {"style": style, "class": "wf-status-bar"}, parts)


def navigation_bar(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    """Back, home, and the list of apps, as shapes."""
    told = style_of(view)
    ink = "#000" if is_light(told.ground) else "#fff"
    side = min(view.height if view.height is not None else 40.0, 32.0) / 2
    shapes = (
        (
            "back",
            f"border:{px(side / 2)} solid transparent;border-right:{px(side * 0.85)} solid {ink};border-left-width:0",
        ),
        ("home", f"width:{px(side)};height:{px(side)};border:2px solid {ink};border-radius:50%"),
        ("apps", f"width:{px(side * 0.9)};height:{px(side * 0.9)};border:2px solid {ink};border-radius:2px"),
    )
    parts = [Drawn(ids.of(view.key, part), "div", {"style": f"opacity:.7;{shape}"}) for part, shape in shapes]
    style = css(
        look(view, told, notices), "display:flex;align-items:center;justify-content:space-around;overflow:hidden"
    )
    return Drawn(ids.of(view.key), "div", {"style": style, "class": "wf-navigation-bar"}, parts)


def keyboard(payload: dict[str, Any], screen_height: float | None, ids: Ids) -> Drawn | None:
    """An open keyboard, None for a closed one. Without a place it stands at the screen's lower end."""
    if payload.get("open") is not True:
        return None
    height = number(payload.get("height"), 1) or round((screen_height or 800) * _USUAL_HEIGHT)
    if screen_height is not None:
        height = min(height, screen_height)
    width = number(payload.get("width"), 1)
    left, top = number(payload.get("x")), number(payload.get("y"))
    told = payload.get("styles") if isinstance(payload.get("styles"), dict) else payload.get("style")
    ground = colour(told.get("backgroundColor")) if isinstance(told, dict) else None
    key = "#fff" if is_light(ground or "#d1d4db") else "#5b5e66"
    where = f"top:{px(top or 0)};left:{px(left or 0)}" if top or left else "bottom:0;left:0"
    style = css(
        f"position:fixed;{where}",
        f"width:{px(width)}" if width is not None else "width:100vw",
        f"height:{px(height)};background:{ground or '#d1d4db'};display:flex;flex-direction:column;gap:8px;padding:8px 4px 14px",
        "overflow:hidden",
    )
    rows = [
        _row(ids, str(number), [f"{_KEY}{key}"] * keys, "0 5%" if number == 1 else "0")
        for number, keys in enumerate(_ROWS)
    ]
    rows.append(_row(ids, "last", [f"{_KEY}{key}", f"{_KEY}{key};flex:5", f"{_KEY}{key}"], "0"))
    return Drawn(ids.of("keyboard"), "div", {"style": style, "class": "wf-keyboard"}, rows)


def _row(ids: Ids, name: str, keys: Sequence[str], padding: str) -> Drawn:
    made = [
        Drawn(ids.of("keyboard", f"key {name} {place}"), "div", {"style": style}) for place, style in enumerate(keys)
    ]
    return Drawn(
        ids.of("keyboard", f"row {name}"), "div", {"style": f"flex:1;display:flex;gap:5px;padding:{padding}"}, made
    )


def layer(own_id: int, inside: Sequence[Drawn]) -> Drawn:
    """A part of the screen that lies over those before it, empty or not."""
    name = {KEYBOARD: "keyboard-layer", BARS: "bars"}.get(own_id, "app")
    return Drawn(own_id, "div", {"class": f"wf-{name}"}, inside)
