"""What is drawn on a canvas is content like any other: where text is hidden, so are drawings."""

from typing import Any

import pytest

from renderer.redact import OFF
from tests.unit.redact_fixtures import events_of, everything, meta, policy, recording, redacted

PIXELS = "UklGRsecretpixels"
DATA_URL = "data:image/png;base64,iVBORw0KGgosecretpixels"


def element(number: int, tag: str, *children: dict[str, Any], **attributes: str) -> dict[str, Any]:
    return {"type": 2, "id": number, "tagName": tag, "attributes": attributes, "childNodes": list(children)}


def page(*body: dict[str, Any]) -> dict[str, Any]:
    html = element(2, "html", element(3, "head"), element(4, "body", *body))
    return {
        "type": 2,
        "data": {"node": {"type": 0, "id": 1, "childNodes": [html]}, "initialOffset": {"left": 0, "top": 0}},
    }


def a_canvas(number: int = 9) -> dict[str, Any]:
    fallback = {"type": 3, "id": number + 50, "textContent": "fallback"}
    return element(number, "canvas", fallback, width="300", height="150", rr_dataURL=DATA_URL)


def picture(number: int = 9) -> dict[str, Any]:
    blob = {"rr_type": "Blob", "data": [{"rr_type": "ArrayBuffer", "base64": PIXELS}], "type": "image/webp"}
    bitmap = {"rr_type": "ImageBitmap", "args": [blob]}
    commands = [{"property": "clearRect", "args": [0, 0, 300, 150]}, {"property": "drawImage", "args": [bitmap, 0, 0]}]
    return {"type": 3, "data": {"source": 9, "id": number, "type": 0, "commands": commands}}


def words(*args: Any, number: int = 9) -> dict[str, Any]:
    return {"type": 3, "data": {"source": 9, "id": number, "type": 0, "property": "fillText", "args": list(args)}}


@pytest.mark.parametrize(
    "selectors", [{"block": ["canvas"]}, {"block": [".private"]}, {"mask": ["canvas"]}, {"mask": [".private"]}]
)
def test_no_picture_and_no_command_of_a_hidden_canvas_is_left(selectors: dict[str, list[str]]) -> None:
    private = element(8, "div", a_canvas(), **{"class": "private"})
    told = [meta(), page(private), picture(), words("secret words", 10, 10)]
    done = redacted(told, policy(selectors=selectors))
    left = everything(done.recording)
    assert b"secret" not in left
    assert all(event.get("data", {}).get("source") != 9 for event in events_of(done))
    assert done.report["blocked_elements"] >= 1


def test_a_canvas_that_is_masked_keeps_its_place_as_a_box() -> None:
    done = redacted([meta(), page(a_canvas()), picture()], policy(selectors={"mask": ["canvas"]}))
    snapshot = next(event for event in events_of(done) if event["type"] == 2)
    canvas = snapshot["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"][0]
    assert canvas["needBlock"] is True
    assert canvas["childNodes"] == []
    assert canvas["attributes"] == {"width": "300", "height": "150", "rr_width": "300px", "rr_height": "150px"}


def test_a_masked_canvas_that_comes_later_is_hidden_as_well() -> None:
    added = {"parentId": 8, "nextId": None, "node": a_canvas(19) | {"childNodes": []}}
    change = {"type": 3, "data": {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [added]}}
    told = [meta(), page(element(8, "div", **{"class": "private"})), change, picture(19)]
    assert b"secret" not in everything(redacted(told, policy(selectors={"mask": [".private"]})).recording)


def test_texts_and_addresses_in_commands_are_scrubbed_and_pictures_stay() -> None:
    image = {"rr_type": "HTMLImageElement", "src": "https://cdn.example/a.png?for=jane@example.com"}
    draw = {"type": 3, "data": {"source": 9, "id": 9, "type": 0, "property": "drawImage", "args": [image, 0, 0]}}
    told = [meta(), page(a_canvas()), words("call jane@example.com", 10, 10), picture(), draw]
    done = redacted(told)
    left = everything(done.recording)
    assert b"jane@example.com" not in left
    assert PIXELS.encode() in left
    assert any("jane@example.com" in address for address in done.aliases.values()), "it is loaded by its own address"
    assert b"jane@example.com" in everything(redacted(told, OFF).recording)


def test_canvases_beside_a_hidden_one_are_kept() -> None:
    private = element(8, "div", a_canvas(), **{"class": "private"})
    told = [meta(), page(private, a_canvas(10)), picture(), picture(10)]
    kept = [
        event["data"]["id"]
        for event in events_of(redacted(told, policy(selectors={"mask": [".private"]})))
        if event["type"] == 3
    ]
    assert kept == [10]


def test_recordings_of_such_canvases_are_read_at_all() -> None:
    assert recording([meta(), page(a_canvas()), picture()]).event_count == 3
