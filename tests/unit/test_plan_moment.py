"""Clips around an event: which one is meant, and the range that it makes."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from renderer.errors import RequestError
from renderer.plan.moment import pick_moment
from renderer.request import ClipRequest, Moment, Range
from renderer.rules.model import Moment as RuleMoment
from renderer.timeline.model import Entry, Timeline, ToldEvent

UUID = "0199A1B2-7c3d-7e4f-8a5b-0123456789ab"
TIMELINE = Timeline(
    duration_ms=60_000,
    entries=(
        Entry(at_ms=3000, kind="custom", title="Upgraded", name="upgrade"),
        Entry(at_ms=9000, kind="visibility", title="Window hidden", name="window hidden"),
    ),
    calls=(),
    told=(
        ToldEvent(at_ms=20_000, name="upgrade", uuid=UUID.lower()),
        ToldEvent(at_ms=40_000, name="upgrade"),
        ToldEvent(at_ms=55_000, name="step:2"),
    ),
)


def picked(name: str | None, at_ms: int | None = None, asked: Range = Range(), **times: Any) -> tuple[int, Range]:  # noqa: B008
    found = pick_moment(Moment(name=name, **times), at_ms, asked, TIMELINE)
    assert found is not None
    return found.at_ms, found.range


@pytest.mark.parametrize(
    ("name", "at_ms"),
    [
        ("upgrade", 20_000),
        ("upgrade:1", 20_000),
        ("upgrade:2", 40_000),
        (UUID, 20_000),
        ("window hidden", 9000),
        ("step:2", 55_000),
        ("step:2:1", 55_000),
    ],
)
def test_an_event_by_name_number_or_uuid(name: str, at_ms: int) -> None:
    assert picked(name)[0] == at_ms


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, {"from_ms": 5000, "to_ms": 40_000}),
        ({"before_ms": 0}, {"from_ms": 20_000, "to_ms": 40_000}),
        ({"before_ms": 20_000}, {"to_ms": 40_000}),
        ({"before_ms": 90_000, "after_ms": 0}, {"to_ms": 20_000}),
        ({"after_ms": 40_000}, {"from_ms": 5000}),
    ],
)
def test_the_range_around_it_stays_inside_the_session(times: dict[str, Any], expected: dict[str, int]) -> None:
    found = picked("upgrade", **times)[1]
    assert {name: getattr(found, name) for name in found.model_fields_set} == expected


def test_the_very_beginning() -> None:
    timeline = Timeline(duration_ms=10, entries=(), calls=(), told=(ToldEvent(at_ms=0, name="a"),))
    found = pick_moment(Moment(name="a", after_ms=0), None, Range(), timeline)
    assert found is not None
    assert (found.range.from_ms, found.range.to_ms) == (0, 1)


def test_the_time_of_an_address_gives_way_to_a_range_and_to_a_name() -> None:
    assert pick_moment(None, 30_000, Range(from_ms=1000), TIMELINE) is None
    assert picked("upgrade", 30_000)[0] == 20_000
    found = pick_moment(None, 30_000, Range(), TIMELINE)
    assert found is not None
    assert (found.name, found.range) == (None, Range(from_ms=15_000, to_ms=50_000))
    assert picked(None, 30_000, before_ms=1000)[1] == Range(from_ms=29_000, to_ms=50_000)
    assert picked(None, 60_900) == (60_000, Range(from_ms=45_000))
    assert pick_moment(None, None, Range(), TIMELINE) is None


@pytest.mark.parametrize(
    ("name", "at_ms", "code", "word"),
    [
        ("downgrade", None, "unknown_moment", "renderer inspect"),
        ("upgrade:3", None, "unknown_moment", "2 times, not 3"),
        ("window hidden:2", None, "unknown_moment", "once"),
        ("upgrade:0", None, "unknown_moment", "name"),
        (UUID.replace("9", "8"), None, "unknown_moment", "uuid"),
        ("first", None, "nothing_found", "name an event"),
        ("3", None, "nothing_found", "name an event"),
        ("rage-click", None, "unknown_moment", "renderer rules"),
        (None, None, "no_moment", "--moment"),
        (None, 62_000, "moment_outside", "1:00"),
    ],
)
def test_moments_that_there_are_not(name: str | None, at_ms: int | None, code: str, word: str) -> None:
    with pytest.raises(RequestError) as caught:
        picked(name, at_ms)
    assert caught.value.code == code
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"moment": {"name": "a"}, "range": {"from_ms": 1}}, "exclude each other"),
        ({"moment": {"name": ""}}, "at least 1"),
        ({"moment": {"name": "a", "before_ms": 0, "after_ms": 0}}, "no clip"),
        ({"moment": {"name": "a", "before_ms": -1}}, "greater than or equal"),
    ],
)
def test_requests_that_contradict_themselves(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ClipRequest(recording="r", **fields)


def found(rule: str, at_ms: int, from_ms: int, to_ms: int) -> RuleMoment:
    return RuleMoment(
        rule=rule, title=rule, severity="low", at_ms=at_ms, from_ms=from_ms, to_ms=to_ms, before_ms=5000, after_ms=6000
    )


FOUND = (
    found("error", 20_000, 15_000, 21_000),
    found("rage-click", 30_000, 30_000, 31_000),
    found("error", 50_000, 49_000, 58_000),
)


@pytest.mark.parametrize(
    ("name", "rule", "at_ms", "expected"),
    [
        ("first", "error", 20_000, {"from_ms": 10_000, "to_ms": 27_000}),
        ("FIRST", "error", 20_000, {"from_ms": 10_000, "to_ms": 27_000}),
        ("2", "rage-click", 30_000, {"from_ms": 25_000, "to_ms": 37_000}),
        ("3", "error", 50_000, {"from_ms": 44_000}),
        ("error", "error", 20_000, {"from_ms": 10_000, "to_ms": 27_000}),
        ("error:2", "error", 50_000, {"from_ms": 44_000}),
    ],
)
def test_what_rules_find_by_number_and_name(name: str, rule: str, at_ms: int, expected: dict[str, int]) -> None:
    picked = pick_moment(Moment(name=name), None, Range(), TIMELINE, lambda: FOUND)
    assert picked is not None
    assert (picked.rule, picked.name, picked.at_ms) == (rule, None, at_ms)
    assert {field: getattr(picked.range, field) for field in picked.range.model_fields_set} == expected


def test_before_and_after_go_before_what_the_rule_says() -> None:
    picked = pick_moment(Moment(name="2", before_ms=1000), None, Range(), TIMELINE, lambda: FOUND)
    assert picked is not None
    assert picked.range == Range(from_ms=29_000, to_ms=37_000)


def test_an_event_goes_before_a_rule_of_its_name() -> None:
    moments = (found("upgrade", 1000, 1000, 1000),)
    picked = pick_moment(Moment(name="upgrade"), None, Range(), TIMELINE, lambda: moments)
    assert picked is not None
    assert (picked.at_ms, picked.rule) == (20_000, None)


@pytest.mark.parametrize(("name", "said"), [("4", "3 times, not 4"), ("0", "3 times"), ("error:3", "2 times, not 3")])
def test_numbers_beyond_what_rules_find(name: str, said: str) -> None:
    with pytest.raises(RequestError, match=said) as caught:
        pick_moment(Moment(name=name), None, Range(), TIMELINE, lambda: FOUND)
    assert caught.value.code == "unknown_moment"


def test_where_rules_find_nothing_the_sessions_last_minute_may_do() -> None:
    asked = Moment(name="first", or_end=True)
    end = pick_moment(asked, None, Range(), replace(TIMELINE, duration_ms=90_000))
    assert end is not None
    assert (end.at_ms, end.rule, end.range.model_dump(exclude_unset=True)) == (90_000, None, {"from_ms": 30_000})
    found = pick_moment(asked, None, Range(), TIMELINE, lambda: FOUND)
    assert found is not None
    assert found.rule is not None
    with pytest.raises(RequestError):
        pick_moment(Moment(name="rage-click", or_end=True), None, Range(), TIMELINE)
