"""Running ffmpeg and ffprobe: own process group, no stdin, bounded output, limits, and death on request."""

import os
import re
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from renderer.encode.disk import DISK_FULL
from renderer.errors import EncodeError, SetupError

STDERR_KEPT_BYTES = 32_000
# The largest file that one process may write: a runaway encode must not fill the disk.
FILE_LIMIT_BYTES = 8 << 30
# x264 keeps some 40 frames of look-ahead; at 4096x4096 those are 1 GB. Address space counts reserved thread arenas too.
ADDRESS_SPACE_LIMIT_BYTES = 16 << 30

_READ_BYTES = 1 << 16
_TICK_S = 0.25


class Processes:
    """The processes of one encoder. `run` may be called from several threads; `close` kills whatever still runs."""

    def __init__(self) -> None:
        self._live: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout_s: float,
        on_stdout: Callable[[bytes], None] | None = None,
        cpu_limit_s: float | None = None,
    ) -> None:
        """Run to the end, or raise EncodeError (codes `encoder_failed`, `encoder_killed`, `encoder_timeout`, `disk_full`,
        `encoder_closed`) or SetupError. The error's message ends with the cause that the program itself gave.
        """
        name = Path(argv[0]).name
        process = self._start(argv, cwd)
        try:
            _limit(process.pid, cpu_limit_s or timeout_s * 4)
            stderr, in_time = _drain(process, time.monotonic() + timeout_s, on_stdout)
        finally:
            _kill(process)
            with self._lock:
                self._live.discard(process)
                closed = self._closed
        if closed:
            raise EncodeError("encoder_closed", f"{name} was stopped because the render was given up")
        if not in_time:
            raise EncodeError(
                "encoder_timeout",
                f"{name} was not done after {timeout_s:.0f} s and was stopped; is the machine overloaded?",
                retryable=True,
            )
        if process.returncode != 0:
            raise failure(name, process.returncode, stderr, cwd)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            live = list(self._live)
        for process in live:
            _signal_group(process)

    @property
    def live_pids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(process.pid for process in self._live)

    def _start(self, argv: Sequence[str], cwd: Path) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise EncodeError("encoder_closed", "the encoder is closed")
            try:
                process = subprocess.Popen(
                    argv,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    process_group=0,
                    env=_environment(),
                )
            except OSError as error:
                raise SetupError("ffmpeg_broken", f"{argv[0]} does not start: {error.strerror}") from error
            self._live.add(process)
            return process


def _environment() -> dict[str, str]:
    """What a program needs to start, and nothing of ours (keys, tokens)."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"}


def failure(name: str, returncode: int, stderr: bytes, cwd: Path) -> EncodeError | SetupError:
    """The error for a process that ended badly; `cwd` is taken out of the cause that is shown."""
    text = stderr.decode(errors="replace")
    if "No space left on device" in text:
        return EncodeError("disk_full", DISK_FULL, retryable=True)
    missing = re.search(r"Unknown encoder '([\w-]+)'|No such filter: '(\w+)'", text)
    if missing:
        return SetupError(
            "ffmpeg_incomplete",
            f"this ffmpeg was built without {missing[1] or missing[2]}: install the full ffmpeg package of your system",
        )
    cause = _cause(text, cwd)
    if returncode < 0:
        return EncodeError(
            "encoder_killed", f"{name} was killed by signal {_signal_name(-returncode)}{cause}", retryable=True
        )
    return EncodeError("encoder_failed", f"{name} failed with exit code {returncode}{cause}")


def _cause(text: str, cwd: Path) -> str:
    """ ": " and the last line that says something, without addresses (`[libx264 @ 0x55…]`) and without our folder."""
    for line in reversed(text.replace("\r", "\n").splitlines()):
        said = re.sub(r"\s*@ 0x[0-9a-f]+", "", line).replace(f"{cwd}/", "").strip()
        if said and said != "Conversion failed!":
            return f": {said[:300]}"
    return ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _limit(pid: int, cpu_limit_s: float) -> None:
    """Kernel limits, so that a process whose parent was killed ends too. Set from outside: code between fork and exec is
    not safe in a program with threads. Linux only; elsewhere the wall-time limit stands alone.
    """
    if sys.platform != "linux":
        return
    import resource

    wanted = {
        resource.RLIMIT_CPU: int(cpu_limit_s) + 1,
        resource.RLIMIT_FSIZE: FILE_LIMIT_BYTES,
        resource.RLIMIT_AS: ADDRESS_SPACE_LIMIT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        try:
            _, hard = resource.prlimit(pid, kind)
            capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (capped, capped))
        except (OSError, ValueError):  # already gone, or a sandbox that forbids it
            return


def _drain(
    process: subprocess.Popen[bytes], deadline: float, on_stdout: Callable[[bytes], None] | None
) -> tuple[bytes, bool]:
    """Read both pipes until the process ends; (tail of stderr, whether it ended before `deadline`)."""
    assert process.stdout is not None
    assert process.stderr is not None
    stderr = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() >= deadline:
                return stderr, False
            for key, _ in selector.select(_TICK_S):
                pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]  # only pipes were registered
                data = os.read(pipe.fileno(), _READ_BYTES)
                if not data:
                    selector.unregister(pipe)
                elif pipe is process.stderr:
                    stderr = (stderr + data)[-STDERR_KEPT_BYTES:]
                elif on_stdout is not None:
                    on_stdout(data)
    try:
        process.wait(timeout=max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return stderr, False
    return stderr, True


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        _signal_group(process)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _signal_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
