"""What every server of the tests needs: a free port, a time to come up, an end."""

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_START_S = 30.0
_STOP_S = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, within_s: float = _START_S
) -> None:
    """`answers` is asked until it says yes; a server that ended or takes too long fails with the end of its log."""
    deadline = time.monotonic() + within_s
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"{process.args!r} ended or takes too long: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes], signal_number: int) -> None:
    """Sends the signal and waits; what does not go is killed."""
    if process.poll() is None:
        process.send_signal(signal_number)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
