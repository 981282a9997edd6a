"""How long it takes to verify an API key and to append to the audit log.

.venv/bin/python -m scripts.bench_access                                # SQLite in a folder for temporary files
.venv/bin/python -m scripts.bench_access postgresql://USER@HOST/NAME    # an empty database, which it leaves with rows in it
"""

import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from renderer.access.audit import Audit
from renderer.access.caller import Actor
from renderer.access.key_text import new_key
from renderer.access.keys import Keys
from renderer.access.rates import RateLimits
from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database, now_ms
from renderer.database.upgrade import upgrade
from renderer.errors import AccessError
from renderer.settings import Settings

_ACTOR = Actor(name="local:bench")


def main() -> None:
    with _database() as database:
        secret = ServiceSecret(secrets.token_hex(32))
        keys, audit = Keys(database, secret), Audit(database, secret)
        made = keys.create("bench", ["clips:read"], by=_ACTOR)
        caller = keys.verify(made.text)
        _, unknown = new_key()
        rates = RateLimits(Settings(requests_per_minute=10**9))

        def refuse(text: str) -> None:
            try:
                keys.verify(text)
            except AccessError:
                return
            raise AssertionError("a key that is none was taken")

        def afresh() -> None:
            keys._verified.forget(made.facts.id)
            keys.verify(made.text)

        _tell("verify, believed", 20_000, lambda: keys.verify(made.text))
        _tell("verify, asked of the database", 1_000, afresh)
        swapped = made.text[:-1] + ("0" if made.text[-1] != "0" else "1")
        _tell("verify, no key by its checksum", 20_000, lambda: refuse(swapped))
        _tell("verify, an unknown key", 1_000, lambda: refuse(unknown))
        _tell("request rate, in memory", 5_000, lambda: rates.take(caller))
        _tell("audit, append", 500, lambda: audit.record(_ACTOR, "clip.create", "clip_1", tenant="acme"))
        started = now_ms()
        assert audit.verify() is None
        head = audit.head()
        assert head is not None
        print(f"audit, verify: {head[0]} entries in {now_ms() - started} ms")


def _tell(what: str, count: int, work: Callable[[], object]) -> None:
    """The median of single calls, and what one costs this process on average: the latter hardly depends on what else the machine does."""
    took_ns, before_ns = [], time.process_time_ns()
    for _ in range(count):
        started = time.perf_counter_ns()
        work()
        took_ns.append(time.perf_counter_ns() - started)
    cpu_us = (time.process_time_ns() - before_ns) / count / 1000
    print(f"{what}: {statistics.median(took_ns) / 1000:.0f} µs, {cpu_us:.0f} µs of CPU")


@contextmanager
def _database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            upgrade(database)
            yield database
        finally:
            database.close()


if __name__ == "__main__":
    main()
