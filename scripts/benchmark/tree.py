"""What a process and everything that it started use, sampled from /proc (Linux)."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_PERIOD_S = 0.25
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class TreeMeter:
    """Use as a context manager around the life of process `pid`; then `peak_bytes` and `cpu_s` are known, or None without /proc.

    Memory is the sum of proportional set sizes: a page that Chromium's processes share counts once. CPU time is that of the
    last sample of each process, so the last quarter of a second of each may be missing.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu_ticks: dict[int, int] = {}
        self._peak_bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tree", daemon=True)

    @property
    def peak_bytes(self) -> int | None:
        return self._peak_bytes or None

    @property
    def cpu_s(self) -> float | None:
        return sum(self._cpu_ticks.values()) / _TICKS_PER_S if self._cpu_ticks else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_PERIOD_S):
            self._sample()

    def _sample(self) -> None:
        parents: dict[int, int] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # gone in the meantime
                continue
            pid = int(folder.name)
            parents[pid] = int(fields[1])
            if pid in self._cpu_ticks or self._is_ours(pid, parents):
                self._cpu_ticks[pid] = int(fields[11]) + int(fields[12])
        total = sum(_pss_bytes(pid) for pid in parents if self._is_ours(pid, parents))
        self._peak_bytes = max(self._peak_bytes, total)

    def _is_ours(self, pid: int, parents: dict[int, int]) -> bool:
        """A descendant, or one that was: Chromium's helpers outlive their parents for a moment."""
        while pid > 1:
            if pid == self._pid or pid in self._cpu_ticks:
                return True
            pid = parents.get(pid, 0)
        return False


def _pss_bytes(pid: int) -> int:
    try:
        with Path(f"/proc/{pid}/smaps_rollup").open() as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
