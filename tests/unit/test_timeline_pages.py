"""Page loads, navigation, places, windows and what of them the user looked at."""

import pytest

from renderer.timeline.build import build_timeline
from tests.unit.timeline_fixtures import (
    HREF,
    Json,
    added,
    click,
    el,
    event,
    full,
    meta,
    mutated,
    network,
    recording,
    request,
    resize,
    scroll,
    session,
    tag,
    text,
    titles,
    told,
    window,
)

PAGES = ("page_load", "navigation")


def test_the_first_page_is_opened_by_its_title():
    timeline = session(meta(0), full(30, title="Your cart"))
    (entry,) = told(timeline, *PAGES)
    assert (entry.kind, entry.at_ms, entry.title) == ("page_load", 0, "Opened “Your cart”")
    assert entry.properties["url"] == HREF
    assert entry.properties["host"] == "shop.example"


@pytest.mark.parametrize(
    ("href", "title"),
    [
        (HREF, "Opened shop.example/cart"),
        ("https://shop.example/", "Opened shop.example"),
        ("", "Opened the page"),
        ("about:blank", "Opened the page"),
    ],
)
def test_a_page_without_a_title_has_its_address(href, title):
    assert titles(session(meta(0, href), full(1, title="")), "page_load") == [title]


def test_several_reports_of_a_navigation_are_one():
    there = "https://shop.example/done"
    timeline = session(
        meta(0),
        full(1),
        tag(5000, "$url_changed", {"href": there}),
        tag(5010, "$pageview", {"href": there}),
        meta(6000, there),
        full(6001),
        meta(9000, there),
        full(9001),
    )
    entries = told(timeline, *PAGES)
    assert [(entry.kind, entry.at_ms, entry.title) for entry in entries[1:]] == [("navigation", 5000, "Went to /done")]


def test_an_address_that_is_rewritten_while_it_is_typed_is_one_navigation():
    base = "https://shop.example/search"
    timeline = session(
        meta(0),
        full(1),
        [tag(3000 + 200 * number, "$url_changed", {"href": f"{base}?q={'x' * number}"}) for number in range(9)],
    )
    entries = told(timeline, "navigation")
    assert [entry.title for entry in entries] == ["Went to /search"]
    assert entries[0].properties["url"] == f"{base}?q=xxxxxxxx"


def test_another_host_is_named():
    timeline = session(meta(0), full(1), meta(5000, "https://pay.example/now?x=1"), full(5001, title="Pay"))
    (entry,) = told(timeline, "navigation")
    assert (entry.title, entry.properties["page_title"]) == ("Went to pay.example/now", "Pay")


def test_a_periodic_snapshot_is_no_load():
    timeline = session(meta(0), full(1), meta(6000), full(6001), meta(12_000), full(12_001))
    assert len(told(timeline, *PAGES)) == 1


@pytest.mark.parametrize(
    "sign",
    [
        tag(6050, "$recording_started", {"reason": "recording_initialized"}),
        event(5990, 1, {}),
        event(6010, 0, {}),
        network(7000, request(5800, HREF, entryType="navigation", initiatorType="navigation")),
    ],
)
def test_a_snapshot_of_a_page_that_started_anew_is_a_reload(sign):
    parts = sorted([meta(0), full(1), meta(6000), full(6001), sign], key=lambda part: part[0])
    entries = told(session(parts), *PAGES)
    assert [(entry.kind, entry.at_ms, entry.title) for entry in entries[1:]] == [("page_load", 6000, "Reloaded “Cart”")]


def test_another_page_that_was_loaded_is_opened():
    timeline = session(
        meta(0),
        full(1),
        meta(6000, "https://shop.example/pay"),
        full(6001, title="Pay"),
        tag(6100, "$recording_started", {}),
    )
    assert titles(timeline, *PAGES) == ["Opened “Cart”", "Opened “Pay”"]


def test_places_follow_addresses_and_titles():
    title = el(5, "title", text("Cart", 6))
    timeline = session(
        meta(0),
        full(10),
        mutated(2000, texts=[{"id": 6, "value": "Cart (1)"}]),
        tag(3000, "$pageview", {"href": "https://shop.example/done"}),
        mutated(3100, removes=[{"id": 5, "parentId": 4}]),
        added(3200, 4, el(15, "title", "Done")),
        added(4000, 3, el(16, "svg", el(17, "title", "An icon"))),
    )
    assert title["id"] == 5
    assert [(place.at_ms, place.url, place.title) for place in timeline.places] == [
        (0, HREF, "Cart"),
        (2000, HREF, "Cart (1)"),
        (3000, "https://shop.example/done", "Cart (1)"),
        (3100, "https://shop.example/done", ""),
        (3200, "https://shop.example/done", "Done"),
    ]


def test_hostile_titles_and_addresses_are_cut():
    timeline = session(meta(0, "https://shop.example/" + "x" * 1_000_000), full(1, title="\u202e<b>" + "t" * 1_000_000))
    (place,) = timeline.places
    assert len(place.url) == 2000
    assert place.title.startswith("<b>ttt")
    assert len(place.title) == 200
    assert all(len(entry.title) <= 220 for entry in timeline.entries)


def test_a_second_window_is_opened_visited_and_left():
    one = window("a", [meta(0), full(1), *click(1000, 3), *click(12_000, 3), tag(20_000, "$session_ending")])
    two = window(
        "b", [meta(5000, "https://shop.example/help"), full(5001, title="Help"), *click(6000, 3), scroll(8000, 500)]
    )
    timeline = build_timeline(recording(one, two))
    found = [(entry.at_ms, entry.window_id, entry.title) for entry in told(timeline, "page_load", "tab")]
    assert found == [
        (0, "a", "Opened “Cart”"),
        (5000, "b", "Opened “Help” in a new tab"),
        (11_930, "a", "Went back to the tab “Cart”"),
    ]


def test_positions_that_come_late_are_no_change_of_window():
    def moved(at_ms: int, *late_ms: int) -> tuple[int, Json]:
        positions = [{"x": 1, "y": 1, "id": 3, "timeOffset": -late} for late in late_ms]
        return event(at_ms, 3, {"source": 1, "positions": positions})

    one = window("a", [meta(0), full(1), moved(1000), moved(5200, 400, 0), tag(9000, "$session_ending")])
    two = window("b", [meta(2000), full(2001), moved(3000), moved(5000, 480, 430), moved(8000)])
    found = told(build_timeline(recording(one, two)), "tab")
    assert [(entry.at_ms, entry.window_id) for entry in found] == [(4800, "a"), (8000, "b")]


def test_sizes_are_told_once_a_burst_and_a_screen_keyboard_never():
    timeline = session(
        meta(0, width=400, height=800),
        full(1),
        resize(1000, 400, 660),
        resize(3000, 400, 800),
        resize(5000, 600, 700),
        resize(5500, 800, 600),
        resize(9000, 600, 800),
    )
    assert [(entry.at_ms, entry.until_ms, entry.title) for entry in told(timeline, "viewport")] == [
        (5000, 5500, "The window was resized to 800 × 600"),
        (9000, None, "The screen was turned, to 600 × 800"),
    ]
    assert timeline.environment.viewport_px == (400, 800)


def test_windows_hidden_and_networks_lost_are_told_by_their_own_names():
    names = ["window hidden", "window visible", "browser offline", "browser online"]
    timeline = session(meta(0), full(1), [tag(1000 * number, name, {}) for number, name in enumerate(names, 1)])
    entries = told(timeline, "visibility")
    assert [entry.name for entry in entries] == names
    assert [entry.title for entry in entries] == [
        "Left this tab",
        "Came back to this tab",
        "The browser went offline",
        "The browser was online again",
    ]
    assert [entry.level for entry in entries] == ["info", "info", "warning", "info"]


def test_custom_events_are_the_applications_alone():
    payload = {"cart": [1, {"deep": {"deeper": {"deepest": 1}}}], "note": "\u202ex" * 500}
    timeline = session(
        meta(0), full(1), tag(1000, "checkout", payload), tag(1100, "sessionIdle", {}), tag(1200, "$x", {})
    )
    (entry,) = told(timeline, "custom")
    assert (entry.title, entry.name) == ("Event “checkout”", "checkout")
    assert entry.properties["payload"] == {"cart": (1, {"deep": "…"}), "note": "x" * 199 + "…"}


def test_idle_is_where_neither_the_user_nor_an_answer_does_anything():
    def answer(at_ms: int) -> tuple[int, Json]:
        return mutated(
            at_ms,
            adds=[{"parentId": 3, "nextId": None, "node": text("forty characters of an answer that comes.", at_ms)}],
        )

    timeline = session(
        meta(0), full(1), scroll(1000, 5), answer(7000), scroll(11_000, 9), scroll(16_000, 5), end_ms=22_000
    )
    entries = told(timeline, "idle")
    assert [(entry.at_ms, entry.until_ms) for entry in entries] == [(1000, 7000), (16_000, 22_000)]
    assert [entry.title for entry in entries] == ["Nothing happened for 6 s", "Nothing happened for 6 s"]


def test_what_another_window_does_is_not_idle():
    one = window("a", [meta(0), full(1), scroll(500, 5), tag(12_000, "$session_ending")])
    two = window("b", [meta(4000), full(4001), scroll(8000, 50)])
    assert told(build_timeline(recording(one, two)), "idle") == []


def test_a_user_agent_that_is_recorded_names_browser_and_system():
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0"
    environment = session(meta(0), full(1), tag(500, "device", {"userAgent": agent})).environment
    assert (environment.browser, environment.os) == ("Edge 156", "Windows")
    mobile = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
    environment = session(meta(0), full(1), tag(500, "device", {"userAgent": mobile})).environment
    assert (environment.browser, environment.os) == ("Safari 19", "iOS 19")
