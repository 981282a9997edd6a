"""The supervisor, as a job sees it."""

from typing import Protocol

from renderer.jobs.render.messages import Go, Job, Message


class Line(Protocol):
    job: Job

    def tell(self, message: Message) -> None: ...

    def answer(self) -> Go:
        """Waits for it; without one this process is ended while it waits."""
        ...
