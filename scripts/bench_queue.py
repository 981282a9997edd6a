"""What a claim takes while 10,000 clips wait and 20,000 have ended: `python -m scripts.bench_queue`, on SQLite and on PostgreSQL."""

import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from renderer.database.engine import Database
from renderer.database.ids import new_id
from renderer.database.tables import Clip
from renderer.database.upgrade import upgrade
from renderer.jobs.claims import Claims
from tests.services.postgres import running_postgres

WAITING, ENDED, TIMES = 10_000, 20_000, 100
TENANTS = (1, 20, 500)


def fill(database: Database, tenants: int) -> None:
    rows = [
        {
            "id": new_id("clip"),
            "tenant": f"tenant-{number % tenants}",
            "key_id": "key",
            "status": "succeeded" if number < ENDED else "queued",
            "priority": 10 if number % 3 else 0,
            "recording": f"recording:{number}",
            "request": {"recording": f"recording:{number:064}", "outputs": [{"format": "mp4"}]},
            "request_key": f"{number:064}",
            "available_ms": 1,
            "created_ms": 1,
        }
        for number in range(WAITING + ENDED)
    ]
    with database.write() as session:
        for start in range(0, len(rows), 500):
            session.execute(insert(Clip), rows[start : start + 500])


def measure(name: str, database: Database) -> None:
    claims = Claims(database, "worker", 1000)
    times_ms = []
    for _ in range(TIMES):
        began_s = time.perf_counter()
        assert claims.take() is not None
        times_ms.append((time.perf_counter() - began_s) * 1000)
    times_ms.sort()
    print(f"{name}: median {statistics.median(times_ms):.1f} ms, 9 of 10 within {times_ms[TIMES * 9 // 10]:.1f} ms")


def main() -> None:
    for tenants in TENANTS:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{Path(folder) / 'renderer.db'}")
            upgrade(database)
            fill(database, tenants)
            measure(f"SQLite, {tenants} tenants", database)
            database.close()
    with running_postgres() as server:
        for tenants in TENANTS:
            with server.database(tables=True) as url:
                database = Database(url)
                fill(database, tenants)
                measure(f"PostgreSQL, {tenants} tenants", database)
                database.close()


if __name__ == "__main__":
    main()
