import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.errors import RequestError
from renderer.plan.timecode import format_timecode, parse_timecode


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("90", 90_000),
        ("1:30", 90_000),
        ("1:30.250", 90_250),
        ("1:30.25", 90_250),
        ("0.0019", 1),
        ("1:02:03", 3_723_000),
        ("100:00", 6_000_000),
        (" 5 ", 5000),
    ],
)
def test_times_as_people_write_them(text: str, ms: int) -> None:
    assert parse_timecode(text) == ms


@pytest.mark.parametrize(
    "text", ["", "-5", "1:", ":30", "1:60", "1:60:00", "1:2:3:4", "1.", "1e3", "nan", "90s", "1:30,5", "１", "9" * 40]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_timecode(text)
    assert caught.value.code == "bad_time"
    assert repr(text) in caught.value.message


@given(st.integers(0, 10**10))
def test_what_is_written_is_read_back(ms: int) -> None:
    assert parse_timecode(format_timecode(ms)) == ms


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (5000, "0:05"), (90_250, "1:30.250"), (3_723_000, "1:02:03")])
def test_times_are_written_short(ms: int, text: str) -> None:
    assert format_timecode(ms) == text
