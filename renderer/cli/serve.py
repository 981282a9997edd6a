"""`renderer serve`: the API, and with it a worker where there is no broker."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
import typer

from renderer.access.opening import first_key, require_keys
from renderer.api.app import create_app
from renderer.api.broom import start_sweeping
from renderer.api.server import address_of, build_server, listen
from renderer.api.service import build_service
from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
from renderer.jobs.wake import Bell, Waker
from renderer.jobs.workforce import Workforce
from renderer.logs import configure_logs
from renderer.settings import Settings

_log = structlog.get_logger("renderer.api")


def run_service(settings: Settings, host: str, port: int, *, with_worker: bool) -> None:
    """Returns once a signal has ended it. Raises SetupError, RequestError."""
    configure_logs(debug=settings.debug)
    database = Database(settings.database)
    upgrade(database)
    bell = Bell()
    service = build_service(settings, database, _waker(settings, bell))
    require_keys(service.keys, host)
    with listen(host, port) as listening:
        key = first_key(service.keys, host)
        address = address_of(listening)

        def ready() -> None:
            typer.echo(f"renderer: the API is at {address}, its documentation at {address}/docs")
            if key is not None:
                typer.echo(f"renderer: this API key may do everything, and is shown only now: {key}")
            _log.info("serving", address=address, worker=with_worker and settings.broker is None)
            start_sweeping(service)

        with _worker(settings, database, bell, wanted=with_worker and settings.broker is None), _signals():
            build_server(create_app(service), service, ready).run(sockets=[listening])
    database.close()
    _log.info("stopped")


def _waker(settings: Settings, bell: Bell) -> Waker:
    if settings.broker is None:
        return bell
    from renderer.jobs.celery_app import CeleryWaker, build_celery  # a quarter of a second, for those who need it

    return CeleryWaker(build_celery(settings))


@contextmanager
def _worker(settings: Settings, database: Database, bell: Bell, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    workforce = Workforce(settings, database, bell)
    workforce.start()
    workforce.start_slots(bell)
    try:
        yield
    finally:
        workforce.stop()


@contextmanager
def _signals() -> Iterator[None]:
    """To be asked to end, once everything has ended well, is how this command succeeds."""
    with suppress(KeyboardInterrupt):
        try:
            yield
        except SystemExit as error:
            if error.code != 128 + signal.SIGTERM:
                raise
