"""Clicks are told by the name a person knows their target by, and what became of them."""

import pytest

from renderer.timeline.build import build_timeline
from renderer.timeline.model import Entry
from tests.unit.timeline_fixtures import (
    BLUR,
    CLICK,
    DOUBLE,
    DOWN,
    FOCUS,
    MENU,
    TOUCH_START,
    Json,
    added,
    click,
    el,
    full,
    meta,
    mouse,
    mutated,
    network,
    recording,
    request,
    scroll,
    selected,
    session,
    tag,
    text,
    titles,
    told,
    typed,
    window,
)

ANSWERED = 20  # ms after a click: the page changes


def after_click(*body: Json) -> Entry:
    """The entry of one click on node 10 that the page answers."""
    changes = added(1000 + ANSWERED, 3, el(90, "p", "done"))
    timeline = session(meta(0), full(1, *body), click(1000, 10), changes)
    (entry,) = told(timeline, "click")
    return entry


NAMED = {
    "text of the button": (el(10, "button", "Send"), "Clicked “Send”"),
    "icon in a button": (el(11, "button", el(10, "svg", el(12, "path")), aria_label="Close"), "Clicked “Close”"),
    "text in a link": (el(11, "a", el(10, "span", "Pricing"), href="/x"), "Clicked “Pricing”"),
    "picture in a button": (el(10, "button", el(12, "img", alt="Search")), "Clicked “Search”"),
    "labelled by": (
        el(9, "div", el(8, "h2", "Pay now", id="h"), el(10, "button", "x", aria_labelledby="h")),
        "Clicked “Pay now”",
    ),
    "submit value": (el(10, "input", type="submit", value="Sign in"), "Clicked “Sign in”"),
    "nameless submit": (el(10, "input", type="submit"), "Clicked “Submit”"),
    "label for": (el(9, "p", el(8, "label", "E-mail", for_="m"), el(10, "input", id="m")), "Clicked into “E-mail”"),
    "label around": (el(9, "label", "Remember me", el(10, "input", type="checkbox")), "Clicked “Remember me”"),
    "placeholder": (el(10, "textarea", placeholder="Ask me"), "Clicked into “Ask me”"),
    "name of a field": (el(10, "input", name="first_name"), "Clicked into “first name”"),
    "role": (el(11, "div", el(10, "b", "Billing"), role="tab"), "Clicked “Billing”"),
    "title": (el(10, "button", title="Refresh"), "Clicked “Refresh”"),
    "handler": (el(11, "div", el(10, "i", "Open"), onclick="go()"), "Clicked “Open”"),
    "two texts side by side": (
        el(10, "button", el(12, "b", "October"), el(13, "small", "Nora")),
        "Clicked “October Nora”",
    ),
    "hidden and icon texts": (
        el(10, "button", el(12, "i", "send", class_="material-icons"), el(13, "span", "→", aria_hidden="true"), "Go"),
        "Clicked “Go”",
    ),
    "masked name": (el(10, "button", "********"), "Clicked a button"),
    "nameless in a dialog": (
        el(9, "div", el(10, "button"), role="dialog", aria_label="Settings"),
        "Clicked a button in “Settings”",
    ),
    "nameless in a form": (el(9, "form", el(8, "h3", "Address"), el(10, "select")), "Clicked a list in “Address”"),
    "picture": (el(10, "img", alt="A cat"), "Clicked the picture “A cat”"),
    "video": (el(10, "video"), "Clicked a video"),
    "blocked": (el(10, "div", class_="x", rr_width="10px", rr_height="10px"), "Clicked a hidden area"),
    "paragraph": (el(10, "p", "Your plan ends today."), "Clicked the text “Your plan ends today.”"),
    "big area": (el(10, "div", el(12, "p", "many words " * 20)), "Clicked an area of the page"),
    "form around a button": (el(10, "form", el(12, "button", "Send")), "Clicked an area of the page"),
    "text node": (el(9, "button", text("Save", 10)), "Clicked “Save”"),
    "editor": (el(10, "div", contenteditable="true", data_placeholder="Message Nora"), "Clicked into “Message Nora”"),
    "hostile name": (el(10, "button", "a\u202eb\x00 <img>" + "x" * 500), "Clicked “ab <img>" + "x" * 51 + "…”"),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_click_has_the_name_of_its_target(case):
    body, title = NAMED[case]
    assert after_click(body).title == title


def test_a_click_has_facts_for_whoever_looks_closer():
    entry = after_click(el(10, "button", "Send", id="send"))
    assert (entry.at_ms, entry.window_id) == (1000, "w")
    assert entry.properties == {
        "action": "click",
        "by": "mouse",
        "target": "“Send”",
        "name": "Send",
        "role": "button",
        "tag": "button",
        "x": 50,
        "y": 60,
        "node_id": 10,
        "selector": "button#send",
    }


def test_a_name_is_that_of_the_moment_of_the_click():
    change = mutated(500, texts=[{"id": 11, "value": "Stop"}])
    timeline = session(meta(0), full(1, el(10, "button", text("Send", 11))), change, click(1000, 10), scroll(1100, 1))
    assert titles(timeline, "click") == ["Clicked “Stop”"]


def test_a_label_removed_and_added_again_is_found():
    label = el(8, "label", "E-mail", for_="m")
    timeline = session(
        meta(0),
        full(1, label, el(10, "input", id="m")),
        click(1000, 10),
        mutated(2000, removes=[{"id": 8, "parentId": 3}]),
        added(2001, 3, el(18, "label", "Work e-mail", for_="m")),
        click(3000, 10),
    )
    assert titles(timeline, "click") == ["Clicked into “E-mail”", "Clicked into “Work e-mail”"]


def test_a_click_on_a_node_that_is_not_there_is_told_all_the_same():
    timeline = session(meta(0), full(1), click(1000, 77))
    assert titles(timeline, "click", "dead_click") == ["Clicked something on the page"]


def test_a_click_on_a_label_that_comes_again_on_its_field_is_one():
    body = el(9, "label", "Remember me", el(10, "input", type="checkbox"))
    again = mouse(1002, CLICK, 10)
    timeline = session(meta(0), full(1, body), click(1000, 9), again, typed(1003, 10, "on", isChecked=True))
    assert titles(timeline, "click", "input") == ["Clicked “Remember me”", "Ticked “Remember me”"]


def test_double_clicks_context_menus_and_taps_have_their_words():
    body = el(10, "button", "Row")
    double = session(meta(0), full(1, body), click(1000, 10), click(1200, 10), mouse(1201, DOUBLE, 10), scroll(1300, 5))
    assert titles(double, "click") == ["Double-clicked “Row”"]
    menu = session(meta(0), full(1, body), mouse(990, DOWN, 10), mouse(1000, MENU, 10))
    assert titles(menu, "click") == ["Opened the context menu of “Row”"]
    tap = session(
        meta(0), full(1, body), mouse(900, TOUCH_START, 10), mouse(1000, CLICK, 10, pointerType=2), scroll(1100, 9)
    )
    assert titles(tap, "click") == ["Tapped “Row”"]


def test_a_click_without_a_press_at_0_0_came_from_the_keyboard_if_the_focus_was_there():
    body = el(9, "form", el(11, "input", name="query"), el(10, "button", "Search"))
    by_enter = session(meta(0), full(1, body), mouse(500, FOCUS, 11), mouse(1000, CLICK, 10, 0, 0))
    assert titles(by_enter, "click") == ["Pressed “Search” with the keyboard"]
    assert told(by_enter, "click")[0].properties["by"] == "keyboard"
    unsure = session(meta(0), full(1, body), mouse(500, FOCUS, 11), mouse(600, BLUR, 11), mouse(1000, CLICK, 10, 0, 0))
    assert titles(unsure, "click") == ["“Search” was pressed without the mouse"]


def test_text_that_is_marked_is_no_click():
    body = el(10, "p", text("It is ", 11), el(12, "b", text("refundable", 13)), text(" for 90 days.", 14))
    timeline = session(
        meta(0),
        full(1, body),
        mouse(1000, DOWN, 10, 10, 50),
        selected(1100, 13, 0, 13, 4),
        selected(1200, 13, 0, 14, 8),
        mouse(1300, 0, 10, 90, 50),
        mouse(1301, CLICK, 10, 90, 50),
    )
    (entry,) = told(timeline, "click")
    assert entry.title == "Marked “refundable for 90”"
    assert (entry.at_ms, entry.until_ms, entry.properties["action"]) == (1000, 1300, "select")


def clicks(count: int, apart_ms: int, apart_px: int = 0, node_id: int = 10) -> list[tuple[int, Json]]:
    return [
        part for number in range(count) for part in click(1000 + number * apart_ms, node_id, 50 + number * apart_px)
    ]


SEND = el(10, "button", "Send")


def test_clicks_repeated_in_a_row_are_one_rage_click():
    timeline = session(meta(0), full(1, SEND), clicks(5, 400, 3), added(2900, 3, el(90, "p")))
    (entry,) = told(timeline, "rage_click", "click", "dead_click")
    assert (entry.kind, entry.level, entry.at_ms, entry.until_ms) == ("rage_click", "warning", 1000, 2600)
    assert entry.title == "Clicked “Send” 5 times in a row"
    assert (entry.properties["count"], entry.properties["dead"]) == (5, False)


def test_a_rage_click_that_nothing_answers_says_so():
    timeline = session(meta(0), full(1, SEND), clicks(3, 300))
    (entry,) = told(timeline, "rage_click")
    assert entry.title == "Clicked “Send” 3 times in a row, and nothing happened"
    assert entry.properties["dead"] is True


@pytest.mark.parametrize(("count", "apart_ms", "apart_px"), [(2, 300, 0), (3, 1001, 0), (3, 300, 30)])
def test_fewer_slower_or_wider_clicks_are_no_rage(count, apart_ms, apart_px):
    timeline = session(meta(0), full(1, SEND), clicks(count, apart_ms, apart_px), scroll(3100, 5))
    assert told(timeline, "rage_click") == []
    assert len(told(timeline, "click", "dead_click")) == count


@pytest.mark.parametrize(
    "body",
    [
        el(10, "button", "Next"),
        el(10, "button", "+"),
        el(10, "textarea"),
        el(10, "p", "Read me"),
        el(10, "input", type="range"),
    ],
)
def test_what_is_made_for_many_clicks_is_no_rage(body):
    timeline = session(meta(0), full(1, body), clicks(4, 200), scroll(2000, 5))
    assert told(timeline, "rage_click") == []


def test_a_click_that_nothing_answers_is_dead():
    timeline = session(meta(0), full(1, SEND), click(1000, 10), added(3501, 3, el(90, "p")))
    (entry,) = told(timeline, "dead_click", "click")
    assert (entry.kind, entry.level) == ("dead_click", "warning")
    assert entry.title == "Clicked “Send”, and nothing happened"


ANSWERS = {
    "a mutation": added(3500, 3, el(90, "p")),
    "a mutation while the button is down": added(960, 3, el(90, "p")),
    "scrolling": scroll(2000, 40),
    "an input": typed(1400, 11, "x"),
    "a style rule": (1300, {"type": 3, "data": {"source": 8, "id": 5, "adds": []}}),
    "a drawing": (1300, {"type": 3, "data": {"source": 9, "id": 5}}),
    "a video that plays": (1300, {"type": 3, "data": {"source": 7, "type": 0, "id": 5}}),
    "a request": network(5000, request(1100)),
    "another address": tag(3000, "$pageview", {"href": "https://shop.example/done"}),
    "a slow page": meta(8000, "https://shop.example/done"),
    "the window hidden": tag(1800, "window hidden"),
    "the focus set elsewhere": mouse(1200, FOCUS, 11),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_click_that_anything_answers_is_not_dead(what):
    parts = [meta(0), full(1, SEND, el(11, "input")), *click(1000, 10), ANSWERS[what]]
    timeline = session(sorted(parts, key=lambda part: part[0]))
    assert told(timeline, "dead_click") == []


@pytest.mark.parametrize(
    "body",
    [
        el(10, "a", "Docs", href="https://elsewhere.example/"),
        el(10, "a", "Docs", href="/docs", target="_blank"),
        el(10, "a", "Mail us", href="mailto:a@example.com"),
        el(10, "a", "Invoice", href="/invoice", download=""),
        el(10, "a", "Cart", href="/cart"),
        el(10, "a", "Prices", href="#prices"),
        el(10, "button", "Copy link"),
        el(10, "button", aria_label="Download report"),
        el(10, "button", "In", class_="clipboard-btn"),
        el(9, "div", el(12, "canvas"), el(10, "button", "Closer")),
        el(9, "div", el(12, "iframe"), el(10, "button", "Pay")),
        el(10, "button", "Overview", role="tab", aria_selected="true"),
        el(10, "input", type="text"),
        el(9, "label", el(10, "span", "Name")),
        el(10, "select"),
        el(10, "p", "Read me"),
        el(10, "div", el(12, "p", "words " * 40)),
        el(10, "canvas"),
    ],
)
def test_what_need_not_change_the_page_is_never_dead(body):
    timeline = session(meta(0), full(1, body), click(1000, 10))
    assert told(timeline, "dead_click") == []
    assert len(told(timeline, "click")) == 1


@pytest.mark.parametrize(
    "body", [el(10, "a", "More", href="/more"), el(10, "a", "Menu", href="#"), el(10, "div", "Open", role="button")]
)
def test_links_and_roles_that_do_nothing_are_dead(body):
    assert len(told(session(meta(0), full(1, body), click(1000, 10)), "dead_click")) == 1


def test_nobody_knows_of_a_click_just_before_the_end():
    assert told(session(meta(0), full(1, SEND), click(1000, 10), end_ms=3499), "dead_click") == []
    assert len(told(session(meta(0), full(1, SEND), click(1000, 10), end_ms=3500), "dead_click")) == 1


def test_a_click_that_opens_another_window_is_not_dead():
    opener = window("a", [meta(0), full(1, SEND), *click(1000, 10), tag(20_000, "$session_ending")])
    opened = window("b", [meta(2000), full(2001, SEND)])
    assert told(build_timeline(recording(opener, opened)), "dead_click") == []
