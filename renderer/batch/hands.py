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
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
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
            hand.ask_to_end()
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
        self._changing = threading.Lock()
        self._is_over = False

    def do(self, task: Task, told: Callable[[Progress], None]) -> Looked | ClipEntry | Failure:
        """Never raises: a task without an answer would be waited for for ever."""
        try:
            line = self._begin(task)
            while line.poll(self._silent_s):
                answer = line.recv()
                if not isinstance(answer, Progress):
                    return answer  # type: ignore[no-any-return]
                told(answer)
            why = f"said nothing for {self._silent_s:.0f} s"
        except (EOFError, OSError) as error:
            why = self._end_of_it() or f"could not be started ({os.strerror(getattr(error, 'errno', None) or 0)})"
        except Exception as error:  # what it says cannot be understood
            why = f"could not be understood ({type(error).__name__})"
        self.end()
        return Failure(
            code="worker_lost",
            message=f"the process that worked on it {why}; check this machine's memory, and try again",
        )

    def _begin(self, task: Task) -> Connection:
        """One that died before it took the task costs nothing: for some moments it looks alive."""
        try:
            return self._hand_over(task)
        except (EOFError, OSError):
            if self._is_over:
                raise
            self.end()
            return self._hand_over(task)

    def _hand_over(self, task: Task) -> Connection:
        line = self._ready()
        line.send(task)
        if line.poll(self._silent_s):
            line.recv()  # that it has the task
        return line

    def _end_of_it(self) -> str | None:
        process = self._process
        if process is None:
            return None
        process.join(_GRACE_S)
        code = process.exitcode
        return f"was killed (signal {-code})" if code is not None and code < 0 else "ended by itself"

    def _ready(self) -> Connection:
        if self._line is None or not self._process.is_alive():
            self.end()
            with self._changing:
                if self._is_over:
                    raise EOFError
                self._start()
        assert self._line is not None
        return self._line

    def _start(self) -> None:
        line, theirs = _PROCESSES.Pipe()
        process = _PROCESSES.Process(target=_work, args=(theirs,), name="renderer-batch", daemon=True)
        try:
            _start_deaf(process)
        except BaseException:
            line.close()
            raise
        finally:
            theirs.close()
        self._line, self._process = line, process

    def ask_to_end(self) -> None:
        """For good: no other is started in its place."""
        with self._changing:
            self._is_over = True
            if self._process is not None:
                self._process.terminate()

    def end(self) -> None:
        """Asks it to end, and ends it when it does not."""
        with self._changing:
            process, self._process = self._process, None
            line, self._line = self._line, None
        if process is not None:
            process.terminate()
            process.join(_GRACE_S)
            if process.is_alive():
                process.kill()
                process.join()
        if line is not None:
            line.close()


def _start_deaf(process: Any) -> None:
    """It cannot hear Ctrl-C from its first instruction on, while it imports what it needs, until it has a session of its own."""
    resource_tracker.ensure_running()  # else it is started together with the first one, and takes the mask away
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(line: Connection) -> None:
    """The process' own life: tasks in, results out, until nobody asks any more."""
    # Ctrl-C goes to everybody at the terminal, browsers and encoders too: who asked for the batch decides what becomes of it.
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = line.recv()
            line.send(None)
            line.send(_result(task, line))


def _leave_with_parent() -> None:
    """Whoever asked may be killed, and nothing then comes down the line while a source is waited for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


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
    """As an exception, so that browsers and work folders are cleared away on the way out; whoever asks again must not stop that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + number)
