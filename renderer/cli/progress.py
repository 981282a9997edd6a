"""How far a render is: a bar on a terminal, a plain line now and then elsewhere. Always on stderr."""

import sys
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from renderer.cli.terminal import one_line
from renderer.stages import FETCHING


class Step(Protocol):
    """What `renderer.pipeline.Progress` holds: the stage, the share of it that is done (0 to 1), a few words."""

    @property
    def stage(self) -> str: ...
    @property
    def done(self) -> float: ...
    @property
    def message(self) -> str: ...


class Display:
    """Use as a context manager; `show` may be called from any thread of the render."""

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = stream or sys.stderr
        self._stream = stream
        self._bar: Progress | None = None
        if stream.isatty():
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(file=stream), transient=True)
            self._task = self._bar.add_task("starting", total=1.0)
        self._stage: str | None = None
        self._tenth = 0

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, step: Step) -> None:
        words = one_line(f"{step.stage}: {step.message}" if step.message else step.stage)
        if self._bar is not None:
            self._bar.update(self._task, description=words, completed=step.done)
            return
        tenth = int(step.done * 10 + 1e-9)
        if step.stage == self._stage and tenth <= self._tenth and step.stage != FETCHING:
            return
        self._stage, self._tenth = step.stage, tenth
        self._stream.write(f"renderer: {words} ({step.done:.0%})\n")
        self._stream.flush()
