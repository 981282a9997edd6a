"""Whether there is a broker to wake workers with."""

from typing import Final

_PATIENCE_S: Final = 1.0


def broker_answers(url: str) -> bool:
    from kombu.connection import Connection

    options = {"socket_connect_timeout": _PATIENCE_S, "socket_timeout": _PATIENCE_S}
    try:
        broker = Connection(url, connect_timeout=_PATIENCE_S, transport_options=options)  # type: ignore[no-untyped-call]
        with broker as connection:
            connection.ensure_connection(max_retries=1, timeout=_PATIENCE_S)
            return bool(connection.connected)
    except Exception:  # every transport has errors of its own
        return False
