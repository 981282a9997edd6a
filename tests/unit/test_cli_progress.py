"""Progress: a bar on a terminal, a line for each stage and each tenth elsewhere."""

import io

from renderer.cli.progress import Display
from tests.unit.cli_fixtures import Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _lines(*steps: Step) -> list[str]:
    stream = io.StringIO()
    with Display(stream) as display:
        for step in steps:
            display.show(step)
    return stream.getvalue().splitlines()


def test_a_line_for_each_stage() -> None:
    assert _lines(Step("read", 0.0), Step("plan", 0.01), Step("capture", 0.02, "4 segments")) == [
        "renderer: read (0%)",
        "renderer: plan (1%)",
        "renderer: capture: 4 segments (2%)",
    ]


def test_a_line_for_each_tenth_however_many_frames() -> None:
    lines = _lines(*(Step("capture", frame / 5000) for frame in range(5001)))
    assert lines == [f"renderer: capture ({percent}%)" for percent in range(0, 101, 10)]


def test_a_stage_that_begins_anew_counts_anew() -> None:
    assert len(_lines(Step("capture", 0.5), Step("encode", 0.0), Step("encode", 0.05), Step("encode", 0.1))) == 3


def test_no_escapes_where_there_is_no_terminal() -> None:
    assert _lines(Step("read", 0.0, "a\x1b[2Jb\nc")) == ["renderer: read: a?[2Jb c (0%)"]


def test_a_bar_on_a_terminal_is_gone_at_the_end() -> None:
    stream = Terminal()
    with Display(stream) as display:
        display.show(Step("capture", 0.5, "[red]segment 2[/red]"))
    shown = stream.getvalue()
    assert "capture: [red]segment 2[/red]" in shown  # no markup from a message
    assert shown.rstrip().endswith("\x1b[2K")  # the line is erased
