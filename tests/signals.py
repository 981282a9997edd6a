"""A child that takes signals, whoever started the tests: under nohup, or in the background of a shell, some are ignored."""

import signal


def heard() -> None:
    """As `preexec_fn` of a process that a test interrupts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
