"""What is told of a clip that goes from window to window: that of the one on screen, then and there."""

from dataclasses import replace

from renderer.capture.tally import Tally
from renderer.plan.model import ClipPlan, Shot
from renderer.player.protocol import Report
from renderer.player.scene.build import build_scene
from renderer.player.scene.tabs import MOST_PLACES, TAB_MS
from renderer.story.steps import choose_steps
from renderer.summary.facts import gather
from renderer.summary.write import write_summary
from renderer.timeline.model import PagePlace, Timeline
from tests.unit.story_fixtures import call, entry, plan, timeline
from tests.unit.summary_fixtures import manifest


def followed(to_ms: int = 30_000) -> ClipPlan:
    """w1 until 10 s, w2 until 12 s, w1 again."""
    made = plan(0, to_ms)
    shots = (
        Shot("w1", 1, 0, 10_000, 0, 250),
        Shot("w2", 3, 10_000, 12_000, 250, 300),
        Shot("w1", 1, 12_000, to_ms, 300, made.frame_count),
    )
    return replace(made, shots=shots, window_count=3)


def happened() -> Timeline:
    entries = [
        entry(1000, "click", "Clicked “A”", properties={"name": "A"}),
        entry(2000, "click", "Clicked “Stray”", window_id="w2", properties={"name": "Stray"}),
        entry(3000, "exception", "It broke behind", level="error", window_id="w2"),
        entry(9000, "request", "GET /late failed with 500", level="error", until_ms=11_000, method="GET", url="/late"),
        entry(11_050, "click", "Clicked “B”", window_id="w2", properties={"name": "B"}),
        entry(11_500, "exception", "It broke here", level="error", window_id="w2"),
        entry(11_600, "exception", "It broke in the first", level="error", window_id="w1"),
        entry(12_000, "tab", "Went back to the tab “A”", window_id="w1"),
        entry(20_000, "exception", "It broke anywhere", level="error", window_id=None),
    ]
    calls = [call(1, 9500, 11_000), call(2, 14_000, 15_000), call(3, 5000, 10_500)]
    asked = [
        entry(one.start_ms, "llm_call", "Asked", window_id=window, until_ms=one.end_ms, call_id=one.id)
        for one, window in zip(calls, ("w1", "w2", "w2"), strict=True)
    ]
    told = timeline(entries, (), 30_000)
    places = (
        PagePlace(at_ms=0, window_id="w1", url="http://a.test/", title="A"),
        PagePlace(at_ms=500, window_id="w2", url="http://b.test/", title="B"),
        PagePlace(at_ms=11_000, window_id="w1", url="http://a.test/2", title="A two"),
        PagePlace(at_ms=11_200, window_id="w2", url="http://b.test/2", title="B two"),
    )
    everything = sorted([*told.entries, *asked], key=lambda one: one.at_ms)
    return replace(told, entries=tuple(everything), calls=tuple(calls), places=places)


def test_a_window_is_on_screen_during_its_shots() -> None:
    made = followed()
    assert [made.window_at(at) for at in (-5, 0, 9999, 10_000, 11_999, 12_000, 99_000)] == [
        *("w1", "w1", "w1"),
        *("w2", "w2", "w1", "w1"),
    ]
    assert [made.shows("w2", at) for at in (9999, 10_000, 11_999, 12_000)] == [False, True, True, False]
    assert [made.shows("w2", 0, until) for until in (9999, 10_000, 40_000)] == [False, True, True]
    assert [made.shows(other, 5000, 30_000) for other in (None, "w3")] == [True, False]
    assert made.window_ids == ("w1", "w2")


def test_the_header_has_the_place_of_the_window_on_screen_and_says_which_it_is() -> None:
    scene = build_scene(followed(), happened(), ())
    assert [(place.at_ms, place.title) for place in scene.places] == [
        (0, "A"),
        (10_000, "B"),
        (11_200, "B two"),
        (12_000, "A two"),
    ]
    assert [(tab.from_ms, tab.to_ms, tab.number, tab.count) for tab in scene.tabs] == [
        (0, TAB_MS, 1, 3),
        (10_000, 12_000, 3, 3),
        (12_000, 12_000 + TAB_MS, 1, 3),
    ]
    assert build_scene(plan(), happened(), ()).tabs == [], "one window that stays needs no number"


def test_a_window_of_which_nobody_told_has_no_place_of_another() -> None:
    told = replace(happened(), places=happened().places[:1])
    assert [(place.at_ms, place.title) for place in build_scene(followed(), told, ()).places] == [
        (0, "A"),
        (10_000, ""),
        (12_000, "A"),
    ]


def test_places_of_many_shots_are_bounded() -> None:
    many = [Shot(f"w{number % 2}", 1, number * 10, number * 10 + 10, number, number + 1) for number in range(2000)]
    made = replace(plan(0, 20_000), shots=tuple(many), frame_count=2000, fps=60)
    assert len(build_scene(made, happened(), ()).places) == MOST_PLACES


def test_marks_names_toasts_and_cards_are_those_of_the_window_on_screen() -> None:
    scene = build_scene(followed(), happened(), ())
    assert [name.text for name in scene.clicks] == ["A", "B"]
    assert [toast.text for toast in scene.toasts] == ["It broke here", "It broke anywhere"]
    assert [(mark.at_ms, mark.kind) for mark in scene.marks if mark.kind == "user"] == [
        (1000, "user"),
        (11_050, "user"),
    ]
    # The second call was made and answered in the background; the third was still pending when its window came on.
    assert [card.start_ms for card in scene.cards] == [5000, 9500]


def test_steps_and_summary_tell_the_same() -> None:
    told, made = happened(), followed()
    texts = " / ".join(step.text for step in choose_steps(told, made))
    facts = gather(manifest(made, told), told)
    assert [found.entry.title for found in facts.errors] == ["It broke here", "It broke anywhere"]
    assert [one.id for one in facts.calls] == ["call_1", "call_3"]
    assert facts.place is not None
    assert facts.place.title == "A"
    for said in ("Clicked “A”", "Clicked “B”", "It broke here", "It broke anywhere", "Went back to the tab “A”"):
        assert said in texts
    for unsaid in ("Stray", "behind", "in the first", "/late"):
        assert unsaid not in texts
    assert "| Windows | `w1`, `w2` |" in write_summary(manifest(made, told), told, ())
    assert "| Window | `w1` |" in write_summary(manifest(plan(), told), told, ())


def _report(**counts: int | bool | str) -> Report:
    names = dict.fromkeys(Report.model_fields, 0) | {"shown": False, "first_problem": ""}
    return Report.model_validate(names | counts)


def test_what_could_not_be_shown_is_the_most_of_each_window_and_the_sum_of_them() -> None:
    tally = Tally()
    assert tally.report is None
    tally.add_report("w1", _report(nodes_missing=2, shown=True))
    tally.add_report("w1", _report(nodes_missing=5, events_failed=1))
    tally.add_report("w2", _report(nodes_missing=3, first_problem="it broke"))
    assert tally.report == _report(nodes_missing=8, events_failed=1, shown=True, first_problem="it broke")
