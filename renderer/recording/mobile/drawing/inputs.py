"""Form controls: real ones where HTML has them, so that names, redaction and typing work as on a web page."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from renderer.notices import Notices
from renderer.recording.mobile.drawing import progress
from renderer.recording.mobile.drawing.style import (
    css,
    holds_one_line,
    inner_height,
    look,
    style_of,
)
from renderer.recording.mobile.tree import Drawn, Ids, Words
from renderer.recording.mobile.values import px, text
from renderer.recording.mobile.wireframe import Wireframe

_TYPED: Final = frozenset({"text", "password", "email", "number", "search", "tel", "url"})
_AREAS: Final = frozenset({"text_area", "textarea"})
_TICKED: Final = frozenset({"checkbox", "radio"})
_MOST_OPTIONS: Final = 200
_OFF: Final = "#d5d8de"
_ON: Final = "#34c759"
# iOS: 51 x 31 points.
_SWITCH_HEIGHT_PX: Final = 31
_SWITCH_SHAPE: Final = 51 / 31


def draw(view: Wireframe, ids: Ids, notices: Notices) -> Drawn | None:
    """The control of an `input` view, None for an unknown `inputType`."""
    kind = view.told.get("inputType")
    if not isinstance(kind, str):
        return None
    kind = kind.lower()
    if kind in _TYPED:
        return _typed(view, ids, notices, kind)
    if kind in _AREAS:
        return _area(view, ids, notices)
    if kind in _TICKED:
        return _ticked(view, ids, notices, kind)
    found = _OTHERS.get(kind)
    return found(view, ids, notices) if found is not None else None


def _attributes(view: Wireframe, **more: Any) -> dict[str, Any]:
    told = {"class": "wf-input", **more}
    if view.told.get("disabled") is True:
        told["disabled"] = True
    return told


def _field_style(view: Wireframe, notices: Notices) -> str:
    """A field that is told no border and no ground gets a line below: where people type must be seen."""
    style = style_of(view)
    bare = not style.has_border and style.ground is None and not style.image
    across = style.across
    return css(
        look(view, style, notices), style.font, style.padding, "border-bottom:1px solid #c4c8d0" if bare else "",
        f"text-align:{across}" if across in {"left", "center", "right"} else "text-align:left",
    )  # fmt: skip


def _typed(view: Wireframe, ids: Ids, notices: Notices, kind: str) -> Drawn:
    return Drawn(ids.of(view.key, kind), "input", _field(view, notices, type=kind))


def _area(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    told = _field(view, notices)
    style = style_of(view)
    if holds_one_line(view, style):  # Android sends every field as an area, and centres what is in it
        told["style"] = css(told["style"], f"line-height:{px(inner_height(view, style))};overflow:hidden")
    return Drawn(ids.of(view.key, "area"), "textarea", told)


def _field(view: Wireframe, notices: Notices, **more: str) -> dict[str, Any]:
    told = _attributes(view, style=_field_style(view, notices), value=text(view.told.get("value")) or "", **more)
    label = text(view.told.get("label"))
    hint = text(view.told.get("placeholder")) or text(view.told.get("hint")) or label
    return told | {name: said for name, said in (("placeholder", hint), ("aria-label", label)) if said}


def _label_style(view: Wireframe, notices: Notices) -> str:
    style = style_of(view)
    return css(look(view, style, notices), style.content(down="center", across="left"), "gap:6px;overflow:hidden")


def _words(view: Wireframe, ids: Ids) -> list[Drawn]:
    said = text(view.told.get("label"))
    if not said:
        return []
    return [
        Drawn(
            ids.of(view.key, "label"),
            "span",
            {"style": "min-width:0"},
            [Words(ids.of(view.key, "label text"), said)],
        )
    ]


def _ticked(view: Wireframe, ids: Ids, notices: Notices, kind: str) -> Drawn:
    ink = style_of(view).ink
    told = _attributes(view, type=kind, style=f"accent-color:{ink}" if ink else "")
    if view.told.get("checked") is True:
        told["checked"] = True
    own = Drawn(ids.of(view.key, kind), "input", told)
    outer = {"style": _label_style(view, notices), "class": "wf-input"}
    return Drawn(ids.of(view.key), "label", outer, [own, *_words(view, ids)])


def _toggle(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    on = view.told.get("checked") is True
    height = min(_SWITCH_HEIGHT_PX, view.height or _SWITCH_HEIGHT_PX)
    width = height * _SWITCH_SHAPE
    if not view.full_width and view.width and view.width < width:
        width, height = view.width, view.width / _SWITCH_SHAPE
    knob = height - 4
    ground = (style_of(view).ink or _ON) if on else _OFF
    thumb = f"position:absolute;top:2px;left:{px(width - knob - 2 if on else 2)};width:{px(knob)};height:{px(knob)};border-radius:50%"
    parts = [
        Drawn(
            ids.of(view.key, "track"),
            "span",
            {
                "style": f"position:relative;flex:none;width:{px(width)};height:{px(height)};border-radius:{px(height)};background:{ground}"
            },
            [
                Drawn(
                    ids.of(view.key, "thumb"),
                    "span",
                    {"style": css(thumb, "background:#fff;box-shadow:0 1px 3px rgba(0,0,0,.3)")},
                )
            ],
        )
    ]
    words = _words(view, ids)
    spread = "justify-content:space-between" if words else ""
    told = _attributes(view, style=css(_label_style(view, notices), spread), role="switch")
    told["aria-checked"] = "true" if on else "false"
    return Drawn(ids.of(view.key), "div", told, [*words, *parts])


def _button(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    style = style_of(view)
    outer = css(look(view, style, notices), style.content(down="center", across="center"), "overflow:hidden")
    said = text(view.told.get("value")) or text(view.told.get("label")) or text(view.told.get("text"))
    parts = []
    if said:
        words = Words(ids.of(view.key, "line text"), said)
        parts = [Drawn(ids.of(view.key, "line"), "span", {"style": "min-width:0;white-space:pre-wrap"}, [words])]
    return Drawn(ids.of(view.key, "button"), "button", _attributes(view, style=outer, type="button"), parts)


def _select(view: Wireframe, ids: Ids, notices: Notices) -> Drawn:
    told = view.told.get("options")
    options = [
        said for one in (told[:_MOST_OPTIONS] if isinstance(told, list) else []) if (said := text(one)) is not None
    ]
    chosen = text(view.told.get("value"))
    if chosen is not None and chosen not in options:
        options.append(chosen)

    def option(number: int, said: str) -> Drawn:
        attributes = {"selected": True} if said == chosen else {}
        return Drawn(
            ids.of(view.key, f"option {number}"),
            "option",
            attributes,
            [Words(ids.of(view.key, f"option text {number}"), said)],
        )

    made: Sequence[Drawn] = [option(number, said) for number, said in enumerate(options)]
    attributes = _attributes(view, style=_field_style(view, notices), value=chosen or "")
    return Drawn(ids.of(view.key, "select"), "select", attributes, made)


_OTHERS: Final[dict[str, Callable[[Wireframe, Ids, Notices], Drawn]]] = {
    "toggle": _toggle,
    "switch": _toggle,
    "button": _button,
    "select": _select,
    "progress": progress.draw,
}
