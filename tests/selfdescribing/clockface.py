"""The part of a recorded page that shows the time: three rows, each changed in another way."""

from tests.selfdescribing.dom import Json, el, text
from tests.selfdescribing.timecode import CELLS, cells_of

ROWS = ("style", "attribute", "text")
_ADVANCE = 0.6001  # of Liberation Mono, in em
_BLOCK, _GAP = "\u2588", " "


class ClockFace:
    """The same time by a style (one gradient), by an attribute of each cell, and by the characters of a text."""

    def __init__(self, page_width: int) -> None:
        self.cell_px = page_width // (CELLS + 1)
        self.row_px = max(8, self.cell_px)
        self.css = (
            f"body {{ margin: 0; padding-top: {self.height_px}px; background: #ffffff; }}"
            f"#face {{ position: fixed; z-index: 9; top: 0; left: 0; width: {self.width_px}px; background: #ffffff; }}"
            f"#face > div {{ height: {self.row_px}px; overflow: hidden; white-space: pre; }}"
            f"#face i {{ float: left; width: {self.cell_px}px; height: {self.row_px}px; }} #face i[data-on] {{ background: #000000; }}"
            f"#face p {{ margin: 0; color: #000000; font: {self.cell_px / _ADVANCE:.3f}px/{self.row_px}px 'Liberation Mono'; }}"
        )
        self._style = el("div", style="")
        self._cells = [el("i") for _ in range(CELLS)]
        self._text = text("")
        self.node = el(
            "div",
            {"id": "face"},
            self._style,
            el("div", None, *self._cells),
            el("div", None, el("p", None, self._text)),
        )

    @property
    def width_px(self) -> int:
        return CELLS * self.cell_px

    @property
    def height_px(self) -> int:
        return len(ROWS) * self.row_px

    def show(self, time_ms: int) -> tuple[list[Json], list[Json]]:
        """Show the time; gives the `attributes` and `texts` of the mutation that does it."""
        cells = cells_of(time_ms)
        gradient = self._gradient(cells)
        self._style.attributes["style"] = f"background-image: {gradient};"
        attributes: list[Json] = [{"id": self._style.id, "attributes": {"style": {"background-image": gradient}}}]
        for node, black in zip(self._cells, cells, strict=True):
            if black != ("data-on" in node.attributes):
                attributes.append({"id": node.id, "attributes": {"data-on": "" if black else None}})
                if black:
                    node.attributes["data-on"] = ""
                else:
                    del node.attributes["data-on"]
        self._text.text = "".join(_BLOCK if black else _GAP for black in cells)
        return attributes, [{"id": self._text.id, "value": self._text.text}]

    def _gradient(self, cells: list[bool]) -> str:
        stops = []
        for number, black in enumerate(cells):
            colour = "#000000" if black else "#ffffff"
            stops.append(f"{colour} {number * self.cell_px}px {(number + 1) * self.cell_px}px")
        return f"linear-gradient(to right, {', '.join(stops)})"
