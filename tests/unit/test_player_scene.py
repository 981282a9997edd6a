"""The scene: what the page is told to draw, from plan, timeline and story."""

from dataclasses import replace

from renderer.player.scene.build import bare_scene
from renderer.story.steps import choose_steps
from renderer.timeline.model import PagePlace
from tests.unit.scene_fixtures import errors, scene_of
from tests.unit.story_fixtures import call, entry, plan, sample, timeline


def test_the_sample_is_told_whole() -> None:
    scene = scene_of()
    assert (scene.from_ms, scene.to_ms, scene.duration_ms) == (0, 73_000, 73_000)
    assert [(card.start_ms, card.end_ms, card.status, card.rating) for card in scene.cards] == [
        (11_104, 17_512, "answered", "up"),
        (32_972, 38_781, "answered", "down"),
        (62_398, 63_714, "failed", None),
        (65_593, 71_179, "answered", None),
    ]
    assert scene.cards[0].facts == ["1,352 tokens"], "an answer that is whole has no finish to tell of"
    assert scene.cards[2].error == "model_overloaded"
    assert scene.cards[2].facts == ["HTTP 503"], "no tokens are no fact"
    kinds = {
        kind: [mark.at_ms for mark in scene.marks if mark.kind == kind]
        for kind in ("up", "down", "llm", "llm_failed", "disliked", "error", "warning")
    }
    assert kinds == {
        "up": [18_897],
        "down": [54_870],
        "llm": [11_104, 32_972, 65_593],
        "llm_failed": [62_398],
        "disliked": [38_781],
        "error": [54_940, 63_714],
        "warning": [38_700],
    }
    assert [place.url for place in scene.places] == [
        "http://chat.northwind.example/",
        "http://chat.northwind.example/billing/conversation",
    ]
    assert [line.text for line in scene.lines] == [step.text for step in choose_steps(sample(), plan())]
    assert {toast.text for toast in scene.toasts} >= {
        "POST /api/feedback failed with 500",
        "POST /api/chat failed with 503",
    }


def test_nothing_to_tell_is_an_empty_scene_of_the_range() -> None:
    scene = bare_scene(plan(2000, 5000))
    assert (scene.from_ms, scene.to_ms) == (2000, 5000)
    assert not any(
        [scene.ticks_ms, scene.places, scene.marks, scene.gaps, scene.lines, scene.cards, scene.toasts, scene.clicks]
    )


def test_only_what_belongs_to_the_window_or_to_none_is_told() -> None:
    calls = (call(1, 1000, 2000), call(2, 3000, 4000), call(3, 5000, 6000))
    told = timeline([entry(1500, "click", "Clicked “A”", name="A"), entry(1700, "click", "Clicked “B”", window_id="w2", name="B"),
                     *errors(2000, window_id="w2"), *errors(2500, window_id=None, text="Console error: anywhere")])  # fmt: skip
    windows = ("w1", "w2", None)
    entries = [
        entry(one.start_ms, "llm_call", "Asked", window_id=window, call_id=one.id)
        for one, window in zip(calls, windows, strict=True)
    ]
    places = (PagePlace(at_ms=0, window_id="w2", url="http://other.test/", title="Other"),)
    scene = scene_of(replace(told, entries=(*told.entries, *entries), calls=calls, places=places))
    assert [card.start_ms for card in scene.cards] == [1000, 5000]
    assert [mark.at_ms for mark in scene.marks if mark.kind in {"user", "error"}] == [1500, 2500]
    assert [toast.text for toast in scene.toasts] == ["Console error: anywhere"]
    assert scene.places == []


def test_titles_that_blink_are_not_shown_each_time() -> None:
    places = tuple(
        PagePlace(at_ms=at_ms, window_id="w1", url="http://a.test/", title=f"({at_ms})")
        for at_ms in range(0, 5000, 100)
    )
    scene = scene_of(replace(timeline([]), places=places), plan(1000, 4000))
    assert [place.title for place in scene.places] == ["(3900)"]


def test_names_of_clicks_are_those_that_people_see() -> None:
    clicks = [entry(1000, "click", "Clicked “Send”", name="", properties={"name": "Send", "target": "“Send”"}),
              entry(2000, "click", "Clicked a text field", properties={"name": "", "target": "a text field"}),
              entry(3000, "click", "Clicked")]  # fmt: skip
    clicks += [entry(4000, "rage_click", "Clicked “Save” 4 times in a row", level="warning", until_ms=5200, properties={"name": "Save"}),
               entry(6000, "click", "Marked “words”", properties={"action": "select", "target": "text"})]  # fmt: skip
    scene = scene_of(timeline(clicks))
    assert [(mark.at_ms, mark.kind) for mark in scene.marks if mark.at_ms == 4000] == [
        (4000, "user"),
        (4000, "warning"),
    ]
    assert (scene.clicks[2].at_ms, scene.clicks[2].until_ms) == (4000, 5200)
    assert [(click.at_ms, click.text) for click in scene.clicks] == [
        (1000, "Send"),
        (2000, "a text field"),
        (4000, "Save"),
    ]


def test_marks_do_not_lie_upon_one_another_and_the_most_telling_stays() -> None:
    told = timeline([entry(1000, "click", "Clicked “A”"), entry(1100, "navigation", "Went to /a"), entry(1500, "click", "Clicked “B”"),
                     *errors(5000, level="warning"), *errors(5100), *errors(9000)])  # fmt: skip
    marks = scene_of(told, plan(0, 20_000)).marks
    assert [(mark.at_ms, mark.kind) for mark in marks] == [
        (1100, "navigation"),
        (1500, "user"),
        (5100, "error"),
        (9000, "error"),
    ]
