"""What no key can be made with."""

import pytest

from renderer.access.caller import KeyLimits
from renderer.access.keys import Keys
from renderer.errors import RequestError
from tests.unit.access.fixtures import DAY_MS, DESK, Clock


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b", "a\x1b[2J", "\udc80", "\u202eabc"])
def test_names_that_a_list_could_not_show_are_refused(keys: Keys, name: str) -> None:
    with pytest.raises(RequestError) as told:
        keys.create(name, ["admin"], by=DESK)
    assert told.value.code == "bad_key_name"
    assert keys.list() == []


@pytest.mark.parametrize("name", ["x", "Zoë's desk", "\u7968", "  trimmed "])
def test_names_may_be_in_any_language(keys: Keys, name: str) -> None:
    assert keys.create(name, ["admin"], by=DESK).facts.name == name.strip()
    assert keys.list()[0].name == name.strip()


@pytest.mark.parametrize("scopes", [[], [""], ["clips"], ["admin", "root"], ["clips:read "], ["ADMIN"]])
def test_unknown_scopes_are_refused(keys: Keys, scopes: list[str]) -> None:
    with pytest.raises(RequestError) as told:
        keys.create("k", scopes, by=DESK)
    assert told.value.code == "bad_scopes"
    assert "deliveries:write" in told.value.message


@pytest.mark.parametrize("tenant", ["", "Acme", "a b", "../x", "a" * 64, "-a", "a\n", "\u00e4"])
def test_tenants_have_plain_names(keys: Keys, tenant: str) -> None:
    with pytest.raises(RequestError) as told:
        keys.create("k", ["admin"], by=DESK, tenant=tenant)
    assert told.value.code == "bad_tenant"


@pytest.mark.parametrize("after_ms", [-1, 0, 3661 * DAY_MS])
def test_a_key_expires_in_the_future(keys: Keys, clock: Clock, after_ms: int) -> None:
    with pytest.raises(RequestError) as told:
        keys.create("k", ["admin"], by=DESK, expires_ms=clock() + after_ms)
    assert told.value.code == "bad_expiry"


@pytest.mark.parametrize("field", ["requests_per_minute", "concurrent_clips", "clips_per_day"])
@pytest.mark.parametrize("value", [-1, 0, 1_000_000_001])
def test_limits_are_one_or_more(keys: Keys, field: str, value: int) -> None:
    with pytest.raises(RequestError) as told:
        keys.create("k", ["admin"], by=DESK, limits=KeyLimits(**{field: value}))
    assert told.value.code == "bad_limit"


@pytest.mark.parametrize("overlap_ms", [-1, 367 * DAY_MS])
def test_an_overlap_has_limits(keys: Keys, overlap_ms: int) -> None:
    made = keys.create("k", ["admin"], by=DESK)
    with pytest.raises(RequestError) as told:
        keys.rotate(made.facts.id, by=DESK, overlap_ms=overlap_ms)
    assert told.value.code == "bad_overlap"
