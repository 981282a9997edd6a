"""Notes that customers see, though they were to be internal."""

from collections.abc import Iterator
from contextlib import contextmanager

from renderer.errors import DestinationError


@contextmanager
def hiding() -> Iterator[None]:
    """Around taking such a note away, or making it internal. What a later try may mend is raised; the rest is not, as what stands on the
    ticket is to be told: that the note is public, rather than that it may not be deleted.
    """
    try:
        yield
    except DestinationError as error:
        if error.retryable:
            raise
