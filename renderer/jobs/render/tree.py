"""A process and everything it started, down to what has lost its parent."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

MARK: Final = "RENDER_PROCESS_MARK"
"""An environment variable that a render process has, and what it starts with its environment."""

NICER: Final = 10
"""Renders can wait a moment; whoever asks the API how far they are cannot."""

_ROUNDS: Final = 5


def tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def step_back(processes: Iterable[psutil.Process], known: set[int]) -> None:
    """Lets others have the CPU first. `known`: sessions that did so before; new ones are added.

    Where Linux shares the CPU out among sessions (sched_autogroup(7)), `nice` counts within one alone, and Chromium makes one of its
    own: a burst's slowest answers took 549 ms beside it, and 245 ms once it stepped back.
    """
    for process in processes:
        with contextlib.suppress(
            psutil.Error, OSError
        ):  # no such file where the kernel does not do so; seldom, when it is asked too often
            session = os.getsid(process.pid)
            if session not in known:
                Path(f"/proc/{process.pid}/autogroup").write_text(str(NICER))
                known.add(session)


def is_dead(pid: int) -> bool:
    """Also of one that nobody has collected yet."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def wait_for_end(pid: int, seconds: float) -> bool:
    """Whether it ended within that time."""
    deadline_s = time.monotonic() + seconds
    while not (ended := is_dead(pid)) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return ended


def end_tree(pid: int, mark: str, grace_s: float) -> None:
    """Asks the process to end, and after `grace_s` ends it and all that it started; this process itself last, if it is one of them.

    Who is killed has no children any more: Chromium, which makes sessions of its own, is known by its mark then, and ffmpeg, which
    has no environment of ours, by the session of `pid`. `pid` must be uncollected, lest it is somebody else's by now.
    """
    known = tree(pid)
    if grace_s and not is_dead(pid):
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).terminate()
        wait_for_end(pid, grace_s)
    for _ in range(_ROUNDS):
        left = _alive({*known, *tree(pid), *_strays(pid, mark)})
        if not left:
            break
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=0.2)
    if os.getpid() == pid:
        os._exit(1)


def _alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.pid != os.getpid() and not is_dead(process.pid)]


def _strays(session: int, mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == session or process.environ().get(MARK) == mark:
                found.append(process)
    return found
