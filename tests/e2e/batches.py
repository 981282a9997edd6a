"""A batch of the real program, while it goes on and afterwards: what its journal and its index say, and whether the files are so."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from renderer.batch.index_model import Index, Totals
from renderer.batch.journal import NAME
from tests.e2e.program import Program, alive

SMALL = ("--size", "320x180", "--fps", "5", "--assets", "offline")
NIGHT = ("batch", "--recordings", "night/**/*.json*", "--events", ".events.json", "--rules", "rules.yaml", *SMALL)


class Batch:
    """In the folder `name` of where the program is started."""

    def __init__(self, program: Program, *typed: str | Path, name: str = "flagged") -> None:
        self.program = program
        self.folder = program.folder / name
        self.typed: Sequence[str | Path] = (*typed, "-o", name)
        self.err = program.folder.parent / "batch.err"

    def index(self) -> Index:
        return Index.model_validate_json((self.folder / "index.json").read_bytes())

    def noted(self) -> list[dict[str, Any]]:
        """The whole lines of the journal."""
        path = self.folder / NAME
        written = path.read_bytes() if path.exists() else b""
        return [json.loads(line) for line in written.splitlines(keepends=True) if line.endswith(b"\n")]

    def made(self) -> list[str]:
        """Clips that are made, as the journal says."""
        return [line["clip"]["id"] for line in self.noted() if line["is_a"] == "filmed" and not line["clip"]["error"]]

    def files(self, clips: Sequence[str]) -> dict[str, tuple[int, int, str]]:
        """Of these clips, all that there is to know about each file: made again, it would be another one."""
        found = {}
        for path in sorted((self.folder / "clips").iterdir()):
            if path.name.rpartition(".")[0] in clips:
                state = path.stat()
                found[path.name] = (state.st_ino, state.st_mtime_ns, sha256(path))
        return found

    @contextmanager
    def going_on(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The program as the leader of a process group, as a shell starts it."""
        with self.err.open("wb") as err:
            process = self.program.start(*self.typed, stdout=subprocess.DEVNULL, stderr=err, process_group=0)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def wait(self, process: "subprocess.Popen[bytes]", is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not is_so():
            assert process.poll() is None, self.err.read_text()
            assert time.monotonic() < deadline, self.err.read_text()
            time.sleep(0.02)


def nobody_is_left(helpers: set[tuple[int, str]], seconds: float) -> None:
    """What was killed is gone as soon as the kernel gets to it, what lost its parent as soon as it notices."""
    deadline = time.monotonic() + seconds
    while (left := alive(helpers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [_name_of(pid) for pid in left] == []


def adds_up(totals: Totals, waiting: int = 0) -> bool:
    """Of a batch that has looked into all of its sessions."""
    return (
        totals.sessions == totals.read + totals.unreadable + totals.duplicates
        and totals.clips == totals.made + totals.failed + totals.waiting
        and totals.waiting == waiting
    )


def verify(folder: Path, index: Index) -> None:
    """Every file that the index names is there as it says, and no other."""
    named = {file.path: file for clip in index.clips for file in clip.files.values()}
    assert {f"clips/{path.name}" for path in (folder / "clips").iterdir()} == named.keys()
    for name, file in named.items():
        assert ((folder / name).stat().st_size, sha256(folder / name)) == (file.bytes, file.sha256), name


def _name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return ""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
