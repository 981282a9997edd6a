"""What one process at a time does for all of them."""

import threading

from renderer.database.engine import Database
from renderer.jobs.duties import Duties
from tests.unit.jobs.desk import Desk


def test_who_has_a_duty_keeps_it_until_it_is_silent(desk: Desk, database: Database) -> None:
    first, second = (Duties(database, name, desk.clock) for name in ("first", "second"))
    assert first.take("sweeping", 15_000)
    assert not second.take("sweeping", 15_000)
    assert second.take("cleaning", 15_000), "another one is free"
    desk.clock.pass_s(10)
    assert first.take("sweeping", 15_000)
    desk.clock.pass_s(14.999)
    assert not second.take("sweeping", 15_000)
    desk.clock.pass_s(0.001)
    assert second.take("sweeping", 15_000)
    assert not first.take("sweeping", 15_000)


def test_of_many_that_come_at_once_one_gets_it(desk: Desk, database: Database) -> None:
    begin = threading.Barrier(8)
    got: list[str] = []

    def come(name: str) -> None:
        begin.wait()
        if Duties(database, name, desk.clock).take("sweeping", 15_000):
            got.append(name)

    threads = [threading.Thread(target=come, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
