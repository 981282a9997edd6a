"""Pages with nothing to see or to read: what counts as something, and when it was seen that there is nothing."""

import random
from dataclasses import replace
from typing import Any

import pytest

from renderer.notices import Notice
from renderer.recording.dom.mirror import Mirror
from renderer.recording.model import EventType, Source
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Entry, Timeline
from renderer.timeline.recorded.contents import Contents
from tests.unit.timeline_fixtures import (
    Json,
    added,
    click,
    document,
    el,
    event,
    full,
    meta,
    mouse,
    mutated,
    recording,
    session,
    tag,
    text,
    told,
    window,
)

ROOT = el(10, "div", el(11, "p", text("Your cart", 12)), id="root")


def gone(at_ms: int, node_id: int = 11, parent: int = 10) -> tuple[int, Json]:
    return mutated(at_ms, removes=[{"parentId": parent, "id": node_id}])


def attributes(at_ms: int, node_id: int, **named: Any) -> tuple[int, Json]:
    return mutated(at_ms, attributes=[{"id": node_id, "attributes": named}])


def blanks(timeline: Timeline) -> list[Entry]:
    return told(timeline, "blank_page")


def spans(timeline: Timeline) -> list[tuple[int, int | None]]:
    return [(entry.at_ms, entry.until_ms) for entry in blanks(timeline)]


def test_a_page_that_loses_all_it_had_is_blank_until_something_comes():
    timeline = session(meta(0), full(1, ROOT), gone(5000), added(9200, 10, el(20, "p", "Back")))
    (entry,) = blanks(timeline)
    assert (entry.at_ms, entry.until_ms, entry.level, entry.window_id) == (5000, 9200, "warning", "w")
    assert entry.title == "The page was blank for 4.2 s"
    assert entry.properties == {
        "url": "https://shop.example/cart",
        "host": "shop.example",
        "path": "/cart",
        "page_title": "Cart",
        "duration_ms": 4200,
        "ended": True,
    }


def test_a_page_that_stays_blank_is_an_error():
    (entry,) = blanks(session(meta(0), full(1, ROOT), gone(15_000)))
    assert (entry.at_ms, entry.until_ms, entry.level) == (15_000, 20_000, "error")
    assert (entry.title, entry.properties["ended"]) == ("The page stayed blank", False)


@pytest.mark.parametrize(
    ("until_ms", "level"), [(7999, None), (8000, "warning"), (14_999, "warning"), (15_000, "error")]
)
def test_three_seconds_are_told_and_ten_are_an_error(until_ms, level):
    timeline = session(meta(0), full(1, ROOT), gone(5000), added(until_ms, 10, el(20, "p", "Back")))
    assert [entry.level for entry in blanks(timeline)] == ([level] if level else [])


def test_a_page_that_is_built_late_was_blank_at_first():
    timeline = session(meta(0), full(100, el(10, "div", id="root")), added(4000, 10, el(11, "h1", "Shop")))
    assert spans(timeline) == [(100, 4000)]


NOTHING = {
    "blanks": el(20, "p", " \n\u00a0\u200b"),
    "a script": el(20, "script", "SCRIPT_PLACEHOLDER"),
    "a style sheet": el(20, "style", "p { color: red }"),
    "without scripts": el(20, "noscript", "You need to enable JavaScript"),
    "a template": el(20, "template", el(21, "p", "Row")),
    "hidden by its style": el(20, "div", el(21, "p", "Menu"), style="color: red; display: none"),
    "hidden by its attribute": el(20, "div", el(21, "img", src="a.png"), hidden=""),
    "a closed dialog": el(20, "dialog", "Are you sure?"),
    "a hidden field": el(20, "input", type="hidden", value="token"),
    "a counter of visits": el(20, "img", src="https://ads.example/?id=1", width="1", height="1"),
    "a frame of no size": el(20, "iframe", style="border: 0; width: 0px; height: 0px"),
    "drawings to be used elsewhere": el(20, "svg", el(21, "symbol"), width="0", height="0"),
    "for screen readers": el(20, "p", "Cart, shop.example", style="position: absolute; clip: rect(0px, 0px, 0px, 0px)"),
    "a colour": el(20, "div", style="background: #eee"),
    "an empty frame of boxes": el(20, "div", *(el(100 + n, "div", class_="row") for n in range(1000))),
    "a blocked thing without a size": el(20, "div", rr_width="0px", rr_height="0px"),
    "an element that no class knows": el(20, "app-root"),
}
SOMETHING = {
    "a text": el(20, "p", el(21, "b", "x")),
    "a long text that begins with blanks": el(20, "pre", " " * 1200 + "x"),
    "a picture": el(20, "img", src="a.png", width="600", height="400"),
    "a drawing": el(20, "canvas"),
    "a frame": el(20, "iframe", style="width: 100%; height: 100px"),
    "a field": el(20, "input", type="text"),
    "a picture behind": el(20, "div", style="background-image: url('a.png')"),
    "a gradient": el(20, "div", style="background: linear-gradient(red, blue)"),
    "what is hidden from the recorder": el(20, "div", rr_width="800px", rr_height="600px"),
    "a spinner": el(20, "div", class_="lds-spinner"),
    "grey boxes before the text comes": el(20, "div", class_="MuiSkeleton-root"),
    "an element with a closed shadow root": el(20, "shop-cart") | {"isCustom": True},
    "a shadow root": el(20, "shop-cart", el(21, "p", "x") | {"isShadow": True})
    | {"isCustom": True, "isShadowHost": True},
    "an open dialog": el(20, "dialog", "Are you sure?", open=""),
    "something after hidden things": el(20, "div", el(21, "div", "no", hidden=""), el(22, "p", "yes")),
    "ten thousand boxes, which are drawn": el(20, "div", *(el(100 + n, "i") for n in range(10_000))),
}


@pytest.mark.parametrize("node", NOTHING.values(), ids=NOTHING)
def test_this_is_nothing_to_see(node):
    assert spans(session(meta(0), full(1, node))) == [(1, 20_000)]
    assert spans(session(meta(0), full(1, ROOT), added(4000, 3, node), gone(5000))) == [(5000, 20_000)]


@pytest.mark.parametrize("node", SOMETHING.values(), ids=SOMETHING)
def test_this_is_something_to_see(node):
    assert spans(session(meta(0), full(1, node))) == []
    assert spans(session(meta(0), full(1, ROOT), gone(5000), added(9000, 3, node))) == [(5000, 9000)]


def test_what_is_hidden_and_shown_by_its_style_counts_as_it_is_shown():
    timeline = session(
        meta(0),
        full(1, ROOT),
        attributes(4000, 10, style={"display": "none"}),
        attributes(9000, 10, style={"display": "block"}),
        attributes(12_000, 3, hidden=""),
        attributes(16_000, 3, hidden=None),
    )
    assert spans(timeline) == [(4000, 9000), (12_000, 16_000)]


def test_a_text_that_is_emptied_and_written_again():
    timeline = session(
        meta(0),
        full(1, ROOT),
        mutated(4000, texts=[{"id": 12, "value": " "}]),
        mutated(8000, texts=[{"id": 12, "value": "Cart"}]),
    )
    assert spans(timeline) == [(4000, 8000)]


def test_what_is_replaced_in_one_change_was_never_gone():
    timeline = session(
        meta(0),
        full(1, ROOT),
        mutated(
            5000,
            removes=[{"parentId": 3, "id": 10}],
            adds=[
                {"parentId": 3, "nextId": None, "node": el(30, "div")},
                {"parentId": 30, "nextId": None, "node": text("New", 31)},
            ],
        ),
    )
    assert blanks(timeline) == []


def test_another_thing_elsewhere_is_enough():
    timeline = session(meta(0), full(1, ROOT, el(40, "footer", "Imprint")), gone(5000, 10, 3), gone(12_000, 40, 3))
    assert spans(timeline) == [(12_000, 20_000)]


@pytest.mark.parametrize("href", ["about:blank", "about:srcdoc"])
def test_a_window_that_has_no_page_yet_is_not_blank(href):
    assert blanks(session(meta(0, href), full(1))) == []


def test_a_short_recording_is_no_blank_page():
    assert blanks(session(meta(0), full(1), end_ms=2999)) == []


def test_what_nobody_saw_does_not_count():
    hidden = [tag(6000, "window hidden"), tag(12_000, "window visible")]
    timeline = session(meta(0), full(1, ROOT), gone(5000), hidden, added(13_500, 10, el(20, "p", "Back")))
    assert blanks(timeline) == []  # 1 s before, 1.5 s after
    timeline = session(meta(0), full(1, ROOT), gone(5000), hidden, added(15_000, 10, el(20, "p", "Back")))
    (entry,) = blanks(timeline)
    assert (entry.at_ms, entry.until_ms, entry.properties["duration_ms"]) == (5000, 15_000, 4000)


def test_a_tab_that_was_opened_in_the_background_is_first_seen_when_it_is_looked_at():
    timeline = session(meta(0), full(1), tag(9000, "window visible"), added(10_000, 3, el(20, "p", "Shop")))
    assert blanks(timeline) == []


def test_a_click_shows_that_a_window_is_not_hidden():
    timeline = session(meta(0), full(1, ROOT), tag(2000, "window hidden"), gone(3000), mouse(6000, 1, 3))
    assert spans(timeline) == [(6000, 20_000)]


@pytest.mark.parametrize("names", [("recording paused", "recording resumed"), ("sessionIdle", "sessionNoLongerIdle")])
def test_a_recorder_that_paused_knows_nothing(names):
    paused, resumed = names
    timeline = session(
        meta(0), full(1, ROOT), gone(5000), tag(6000, paused), tag(17_000, resumed), meta(17_001), full(17_002, ROOT)
    )
    assert blanks(timeline) == []


def test_a_page_is_there_some_seconds_before_its_recorder():
    there = meta(14_000, "https://shop.example/pay")
    (entry,) = blanks(session(meta(0), full(1, ROOT), gone(5000), there, full(14_001, ROOT, title="Pay")))
    assert (entry.at_ms, entry.until_ms) == (5000, 9000)
    assert (entry.properties["path"], entry.properties["ended"]) == ("/cart", True)
    timeline = session(meta(0), full(1, ROOT), gone(5000), meta(12_000), full(12_001, ROOT))
    assert blanks(timeline) == []  # reloaded: 2 s are sure


def test_a_page_that_led_on_at_once_was_not_looked_at():
    timeline = session(meta(0), full(1), meta(4000, "https://shop.example/pay"), full(4001, ROOT))
    assert blanks(timeline) == []


def test_a_periodic_snapshot_of_a_blank_page_changes_nothing():
    timeline = session(meta(0), full(1, ROOT), gone(5000), meta(8000), full(8001), meta(11_000), full(11_001))
    assert spans(timeline) == [(5000, 20_000)]


def test_of_several_windows_the_one_counts_that_the_user_was_in():
    one = window("a", [meta(0), full(1, ROOT), *click(1000, 10), *click(12_000, 10), tag(20_000, "$session_ending")])
    never = window("b", [meta(8000), full(8001), tag(20_000, "$session_ending")])
    assert spans(build_timeline(recording(one, never))) == []
    opened = window("b", [meta(5000), full(5001), *click(6000, 3), tag(20_000, "$session_ending")])
    (entry,) = blanks(build_timeline(recording(one, opened)))
    assert (entry.window_id, entry.at_ms, entry.until_ms) == ("b", 5001, 11_930)
    assert entry.level == "error"


def test_nothing_is_told_of_apps_nor_of_recordings_with_holes():
    empty = recording(window("w", [meta(0), full(1), tag(20_000, "$session_ending")]))
    assert len(blanks(build_timeline(empty))) == 1
    assert blanks(build_timeline(replace(empty, mobile=True))) == []
    assert blanks(build_timeline(replace(empty, notices=(Notice("missing_segments", "gaps"),)))) == []
    assert len(blanks(build_timeline(replace(empty, notices=(Notice("out_of_order", "sorted"),))))) == 1


def test_a_frame_that_cannot_be_read_and_a_document_without_a_body():
    broken = event(3000, 3, {"source": 0, "adds": 5, "removes": [{"parentId": 2, "id": 3}], "texts": {}})
    assert spans(session(meta(0), full(1, ROOT), broken)) == [(3000, 20_000)]


def test_following_the_changes_finds_what_a_search_of_the_whole_finds():
    for seed in range(150):
        choose = random.Random(seed)
        mirror = Mirror(1000)
        mirror.apply(EventType.FULL_SNAPSHOT, None, {"node": document(el(10, "div"))})
        contents = Contents(mirror)
        shown = contents.look()
        alive = [3, 10]
        for number in range(60):
            change = mirror.apply(EventType.INCREMENTAL, Source.MUTATION, _random_change(choose, alive, 20 + number))
            alive = [node_id for node_id in alive if mirror.get(node_id) is not None]
            if contents.lost(change) if shown else contents.gained(change):
                shown = contents.look()
            assert shown == Contents(mirror).look(), (seed, number)


def _random_change(choose: random.Random, alive: list[int], new_id: int) -> Json:
    at = choose.choice(alive)
    kind = choose.random()
    if kind < 0.35 or len(alive) < 3:
        tag_name = choose.choice(["div", "div", "img", "style", "dialog"])
        attribute = choose.choice([{}, {}, {"hidden": ""}, {"style": "display: none"}])
        new = choose.choice([text("word", new_id), text(" ", new_id), el(new_id, tag_name, **attribute)])
        alive.append(new_id)
        return {"adds": [{"parentId": at, "nextId": None, "node": new}]}
    if kind < 0.65:
        return {"removes": [{"parentId": 0, "id": choose.choice(alive[2:])}]}
    if kind < 0.75:
        return {"texts": [{"id": at, "value": choose.choice(["", "word"])}]}
    named = choose.choice([{"hidden": ""}, {"hidden": None}, {"style": "display:none"}, {"style": ""}, {"open": ""}])
    return {"attributes": [{"id": at, "attributes": named}]}


def test_a_page_that_is_emptied_and_filled_without_end_costs_no_more_than_the_budget():
    rows = [el(1000 + number, "i") for number in range(4000)]
    last = {"parentId": 3, "nextId": None, "node": text("x", 10)}
    mirror = Mirror(1000)
    mirror.apply(EventType.FULL_SNAPSHOT, None, {"node": document(*rows, text("x", 10))})
    contents = Contents(mirror)
    looks = 0
    while not contents.is_spent:
        change = mirror.apply(EventType.INCREMENTAL, Source.MUTATION, {"removes": [{"id": 10}], "adds": [last]})
        assert looks == 0 or contents.lost(change)
        assert contents.look()
        looks += 1
    assert 100 < looks < 1000
    assert contents.look()
