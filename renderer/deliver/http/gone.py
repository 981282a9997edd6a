"""Taking away what may be gone already."""

from collections.abc import Iterator
from contextlib import contextmanager

from renderer.errors import DestinationError


@contextmanager
def gone_already() -> Iterator[None]:
    """Somebody took it away before us: that is as good."""
    try:
        yield
    except DestinationError as error:
        if error.code != "ticket_not_found":
            raise
