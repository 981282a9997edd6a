"""ffmpeg run with a second chance: a process that was killed or crashed costs its own piece of work, never the clip."""

import threading
from collections.abc import Sequence
from pathlib import Path

from renderer.encode.process import Processes
from renderer.encode.tools import Tools
from renderer.errors import EncodeError
from renderer.notices import Notice, Notices

# What a second run cannot mend.
_FINAL = frozenset({"disk_full", "encoder_closed"})


class Runner:
    """Runs the tools in `work_dir`; several threads may use it at once."""

    def __init__(self, tools: Tools, work_dir: Path, threads: int) -> None:
        self.tools = tools
        self.work_dir = work_dir
        self.threads = threads
        self.processes = Processes()
        self._notices = Notices()
        self._lock = threading.Lock()

    def run(self, argv: Sequence[str], *, what: str, timeout_s: float) -> bytes:
        """What the program printed on stdout. `what` begins the error's message, for example "segment 3 of the MP4".

        Raises EncodeError when it failed twice, or once in a way that a second run cannot mend.
        """
        try:
            return self._once(argv, timeout_s)
        except EncodeError as error:
            if error.code in _FINAL:
                raise
        with self._lock:
            self._notices.add("encoder_restarted", "ffmpeg stopped in the middle of its work and was started again")
        try:
            return self._once(argv, timeout_s)
        except EncodeError as error:
            if error.code in _FINAL:
                raise
            message = f"{what} could not be made in two attempts: {error.message}"
            raise EncodeError(error.code, message, retryable=error.retryable) from error

    def notices(self) -> tuple[Notice, ...]:
        with self._lock:
            return tuple(self._notices)

    def close(self) -> None:
        self.processes.close()

    def _once(self, argv: Sequence[str], timeout_s: float) -> bytes:
        printed: list[bytes] = []
        self.processes.run(argv, cwd=self.work_dir, timeout_s=timeout_s, on_stdout=printed.append)
        return b"".join(printed)
