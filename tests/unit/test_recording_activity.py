"""What keeps a stretch from being idle: the user as PostHog defines it, and text that appears while the user waits."""

import pytest

from renderer.plan.build import build_plan
from renderer.plan.model import Stretch
from renderer.recording.activity import activity_times, growth_times, is_user_activity
from renderer.recording.model import Event, EventType, Source
from renderer.request import ClipRequest
from tests.unit.plan_fixtures import adds, click, event, session, texts, window

ACTIVE = {1, 2, 3, 4, 5, 6, 7, 12}


@pytest.mark.parametrize("source", range(17))
def test_incremental_sources_are_active_as_posthog_says(source: int) -> None:
    assert is_user_activity(event(0, EventType.INCREMENTAL, source)) == (source in ACTIVE)


@pytest.mark.parametrize(("kind", "active"), [(0, False), (1, False), (2, True), (4, True), (5, False), (6, False)])
def test_event_types_are_active_as_posthog_says(kind: int, active: bool) -> None:
    assert is_user_activity(event(0, kind)) == active


def _stream(start_ms: int, end_ms: int, step_ms: int = 200) -> list[Event]:
    """An answer in one text node, a word at a time."""
    return [texts(at, (50, "word " * number)) for number, at in enumerate(range(start_ms, end_ms, step_ms), start=1)]


def _idle_plan(events: list[Event], until_ms: int, **options: str) -> tuple[Stretch, ...]:
    request = ClipRequest.model_validate({"recording": "r"} | options)
    return build_plan(session(*events, until_ms=until_ms), request, {})[0].stretches


def test_a_streamed_answer_is_not_skipped() -> None:
    events = [click(1000), *_stream(12_000, 32_000), click(45_000)]
    # A word of 5 characters every 200 ms: 40 more than at first sight at 13.6 s.
    assert _idle_plan(events, 45_000) == (
        Stretch(0, 2000, 1.0),
        Stretch(13_100, 32_800, 1.0),
        Stretch(44_500, 45_000, 1.0),
    )


def test_a_streamed_answer_is_skipped_by_posthogs_definition() -> None:
    events = [click(1000), *_stream(12_000, 32_000), click(45_000)]
    assert _idle_plan(events, 45_000, activity="posthog") == (Stretch(0, 2000, 1.0), Stretch(44_500, 45_000, 1.0))


def test_an_answer_that_comes_at_once_is_seen_to_come() -> None:
    events = [click(1000), adds(21_000, (1, 50, "No. " * 20)), click(45_000)]
    assert _idle_plan(events, 45_000) == (
        Stretch(0, 2000, 1.0),
        Stretch(20_500, 22_000, 1.0),
        Stretch(44_500, 45_000, 1.0),
    )


def test_an_answer_rendered_anew_at_every_word_grows_all_the_same() -> None:
    """Markdown renderers replace the node: the old one goes with its text, the new one is a little longer."""
    events = [
        adds(at, (2, 101 + number, "word " * (number + 1)), removes=[100 + number])
        for number, at in enumerate(range(10_000, 20_000, 500))
    ]
    assert list(growth_times(events)) == [at for at in range(10_000, 20_000, 500) if at >= 13_500]


def _ticks(*values: str) -> list[Event]:
    return [texts(10_000 + 500 * number, (7, value)) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(_ticks(*(f"12:{n // 60:02}:{n % 60:02}" for n in range(300))), id="clock"),
        pytest.param(_ticks(*("Thinking" + "." * (n % 4) for n in range(300))), id="dots"),
        pytest.param(
            [
                adds(10_000 + n * 100, (1, 60 + n, f"{n} seconds have passed so far"), removes=[59 + n])
                for n in range(300)
            ][1:],
            id="replaced",
        ),
        pytest.param(
            [
                event(10_000 + n * 16, EventType.INCREMENTAL, Source.MUTATION, attributes=[{"id": 3, "attributes": {}}])
                for n in range(300)
            ],
            id="spinner",
        ),
        pytest.param([adds(10_000 + n, (1, 100 + n, ".a{color:red}" * 9), style=True) for n in range(50)], id="styles"),
    ],
)
def test_what_changes_without_telling_anything_is_idle(events: list[Event]) -> None:
    assert [at for at in growth_times(events) if at > 10_500] == []


def test_text_is_looked_for_only_where_the_user_is_idle() -> None:
    events = window([click(at) for at in range(0, 40_000, 4000)] + _stream(10_000, 20_000)).events
    assert activity_times(events, 0, 40_000, 40_000) == list(range(0, 40_000, 4000))


def test_text_far_from_the_range_does_not_matter() -> None:
    events = window([click(1000), *_stream(10_000, 20_000), click(60_000), click(90_000)]).events
    assert activity_times(events, 70_000, 80_000, 90_000) == [60_000, 90_000]


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"data": 5}',
        b'{"data": {"texts": [{"id": "a", "value": 1}], "adds": null}}',
        b'{"data": {"adds": [7]}}',
        b"not json",
    ],
)
def test_odd_mutations_are_not_activity(raw: bytes) -> None:
    odd = Event(5000, EventType.INCREMENTAL, Source.MUTATION, raw)
    assert list(growth_times([odd, *_stream(6000, 8200)])) == [7600, 7800, 8000]


def test_events_may_be_views_on_the_files_bytes() -> None:
    views = [Event(item.at_ms, item.type, item.source, memoryview(item.raw)) for item in _stream(6000, 8200)]
    assert list(growth_times(views)) == [7600, 7800, 8000]


def test_a_deep_tree_is_forgotten_without_recursion() -> None:
    events = [adds(1000 + n, (n, n + 1, "")) for n in range(1, 5000)]
    assert list(growth_times([*events, adds(7000, removes=[1]), *_stream(8000, 10_200)])) == [9600, 9800, 10_000]
