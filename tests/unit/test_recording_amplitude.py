"""What Amplitude's SDK writes beside rrweb's events: its configuration, requests, addresses; style sheets in snapshots."""

from pathlib import Path
from typing import Any

import pytest

from renderer.recording.model import EventType, Source
from renderer.timeline.build import build_timeline
from tests.unit import recordings as build

CONFIG: dict[str, Any] = {
    "apiKey": "secret-key",
    "privacyConfig": {"defaultMaskLevel": "light", "blockSelector": [".card", "#pin"], "maskSelector": [".name"]},
}
DEBUG = {"totalStorageSize": 0, "config": CONFIG, "version": "1.51.6"}


def request(at_ms: int, **told: object) -> dict[str, Any]:
    start_ms = build.START_MS + at_ms - 30
    known = {"timestamp": start_ms, "type": "fetch", "method": "GET", "url": "/carts?id=1", "duration": 22.0}
    return build.custom(at_ms, "fetch-request", known | told | DEBUG)


def read(folder: Path, *events: dict[str, Any]) -> Any:
    return build.read(folder, build.SHAPES["amplitude"][0]([build.meta(), build.full(), *events]))


def test_the_configuration_is_left_out_and_what_it_hides_is_kept_to(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        build.custom(5, "metadata", {"joinedConfig": CONFIG, "sessionId": 1}),
        build.custom(6, "debug-info", DEBUG),
        build.custom(7, "targeting-decision", DEBUG),
        build.move(9),
    )
    assert b"secret-key" not in b"".join(bytes(event.raw) for event in made.windows[0].events)
    assert made.event_count == 3
    assert (made.privacy.block, made.privacy.mask_text) == ((".card", "#pin"), (".name",))
    assert (made.privacy.mask_all_inputs, made.privacy.mask_all_text, made.privacy.unreadable) == (False, False, 0)


@pytest.mark.parametrize(
    ("level", "hides"), [("light", (False, False)), ("medium", (True, False)), ("conservative", (True, True))]
)
def test_levels_of_masking(level: str, hides: tuple[bool, bool], tmp_path: Path) -> None:
    config = {"privacyConfig": {"defaultMaskLevel": level}}
    made = read(tmp_path, build.custom(5, "debug-info", DEBUG | {"config": config}))
    assert (made.privacy.mask_all_inputs, made.privacy.mask_all_text) == hides


def test_an_event_of_the_application_with_the_same_name_stays(tmp_path: Path) -> None:
    made = read(tmp_path, build.custom(5, "metadata", {"plan": "pro"}), build.custom(6, "fetch-request", "x"))
    assert [entry.title for entry in build_timeline(made).entries if entry.kind == "custom"] == [
        "Event “metadata”",
        "Event “fetch-request”",
    ]


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ({"status": 500}, "GET /carts failed with 500"),
        ({"status": 201, "type": "xhr", "method": "POST"}, "POST /carts answered 201"),
        ({"error": {"name": "TypeError", "message": "Failed to fetch"}}, "GET /carts failed: Failed to fetch"),
        ({"status": 404, "url": "https://api.example/v1"}, "GET api.example/v1 failed with 404"),
    ],
)
def test_requests(told: dict[str, object], title: str, tmp_path: Path) -> None:
    made = read(tmp_path, request(500, **told), build.move(600))
    (entry,) = [entry for entry in build_timeline(made).entries if entry.kind == "request"]
    assert (entry.title, entry.at_ms, entry.properties["duration_ms"]) == (title, 470, 22)
    assert b"secret-key" not in b"".join(bytes(event.raw) for event in made.windows[0].events)


def test_addresses_without_a_new_document(tmp_path: Path) -> None:
    def went(at_ms: int, href: str) -> dict[str, Any]:
        payload = {"href": href, "title": "", "viewportHeight": 1, "viewportWidth": 1, "type": "url-change-event"}
        return build.meta(at_ms) | {"type": 6, "data": {"plugin": "amplitude/url-tracking@1", "payload": payload}}

    made = read(
        tmp_path,
        went(5, "https://shop.example/"),
        went(6, "about:srcdoc"),
        went(3000, "https://shop.example/cart"),
        build.move(6000),
    )
    told = [entry.at_ms for entry in build_timeline(made).entries if entry.kind == "navigation"]
    assert told == [3000]


def test_style_sheets_that_a_snapshot_holds_become_events(tmp_path: Path) -> None:
    """rrweb's player takes them from events alone."""
    sheets = [{"styleId": 7, "rules": [{"rule": "p { color: red }", "index": 0}]}]
    host = {"type": 2, "id": 40, "tagName": "div", "attributes": {}, "childNodes": [], "isShadowHost": True}
    later = {"type": 3, "timestamp": build.START_MS + 9, "data": {"source": 15, "id": 1, "styleIds": [7]}}
    full = build.full()
    full["data"]["node"]["adoptedStyleSheets"] = sheets
    added = build.mutation(5, [{"parentId": 3, "nextId": None, "node": host | {"adoptedStyleSheets": sheets}}])
    made = build.read(tmp_path, [build.meta(), full, added, later])
    adopting = [event for event in build.played(made) if event["data"].get("source") == Source.ADOPTED_STYLE_SHEET]
    assert [(event["timestamp"] - build.START_MS, event["data"]["id"]) for event in adopting] == [
        (1, 1),
        (5, 40),
        (9, 1),
    ]
    assert [event["data"].get("styles") for event in adopting] == [sheets, sheets, None]
    assert [event.type for event in made.windows[0].events[:3]] == [
        EventType.META,
        EventType.FULL_SNAPSHOT,
        EventType.INCREMENTAL,
    ]
    assert b"adoptedStyleSheets" not in b"".join(bytes(event.raw) for event in made.windows[0].events)


@pytest.mark.parametrize("sheets", [None, "x", [1], [{"styleId": "x"}], {"a": []}])
def test_style_sheets_that_are_none(sheets: object, tmp_path: Path) -> None:
    full = build.full()
    full["data"]["node"]["adoptedStyleSheets"] = sheets
    made = build.read(tmp_path, [build.meta(), full, build.move(5)])
    styles = [event["data"].get("styles") for event in build.played(made) if event["data"].get("source") == 15]
    assert styles in ([], [[]])
