"""The real `renderer` program in a process of its own, in a place of its own."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.signals import heard

PROGRAM = Path(sys.executable).with_name("renderer")
SMALL = ("--size", "320x180", "--assets", "offline", "--overlays", "pointer,ripples,labels,skips")
"""The page fills the picture, so that its colours can be read from it."""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str
    seconds: float
    peak_bytes: int

    @property
    def error(self) -> str:
        """The one line that tells what is wrong, without `renderer: error: `; lines before it may only tell progress."""
        *before, last = self.err.splitlines()
        assert all(line.startswith("renderer: ") and line.endswith("%)") for line in before), self.err
        assert last.startswith("renderer: error: "), self.err
        assert self.err.endswith("\n")
        return last.removeprefix("renderer: error: ")


class Program:
    """`folder` is where it is started; its work folder and its data lie beside, so that what is left over can be seen."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "here"
        self.work = root / "work"
        self.data = root / "data"
        self.folder.mkdir()

    def __call__(self, *typed: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 60) -> Result:
        """To the end; killed after `timeout_s`, which fails the test."""
        began = time.monotonic()
        with (self.folder.parent / "out").open("w+b") as out, (self.folder.parent / "err").open("w+b") as err:
            process = self.start(*typed, env=env, stdout=out, stderr=err)
            guard = threading.Timer(timeout_s, process.kill)
            guard.start()
            try:
                peak_bytes, status = _watched(process.pid)
            finally:
                guard.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - began
            assert seconds < timeout_s, f"{typed} did not end within {timeout_s} s"
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode())
        return Result(process.returncode, texts[0], texts[1], seconds, peak_bytes)

    def start(
        self, *typed: str | Path, env: Mapping[str, str] | None = None, **streams: Any
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [PROGRAM, *map(str, typed)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            preexec_fn=heard,
            env=self.environment() | dict(env or {}),
            **streams,
        )

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RENDERER_")}
        kept = {name: os.environ[name] for name in ("RENDERER_CHROMIUM", "RENDERER_SANDBOX") if name in os.environ}
        return inherited | kept | {"RENDERER_WORK_DIR": str(self.work), "RENDERER_DATA_DIR": str(self.data)}

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    @property
    def left_over(self) -> list[Path]:
        """What a render forgot in its work folder."""
        return sorted(self.work.rglob("*")) if self.work.exists() else []

    @contextmanager
    def leaving_nothing(self) -> Iterator[None]:
        """Neither files beside those that were there, nor work folders, nor processes."""
        before = {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir() if path.is_file()}
        yield
        after = {path.name: path.stat().st_mtime_ns for path in self.folder.iterdir() if path.is_file()}
        assert after == before
        assert self.left_over == []
        assert self.processes() == []

    def processes(self) -> list[str]:
        """Command lines of what our renders started and what still runs; Chromium is told by its environment, ffmpeg by its folder."""
        mark = f"RENDERER_WORK_DIR={self.work}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (folder / "environ").read_bytes().split(b"\0")
                if ours or (folder / "cwd").readlink().is_relative_to(self.work):
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # gone, or somebody else's
                continue
        return found


def started_by(pid: int) -> set[tuple[int, str]]:
    """Every descendant of a process, as id and start time, which together are never used twice."""
    told: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _fields(int(folder.name)):
            told[int(folder.name)] = int(fields[1]), fields[19]
    found: set[tuple[int, str]] = set()
    parents = {pid}
    while parents:
        children = {child for child, (parent, _) in told.items() if parent in parents}
        found |= {(child, told[child][1]) for child in children}
        parents = children
    return found


def alive(processes: set[tuple[int, str]]) -> list[int]:
    """Those that still run. One that has ended and that nobody has collected yet (a zombie) does not."""
    return [
        pid
        for pid, began in processes
        if (fields := _fields(pid)) and fields[19] == began and fields[0] not in {"Z", "X"}
    ]


def _fields(pid: int) -> list[str]:
    """From the state on, proc_pid_stat(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def refused(program: Program, *typed: str | Path, seconds: float = 20) -> str:
    """Runs what must be refused: exit code 2, one line, nothing left anywhere, soon. Returns the line."""
    with program.leaving_nothing():
        result = program(*typed, timeout_s=seconds)
    assert result.code == 2, result
    assert result.out == ""
    assert "Traceback" not in result.err
    return result.error


def clip(*typed: str | Path) -> Sequence[str | Path]:
    return ("clip", *typed, *SMALL)


def _watched(pid: int) -> tuple[int, int]:
    """The largest memory of the program itself and its wait status. `ru_maxrss` knows also what the tests' own process held when it forked."""
    peak_kib = 0
    while True:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak_kib = int(line.split()[1])
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return peak_kib * 1024, status
        time.sleep(0.01)
