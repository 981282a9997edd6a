"""Celery: what wakes workers on other machines. Messages carry nothing; what there is to do stands in the database."""

from typing import Any, Final

import structlog
from celery import Celery
from celery.exceptions import OperationalError
from celery.signals import worker_ready, worker_shutting_down
from kombu.exceptions import OperationalError as BrokerError

from renderer.database.engine import Database
from renderer.errors import SetupError
from renderer.jobs.workforce import Workforce
from renderer.settings import Settings

WORK: Final = "renderer.work"
# A message that nobody took is worth nothing: workers look by themselves before that.
_MESSAGE_S: Final = 60
# Renders are bounded by the worker's slots; the other threads answer wake-ups that come in the meantime.
_SPARE_THREADS: Final = 2

log = structlog.get_logger("renderer.worker")


class CeleryWaker:
    """Tells every worker that listens at the broker; says so once when it cannot."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def wake(self) -> None:
        try:
            self._app.send_task(WORK, expires=_MESSAGE_S, retry=False, ignore_result=True)
        except (BrokerError, OperationalError, OSError) as error:
            log.warning("broker_away", why=type(error).__name__)


def build_celery(settings: Settings) -> Celery:
    """The application, without a worker. SetupError `no_broker`."""
    if settings.broker is None:
        raise SetupError(
            "no_broker", "Celery workers need a broker: set RENDERER_BROKER_URL, for example redis://localhost:6379/0"
        )
    app = Celery("renderer", broker=settings.broker)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="renderer",
        worker_pool="threads",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 3600,
            "socket_connect_timeout": 2,
            "socket_timeout": 10,
            "socket_keepalive": True,
        },
    )
    return app


def build_worker(settings: Settings) -> Celery:
    """The application of a worker process: its tasks, and what runs beside them from when it is ready until it ends."""
    app = build_celery(settings)
    workforce = Workforce(settings, Database(settings.database), CeleryWaker(app))
    app.conf.worker_concurrency = workforce.slots + _SPARE_THREADS

    def begin(**_: Any) -> None:
        workforce.start()
        CeleryWaker(app).wake()

    def end(**_: Any) -> None:
        workforce.stop()

    app.task(workforce.work_off, name=WORK)
    worker_ready.connect(begin, weak=False)
    worker_shutting_down.connect(end, weak=False)
    return app
