"""Holding the segments that this process films, from a thread, while it films."""

import threading
from types import TracebackType
from typing import Self

from renderer.errors import SetupError
from renderer.jobs.segments import Segments


class Heartbeat:
    """A context manager. A database that is away for a moment costs a beat, not the segment."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._segments.lease_ms / 1000 / 6):
            try:
                self._segments.hold()
            except SetupError:
                continue
