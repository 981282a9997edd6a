"""Celery: what wakes workers on other machines. Messages carry nothing; what there is to do stands in the database."""

import os
import signal
import threading
from typing import Any, Final

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down
from kombu.common import Broadcast

from renderer.database.engine import Database
from renderer.errors import SetupError
from renderer.jobs.wake import Bell
from renderer.jobs.workforce import Workforce
from renderer.logs import configure_logs
from renderer.settings import Settings

WORK: Final = "renderer.work"
QUEUE: Final = "renderer"
# A message that nobody took is worth nothing: workers look by themselves before that.
_MESSAGE_S: Final = 10
# As often a worker tries to begin while its database is away.
_BEGIN_S: Final = 2.0

log = structlog.get_logger("renderer.worker")


class CeleryWaker:
    """Tells every worker that listens at the broker. From a thread of its own: nobody waits for a broker that is away."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_away = False

    def wake(self) -> None:
        self._wanted.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self._app.send_task(WORK, queue=QUEUE, expires=_MESSAGE_S, retry=False, ignore_result=True)
                self._is_away = False
            except Exception as error:  # every transport has errors of its own
                if not self._is_away:
                    log.warning("broker_away", why=type(error).__name__)
                self._is_away = True


def build_celery(settings: Settings) -> Celery:
    """The application, without a worker. SetupError `no_broker`."""
    if settings.broker is None:
        raise SetupError(
            "no_broker", "Celery workers need a broker: set RENDERER_BROKER_URL, for example redis://localhost:6379/0"
        )
    app = Celery("renderer", broker=settings.broker)
    app.conf.update(
        task_ignore_result=True,
        # Every worker hears every message: one of a shared queue may reach a worker whose slots are all taken.
        task_queues=(Broadcast(QUEUE),),  # type: ignore[no-untyped-call]
        task_default_queue=QUEUE,
        task_create_missing_queues=False,
        worker_pool="threads",
        worker_concurrency=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 10, "socket_keepalive": True},
    )
    return app


def build_worker(settings: Settings) -> Celery:
    """The application of a worker process: its task, and what runs beside it from when it is ready until it ends."""
    app = build_celery(settings)
    workforce = Workforce(settings, Database(settings.database), CeleryWaker(app))
    bell = Bell()
    ending = threading.Event()
    beginning = threading.Thread(target=_begin, args=(workforce, bell, ending), name="beginning", daemon=True)

    def begin(**_: Any) -> None:
        beginning.start()

    def end(**_: Any) -> None:
        ending.set()
        if beginning.ident is not None:
            beginning.join()
        workforce.stop()

    def log_as_we_do(**_: Any) -> None:
        configure_logs(debug=settings.debug)

    app.task(bell.wake, name=WORK)
    # Whoever hears this signal does what Celery would do otherwise: lines of its own shape.
    setup_logging.connect(log_as_we_do, weak=False)
    worker_ready.connect(begin, weak=False)
    worker_shutting_down.connect(end, weak=False)
    return app


def _begin(workforce: Workforce, bell: Bell, ending: threading.Event) -> None:
    """Not before the database is there: who starts a worker and a database together knows no order."""
    while not ending.is_set():
        try:
            workforce.start()
            workforce.start_slots(bell)
            return
        except SetupError as error:
            log.warning("worker_waits", why=error.code, detail=error.message)
            if not error.retryable:
                os.kill(os.getpid(), signal.SIGTERM)
                return
        ending.wait(_BEGIN_S)
