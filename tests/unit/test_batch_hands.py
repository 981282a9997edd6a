"""The processes of a batch, real ones: so many at once and no more, and one that dies, hangs or cannot start costs its own task."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from renderer.batch.hands import Done, Hands
from renderer.batch.index_model import Failure
from renderer.batch.request import WHOLE
from renderer.batch.tasks import Look, Looked
from renderer.request import ClipRequest
from tests.unit.recordings import START_MS, dump, session

pytestmark = pytest.mark.slow


def look(recording: str | Path, number: int = 1) -> Look:
    return Look(
        number=number, clip=ClipRequest(recording=str(recording)), rules=WHOLE, replay_url=None, most_clips=None
    )


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    """Five, of which the third cannot be read."""
    paths = [tmp_path / f"{number}.json" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_text(
            dump([{**event, "timestamp": START_MS + number + 100 * place} for place, event in enumerate(session())])
        )
    paths[2].write_text("[")
    return paths


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A session at a PostHog that takes every request and never answers: a look that does not end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("RENDERER_POSTHOG_HOST", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("RENDERER_POSTHOG_PROJECT", "2")
        monkeypatch.setenv("RENDERER_POSTHOG_API_KEY", "phx_nobodys")
        monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
        yield "posthog:01a20950-65f7-7603-87a4-92d7ef6dc542"


def hands_of(pid: int | None = None) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if "spawn_main" in " ".join(child.cmdline())]


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_connected(process: psutil.Process) -> bool:
    """To the PostHog that is silent: it is in the middle of its look."""
    return any(each.status == psutil.CONN_ESTABLISHED for each in process.net_connections("tcp"))


def test_every_task_has_its_result_and_no_more_processes_than_were_asked_for(recordings: list[Path]) -> None:
    with Hands(2) as hands:
        found = list(hands.work([look(path, number) for number, path in enumerate(recordings)]))
        own = hands_of()
        assert len(own) == 2
        assert sorted(done.number for done in found) == [0, 1, 2, 3, 4]
        by_number = {done.number: done.result for done in found}
        assert [type(by_number[number]) for number in range(5)] == [Looked, Looked, Failure, Looked, Looked]
        looked = by_number[3]
        assert isinstance(looked, Looked)
        assert [clip.id for clip in looked.clips] == ["0003-1-session"]
        unreadable = by_number[2]
        assert isinstance(unreadable, Failure)
        assert "2.json" in unreadable.message
        for hand in own:  # between two tasks: nobody has lost anything
            hand.kill()
            until(lambda hand=hand: hand.status() == psutil.STATUS_ZOMBIE)  # type: ignore[misc]
        again = list(hands.work([look(path) for path in recordings[:2]]))
        assert [type(done.result) for done in again] == [Looked, Looked]
        assert list(hands.work([])) == []
        assert all(os.getsid(hand.pid) == hand.pid for hand in hands_of()), "Ctrl-C is not for them"
    assert hands_of() == []


def test_one_that_is_killed_costs_its_task(recordings: list[Path], silence: str) -> None:
    with Hands(1) as hands:
        work = iter(hands.work([look(recordings[0]), look(silence), look(recordings[1])]))
        assert isinstance(next(work).result, Looked)
        (hand,) = hands_of()
        until(lambda: is_connected(hand))
        hand.kill()
        lost = next(work)
        assert lost.number == 1
        assert isinstance(lost.result, Failure)
        assert lost.result.code == "worker_lost"
        assert lost.result.message.startswith("the process that worked on it was killed (signal 9)")
        assert isinstance(next(work).result, Looked)


def test_one_that_says_nothing_any_more_is_ended(silence: str) -> None:
    with Hands(1, silent_s=3.0) as hands:
        (done,) = hands.work([look(silence)])
        assert "said nothing for 3 s" in str(done.result)
        assert hands_of() == []


def test_one_that_cannot_be_started_is_told_and_not_waited_for(recordings: list[Path]) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Hands(2) as hands:
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")), before[1]))  # noqa: PTH208
        try:
            found = list(hands.work([look(recordings[0]), look(recordings[1])]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert ["Too many open files" in str(done.result) for done in found] == [True, True]
        assert [type(done.result) for done in hands.work([look(recordings[0])])] == [Looked]


def test_leaving_ends_them_whatever_they_are_doing(silence: str) -> None:
    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, _interrupted)
    with pytest.raises(KeyboardInterrupt), Hands(2) as hands:
        work: Iterator[Done] = hands.work([look(silence), look(silence), look(silence)])
        signal.setitimer(signal.ITIMER_REAL, 3)
        next(work)
    signal.signal(signal.SIGALRM, before)
    assert hands_of() == []
    assert time.monotonic() - began < 10


def _interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


ORPHANS = """
import sys
from renderer.batch.hands import Hands
from tests.unit.test_batch_hands import look
if __name__ == "__main__":
    with Hands(1) as hands:
        list(hands.work([look(sys.argv[1])]))
"""


def test_they_do_not_outlive_who_started_them(silence: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(ORPHANS)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen([sys.executable, tmp_path / "main.py", silence], env=environment)
    try:
        until(lambda: any(map(is_connected, hands_of(process.pid))))
        own = hands_of(process.pid)
    finally:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(own, timeout=5)
    assert alive == []
