"""`renderer keys` and `renderer audit`, as typed: what is on stdout, in the database, and in one line when it goes wrong."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from renderer.access.keys import Keys
from renderer.access.secret import ServiceSecret
from renderer.cli import run
from renderer.database.engine import Database
from renderer.database.tables import AuditEntry
from renderer.errors import AccessError
from renderer.settings import Settings

KEY = re.compile(r"rc_live_([0-9a-z]{12})_[0-9A-Za-z]{38}")


@pytest.fixture(autouse=True)
def _service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> None:
    for name in ("RENDERER_DATABASE_URL", "RENDERER_SECRET_KEY", "RENDERER_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "renderer.db")
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))


def _keys() -> Keys:
    settings = Settings()
    return Keys(Database(settings.database), ServiceSecret.load(settings))


class Typed:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        return code, *self._capsys.readouterr()

    def key(self, *arguments: str) -> str:
        """What a command printed, which is a key and nothing else."""
        code, out, err = self(*arguments)
        assert code == 0, err
        assert KEY.fullmatch(out.removesuffix("\n"))
        assert out.strip() not in err
        return out.strip()


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(capsys)


def test_create_prints_the_key_and_nothing_else(typed: Typed) -> None:
    key = typed.key("keys", "create", "ticket desk", "--scopes", "clips:read, clips:write", "--tenant", "acme")
    caller = _keys().verify(key)
    assert (caller.name, caller.tenant, set(caller.scopes)) == ("ticket desk", "acme", {"clips:read", "clips:write"})
    code, out, err = typed("keys", "create", "k", "--scopes", "admin", "--expires", "2h")
    assert code == 0
    assert err.count("\n") == 1
    match = re.search(r"key (\S+) \(admin\), good until (\S+);", err)
    assert match is not None
    assert match[1] == KEY.fullmatch(out.strip())[1]  # type: ignore[index]
    left = datetime.fromisoformat(match[2]) - datetime.now(UTC)
    assert timedelta(minutes=119) < left <= timedelta(hours=2)


def test_a_database_and_a_secret_are_made_where_there_are_none(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "fresh"))
    key = typed.key("keys", "create", "k", "--scopes", "admin")
    assert _keys().verify(key)
    assert {"renderer.db", "secret.key"} <= {path.name for path in (tmp_path / "fresh").iterdir()}


def test_limits_are_the_key_s(typed: Typed) -> None:
    limits = ("--requests-per-minute", "5", "--concurrent-clips", "6", "--clips-per-day", "7")
    caller = _keys().verify(typed.key("keys", "create", "k", "--scopes", "admin", *limits))
    assert vars(caller.limits) == {"requests_per_minute": 5, "concurrent_clips": 6, "clips_per_day": 7}


def test_list_shows_everything_but_keys(typed: Typed) -> None:
    one = typed.key("keys", "create", "one", "--scopes", "clips:read", "--expires", "90d")
    two = typed.key("keys", "create", "two", "--scopes", "admin", "--clips-per-day", "9")
    _keys().verify(one)
    typed("keys", "revoke", two[8:20])
    code, out, err = typed("keys", "list")
    assert (code, err) == (0, "")
    assert one[21:] not in out
    lines = out.splitlines()
    assert lines[0].split() == ["ID", "NAME", "TENANT", "STATE", "EXPIRES", "LAST", "USED", "SCOPES"]
    assert lines[1].split()[:4] == [one[8:20], "one", "default", "active"]
    assert lines[2].split() == [two[8:20], "two", "default", "revoked", "never", "never", "admin"]
    code, out, err = typed("keys", "list", "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["id"], first["state"], first["scopes"], first["revoked_at"]) == (
        one[8:20],
        "active",
        ["clips:read"],
        None,
    )
    assert abs(datetime.fromisoformat(first["last_used_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    lifetime = datetime.fromisoformat(first["expires_at"]) - datetime.fromisoformat(first["created_at"])
    assert abs(lifetime - timedelta(days=90)) <= timedelta(seconds=1)
    assert (second["state"], second["clips_per_day"], second["expires_at"]) == ("revoked", 9, None)
    assert not {"digest", "text", "key"} & {*first, *second}


def test_no_keys_are_no_lines(typed: Typed) -> None:
    assert typed("keys", "list") == (0, "", "")
    assert typed("keys", "list", "--json") == (0, "", "")


@pytest.mark.parametrize("whole", [False, True], ids=["id", "key"])
def test_a_revoked_key_is_worth_nothing(typed: Typed, whole: bool) -> None:
    key = typed.key("keys", "create", "k", "--scopes", "admin")
    code, out, err = typed("keys", "revoke", key if whole else key[8:20])
    assert (code, out, err) == (0, "", f"renderer: {key[8:20]} (k) is revoked\n")
    with pytest.raises(AccessError) as told:
        _keys().verify(key)
    assert told.value.code == "key_revoked"


def test_rotate_prints_the_new_key_and_the_old_one_lasts_as_long_as_was_said(typed: Typed) -> None:
    old = typed.key("keys", "create", "k", "--scopes", "clips:read")
    new = typed.key("keys", "rotate", old[8:20], "--overlap", "1h")
    newest = typed.key("keys", "rotate", new, "--overlap", "0h")
    assert _keys().verify(old).name == _keys().verify(newest).name == "k"
    with pytest.raises(AccessError) as told:
        _keys().verify(new)
    assert told.value.code == "key_expired"
    states = {key.id: key.state(key.created_ms + 60_000) for key in _keys().list()}
    assert states == {old[8:20]: "replaced", new[8:20]: "expired", newest[8:20]: "active"}


CREATE = ("keys", "create", "k", "--scopes", "admin")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "k"), "--scopes"),
        (("keys", "create", "k", "--scopes", "clips:delete"), "there is no such scope"),
        (("keys", "create", "k", "--scopes", ""), "there is no such scope"),
        (("keys", "create", "", "--scopes", "admin"), "printable"),
        (("keys", "create", "a\nb\x1b[2J", "--scopes", "admin"), "printable"),
        (("keys", "create", "\udcff", "--scopes", "admin"), "printable"),
        ((*CREATE, "--tenant", "../x"), "a tenant is"),
        ((*CREATE, "--expires", "soon"), "--expires is written"),
        ((*CREATE, "--expires", "0d"), "expires in the future"),
        ((*CREATE, "--expires", "999999w"), "--expires is written"),
        ((*CREATE, "--clips-per-day", "0"), "clips per day must be 1 or more"),
        ((*CREATE, "--requests-per-minute", "many"), "--requests-per-minute"),
        (("keys", "revoke", "nobody"), "no API key of this id"),
        (("keys", "rotate", "\udcff" * 12), "no API key of this id"),
        (("keys", "rotate", "0123456789ab", "--overlap", "-1h"), "--overlap is written"),
        (("keys", "rotate", "0123456789ab", "--overlap", "9w" * 400_000), "--overlap is written"),
        (("keys", "forge"), "forge"),
        (("keys",), "command"),
        (("audit", "--limit", "-1"), "--limit"),
        (("audit", "--tenant", "\udcff"), "a tenant is"),
        (("audit", "--noted", "12"), "NUMBER:SEAL"),
        (("audit", "--noted", "x:00"), "NUMBER:SEAL"),
        (("audit", "--noted", "1:\u00e4"), "NUMBER:SEAL"),
        (("audit", "--noted", f"{'9' * 40}:00"), "NUMBER:SEAL"),
    ],
)
def test_what_was_typed_wrong_is_one_line_and_does_nothing(typed: Typed, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = typed(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("renderer: error: ")
    assert err.count("\n") == 1
    assert len(err) < 400
    assert _keys().list() == []


def test_a_key_that_is_typed_where_it_is_unknown_is_not_printed(typed: Typed) -> None:
    key = typed.key(*CREATE)
    for arguments in (("keys", "revoke", key[:-1]), ("keys", "rotate", f"{key}x"), ("audit", "--noted", key)):
        code, out, err = typed(*arguments)
        assert (code, out) == (2, "")
        assert key[21:50] not in err


def test_under_another_secret_nothing_is_done(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed.key(*CREATE)
    monkeypatch.setenv("RENDERER_SECRET_KEY", "another-secret-of-another-service-000000")
    code, out, err = typed(*CREATE)
    assert (code, out) == (1, "")
    assert "made under another secret" in err
    monkeypatch.setenv("RENDERER_SECRET_KEY", "short canary")
    code, out, err = typed(*CREATE)
    assert (code, out) == (1, "")
    assert "fewer than 32 characters" in err
    assert "canary" not in err


def test_audit_tells_who_did_what_and_that_it_holds(typed: Typed) -> None:
    assert typed("audit") == (0, "the log is empty\n", "")
    key = typed.key("keys", "create", "k", "--scopes", "admin", "--tenant", "acme")
    typed("keys", "revoke", key[8:20])
    typed.key(*CREATE)
    code, out, err = typed("audit")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 5
    number, _, tenant, actor, action, subject, outcome, address = lines[0].split()
    assert (number, tenant, action, subject) == ("1", "acme", "key.create", f"key:{key[8:20]}")
    assert actor.startswith("local:")
    assert (outcome, address) == ("ok", "-")
    assert "key.revoke" in lines[1]
    assert re.fullmatch(r"3:[0-9a-f]{64}", lines[4])
    told = json.loads(typed("audit", "--json")[1])
    assert (told["ok"], told["first_broken"], told["end"]) == (True, None, lines[4])
    assert [entry["number"] for entry in told["entries"]] == [1, 2, 3]
    assert told["entries"][0]["detail"] == {"name": "k", "scopes": ["admin"], "expires_ms": None}
    assert key[21:] not in json.dumps(told)
    few = json.loads(typed("audit", "--json", "--limit", "1", "--tenant", "acme")[1])
    assert [entry["number"] for entry in few["entries"]] == [2]
    assert typed("audit", "--limit", "0", "--noted", lines[4])[0] == 0


def test_an_entry_that_was_changed_is_exit_code_1(typed: Typed) -> None:
    for _ in range(3):
        typed.key(*CREATE)
    noted = typed("audit")[1].splitlines()[-1]
    database = Database(Settings().database)
    with database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 2).values(actor="local:nobody"))
    code, out, err = typed("audit")
    assert code == 1
    assert len(out.splitlines()) == 3
    assert err == "renderer: error: entry 2 of the audit log is not as it was written: compare with a backup\n"
    code, out, err = typed("audit", "--json")
    assert code == 1
    assert (json.loads(out)["ok"], json.loads(out)["first_broken"]) == (False, 2)
    with database.write() as session:
        session.query(AuditEntry).filter(AuditEntry.number >= 2).delete()
    assert typed("audit")[0] == 0
    code, out, err = typed("audit", "--noted", noted)
    assert code == 1
    assert "entry 3 of the audit log" in err
    database.close()


def test_a_database_that_is_away_is_one_line_without_its_password(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDERER_DATABASE_URL", "postgresql://renderer:canary@127.0.0.1:1/renderer")
    code, out, err = typed(*CREATE)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "database" in err
    assert "canary" not in err
