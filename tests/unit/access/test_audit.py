"""The audit log: what it holds, and that whatever is done to it shows."""

import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from renderer.access import audit as module
from renderer.access.audit import Audit
from renderer.access.caller import Actor
from renderer.database.engine import Database
from renderer.database.tables import ApiKey, AuditEntry
from tests.unit.access.fixtures import DESK, Clock, secret


def _fill(audit: Audit, count: int) -> None:
    for number in range(1, count + 1):
        assert audit.record(DESK, "clip.create", f"clip_{number}", tenant="acme", detail={"n": number}) == number


def test_an_entry_says_who_did_what_to_what_and_when(audit: Audit, clock: Clock) -> None:
    actor = Actor(name="key:0123456789ab", request_id="req_9", address="2001:db8::1")
    audit.record(actor, "clip.delete", "clip_1", tenant="acme", outcome="refused", detail={"why": "foreign", "n": 3})
    entry = audit.page()[0]
    assert (entry.number, entry.at_ms, entry.tenant, entry.actor) == (1, clock(), "acme", "key:0123456789ab")
    assert (entry.action, entry.object, entry.outcome) == ("clip.delete", "clip_1", "refused")
    assert (entry.request_id, entry.address) == ("req_9", "2001:db8::1")
    assert entry.detail == {"why": "foreign", "n": 3}
    assert audit.verify() is None


def test_an_empty_log_holds(audit: Audit) -> None:
    assert audit.verify() is None
    assert audit.head() is None
    assert audit.page() == []


def test_pages_go_back_from_the_newest(audit: Audit) -> None:
    _fill(audit, 7)
    audit.record(DESK, "clip.create", "clip_8", tenant="other")
    assert [each.number for each in audit.page(3)] == [8, 7, 6]
    assert [each.number for each in audit.page(3, before=6)] == [5, 4, 3]
    assert [each.number for each in audit.page(9, tenant="other")] == [8]


def _changed(**values: object) -> Callable[[Session], None]:
    def tamper(session: Session) -> None:
        session.execute(update(AuditEntry).where(AuditEntry.number == 4).values(**values))

    return tamper


@pytest.mark.parametrize(
    "values",
    [
        {"at_ms": 1},
        {"tenant": "other"},
        {"actor": "local:nobody"},
        {"action": "clip.read"},
        {"object": "clip_5"},
        {"outcome": "failed"},
        {"request_id": None},
        {"request_id": "req_2"},
        {"address": "127.0.0.2"},
        {"detail": {"n": 5}},
        {"detail": {}},
        {"digest": "0" * 64},
        {"digest": ""},
    ],
    ids=str,
)
def test_a_changed_entry_shows(audit: Audit, database: Database, values: dict[str, object]) -> None:
    _fill(audit, 6)
    with database.write() as session:
        _changed(**values)(session)
    assert audit.verify() == 4


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_entry_shows(audit: Audit, database: Database, number: int) -> None:
    _fill(audit, 6)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == number))
    assert audit.verify() == number


def test_removed_and_closed_up_shows(audit: Audit, database: Database) -> None:
    _fill(audit, 6)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number == 3))
        for number in (4, 5, 6):
            session.execute(update(AuditEntry).where(AuditEntry.number == number).values(number=number - 1))
    assert audit.verify() == 3


@pytest.mark.parametrize("number", [-1, 0, 4, 7, 99])
def test_an_inserted_entry_shows(audit: Audit, database: Database, number: int) -> None:
    _fill(audit, 6)
    with database.write() as session:
        row = session.get_one(AuditEntry, 3)
        copied = {column.key: getattr(row, column.key) for column in AuditEntry.__table__.columns}
        if number == 4:
            for moved in (6, 5, 4):
                session.execute(update(AuditEntry).where(AuditEntry.number == moved).values(number=moved + 1))
        session.execute(insert(AuditEntry).values(**{**copied, "number": number}))
    assert audit.verify() == min(number, 7)


def test_entries_that_changed_places_show(audit: Audit, database: Database) -> None:
    _fill(audit, 6)
    with database.write() as session:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(update(AuditEntry).where(AuditEntry.number == old).values(number=new))
    assert audit.verify() == 2


def test_who_does_not_know_the_secret_cannot_write_it_anew(audit: Audit, database: Database, clock: Clock) -> None:
    _fill(audit, 6)
    forger = Audit(database, secret("what-somebody-else-would-think-of-000000"), clock)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number >= 4))
    _fill_from(forger, 4)
    assert audit.verify() == 4


def _fill_from(audit: Audit, number: int) -> None:
    assert audit.record(DESK, "clip.create", f"clip_{number}", tenant="acme", detail={"n": number}) == number


def test_a_cut_off_end_shows_against_what_was_noted(audit: Audit, database: Database, clock: Clock) -> None:
    _fill(audit, 6)
    noted = audit.head()
    assert noted is not None
    assert noted[0] == 6
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.number >= 5))
    assert audit.verify() is None
    clock.pass_ms(1)
    _fill_from(audit, 5)
    _fill_from(audit, 6)
    with database.read() as session:
        assert session.get_one(AuditEntry, 6).digest != noted[1]


def test_it_is_verified_page_by_page(audit: Audit, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 4)
    for count in range(1, 10):
        _fill_from(audit, count)
        assert audit.verify() is None
    for number in (4, 5, 8, 9):
        with database.write() as session:
            before = session.get_one(AuditEntry, number).actor
            session.execute(update(AuditEntry).where(AuditEntry.number == number).values(actor="x"))
        assert audit.verify() == number
        with database.write() as session:
            session.execute(update(AuditEntry).where(AuditEntry.number == number).values(actor=before))
    assert audit.verify() is None


HOSTILE = [
    "a\nb\x00c\x1b[2J",
    "\udc80\ud800",
    "x" * 1_000_000,
    "\u202e right to left",
    "rc_live_0123456789ab_" + "S" * 38,
    '"}],[{"',
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_header_held_is_one_short_line(audit: Audit, text: str) -> None:
    actor = Actor(name=text, request_id=text, address=text)
    audit.record(actor, "clip.create", text, tenant=text, detail={text: text, "list": [text] * 50})
    entry = audit.page()[0]
    assert audit.verify() is None
    kept = [
        entry.actor,
        entry.request_id,
        entry.address,
        entry.object,
        entry.tenant,
        *entry.detail,
        *entry.detail["list"],
    ]
    for each in kept:
        assert each is not None
        assert each.isprintable()
        assert len(each) <= 200
        assert "SSS" not in each
    assert len(entry.detail["list"]) == 20


@pytest.mark.parametrize("action", ["", "create", "clip create", "clip.Create", "clip.create.", "clip.create\n"])
def test_an_action_is_two_words(audit: Audit, action: str) -> None:
    with pytest.raises(ValueError, match="two words"):
        audit.record(DESK, action, "clip_1", tenant="acme")
    assert audit.head() is None


def test_an_entry_holds_no_documents(audit: Audit) -> None:
    with pytest.raises(ValueError, match="20 details"):
        audit.record(DESK, "clip.create", "clip_1", tenant="acme", detail={str(n): n for n in range(21)})


def test_what_is_undone_is_not_told(audit: Audit, database: Database) -> None:
    _fill(audit, 2)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        audit.append(session, DESK, "clip.create", "clip_3", tenant="acme")
        raise ZeroDivisionError
    _fill_from(audit, 3)
    assert audit.verify() is None
    with database.read() as session:
        assert session.scalars(select(ApiKey)).all() == []


def test_threads_append_together_and_none_is_lost(database: Database) -> None:
    chance = random.Random(3)
    numbers: list[int] = []

    def append(name: str) -> None:
        mine = Audit(database, secret())
        for count in range(20):
            numbers.append(mine.record(Actor(name=name), "clip.create", f"{count}", tenant="acme"))

    threads = [threading.Thread(target=append, args=(f"t{chance.random()}",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 101))
    assert Audit(database, secret()).verify() is None
