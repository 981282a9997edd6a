"""From moments to clips: what is shown together, under which name, and where a clip begins."""

from typing import Any

import pytest

from renderer.rules.clips import LONGEST_MS, Cut, cut_clips, settled_ms, span
from renderer.rules.find import find_moments
from renderer.rules.load import load_rules, parse_rules
from renderer.rules.model import Moment
from renderer.timeline.model import Entry, Kind
from tests.unit.rules.sessions import (
    SESSION_MS,
    blank,
    broken_off,
    call,
    click,
    console,
    idle,
    loaded,
    page,
    request,
    scrolled,
    thumb,
    timeline,
    typed,
)


def moment(at_ms: int, rule: str = "r", **facts: Any) -> Moment:
    """10 s before and 5 s after, unless told otherwise."""
    known = {"title": f"{rule} at {at_ms}", "severity": "medium", "from_ms": at_ms, "to_ms": at_ms}
    return Moment(rule=rule, at_ms=at_ms, **{**known, "before_ms": 10_000, "after_ms": 5000, **facts})


def arrived(kind: Kind, at_ms: int) -> Entry:
    return Entry(at_ms=at_ms, kind=kind, title="", window_id="w")


def spans(*moments: Moment, entries: tuple[Entry, ...] = ()) -> list[tuple[int, int]]:
    return [(cut.from_ms, cut.to_ms) for cut in cut_clips(moments, timeline(*entries))]


def test_a_clip_shows_what_the_rule_wants_around_its_steps():
    assert spans(moment(100_000, from_ms=90_000, to_ms=102_000)) == [(80_000, 107_000)]


def test_nothing_found_is_nothing_cut():
    assert cut_clips((), timeline()) == ()


@pytest.mark.parametrize(
    ("second_ms", "expected"),
    [
        (114_999, [(90_000, 119_999)]),
        (115_000, [(90_000, 105_000), (105_000, 120_000)]),
        (100_000, [(90_000, 105_000)]),
    ],
)
def test_moments_whose_clips_overlap_share_one(second_ms: int, expected: list[tuple[int, int]]):
    assert spans(moment(100_000), moment(second_ms)) == expected
    assert spans(moment(second_ms), moment(100_000)) == expected


def test_moments_are_by_time_in_their_clip_and_clips_by_time():
    early, late = moment(100_000), moment(104_000, before_ms=60_000)
    far = moment(600_000)
    cuts = cut_clips((far, late, early), timeline())
    assert [cut.moments for cut in cuts] == [(early, late), (far,)]
    assert cuts[0].from_ms == 44_000


def test_moments_in_a_row_share_a_clip_of_5_minutes_at_the_most():
    row = [moment(100_000 + number * 10_000) for number in range(60)]
    cuts = cut_clips(row, timeline())
    assert [(cut.from_ms, cut.to_ms) for cut in cuts] == [(90_000, 385_000), (380_000, 675_000), (670_000, 695_000)]
    assert [each for cut in cuts for each in cut.moments] == row
    assert all(cut.to_ms - cut.from_ms <= LONGEST_MS for cut in cuts)


@pytest.mark.parametrize(("second_ms", "count"), [(385_000, 1), (385_001, 2)])
def test_the_bound_of_5_minutes_is_met_to_the_millisecond(second_ms: int, count: int):
    assert len(spans(moment(100_000), moment(second_ms, before_ms=290_000))) == count


def test_what_lies_inside_a_clip_shares_it_however_long_it_is():
    """A rule may want more than five minutes."""
    whole, inside = moment(700_000, before_ms=600_000), moment(500_000)
    (cut,) = cut_clips((whole, inside), timeline())
    assert (cut.from_ms, cut.to_ms, cut.moments) == (100_000, 705_000, (inside, whole))


def test_steps_that_are_far_from_the_moment_are_not_shown():
    assert span(moment(500_000, from_ms=100_000, to_ms=900_000), timeline()) == (400_000, 565_000)


def test_a_clip_lies_within_its_session():
    assert spans(moment(3000)) == [(0, 8000)]
    assert spans(moment(SESSION_MS)) == [(SESSION_MS - 10_000, SESSION_MS)]


def test_a_clip_is_a_second_long_at_least_where_the_session_is():
    assert span(moment(50_000, before_ms=0, after_ms=0), timeline()) == (50_000, 51_000)
    assert span(moment(400, before_ms=0, after_ms=0), timeline(duration_ms=700)) == (400, 700)


LOW, MEDIUM, HIGH = (
    moment(100_000 + number * 1000, severity, severity=severity, title=f"{severity} one", labels=labels)
    for number, (severity, labels) in enumerate(
        [("low", {"a": "low", "b": "low"}), ("medium", {"a": "medium", "c": "medium"}), ("high", {"a": "high"})]
    )
)


def test_a_clip_is_named_after_its_most_severe_moment():
    cut = Cut(0, 1, (LOW, HIGH, MEDIUM))
    assert (cut.lead, cut.title, cut.severity) == (HIGH, "high one", "high")
    assert cut.rules == ("high", "low", "medium")


def test_of_several_as_severe_it_is_the_first():
    later = moment(200_000, "later", severity="high")
    assert Cut(0, 1, (LOW, HIGH, later)).lead == HIGH
    assert Cut(0, 1, (HIGH, LOW, HIGH)).rules == ("high", "low")


def test_a_clip_has_the_labels_of_all_and_where_they_differ_the_lead_s():
    assert Cut(0, 1, (LOW, HIGH, MEDIUM)).labels == {"a": "high", "b": "low", "c": "medium"}
    assert Cut(0, 1, (LOW, MEDIUM)).labels == {"a": "medium", "b": "low", "c": "medium"}


# Where a clip begins that would begin at 50 s and must show what happens at 60 s.
@pytest.mark.parametrize(
    ("what", "entries", "expected"),
    [
        ("nothing going on", (), 50_000),
        ("a click is over at once", (click(50_000),), 50_000),
        ("a second before an idle stretch ends", (idle(20_000, 55_000),), 54_000),
        ("an idle stretch that is over", (idle(20_000, 50_000),), 50_000),
        ("an idle stretch until after the first step", (idle(20_000, 90_000),), 59_000),
        ("an idle stretch just before", (idle(20_000, 49_800), typed(49_800, 51_000)), 48_800),
        ("typing soon after an idle stretch", (idle(20_000, 49_000), typed(49_500, 51_000)), 48_000),
        ("in the middle of typing", (typed(47_000, 51_000),), 46_000),
        ("typing that ends there", (typed(47_000, 50_000),), 50_000),
        ("typing that goes on for long", (typed(39_999, 51_000),), 50_000),
        ("typing that began 10.000 s before", (typed(40_000, 51_000),), 39_000),
        ("in the middle of scrolling", (scrolled(49_500, 52_000),), 48_500),
        ("in the middle of an answer", (call(45_000, 58_000),), 44_000),
        ("a call without an end that began just before", (call(45_000),), 44_000),
        ("a call without an end that began long before", (call(5000),), 50_000),
        ("a page without content", (blank(49_000, 55_000),), 48_000),
        ("3.000 s after a page was opened", (loaded(47_000),), 46_000),
        ("3.001 s after it", (loaded(46_999),), 50_000),
        ("3.000 s after an address was changed", (page(47_000),), 46_000),
        ("the user came back to a tab", (arrived("tab", 48_000),), 47_000),
        ("the window was made larger", (arrived("viewport", 48_000),), 47_000),
        ("a request is nothing that one sees", (request(49_000, 55_000),), 50_000),
        ("typing, and the page before it", (typed(48_000, 51_000), page(46_000)), 45_000),
        ("typing, and a page long before it", (typed(48_000, 51_000), page(43_000)), 47_000),
        ("what the user did when the page came", (page(48_000), typed(44_000, 47_500)), 43_000),
        ("what comes later does not matter", (typed(50_001, 55_000), page(51_000)), 50_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_clip_begins_where_something_is_settled(what: str, entries: tuple[Entry, ...], expected: int):
    assert settled_ms(50_000, 60_000, timeline(*entries).entries) == expected


def test_the_session_s_start_is_settled():
    entries = timeline(loaded(0), idle(0, 30_000)).entries
    assert settled_ms(0, 5000, entries) == 0
    assert settled_ms(-4000, 5000, entries) == 0
    assert settled_ms(500, 5000, timeline(loaded(0)).entries) == 0


@pytest.mark.parametrize("first_ms", [500, 50_000, 50_400, 90_000])
@pytest.mark.parametrize("entry", [idle(100, 200_000), typed(49_000, 99_000), loaded(49_000), call(49_000)])
def test_a_clip_never_begins_after_its_first_step(first_ms: int, entry: Entry):
    start_ms = max(0, first_ms - 400)
    assert 0 <= settled_ms(start_ms, first_ms, timeline(entry).entries) <= first_ms


def test_many_entries_cost_little_and_the_near_ones_count():
    busy = tuple(click(at_ms) for at_ms in range(0, 49_000, 10))
    assert settled_ms(50_000, 60_000, timeline(*busy, typed(49_500, 52_000)).entries) == 48_500


def test_a_call_that_lasts_to_the_session_s_end_makes_no_endless_clip():
    told = timeline(typed(90_000, 97_000), call(100_000))
    (found,) = [each for each in find_moments(load_rules(), told) if each.rule == "llm-timed-out"]
    assert (found.at_ms, found.to_ms) == (100_000, SESSION_MS)
    assert span(found, told) == (85_000, 100_000 + 60_000 + 20_000)


def test_a_call_that_lasts_to_the_session_s_end_is_shown_to_it():
    told = timeline(call(100_000, session_ms=140_000), duration_ms=140_000)
    (cut,) = cut_clips(find_moments(load_rules(), told), told)
    assert (cut.from_ms, cut.to_ms, cut.rules) == (85_000, 140_000, ("llm-timed-out",))


def test_a_crash_is_shown_to_the_last_moment():
    told = timeline(click(SESSION_MS - 500), ending=broken_off())
    (cut,) = cut_clips(find_moments(load_rules(), told), told)
    assert (cut.from_ms, cut.to_ms, cut.rules) == (SESSION_MS - 30_000, SESSION_MS, ("crash",))


def test_one_story_is_one_clip():
    told = timeline(
        call(60_000, 66_000, "Is it refunded?", id="c"), thumb(80_000, False, of="c"), click(80_000, "Bad answer"),
        request(80_010, 80_200, 500), console(80_210),
    )  # fmt: skip
    (cut,) = cut_clips(find_moments(load_rules(), told), told)
    assert cut.rules == ("negative-feedback", "answer-then-error", "error-click", "request-failed", "console-error")
    assert (cut.title, cut.severity) == ("Thumbs down on the answer of nova", "high")
    assert cut.labels == {"area": "answer", "browser": "Chrome 156", "os": "Linux"}
    assert cut.from_ms == 45_000  # before the answer that the error followed
    assert cut.to_ms == 80_210 + 20_000


def test_before_and_after_are_counted_from_the_first_step_and_the_last():
    rules = parse_rules(
        "rules: [{name: a, before: 1s, after: 2s, moment: step1, when: [{kind: click}, {kind: console, within: 9s}]}]",
        "r",
    )
    told = timeline(click(20_000), console(28_000))
    (cut,) = cut_clips(find_moments(rules, told), told)
    assert (cut.from_ms, cut.to_ms, cut.moments[0].at_ms) == (19_000, 30_000, 20_000)
