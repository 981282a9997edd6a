"""Steps of a delivery: done once, looked for when nobody knows, forgotten when they are too old."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
from renderer.deliver.journal import Journal, LostDeliveryError, MemoryJournal, Steps
from renderer.deliver.outbox import Outbox
from renderer.errors import DestinationError


@pytest.fixture(params=["memory", "database"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    if request.param == "memory":
        return MemoryJournal()
    database = Database(f"sqlite:///{tmp_path}/outbox.db")
    upgrade(database)
    request.addfinalizer(database.close)
    return Outbox(database, "dlv_1")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_step_is_done_once_even_by_another_process(journal: Journal) -> None:
    done = []

    def act() -> dict[str, str]:
        done.append(1)
        return {"token": "a"}

    assert Steps(journal).do("upload:mp4", act)["token"] == "a"
    assert Steps(journal).do("upload:mp4", act)["token"] == "a"
    assert len(done) == 1


def test_an_upload_that_is_too_old_is_made_again(journal: Journal) -> None:
    clock = Clock()
    made = iter("ab")
    Steps(journal, clock).do("upload:mp4", lambda: {"token": next(made)}, keeps_s=60)
    clock.now_s += 59
    assert Steps(journal, clock).do("upload:mp4", lambda: {"token": next(made)}, keeps_s=60)["token"] == "a"
    clock.now_s += 2
    assert Steps(journal, clock).do("upload:mp4", lambda: {"token": next(made)}, keeps_s=60)["token"] == "b"
    assert Steps(journal, clock).known("upload:mp4") == {"token": "b", "at_s": 1061.0}


def test_what_fails_without_a_doubt_leaves_no_doubt(journal: Journal) -> None:
    with pytest.raises(DestinationError), Steps(journal).once("note"):
        raise DestinationError("destination_forbidden", "it does not allow this")
    assert not Steps(journal).was_begun("note")


@pytest.mark.parametrize(
    "error",
    [
        DestinationError("destination_timeout", "it takes too long", may_have_happened=True),
        KeyboardInterrupt(),
        OSError(),
    ],
    ids=["lost answer", "killed", "unknown"],
)
def test_what_may_have_happened_is_looked_for(journal: Journal, error: BaseException) -> None:
    with pytest.raises(type(error)), Steps(journal).once("note"):
        raise error
    assert Steps(journal).was_begun("note")


def test_a_doubt_is_not_cleared_by_a_later_refusal(journal: Journal) -> None:
    with pytest.raises(DestinationError), Steps(journal).once("note"):
        raise DestinationError("destination_timeout", "it takes too long", may_have_happened=True)
    with pytest.raises(DestinationError), Steps(journal).once("note"):
        raise DestinationError("destination_limited", "try again later")
    assert Steps(journal).was_begun("note")


def test_steps_are_forgotten_by_the_beginning_of_their_names(journal: Journal) -> None:
    steps = Steps(journal)
    for name in ("upload:mp4", "upload:gif", "upload_mp4", "note"):
        steps.keep(name, {})
    steps.forget("upload:")
    assert sorted(Steps(journal).names("")) == ["note", "upload_mp4"] == sorted(steps.names(""))


def test_nothing_is_written_for_who_lost_the_delivery(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/outbox.db")
    upgrade(database)

    def lost(session: Session) -> None:
        raise LostDeliveryError

    with pytest.raises(LostDeliveryError):
        Outbox(database, "dlv_1", lost).write("note", {})
    assert Outbox(database, "dlv_1").read() == {}
    Outbox(database, "dlv_1").write("note", {"id": "7"})
    with pytest.raises(LostDeliveryError):
        Outbox(database, "dlv_1", lost).forget("")
    assert Outbox(database, "dlv_1").read() == {"note": {"id": "7"}}
    assert Outbox(database, "dlv_2").read() == {}
    database.close()
