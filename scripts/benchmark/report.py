"""The figures of the benchmark, and how they are shown."""

from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Row:
    """One way of rendering one session. `scale` is not 1 where figures were reckoned from a part of the session."""

    session: str
    looked: str
    frames: int
    captured: int
    distinct: int
    wall_s: float
    session_s: float
    cpu_s: float | None
    start_up_s: float
    own_peak_bytes: int
    tree_peak_bytes: int | None
    spool_bytes: int
    segments: int
    timings: dict[str, float]
    pictures: dict[int, str] = field(repr=False)
    unlike: int | None = None
    scale: float = 1.0

    @property
    def times_real_time(self) -> float:
        return self.session_s / self.wall_s

    def scaled(self, whole: "Row") -> "Row":
        """What rendering as much as `whole` would have cost: starting up happens once, the rest grows with the length."""
        scale = whole.frames / self.frames
        return replace(
            self,
            looked=f"{self.looked}, reckoned",
            frames=whole.frames,
            captured=round(self.captured * scale),
            distinct=round(self.distinct * scale),
            wall_s=self.start_up_s + (self.wall_s - self.start_up_s) * scale,
            session_s=whole.session_s,
            cpu_s=None if self.cpu_s is None else self.cpu_s * scale,
            spool_bytes=round(self.spool_bytes * scale),
            segments=whole.segments,
            timings={},
            pictures={},
            unlike=None,
            scale=scale,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """`wanted` None: told, not judged."""

    name: str
    value: float
    wanted: float | None
    at_least: bool

    @property
    def met(self) -> bool:
        if self.wanted is None:
            return True
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted


_HEAD = (
    "session", "looked", "length", "wall s", "x real", "CPU s", "captured", "distinct", "frames", "start-up s",
    "own MB", "tree MB", "spool MB", "segments", "unlike",
)  # fmt: skip


def show_table(rows: list[Row]) -> str:
    cells = [_HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for number, line in enumerate(cells):
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        lines.append("  ".join(left + right))
        if number == 0:
            lines.append("-" * len(lines[0]))
    notes = [
        "x real: seconds of session per second of wall clock. own: peak of the Python process; tree: with Chromium and ffmpeg",
        "(shared pages once). spool: pictures on their way to the encoder. unlike: frames whose picture is not the same as ours.",
    ]
    notes += [
        f"{row.session}, {row.looked.strip()}: measured on a part and multiplied by {row.scale:.3g}, start-up counted once"
        for row in rows
        if row.scale != 1
    ]
    return "\n".join([*lines, "", *notes])


def show_targets(targets: list[Target]) -> str:
    return "\n".join(map(_line, targets))


def _line(target: Target) -> str:
    told = f"{target.name}: {target.value:.2f}"
    if target.wanted is None:
        return f"      {told}"
    return (
        f"{'ok  ' if target.met else 'MISS'}  {told} ({'at least' if target.at_least else 'at most'} {target.wanted:g})"
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.session,
        row.looked,
        f"{int(row.session_s) // 60}:{int(row.session_s) % 60:02d}",
        f"{row.wall_s:.1f}",
        f"{row.times_real_time:.1f}",
        "n/a" if row.cpu_s is None else f"{row.cpu_s:.0f}",
        str(row.captured),
        str(row.distinct),
        str(row.frames),
        f"{row.start_up_s:.2f}",
        f"{row.own_peak_bytes / 1e6:.0f}",
        "n/a" if row.tree_peak_bytes is None else f"{row.tree_peak_bytes / 1e6:.0f}",
        f"{row.spool_bytes / 1e6:.0f}",
        str(row.segments),
        "" if row.unlike is None else str(row.unlike),
    )
