"""A made clip on its way to a real ticket system: delivered in this process, or by the command in one of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from renderer.attach import files_beside, fit_in, parcel_of, read_manifest
from renderer.cli.app import run
from renderer.deliver.deliver import deliver
from renderer.deliver.journal import MemoryJournal, Steps
from renderer.deliver.model import Finding, Receipt
from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.deliver.system import System
from renderer.settings import Settings
from tests.made_clips import SUMMARY, write_clip
from tests.services.tickets import AttachedFile

KEY = "dlv_01kb1w3r9v5x2e8y7n6m4t0qhs"


@dataclass
class Sender:
    """`folder`: where the clip is made and worked on. `given`: the destination's settings by field. `journal` outlives attempts."""

    folder: Path
    kind: type[System]
    given: Mapping[str, str]
    accepts: frozenset[str] = frozenset()
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    @property
    def system(self) -> System:
        return Destinations([self.kind], lambda _, __: self.given).system(self.kind.name)

    def parcel(self, **changes: Any) -> Parcel:
        path = write_clip(self.folder / "clip")
        manifest = read_manifest(path)
        files = files_beside(manifest, path)
        wanted: dict[str, Any] = {"key": KEY, "accepts": self.accepts, **changes}
        return parcel_of(manifest, files, wanted.pop("summary", SUMMARY), **wanted)

    def deliver(self, ticket: str, **changes: Any) -> Receipt:
        fit = fit_in(self.folder / "fitted", Settings(data_dir=self.folder / "data"))
        system = self.system
        return deliver(system, system.ticket(ticket), self.parcel(**changes), Steps(self.journal), fit)

    def check(self) -> list[Finding]:
        return list(self.system.check())

    def command(self, ticket: str) -> "subprocess.Popen[str]":
        """`renderer attach` in a process of its own, that can be killed. Its journal is in the folder: begun anew it goes on."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("renderer")), *self._arguments(ticket)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment()},
        )

    def run(self, ticket: str) -> int:
        """The same command in this process: its exit code."""
        with patch.dict(os.environ, self._environment()):
            return run(self._arguments(ticket))

    def _arguments(self, ticket: str) -> list[str]:
        clip = write_clip(self.folder / "clip")
        accepts = [word for risk in sorted(self.accepts) for word in ("--accept", risk)]
        return ["attach", str(clip), "--to", f"{self.kind.name}:{ticket}", *accepts]

    def _environment(self) -> dict[str, str]:
        settings = {f"RENDERER_{self.kind.name}_{name}".upper(): value for name, value in self.given.items()}
        return {**settings, "RENDERER_DATA_DIR": str(self.folder / "data")}


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and what it said."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def contents(files: Sequence[AttachedFile]) -> dict[str, bytes]:
    """By name; of two with one name it would be a lie."""
    found = {file.name: file.content for file in files}
    assert len(found) == len(files)
    return found
