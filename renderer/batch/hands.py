"""Several processes that work off the tasks of a batch. One that dies costs the task that it had, and is replaced."""

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self

from renderer.batch.index_model import ClipEntry, Failure
from renderer.batch.tasks import Look, Looked, Task, film, look
from renderer.errors import RendererError
from renderer.stages import Progress

_GRACE_S: Final = 10.0
# How long a look into a session may take, and a clip without a word of how far it is.
_SILENT_S: Final = 1800.0
_PROCESSES: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Done:
    """`result`: what came of the task numbered `number`; a Failure that nobody had to be woken for."""

    number: int
    result: Looked | ClipEntry | Failure


class Hands:
    """A context manager: leaving it ends the processes, whatever they are doing."""

    def __init__(self, count: int, silent_s: float = _SILENT_S) -> None:
        self._count = count
        self._silent_s = silent_s
        self._ending = threading.Event()
        self._hands: list[_Hand] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for hand in self._hands:
            hand.end()

    def work(self, tasks: Sequence[Task], tell: Callable[[int, Progress], None] = lambda *_: None) -> Iterator[Done]:
        """Results as they come. `tell` hears from several threads how far the task of that number is."""
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(len(tasks)):
            waiting.put(number)
        done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        while len(self._hands) < min(self._count, len(tasks)):
            self._hands.append(_Hand(self._silent_s))
        for hand in self._hands:
            arguments = (hand, tasks, waiting, done, tell)
            threading.Thread(target=self._serve, args=arguments, name="hand", daemon=True).start()
        for _ in tasks:
            yield done.get()

    def _serve(
        self,
        hand: "_Hand",
        tasks: Sequence[Task],
        waiting: "queue.SimpleQueue[int]",
        done: "queue.SimpleQueue[Done]",
        tell: Callable[[int, Progress], None],
    ) -> None:
        while not self._ending.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return

            def told(progress: Progress, number: int = number) -> None:
                tell(number, progress)

            done.put(Done(number, hand.do(tasks[number], told)))


class _Hand:
    """One process, started when there is something to do."""

    def __init__(self, silent_s: float) -> None:
        self._silent_s = silent_s
        self._process: Any = None
        self._line: Connection | None = None

    def do(self, task: Task, told: Callable[[Progress], None]) -> Looked | ClipEntry | Failure:
        try:
            line = self._ready()
            line.send(task)
            while line.poll(self._silent_s):
                answer = line.recv()
                if not isinstance(answer, Progress):
                    return answer  # type: ignore[no-any-return]
                told(answer)
            why = f"said nothing for {self._silent_s:.0f} s"
        except (EOFError, OSError):
            self._process.join(_GRACE_S)
            code = self._process.exitcode
            why = f"was killed (signal {-code})" if code is not None and code < 0 else "ended by itself"
        self.end()
        return Failure(
            code="worker_lost",
            message=f"the process that worked on it {why}; check this machine's memory, and try again",
        )

    def _ready(self) -> Connection:
        if self._line is None or not self._process.is_alive():
            self._line, theirs = _PROCESSES.Pipe()
            self._process = _PROCESSES.Process(target=_work, args=(theirs,), name="renderer-batch", daemon=True)
            self._process.start()
            theirs.close()
        return self._line

    def end(self) -> None:
        """Asks it to end, and ends it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(_GRACE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        if self._line is not None:
            self._line.close()
        self._line = None


def _work(line: Connection) -> None:
    """The process' own life: tasks in, results out, until nobody asks any more."""
    signal.signal(signal.SIGTERM, _leave)
    # Ctrl-C goes to everybody at the terminal: who asked for the batch decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        while True:
            line.send(_result(line.recv(), line))


def _result(task: Task, line: Connection) -> Looked | ClipEntry | Failure:
    sending = threading.Lock()

    def tell(progress: Progress) -> None:
        with sending:
            line.send(progress)

    try:
        return look(task) if isinstance(task, Look) else film(task, tell)
    except RendererError as error:
        return Failure(code=error.code, message=error.message)
    except OSError as error:
        return Failure(code="system_error", message=f"the system refused an operation: {os.strerror(error.errno or 0)}")
    except Exception as error:  # the message of a foreign exception may quote the recording
        traceback.print_exc(file=sys.stderr) if os.environ.get("RENDERER_DEBUG") else None
        return Failure(
            code="unexpected",
            message=f"unexpected {type(error).__name__}: this is a fault of renderer; RENDERER_DEBUG=1 shows more",
        )


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """As an exception, so that browsers and work folders are cleared away on the way out."""
    sys.exit(128 + number)
