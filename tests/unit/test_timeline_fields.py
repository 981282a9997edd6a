"""Typing, choosing and scrolling: that and where, never what."""

import json

import pytest

from tests.unit.timeline_fixtures import (
    BLUR,
    FOCUS,
    Json,
    added,
    click,
    el,
    full,
    meta,
    mouse,
    mutated,
    scroll,
    session,
    text,
    titles,
    told,
    typed,
)

FIELD = el(10, "input", aria_label="E-mail")


def keys(at_ms: int, node_id: int, content: str, apart_ms: int = 100) -> list[tuple[int, Json]]:
    return [typed(at_ms + number * apart_ms, node_id, content[: number + 1]) for number in range(len(content))]


def test_typing_is_one_entry_per_field_and_burst():
    timeline = session(
        meta(0),
        full(1, FIELD, el(11, "textarea", placeholder="Note")),
        keys(1000, 10, "dana@example.com"),
        keys(3000, 11, "hello"),
        keys(6400, 11, "hello there"),
    )
    entries = told(timeline, "input")
    assert [entry.title for entry in entries] == ["Typed in “E-mail”", "Typed in “Note”", "Typed in “Note”"]
    assert [(entry.at_ms, entry.until_ms) for entry in entries] == [(1000, 2500), (3000, 3400), (6400, 7400)]
    assert [entry.properties["characters"] for entry in entries] == [16, 5, 11]


def test_a_pause_of_less_than_three_seconds_is_no_end():
    timeline = session(meta(0), full(1, FIELD), typed(1000, 10, "a"), typed(3999, 10, "ab"), typed(6999, 10, "abc"))
    assert [entry.at_ms for entry in told(timeline, "input")] == [1000, 6999]


def test_what_was_typed_is_nowhere():
    timeline = session(meta(0), full(1, FIELD), keys(1000, 10, "s3cret-value"))
    assert "s3cret" not in json.dumps([(entry.title, dict(entry.properties)) for entry in timeline.entries])


def test_how_long_a_password_is_is_not_told():
    timeline = session(meta(0), full(1, el(10, "input", type="password", name="password")), keys(1000, 10, "*****"))
    (entry,) = told(timeline, "input")
    assert entry.title == "Typed in “password”"
    assert "characters" not in entry.properties


def test_many_characters_at_once_were_filled_in():
    timeline = session(meta(0), full(1, FIELD), typed(1000, 10, "dana@example.com"))
    assert titles(timeline, "input") == ["Filled in “E-mail”"]


def test_what_the_page_sets_itself_is_not_typed():
    body = [FIELD, el(11, "input", name="other")]
    unfocused = session(
        meta(0),
        full(1, *body),
        mouse(900, FOCUS, 10),
        keys(1000, 10, "hello"),
        mouse(2000, BLUR, 10),
        typed(2010, 10, ""),
        typed(2020, 11, "set by the page"),
    )
    assert [entry.until_ms for entry in told(unfocused, "input")] == [1400]
    emptied = session(meta(0), full(1, FIELD), keys(1000, 10, "hello"), typed(1500, 10, ""))
    (entry,) = told(emptied, "input")
    assert (entry.until_ms, entry.properties["characters"]) == (1400, 5)
    untriggered = session(meta(0), full(1, FIELD), typed(1000, 10, "x", userTriggered=False))
    assert told(untriggered, "input") == []


@pytest.mark.parametrize(
    ("field", "data", "title"),
    [
        (el(10, "input", type="checkbox", aria_label="Terms"), {"isChecked": True}, "Ticked “Terms”"),
        (el(10, "input", type="checkbox", aria_label="Terms"), {"isChecked": False}, "Unticked “Terms”"),
        (el(10, "input", type="radio", aria_label="Monthly"), {"isChecked": True}, "Chose “Monthly”"),
        (el(10, "select", aria_label="Plan"), {"text": "team"}, "Chose in “Plan”"),
        (el(10, "input", type="range", aria_label="Volume"), {"text": "7"}, "Moved “Volume”"),
        (el(10, "input", type="date", aria_label="From"), {"text": "2026-01-01"}, "Set “From”"),
        (el(10, "input", type="file", aria_label="Picture"), {"text": "C:\\x"}, "Chose a file in “Picture”"),
        (el(10, "select"), {"text": "team"}, "Chose in a list"),
    ],
)
def test_choosing_has_its_words(field, data, title):
    timeline = session(meta(0), full(1, field), typed(1000, 10, "on", **data))
    assert titles(timeline, "input") == [title]


def test_boxes_that_a_script_ticks_are_not_the_users():
    boxes = [el(10 + number, "input", type="checkbox", aria_label=f"Row {number}") for number in range(4)]
    ticks = [typed(1001, 10 + number, "on", isChecked=True) for number in range(4)]
    later = typed(9000, 12, "on", isChecked=False)
    timeline = session(meta(0), full(1, *boxes), click(1000, 10), ticks, later)
    assert titles(timeline, "input") == ["Ticked “Row 0”"]


def test_a_list_that_gets_no_focus_is_chosen_from_all_the_same():
    body = [el(10, "select", aria_label="Plan"), el(11, "select", aria_label="Other")]
    parts = [mouse(500, FOCUS, 3), *click(1000, 10), typed(2000, 10, "team"), typed(2001, 11, "set by the page")]
    assert titles(session(meta(0), full(1, *body), parts), "input") == ["Chose in “Plan”"]


def test_the_radio_that_lost_is_not_told_and_a_slider_is_moved_once():
    radio = [el(10, "input", type="radio", aria_label="A"), el(11, "input", type="radio", aria_label="B")]
    chosen = session(meta(0), full(1, *radio), typed(1000, 11, "b", isChecked=True), typed(1000, 10, "a"))
    assert titles(chosen, "input") == ["Chose “B”"]
    slider = el(10, "input", type="range", aria_label="Volume")
    timeline = session(meta(0), full(1, slider), [typed(1000 + 50 * number, 10, str(number)) for number in range(9)])
    assert len(told(timeline, "input")) <= 9


def test_an_editor_without_a_form_field_is_typed_in_while_it_has_the_focus():
    editor = el(10, "div", el(11, "p", text("", 12)), contenteditable="true", aria_label="Message")
    answer = el(20, "p", text("", 21))
    growing = [
        mutated(1000 + 100 * number, texts=[{"id": 12, "value": "hi there"[: number + 1]}]) for number in range(8)
    ]
    other = [mutated(2000 + 100 * number, texts=[{"id": 21, "value": "answer" * number}]) for number in range(8)]
    timeline = session(meta(0), full(1, editor, answer), mouse(900, FOCUS, 10), growing, other)
    (entry,) = told(timeline, "input")
    assert (entry.title, entry.at_ms, entry.until_ms) == ("Typed in “Message”", 1000, 1700)
    assert entry.properties["characters"] == 8
    assert told(session(meta(0), full(1, editor, answer), growing), "input") == []


def wheel(at_ms: int, *tops: int, node_id: int = 1, apart_ms: int = 50) -> list[tuple[int, Json]]:
    return [scroll(at_ms + number * apart_ms, top, node_id) for number, top in enumerate(tops)]


def test_scrolling_is_one_entry_per_burst_with_its_direction():
    timeline = session(
        meta(0),
        full(1, el(10, "div", aria_label="Messages")),
        wheel(1000, 100, 200, 400),
        wheel(4000, 200, 0),
        wheel(6000, 300, 10),
        wheel(9000, 500, node_id=10),
    )
    entries = told(timeline, "scroll")
    assert [entry.title for entry in entries] == [
        "Scrolled down",
        "Scrolled up",
        "Scrolled up and down",
        "Scrolled down in “Messages”",
    ]
    assert [(entry.at_ms, entry.until_ms) for entry in entries[:2]] == [(1000, 1100), (4000, 4050)]
    assert entries[0].properties["pixels"] == 400


def test_small_scrolls_are_not_told():
    assert told(session(meta(0), full(1), wheel(1000, 40, 99)), "scroll") == []


def test_what_the_page_scrolls_itself_is_not_told():
    box = el(10, "div", el(11, "p"))
    followed = [
        part
        for number in range(1, 9)
        for part in (added(1000 * number, 11, el(50 + number, "p")), scroll(1000 * number + 20, 200 * number, 10))
    ]
    assert told(session(meta(0), full(1, box), scroll(500, 10, 10), followed), "scroll") == []
    to_top = session(meta(0), full(1, el(10, "button", "To the top")), click(1000, 10), wheel(1030, 900, 400, 0))
    assert told(to_top, "scroll") == []


def test_scrolling_while_something_else_grows_is_the_users():
    box, other = el(10, "div"), el(11, "div")
    parts = [
        part
        for number in range(1, 9)
        for part in (added(1000 * number, 11, el(50 + number, "p")), scroll(1000 * number + 20, 200 * number, 10))
    ]
    (entry,) = told(session(meta(0), full(1, box, other), parts), "scroll")
    assert entry.properties["pixels"] == 1600
