"""What the ticket systems of the tests have in common: a program in a folder of its own, and what is read back from it."""

import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx2

from tests.services.processes import end, free_port, wait_until


class AttachedFile(NamedTuple):
    """As it is stored, byte for byte."""

    id: str
    name: str
    type: str
    content: bytes


class Note(NamedTuple):
    """`private`: customers do not see it."""

    id: str
    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class Account:
    """`secret`: a password, an API key or a token, whatever the system takes."""

    user: str
    secret: str = field(repr=False)


class Server(ABC):
    """A program that answers HTTP at `url`. Its data and its log are in `folder`, and stay there while it is stopped."""

    start_s = 30.0
    alive = ""
    """The path below `url` that is asked until it answers, with whatever status says that the system is up."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """With a slash at the end."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _environment(self) -> Mapping[str, str]: ...

    def start(self) -> None:
        """Does nothing where it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        log = self._folder / "log.txt"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self._folder,
                env=dict(self._environment()),
            )
        wait_until(self._answers, self._process, log, self.start_s)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            answer = httpx2.get(self.url + self.alive, timeout=self.start_s)
        except httpx2.TransportError:
            return False
        return answer.status_code < 500

    def _end(self, signal_number: int) -> None:
        if self._process is not None:
            end(self._process, signal_number)
            self._process = None


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """To its end, which has to be a good one."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder, env=dict(environment), timeout=90
    )
    assert done.returncode == 0, f"{command!r} failed: {(done.stdout + done.stderr)[-2000:]}"
