"""The disk's own errors, told plainly."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from renderer.errors import EncodeError

DISK_FULL = "the disk is full: free some space, or set RENDERER_WORK_DIR to a folder on a larger disk"


@contextmanager
def disk_errors() -> Iterator[None]:
    """OSError becomes EncodeError: `disk_full`, or `disk_failed` with the system's own words."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise EncodeError("disk_full", DISK_FULL, retryable=True) from error
        raise EncodeError(
            "disk_failed", f"a file of the encoder could not be read or written: {error.strerror}", retryable=True
        ) from error
