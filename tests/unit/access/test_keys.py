"""API keys in a real database. `tests/integration/access` runs the same on PostgreSQL."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from renderer.access.audit import Audit
from renderer.access.caller import KeyLimits
from renderer.access.key_facts import NewKey
from renderer.access.key_text import _checksum, key_id_of, new_key
from renderer.access.keys import Keys
from renderer.access.scopes import SCOPES, Scope
from renderer.database.engine import Database
from renderer.database.tables import ApiKey
from renderer.errors import AccessError, RequestError, SetupError
from tests.unit.access.fixtures import DAY_MS, DESK, Clock, secret

OTHER_PROCESS_MS = 5000
"""What another process revoked must bite within so many milliseconds."""


def _refusal(keys: Keys, key: str) -> str:
    with pytest.raises(AccessError) as told:
        keys.verify(key)
    assert len(key) < 20 or key[:59] not in f"{told.value!r} {told.value.__cause__!r} {told.value.__context__!r}"
    return told.value.code


def _elsewhere(database: Database, clock: Clock) -> Keys:
    """As another process has it."""
    return Keys(database, secret(), clock)


def _row(database: Database, key: NewKey) -> ApiKey:
    with database.read() as session:
        return session.scalars(select(ApiKey).where(ApiKey.id == key.facts.id)).one()


def test_a_key_is_good_for_what_it_was_made_for(keys: Keys, clock: Clock) -> None:
    limits = KeyLimits(requests_per_minute=5, concurrent_clips=6, clips_per_day=7)
    made = keys.create("ticket desk", ["clips:write", "clips:read"], by=DESK, tenant="acme", limits=limits)
    caller = keys.verify(made.text)
    assert (caller.key_id, caller.tenant, caller.name) == (made.facts.id, "acme", "ticket desk")
    assert caller.scopes == {"clips:read", "clips:write"}
    assert caller.limits == limits
    assert made.facts.state(clock()) == "active"
    assert keys.verify(made.text) is caller  # believed for a while


@pytest.mark.parametrize("held", SCOPES)
def test_a_scope_holds_no_other_but_admin_holds_all(keys: Keys, held: Scope) -> None:
    caller = keys.verify(keys.create("k", [held], by=DESK).text)
    assert {scope for scope in SCOPES if caller.may(scope)} == (set(SCOPES) if held == "admin" else {held})
    for scope in SCOPES:
        if caller.may(scope):
            caller.require(scope)
        else:
            with pytest.raises(AccessError) as told:
                caller.require(scope)
            assert told.value.code == "scope_missing"
            assert scope in told.value.message


def test_of_the_key_nothing_is_kept_but_a_digest_under_the_secret(keys: Keys, database: Database) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    row = _row(database, made)
    assert row.digest == secret().digest("api key", made.text)
    with database.read() as session:
        for table in ("api_keys", "audit"):
            for kept in session.execute(text(f"SELECT * FROM {table}")):
                assert made.text[21:] not in str(kept)
    assert made.text[21:] not in f"{made!r} {made.facts!r} {keys.verify(made.text)!r} {keys.list()!r} {vars(keys)!r}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda made: made.text[:-1] + ("0" if made.text[-1] != "0" else "1"),
        lambda made: made.text[:-1],
        lambda made: made.text[:20],
        lambda made: made.text + "A" * 10_000_000,
        lambda made: "",
        lambda made: "rc_live_",
        lambda made: made.text.replace("rc_live", "rc_test"),
        lambda made: made.text.upper(),
        lambda made: made.text[:-3] + "\u0660\uff21\U0001d7d8",
        lambda made: "\udc80" * 59,
        lambda made: made.text + "\x00",
        lambda made: new_key()[1],
    ],
)
def test_what_is_no_key_of_ours_is_told_nothing(keys: Keys, forge: Callable[[NewKey], str]) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    assert _refusal(keys, forge(made)) == "bad_key"
    assert keys.verify(made.text).key_id == made.facts.id


def test_another_key_with_the_right_id_and_checksum_is_refused(keys: Keys) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    # The checksum is no secret: who knows an id can make a key that looks right.
    body = f"rc_live_{made.facts.id}_{'0' * 32}"
    forged = body + _checksum(body)
    assert key_id_of(forged) == made.facts.id
    assert _refusal(keys, forged) == "bad_key"


def test_keys_made_under_another_secret_are_refused(database: Database, keys: Keys, clock: Clock) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    other = Keys(database, secret("another-secret-of-another-service-000000"), clock)
    assert _refusal(other, made.text) == "bad_key"


def test_digests_are_compared_in_constant_time_also_where_there_is_no_such_key(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, two: str) -> bool:
        compared.append((one, two))
        return one == two

    monkeypatch.setattr("renderer.access.keys.hmac.compare_digest", compare)
    made = keys.create("k", ["admin"], by=DESK)
    keys.verify(made.text)
    _refusal(keys, new_key()[1])
    assert [len(one) == len(two) == 64 for one, two in compared] == [True, True]


def test_a_key_expires_to_the_millisecond_also_while_it_is_believed(
    keys: Keys, clock: Clock, database: Database
) -> None:
    made = keys.create("k", ["admin"], by=DESK, expires_ms=clock() + 2000)
    clock.pass_ms(1999)
    assert keys.verify(made.text)
    clock.pass_ms(1)
    assert _refusal(keys, made.text) == "key_expired"
    assert _refusal(_elsewhere(database, clock), made.text) == "key_expired"
    assert made.facts.state(clock()) == "expired"
    assert not keys.has_usable_key()


def test_a_revoked_key_is_refused_here_at_once_and_elsewhere_within_5_s(
    keys: Keys, clock: Clock, database: Database
) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    elsewhere = _elsewhere(database, clock)
    assert elsewhere.verify(made.text)
    assert keys.verify(made.text)
    facts = keys.revoke(made.facts.id, by=DESK)
    assert facts.revoked_ms == clock()
    assert _refusal(keys, made.text) == "key_revoked"
    clock.pass_ms(OTHER_PROCESS_MS)
    assert _refusal(elsewhere, made.text) == "key_revoked"
    clock.pass_ms(1)
    assert keys.revoke(made.facts.id, by=DESK) == facts


def test_a_clock_that_is_set_back_makes_nothing_last_longer(keys: Keys, clock: Clock, database: Database) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    elsewhere = _elsewhere(database, clock)
    assert elsewhere.verify(made.text)
    keys.revoke(made.facts.id, by=DESK)
    clock.pass_ms(-DAY_MS)
    assert _refusal(elsewhere, made.text) == "key_revoked"


def test_a_wrong_guess_at_a_revoked_key_is_not_told_that_it_was_revoked(keys: Keys, database: Database) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    keys.revoke(made.facts.id, by=DESK)
    with database.write() as session:
        session.execute(update(ApiKey).values(digest="0" * 64))
    assert _refusal(keys, made.text) == "bad_key"


def test_a_replaced_key_is_good_until_the_overlap_ends(keys: Keys, clock: Clock, database: Database) -> None:
    limits = KeyLimits(clips_per_day=3)
    old = keys.create("desk", ["clips:read"], by=DESK, tenant="acme", expires_ms=clock() + 90 * DAY_MS, limits=limits)
    assert keys.verify(old.text)
    clock.pass_ms(80 * DAY_MS)
    new = keys.rotate(old.facts.id, by=DESK, overlap_ms=3600_000)
    assert new.text != old.text
    assert (new.facts.tenant, new.facts.name, new.facts.scopes) == ("acme", "desk", ("clips:read",))
    assert new.facts.limits == limits
    assert new.facts.expires_ms == clock() + 90 * DAY_MS
    before = keys.list()[0]
    assert (before.state(clock()), before.replaced_by, before.expires_ms) == (
        "replaced",
        new.facts.id,
        clock() + 3600_000,
    )
    assert keys.verify(old.text).key_id == old.facts.id
    assert keys.verify(new.text).key_id == new.facts.id
    clock.pass_ms(3600_000)
    assert _refusal(keys, old.text) == "key_expired"
    assert _refusal(_elsewhere(database, clock), old.text) == "key_expired"
    assert keys.verify(new.text)


def test_without_an_overlap_the_old_key_ends_at_once(keys: Keys) -> None:
    old = keys.create("k", ["admin"], by=DESK)
    assert keys.verify(old.text)
    new = keys.rotate(old.facts.id, by=DESK, overlap_ms=0)
    assert _refusal(keys, old.text) == "key_expired"
    assert keys.verify(new.text)
    assert new.facts.expires_ms is None


def test_an_overlap_makes_no_key_last_longer_than_it_was_to(keys: Keys, clock: Clock) -> None:
    old = keys.create("k", ["admin"], by=DESK, expires_ms=clock() + 1000)
    keys.rotate(old.facts.id, by=DESK, overlap_ms=DAY_MS)
    assert keys.list()[0].expires_ms == clock() + 1000


@pytest.mark.parametrize("how", ["revoked", "expired", "replaced"])
def test_only_an_active_key_can_be_replaced(keys: Keys, clock: Clock, how: str) -> None:
    made = keys.create("k", ["admin"], by=DESK, expires_ms=clock() + 1000)
    if how == "revoked":
        keys.revoke(made.facts.id, by=DESK)
    elif how == "replaced":
        keys.rotate(made.facts.id, by=DESK, overlap_ms=500)
    else:
        clock.pass_ms(1000)
    count = len(keys.list())
    with pytest.raises(RequestError) as told:
        keys.rotate(made.facts.id, by=DESK)
    assert told.value.code == "key_not_active"
    assert how in told.value.message
    assert len(keys.list()) == count


def test_two_who_replace_a_key_at_the_same_time_make_one_successor(
    keys: Keys, database: Database, clock: Clock
) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    said: list[str] = []
    barrier = threading.Barrier(4)

    def rotate() -> None:
        barrier.wait()
        try:
            said.append(_elsewhere(database, clock).rotate(made.facts.id, by=DESK).facts.id)
        except RequestError as error:
            said.append(error.code)

    threads = [threading.Thread(target=rotate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("key_not_active") == 3
    old, new = keys.list() if keys.list()[0].id == made.facts.id else reversed(keys.list())
    assert {old.replaced_by, new.id} == set(said) - {"key_not_active"}


def test_last_use_is_noted_once_a_minute(keys: Keys, clock: Clock, database: Database) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    assert _row(database, made).last_used_ms is None
    first = clock()
    keys.verify(made.text)
    for _ in range(14):
        clock.pass_ms(4000)
        keys.verify(made.text)
    assert _row(database, made).last_used_ms == first
    clock.pass_ms(4000)
    keys.verify(made.text)
    assert _row(database, made).last_used_ms == first + 60_000
    clock.pass_ms(60_000)
    with pytest.raises(AccessError):
        keys.verify(made.text[:-6] + "000000")
    assert _row(database, made).last_used_ms == first + 60_000


def test_a_key_is_verified_also_where_nothing_can_be_written(
    keys: Keys, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys.create("k", ["admin"], by=DESK)

    def full(_: Database) -> None:
        raise SetupError("database_unreachable", "the disk is full", retryable=True)

    monkeypatch.setattr(Database, "write", full)
    assert keys.verify(made.text).key_id == made.facts.id


def test_a_believed_key_asks_the_database_nothing(keys: Keys, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    keys.verify(made.text)

    def away(_: Database) -> None:
        raise SetupError("database_unreachable", "away", retryable=True)

    monkeypatch.setattr(Database, "read", away)
    clock.pass_ms(2999)
    assert keys.verify(made.text)
    clock.pass_ms(1)
    with pytest.raises(SetupError):
        keys.verify(made.text)


def test_a_tenant_sees_and_touches_its_own_keys_alone(keys: Keys) -> None:
    ours = keys.create("ours", ["admin"], by=DESK, tenant="ours")
    theirs = keys.create("theirs", ["admin"], by=DESK, tenant="theirs")
    assert [each.name for each in keys.list("ours")] == ["ours"]
    assert {each.name for each in keys.list()} == {"ours", "theirs"}
    for act in (keys.revoke, keys.rotate):
        with pytest.raises(RequestError) as told:
            act(theirs.facts.id, by=DESK, tenant="ours")
        assert told.value.code == "key_not_found"
    assert keys.verify(theirs.text)
    assert keys.revoke(ours.facts.id, by=DESK, tenant="ours").revoked_ms is not None


@pytest.mark.parametrize("key_id", ["", "0123456789ab", "'; DROP TABLE api_keys; --", "\x00" * 12, "x" * 1_000_000])
def test_an_unknown_id_is_told(keys: Keys, key_id: str) -> None:
    for act in (keys.revoke, keys.rotate):
        with pytest.raises(RequestError) as told:
            act(key_id, by=DESK)
        assert told.value.code == "key_not_found"
        assert len(told.value.message) < 200


def test_every_action_on_a_key_is_in_the_audit_log(keys: Keys, audit: Audit, clock: Clock) -> None:
    old = keys.create("desk", ["clips:read"], by=DESK, tenant="acme")
    new = keys.rotate(old.facts.id, by=DESK, overlap_ms=60_000)
    keys.revoke(old.facts.id, by=DESK)
    keys.revoke(old.facts.id, by=DESK)
    entries = list(reversed(audit.page()))
    assert [(each.action, each.object, each.outcome) for each in entries] == [
        ("key.create", f"key:{old.facts.id}", "ok"),
        ("key.rotate", f"key:{old.facts.id}", "ok"),
        ("key.revoke", f"key:{old.facts.id}", "ok"),
    ]
    assert entries[1].detail == {"replaced_by": new.facts.id, "overlap_ms": 60_000}
    assert {(each.actor, each.request_id, each.address, each.tenant, each.at_ms) for each in entries} == {
        ("local:tester", "req_1", "127.0.0.1", "acme", clock())
    }
    assert audit.verify() is None


def test_no_key_is_made_that_is_not_in_the_audit_log(keys: Keys, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keys.create("k", ["admin"], by=DESK)

    def broken(*_: object, **__: object) -> int:
        raise SetupError("database_unreachable", "gone in the middle", retryable=True)

    monkeypatch.setattr(Audit, "append", broken)
    for act in (
        lambda: keys.create("two", ["admin"], by=DESK),
        lambda: keys.rotate(made.facts.id, by=DESK),
        lambda: keys.revoke(made.facts.id, by=DESK),
    ):
        with pytest.raises(SetupError):
            act()
    assert [(each.name, each.revoked_ms, each.replaced_by) for each in keys.list()] == [("k", None, None)]


def test_many_keys_are_verified_by_many_threads(keys: Keys) -> None:
    made = [keys.create(f"k{number}", ["clips:read"], by=DESK) for number in range(5)]
    wrong: list[object] = []

    def verify() -> None:
        for _ in range(20):
            for each in made:
                if keys.verify(each.text).name != each.facts.name:
                    wrong.append(each.facts)

    threads = [threading.Thread(target=verify) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_believed_key_is_no_other_s(keys: Keys) -> None:
    one, two = (keys.create(name, ["clips:read"], by=DESK, tenant=name) for name in ("one", "two"))
    assert [keys.verify(each.text).tenant for each in (one, two, one, two)] == ["one", "two", "one", "two"]
    keys.revoke(one.facts.id, by=DESK)
    assert _refusal(keys, one.text) == "key_revoked"
    assert keys.verify(two.text).tenant == "two"
