"""Answers that are not what a ticket system documents."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from renderer.deliver.system import System
from renderer.errors import DestinationError


@contextmanager
def understood(system: System) -> Iterator[None]:
    """An answer in which something lacks, or is of another kind than documented, is the system's and no fault of ours to be shown as one.

    Raises DestinationError `destination_bad_answer`.
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, httpx2.InvalidURL) as error:
        raise DestinationError(
            "destination_bad_answer",
            f"{system.title} answered something else than it documents: check what stands before it, and try again",
            retryable=True,
            may_have_happened=True,
        ) from error
