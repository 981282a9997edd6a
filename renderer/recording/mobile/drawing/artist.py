"""Which drawing a view of each type gets, with the views inside it."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from renderer.notices import Notices
from renderer.recording.mobile.drawing import chrome, inputs, pictures
from renderer.recording.mobile.drawing.style import css, holds_one_line, look, mark, style_of
from renderer.recording.mobile.tree import Drawn, Ids, Node, Words
from renderer.recording.mobile.values import text
from renderer.recording.mobile.wireframe import MOST, Key, Wireframe

# The device's fonts are narrower than ours; a text that it cut short is cut a little later.
_ONE_LINE: Final = "flex:none;max-width:118%;white-space:pre;overflow:hidden;text-overflow:ellipsis"
_LINES: Final = "flex:none;max-width:100%;white-space:pre-wrap;overflow-wrap:break-word"
_HATCHED: Final = "repeating-linear-gradient(45deg,#e9eaed 0 8px,#dfe1e5 8px 16px)"


class Artist:
    """Draws views; a view whose `drawn` is there already is taken as it is."""

    def __init__(self, ids: Ids, notices: Notices) -> None:
        self._ids = ids
        self._notices = notices
        self._lines: dict[tuple[Key, str], tuple[str, str, Drawn]] = {}
        self._kinds: dict[str, Callable[[Wireframe, Sequence[Node]], Drawn]] = {
            "text": self._text,
            "image": self._picture,
            "screenshot": self._picture,
            "placeholder": self._placeholder,
            "web_view": self._placeholder,
            "input": self._input,
            "status_bar": self._status_bar,
            "navigation_bar": self._navigation_bar,
        }

    def all(self, views: Sequence[Wireframe]) -> tuple[Drawn, ...]:
        return tuple([view.drawn or self.one(view) for view in views])

    def one(self, view: Wireframe) -> Drawn:
        if view.drawn is None:
            inside = self.all(view.children) if view.children else ()
            former, view.former = view.former, None
            if former is not None and _looks_the_same(former, view, inside):
                view.drawn = former.drawn
            else:
                view.drawn = self._kinds.get(view.type, self._box)(view, inside)
        drawn: Drawn = view.drawn
        return drawn

    def _box(self, view: Wireframe, inside: Sequence[Node]) -> Drawn:
        return self._element(view, "div", look(view, style_of(view), self._notices), inside)

    def _text(self, view: Wireframe, inside: Sequence[Node]) -> Drawn:
        style = style_of(view)
        outer = f"{look(view, style, self._notices)};{style.content(down='top', across='left')}"
        lines = _ONE_LINE
        if not holds_one_line(view, style):
            lines, outer = _LINES, f"{outer};overflow:hidden"
        said = text(view.told.get("text"))
        parts = (self.line(view, said, lines),) if said else ()
        return self._element(view, "div", outer, (*parts, *inside))

    def line(self, view: Wireframe, said: str, style: str, part: str = "line") -> Drawn:
        """The one that is there already where it says the same: a list that is scrolled moves every view, and no word changes."""
        before = self._lines.get((view.key, part))
        if before is not None and before[0] == said and before[1] == style:
            return before[2]
        words = Words(self._ids.of(view.key, f"{part} text"), said)
        made = Drawn(self._ids.of(view.key, part), "span", {"style": style}, (words,))
        if len(self._lines) > MOST:
            self._lines.clear()
        self._lines[view.key, part] = (said, style, made)
        return made

    def _picture(self, view: Wireframe, inside: Sequence[Node]) -> Drawn:
        source = pictures.address(view.told.get("base64"), self._notices)
        if source is None:
            return self._placeholder(view, inside)
        style = css(
            look(view, style_of(view), self._notices),
            "display:block",
            "object-fit:contain" if view.type == "image" else "",
        )
        picture = Drawn(
            self._ids.of(view.key, "picture"),
            "img",
            {"src": source, "alt": "", "style": style, "class": mark(view), **_size(view)},
        )
        return self._around(view, picture, inside)

    def _placeholder(self, view: Wireframe, inside: Sequence[Node]) -> Drawn:
        style = style_of(view)
        label = _address_of(view) if view.type == "web_view" else text(view.told.get("label"))
        outer = css(
            look(view, style, self._notices, behind=_HATCHED), style.content(down="center", across="center"),
            "overflow:hidden", "" if style.ink else "color:#5f6672",
        )  # fmt: skip
        parts = [self.line(view, label, "min-width:0;overflow-wrap:anywhere;text-align:center")] if label else []
        return self._element(view, "div", outer, [*parts, *inside])

    def _input(self, view: Wireframe, inside: Sequence[Node]) -> Drawn:
        control = inputs.draw(view, self._ids, self._notices)
        if control is None:
            self._notices.add(
                "mobile_unknown_input", "inputs of a mobile recording of an unknown kind were drawn as boxes"
            )
            return self._box(view, inside)
        if control.tag in {"div", "button"}:
            return Drawn(control.id, control.tag, control.attributes, [*control.children, *inside])
        return self._around(view, control, inside)

    def _status_bar(self, view: Wireframe, _: Sequence[Node]) -> Drawn:
        return chrome.status_bar(view, self._ids, self._notices)

    def _navigation_bar(self, view: Wireframe, _: Sequence[Node]) -> Drawn:
        return chrome.navigation_bar(view, self._ids, self._notices)

    def _element(self, view: Wireframe, tag: str, style: str, inside: Sequence[Node]) -> Drawn:
        return Drawn(self._ids.of(view.key), tag, {"style": style, "class": mark(view)}, inside)

    def _around(self, view: Wireframe, own: Drawn, inside: Sequence[Node]) -> Drawn:
        """What can hold nothing (a picture, a field) stands beside what is in it, in a group."""
        if not inside:
            return own
        return Drawn(self._ids.of(view.key, "group"), "div", {"class": "wf-group"}, [own, *inside])


def _looks_the_same(former: Wireframe, view: Wireframe, inside: Sequence[Node]) -> bool:
    """Recorders send whole screens again of which little has changed."""
    return (
        former.drawn is not None
        and former.type == view.type
        and former.told == view.told
        and len(former.children) == len(inside)
        and all(child.drawn is drawn for child, drawn in zip(former.children, inside, strict=True))
    )


def _size(view: Wireframe) -> dict[str, str]:
    """As attributes too: what a blocked picture keeps of its size."""
    told = (("width", view.width), ("height", view.height))
    return {name: str(round(value)) for name, value in told if value is not None}


def _address_of(view: Wireframe) -> str:
    """Host and path: what comes after them is the app's own, and may hold keys."""
    told = text(view.told.get("url")) or text(view.told.get("label")) or ""
    try:
        parts = urlsplit(told)
    except ValueError:
        return ""
    return (parts.netloc.rpartition("@")[2] + parts.path) if parts.netloc else told.partition("?")[0].partition("#")[0]
