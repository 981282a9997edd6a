"""How far something is: a bar, a ring, or stars. Where no value is told it stands still; a spinner on the device turns."""

from typing import Final

from renderer.notices import Notices
from renderer.recording.mobile.drawing.style import css, look, place, style_of
from renderer.recording.mobile.tree import Drawn, Ids, Words
from renderer.recording.mobile.values import number, px
from renderer.recording.mobile.wireframe import Wireframe

_INK: Final = "#1d4aff"
_GROUND: Final = "#e3e5ea"
_GOLD: Final = "#f5a623"
_STARS: Final = 5
_MOST_STARS: Final = 20
_STAR: Final = "★"


def draw(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    most = number(view.told.get("max"), 0) or None
    value = number(view.told.get("value"), 0)
    bar = view.style.get("bar")
    if bar == "rating" and value is not None:
        return _rating(view, ids, value, most or _STARS)
    share = None if value is None else min(1.0, value / (most or 1.0))
    return _ring(view, ids, share) if bar == "circular" else _bar(view, ids, notices, share)


def _told(style: str, share: float | None) -> dict[str, str]:
    told = {"style": style, "role": "progressbar", "class": "wf-input"}
    if share is not None:
        told["aria-valuenow"] = f"{share * 100:.0f}"
    return told


def _bar(view: Wireframe, ids: Ids, notices: Notices, share: float | None) -> Drawn:
    """A line of 4 px in the middle, as on both systems; without a value a third of it is drawn."""
    style = style_of(view)
    ink, ground = style.ink or _INK, style.ground or _GROUND
    thickness = px(min(view.height or 4, 4 if style.ground is None else view.height or 4))
    fill = f"width:{share * 100:.2f}%" if share is not None else "width:33.33%"
    inner = Drawn(ids.of(view.key, "fill"), "div", {"style": f"height:100%;{fill};background:{ink}"})
    track = Drawn(
        ids.of(view.key, "track"),
        "div",
        {"style": f"width:100%;height:{thickness};background:{ground};overflow:hidden;border-radius:2px"},
        [inner],
    )
    outer = css(look(view, style, notices), "background-color:transparent;display:flex;align-items:center")
    return Drawn(ids.of(view.key), "div", _told(outer, share), [track])


def _ring(view: Wireframe, ids: Ids, share: float | None) -> Drawn:
    side = min(size for size in (view.width, view.height, 200.0) if size is not None)
    style = style_of(view)
    ink, ground = style.ink or _INK, style.ground or _GROUND
    turn = 0.25 if share is None else share
    hole = f"radial-gradient(closest-side,transparent calc(100% - {px(max(2.0, side / 10))}),#000 0)"
    ring = Drawn(
        ids.of(view.key, "ring"),
        "div",
        {
            "style": f"width:{px(side)};height:{px(side)};border-radius:50%;background:conic-gradient({ink} {turn * 360:.1f}deg,{ground} 0);"
            f"-webkit-mask:{hole};mask:{hole}"
        },
    )
    outer = css(place(view), "display:flex;align-items:center;justify-content:center")
    return Drawn(ids.of(view.key), "div", _told(outer, share), [ring])


def _rating(view: Wireframe, ids: Ids, value: float, most: float) -> Drawn:
    count = max(1, min(_MOST_STARS, round(most)))
    share = min(1.0, value / most)
    size = min(view.height or 24.0, (view.width or 1e6) / count) * 0.9
    style = style_of(view)
    ink, ground = style.ink or _GOLD, style.ground or _GROUND

    def stars(part: str, style: str) -> Drawn:
        words = Words(ids.of(view.key, f"{part} text"), _STAR * count)
        return Drawn(
            ids.of(view.key, part),
            "span",
            {"style": f"white-space:pre;overflow:hidden;{style}", "aria-hidden": "true"},
            [words],
        )

    row = Drawn(
        ids.of(view.key, "row"),
        "div",
        {"style": f"position:relative;font-size:{px(size)};line-height:1.1"},
        [
            stars("empty", f"color:{ground}"),
            stars("full", f"position:absolute;left:0;top:0;width:{share * 100:.2f}%;color:{ink}"),
        ],
    )
    return Drawn(ids.of(view.key), "div", _told(css(place(view), "display:flex;align-items:center"), share), [row])
