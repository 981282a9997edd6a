"""Where the user was: told by the hand, never by what pages do by themselves."""

import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.recording.model import Event, EventType, Source, Window
from renderer.recording.presence import OPENED_MS, STRAY_MS, Presence, Visit
from tests.unit.plan_fixtures import adds, click, event, log, texts, window

FOCUS, BLUR, TOUCH_START = 5, 6, 7


def visits(*windows: Window, **more: Any) -> list[tuple[int, str]]:
    return [(visit.at_ms, visit.window_id) for visit in Presence(windows).visits(**more)]


def did(at_ms: int, source: int, **data: object) -> Event:
    return event(at_ms, EventType.INCREMENTAL, source, **data)


def moved(at_ms: int, *late_ms: float) -> Event:
    return did(at_ms, Source.MOUSE_MOVE, positions=[{"x": 1, "y": 1, "id": 1, "timeOffset": -late} for late in late_ms])


def tagged(at_ms: int, tag: str) -> Event:
    return event(at_ms, EventType.CUSTOM, tag=tag, payload={})


SIGNS = {
    "click": [click(3000)],
    "pointer": [moved(3000, 0)],
    "touch": [did(3000, Source.TOUCH_MOVE, positions=[])],
    "finger down": [did(3000, Source.MOUSE_INTERACTION, type=TOUCH_START, id=1)],
    "drag": [did(3000, Source.DRAG, positions=[])],
    "input": [did(3000, Source.INPUT, id=4, text="a", isChecked=False)],
    "input by the user": [did(3000, Source.INPUT, id=4, text="a", isChecked=False, userTriggered=True)],
    "scroll": [did(3000, Source.SCROLL, id=1, x=0, y=50)],
    "scroll a while after a change": [texts(2899, (1, "x")), did(3000, Source.SCROLL, id=1, x=0, y=50)],
    "shown again": [tagged(3000, "window visible")],
    "hand in a window said to be hidden": [tagged(2000, "window hidden"), click(3000)],
    "hidden and shown": [tagged(1500, "window hidden"), tagged(3000, "window visible")],
}

CHATTER = {
    "changes": [adds(at, (1, at, "x" * 50)) for at in range(1000, 6000, 50)],
    "text": [texts(at, (1, "x" * at)) for at in range(1000, 6000, 50)],
    "events of the application": [log(3000), tagged(4000, "poll")],
    "media": [did(3000, Source.MEDIA_INTERACTION, type=0, id=1)],
    "resize": [did(3000, Source.VIEWPORT_RESIZE, width=5, height=5)],
    "focus by a script": [did(3000, Source.MOUSE_INTERACTION, type=FOCUS, id=1)],
    "loss of focus": [did(3000, Source.MOUSE_INTERACTION, type=BLUR, id=1)],
    "a snapshot": [event(3000, EventType.META, href="", width=1, height=1), event(3001, EventType.FULL_SNAPSHOT, node={})],
    "a scroll right after a change": [texts(2900, (1, "x")), did(3000, Source.SCROLL, id=1, x=0, y=50)],
    "a value set by a script": [did(3000, Source.INPUT, id=4, text="a", isChecked=False, userTriggered=False)],
    "scrolls and values of a hidden tab": [
        tagged(2000, "window hidden"), did(3000, Source.INPUT, id=4, text="a"), did(3500, Source.SCROLL, id=1, x=0, y=1),
    ],
    "console, selection, style sheets": [did(3000, Source.LOG), did(3000, Source.SELECTION), did(3000, Source.STYLE_SHEET_RULE)],
    "what cannot be read": [Event(3000, EventType.INCREMENTAL, Source.MOUSE_INTERACTION, b'{"data": 7}')],
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNS)
def test_the_hand_tells_where_the_user_is(name: str) -> None:
    assert visits(window([click(1000)], name="a"), window(SIGNS[name], name="b")) == [(1000, "a"), (3000, "b")]


@pytest.mark.parametrize("name", CHATTER)
def test_chatter_of_a_tab_in_the_background_never_does(name: str) -> None:
    assert visits(window([click(1000), click(9000)], name="a"), window(CHATTER[name], name="b")) == [(1000, "a")]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1000, 1500], [1201], [(1000, "a")]),  # 299 ms
        ([1000, 1500], [1200], [(1000, "a"), (1200, "b"), (1500, "a")]),  # 300 ms
        ([1000, 1500], [1210, 1300, 1400, 1490], [(1000, "a")]),
        ([1000, 1100, 1400], [1050, 1390], [(1000, "a")]),
        ([1000], [1100], [(1000, "a"), (1100, "b")]),
        ([], [500], [(500, "b")]),
        ([], [], []),
    ],
)
def test_a_stray_event_between_two_of_one_window_turns_nothing(
    a: list[int], b: list[int], expected: list[tuple[int, str]]
) -> None:
    assert visits(window(map(click, a), name="a"), window(map(click, b), name="b")) == expected


def test_a_window_crossed_on_the_way_to_another_is_not_visited() -> None:
    a, b, c = window([click(1000)], name="a"), window([click(2000)], name="b"), window([click(2200)], name="c")
    assert visits(a, b, c) == [(1000, "a"), (2200, "c")]
    assert visits(a, b, c, stray_ms=200) == [(1000, "a"), (2000, "b"), (2200, "c")]


def test_positions_count_at_their_own_times() -> None:
    a = window([moved(1000, 0), moved(3400, 450, 300, 10)], name="a")
    b = window([moved(3300, 400, 390), click(5000)], name="b")
    # What b sent at 3,300 ms was at 2,900; what a sent after it began at 2,950.
    assert visits(a, b) == [(1000, "a"), (5000, "b")]


@pytest.mark.parametrize("late_ms", [1e300, 3_600_000, -1e300, 0.4])
def test_hostile_offsets_reach_back_a_second_at_most(late_ms: float) -> None:
    (visit,) = visits(window([moved(5000, late_ms)], name="a"))
    assert visit in [(4000, "a"), (5000, "a")]


def opened(*later: int) -> list[tuple[int, str]]:
    return visits(window([click(1000), *map(click, later)], name="a"), window([], opens_ms=2000, name="b"))


def test_a_window_that_opens_after_a_click_is_gone_to_unless_the_user_goes_on() -> None:
    assert opened() == [(1000, "a"), (2000, "b")]
    assert opened(2000 + OPENED_MS) == [(1000, "a"), (2000, "b"), (3000, "a")]
    assert opened(2000 + OPENED_MS - 1) == [(1000, "a")], "opened in the background"
    early = window([click(1000)], name="a"), window([], opens_ms=6001, name="b")
    assert visits(*early) == [(1000, "a")], "nothing that the user did opened it"


UNHURRIED = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from("abc"), st.booleans()), max_size=60),
    st.sampled_from([1, STRAY_MS, 2000]),
)
def test_visits_are_in_order_long_enough_and_the_same_again(
    happened: list[tuple[int, str, bool]], stray_ms: int
) -> None:
    def made() -> list[Visit]:
        chosen = {
            name: [click(at) if real else texts(at, (1, "x")) for at, own, real in happened if own == name]
            for name in "abc"
        }
        return Presence([window(events, name=name) for name, events in chosen.items()]).visits(stray_ms)

    found = made()
    assert found == made()
    clicks = {(at, name) for at, name, real in happened if real}
    assert {(visit.at_ms, visit.window_id) for visit in found} <= clicks
    assert bool(found) == bool(clicks)
    for before, after in pairwise(found):
        assert before.window_id != after.window_id
        assert before.at_ms <= after.at_ms
    for visit, following in pairwise(found[1:]):
        assert following.at_ms - visit.at_ms >= stray_ms
    if clicks:
        # The last one done has the last word, unless it shares its moment with another window's.
        last_ms = max(at for at, _ in clicks)
        assert found[-1].window_id in {name for at, name in clicks if at == last_ms}


def test_a_pointer_of_an_hour_is_read_in_a_moment() -> None:
    events = [moved(at, 450, 300, 150, 0) for at in range(500, 3_600_000, 500)]
    began = time.process_time()
    Presence([window(events, name="a"), window(events, name="b")])
    assert time.process_time() - began < 1
