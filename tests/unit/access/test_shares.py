"""Share links in a real database. `tests/integration/access` runs the same on PostgreSQL."""

import string
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import delete, text, update

from renderer.access.audit import Audit
from renderer.access.shares import Shares
from renderer.database.engine import Database
from renderer.database.ids import new_id
from renderer.database.tables import Clip, ShareLink
from renderer.errors import AccessError, RequestError
from tests.unit.access.fixtures import DAY_MS, DESK, Clock, add_clip, secret


def _refusal(shares: Shares, token: str) -> str:
    with pytest.raises(AccessError) as told:
        shares.open(token)
    assert len(token) < 40 or token[31:63] not in f"{told.value!r} {told.value.__context__!r}"
    return told.value.code


def test_a_link_opens_its_clip(shares: Shares, clip_id: str, clock: Clock) -> None:
    link, token = shares.create("acme", clip_id, by=DESK, ttl_ms=DAY_MS)
    assert shares.open(token) == link
    assert (link.tenant, link.clip_id, link.name) == ("acme", clip_id, None)
    assert link.expires_ms == clock() + DAY_MS
    assert link.opens("clip.mp4")
    assert link.opens("clip.json")
    assert set(token) <= set(string.ascii_lowercase + string.digits + "_")
    assert len(token) == 63
    assert shares.token(link.id) == token


def test_a_link_to_one_file_opens_no_other(shares: Shares, clip_id: str) -> None:
    link, _ = shares.create("acme", clip_id, "clip.mp4", by=DESK)
    assert link.opens("clip.mp4")
    assert not link.opens("clip.json")


def test_no_signature_is_kept(shares: Shares, clip_id: str, database: Database) -> None:
    _, token = shares.create("acme", clip_id, by=DESK)
    with database.read() as session:
        for table in ("share_links", "audit"):
            for kept in session.execute(text(f"SELECT * FROM {table}")):
                assert token[31:] not in str(kept)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: "shr_",
        lambda token: token[:30],
        lambda token: token[:31],
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token + "\n",
        lambda token: token + "0" * 10_000_000,
        lambda token: token.upper(),
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: new_id("shr") + token[30:],
        lambda token: token[:31] + "0" * 32,
        lambda token: token[:-2] + "\u0660\u0661",
        lambda token: token[:31] + "\udc80" * 32,
        lambda token: f"../{token}",
    ],
)
def test_a_forged_link_is_told_nothing_and_asks_the_database_nothing(
    shares: Shares, clip_id: str, forge: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = shares.create("acme", clip_id, by=DESK)

    def asked(_: Database) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(Database, "read", asked)
    assert _refusal(shares, forge(token)) == "link_not_found"


def test_a_link_of_another_service_is_refused(shares: Shares, database: Database, clip_id: str, clock: Clock) -> None:
    other = Shares(database, secret("another-secret-of-another-service-000000"), clock)
    _, token = other.create("acme", clip_id, by=DESK)
    assert _refusal(shares, token) == "link_not_found"


def test_a_signature_for_something_else_is_none_for_a_link(shares: Shares, clip_id: str) -> None:
    link, _ = shares.create("acme", clip_id, by=DESK)
    assert _refusal(shares, f"{link.id}_{secret().digest('api key', link.id)[:32]}") == "link_not_found"


def test_a_link_that_is_not_in_the_database_is_not_found(shares: Shares) -> None:
    assert _refusal(shares, shares.token(new_id("shr"))) == "link_not_found"


def test_it_expires_to_the_millisecond(shares: Shares, clip_id: str, clock: Clock) -> None:
    _, token = shares.create("acme", clip_id, by=DESK, ttl_ms=60_000)
    clock.pass_ms(59_999)
    assert shares.open(token)
    clock.pass_ms(1)
    assert _refusal(shares, token) == "link_expired"


def test_it_is_revoked_at_once(shares: Shares, clip_id: str, clock: Clock, audit: Audit) -> None:
    link, token = shares.create("acme", clip_id, by=DESK)
    revoked = shares.revoke("acme", link.id, by=DESK)
    assert revoked.revoked_ms == clock()
    assert _refusal(shares, token) == "link_revoked"
    clock.pass_ms(5)
    assert shares.revoke("acme", link.id, by=DESK) == revoked
    assert [each.action for each in audit.page()] == ["share.revoke", "share.create"]


@pytest.mark.parametrize("gone", [{"deleted_ms": 5}, {"status": "expired"}], ids=["deleted", "expired"])
def test_it_ends_with_its_clip(shares: Shares, clip_id: str, database: Database, gone: dict[str, object]) -> None:
    _, token = shares.create("acme", clip_id, by=DESK)
    with database.write() as session:
        session.execute(update(Clip).where(Clip.id == clip_id).values(**gone))
    assert _refusal(shares, token) == "link_gone"


def test_a_removed_row_opens_nothing(shares: Shares, clip_id: str, database: Database) -> None:
    _, token = shares.create("acme", clip_id, by=DESK)
    with database.write() as session:
        session.execute(delete(ShareLink))
    assert _refusal(shares, token) == "link_not_found"


def test_views_are_counted_and_logged_none_lost(shares: Shares, clip_id: str, audit: Audit) -> None:
    link, token = shares.create("acme", clip_id, by=DESK)

    def view() -> None:
        for _ in range(5):
            seen = shares.open(token)
            shares.count_view(seen, seen.actor("req_7", "192.0.2.1"), "clip.mp4")

    threads = [threading.Thread(target=view) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shares.open(token).views == 20
    entries = audit.page(20)
    assert {(each.action, each.actor, each.object, each.address) for each in entries} == {
        ("share.view", f"share:{link.id}", link.id, "192.0.2.1")
    }
    assert entries[0].detail == {"clip": clip_id, "name": "clip.mp4"}
    assert audit.verify() is None


def test_a_tenant_shares_and_sees_its_own_alone(shares: Shares, clip_id: str) -> None:
    link, token = shares.create("acme", clip_id, by=DESK)
    with pytest.raises(RequestError) as told:
        shares.create("other", clip_id, by=DESK)
    assert told.value.code == "clip_not_found"
    assert shares.list("other", clip_id) == []
    with pytest.raises(RequestError) as told:
        shares.revoke("other", link.id, by=DESK)
    assert told.value.code == "link_not_found"
    assert shares.list("acme", clip_id) == [shares.open(token)]


@pytest.mark.parametrize("clip", ["", "clip_1", "../../etc", "\x00", f"clip_{'0' * 26}", f"shr_{'0' * 26}"])
def test_what_is_no_clip_cannot_be_shared(shares: Shares, clip: str) -> None:
    with pytest.raises(RequestError) as told:
        shares.create("acme", clip, by=DESK)
    assert told.value.code == "clip_not_found"


def test_a_deleted_clip_cannot_be_shared(shares: Shares, database: Database, clock: Clock) -> None:
    clip_id = add_clip(database, clock(), tenant="acme", deleted_ms=clock())
    with pytest.raises(RequestError) as told:
        shares.create("acme", clip_id, by=DESK)
    assert told.value.code == "clip_not_found"


@pytest.mark.parametrize("name", ["", "../clip.mp4", "a/b", ".hidden", "a" * 101, "a\x00", "a\n", "\u00e4.mp4"])
def test_names_of_files_are_plain(shares: Shares, clip_id: str, name: str) -> None:
    with pytest.raises(RequestError) as told:
        shares.create("acme", clip_id, name, by=DESK)
    assert told.value.code == "bad_file_name"


@pytest.mark.parametrize("ttl_ms", [-1, 0, 59_999, 366 * DAY_MS + 1])
def test_how_long_it_is_good_has_limits(shares: Shares, clip_id: str, ttl_ms: int) -> None:
    with pytest.raises(RequestError) as told:
        shares.create("acme", clip_id, by=DESK, ttl_ms=ttl_ms)
    assert told.value.code == "bad_ttl"


@pytest.mark.parametrize("link_id", ["", "shr_1", "\x00" * 30, f"shr_{'0' * 26}", f"clip_{'0' * 26}"])
def test_an_unknown_link_cannot_be_revoked(shares: Shares, link_id: str) -> None:
    with pytest.raises(RequestError) as told:
        shares.revoke("acme", link_id, by=DESK)
    assert told.value.code == "link_not_found"
