"""What uploads leave behind that were cut off lies on the machine that took them in: it sweeps itself."""

import threading
from typing import Final

import structlog

from renderer.api.service import Service
from renderer.errors import RendererError

_EVERY_S: Final = 3600.0
_log = structlog.get_logger("renderer.api")


def start_sweeping(service: Service) -> threading.Thread:
    """Now and every hour, until the service stops."""
    thread = threading.Thread(target=_sweep, args=(service,), name="uploads-sweeping", daemon=True)
    thread.start()
    return thread


def _sweep(service: Service) -> None:
    while True:
        try:
            if swept := service.recordings.sweep():
                _log.info("uploads swept", count=swept)
        except RendererError as error:
            _log.warning("sweeping waits", code=error.code)
        except Exception as error:  # a fault of ours must not end it, nor the service
            _log.error("unexpected error", error=type(error).__name__, exc_info=error)
        if service.stopping.wait(_EVERY_S):
            return
