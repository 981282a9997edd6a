"""A service with another secret than its database's is told at its start."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from renderer.access.build import build_access
from renderer.access.fingerprint import refuse_other_secret
from renderer.database.engine import Database
from renderer.errors import SetupError
from renderer.settings import Settings
from tests.unit.access.fixtures import DESK, SECRET_TEXT, Clock, secret


def test_the_first_settles_it_and_others_are_refused(database: Database) -> None:
    refuse_other_secret(database, secret())
    refuse_other_secret(database, secret())
    with pytest.raises(SetupError) as told:
        refuse_other_secret(database, secret("another-secret-of-another-service-000000"))
    assert told.value.code == "other_secret"
    refuse_other_secret(database, secret())


def test_the_room_is_put_together(database: Database, tmp_path: Path, clock: Clock) -> None:
    settings = Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET_TEXT))
    access = build_access(settings, database, clock)
    caller = access.keys.verify(access.keys.create("k", ["clips:read"], by=DESK).text)
    access.rates.take(caller)
    with database.write() as session:
        access.quotas.check(session, caller.key_id)
    assert access.audit.verify() is None
    assert access.audit.page()[0].action == "key.create"
    assert access.shares.list("default", "clip_1") == []
    assert access.secret.digest("a", "b") == secret().digest("a", "b")
    with pytest.raises(SetupError) as told:
        build_access(Settings(data_dir=tmp_path / "elsewhere"), database, clock)
    assert told.value.code == "other_secret"
