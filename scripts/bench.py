"""What a render costs, and what looking only where something can have changed saves: `make bench`.

    .venv/bin/python -m scripts.bench [--quick | --full] [--no-encoded] [--json] [--repeat N]

Renders the sample and a made-up session of 20 minutes (15% of it active, nothing moves in the rest) with `--idle keep`, in
these ways on the same machine in the same run:

- where it can change: as `renderer clip` does it;
- at every frame: one picture for each output frame. It differs in nothing else: same page, camera, segments, browsers and encoder;
  a repeated picture is not stored. Its pictures are compared with ours, frame by frame ("unlike");
- and encoded: the same, and every picture goes to the encoder. That is what an engine does that takes one screenshot per tick.

The targets are against the third; the second, which already leaves out what is equal, is told beside it. Of the long session only
two minutes are looked at frame by frame and the figures scaled, unless `--full` is given. Exit code 1 when a target is missed. How
fast recordings are read is measured by scripts/bench_reading.py.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.benchmark.report import Row, Target, show_table, show_targets
from scripts.benchmark.session import ROUND_MS, write_session
from scripts.benchmark.tree import TreeMeter

SAMPLE = Path(__file__).parents[1] / "examples" / "chat" / "session.jsonl.gz"
LOOKED = {"changed": "where it can change", "every": "at every frame", "encoded": "at every frame, all encoded"}
LONG_MS = 10 * ROUND_MS
SLICE_MS = ROUND_MS


@dataclass(frozen=True, slots=True)
class Case:
    """A session of `length_ms` (None: as it is) and how much of it is looked at frame by frame."""

    name: str
    path: Path
    to_ms: int | None
    slice_ms: int | None
    times_faster: float


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="renderer-bench-") as folder:
        long = Path(folder) / "long.jsonl.gz"
        write_session(long, LONG_MS)
        if options.quick:
            cases = [Case("sample", SAMPLE, 20_000, None, 2), Case("idle", long, 2 * ROUND_MS, ROUND_MS, 10)]
        else:
            cases = [
                Case("sample", SAMPLE, None, None, 2),
                Case("idle", long, None, None if options.full else SLICE_MS, 10),
            ]
        _say(f"{_machine()}, load average {os.getloadavg()[0]:.1f} at the start")
        _render(cases[0], 2000, "changed", Path(folder))  # the first start of Chromium after a while reads it from disk
        ways = ["changed", "every", *(["encoded"] if options.encoded else [])]
        rows: list[Row] = []
        targets: list[Target] = []
        for case in cases:
            rows += _measure(case, ways, options.repeat, Path(folder), targets)
    if options.json:
        report = {"machine": _machine(), "rows": [_told(row) for row in rows], "targets": [asdict(t) for t in targets]}
        print(json.dumps(report, indent=2))
    else:
        print(show_table(rows))
        print()
        print(show_targets(targets))
    _say(f"load average {os.getloadavg()[0]:.1f} at the end")
    sys.exit(not all(target.met for target in targets))


def _told(row: Row) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "pictures"}


def _measure(case: Case, ways: list[str], repeat: int, folder: Path, targets: list[Target]) -> list[Row]:
    """All ways in turn, `repeat` times; the medians of each."""
    runs: dict[str, list[Row]] = {looked: [] for looked in ways}
    for _ in range(repeat):
        for looked in ways:
            to_ms = case.to_ms if looked == "changed" else case.slice_ms or case.to_ms
            runs[looked].append(_render(case, to_ms, looked, folder))
    changed, *others = (_median(runs[looked]) for looked in ways)
    # What lies around the page shows the clip's own range: a part is compared with the same part.
    ours = _render(case, case.slice_ms, "changed", folder) if case.slice_ms else runs["changed"][-1]
    others[0].unlike = _unlike(ours.pictures, runs["every"][-1].pictures, others[0].frames)
    rows = [changed, *others]
    if case.slice_ms:
        others = [row.scaled(changed) for row in others]
        rows += others
    targets.append(Target(f"{case.name}: seconds to the first picture", changed.start_up_s, 2.0, False))
    for row in others:
        wanted = case.times_faster if row.looked.startswith(LOOKED["encoded"]) else None
        targets.append(
            Target(f"{case.name}: times faster than {row.looked}", row.wall_s / changed.wall_s, wanted, True)
        )
    return rows


def _render(case: Case, to_ms: int | None, looked: str, folder: Path) -> Row:
    _say(f"{case.name}, {LOOKED[looked]} …")
    asked = {"recording": str(case.path), "output": str(folder / "clip.mp4"), "to_ms": to_ms, "looked": looked}
    command = [sys.executable, "-m", "scripts.benchmark.render", json.dumps(asked)]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"RENDERER_DATA_DIR": str(folder)}
    )
    with TreeMeter(process.pid) as meter:
        out, _ = process.communicate()
    wall_s = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"bench: the render of {case.name} failed")
    told: dict[str, Any] = json.loads(out)
    return Row(
        session=case.name,
        looked=LOOKED[looked],
        frames=told["frames"]["total"],
        captured=told["frames"]["captured"],
        distinct=told["frames"]["distinct"],
        wall_s=wall_s,
        session_s=told["session_ms"] / 1000,
        cpu_s=meter.cpu_s,
        start_up_s=told["start_up_s"],
        own_peak_bytes=told["own_peak_bytes"],
        tree_peak_bytes=meter.peak_bytes,
        spool_bytes=told["png_bytes"],
        segments=told["segments"],
        timings=told["timings"],
        pictures={int(index): digest for index, digest in told["pictures"].items()},
    )


def _median(rows: list[Row]) -> Row:
    """The run with the median wall time, with the medians of what varies."""
    row = sorted(rows, key=lambda one: one.wall_s)[(len(rows) - 1) // 2]
    row.wall_s = statistics.median(one.wall_s for one in rows)
    row.start_up_s = statistics.median(one.start_up_s for one in rows)
    return row


def _unlike(ours: dict[int, str], theirs: dict[int, str], frames: int) -> int:
    """Output frames at which looking only where it can change shows another picture than looking always."""
    unlike, mine, other = 0, "", ""
    for frame in range(frames):
        mine, other = ours.get(frame, mine), theirs.get(frame, other)
        unlike += mine != other
    return unlike


def _machine() -> str:
    return f"{os.cpu_count()} processors, Python {sys.version.split()[0]}"


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 s of the sample and 4 minutes of the long session")
    parser.add_argument("--full", action="store_true", help="look at every frame of the long session: several minutes")
    parser.add_argument(
        "--encoded",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also with every picture encoded, repeats included: what the targets are judged against",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="render everything N times, take the medians"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
