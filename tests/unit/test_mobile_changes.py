"""What changes on a screen, as rrweb tells it: played into the mirror of a document, it shows the same views."""

import gc
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from renderer.notices import Notices
from renderer.recording.dom.mirror import Mirror, Node
from renderer.recording.mobile.screen import Screen
from renderer.recording.mobile.wireframe import Wireframe
from renderer.recording.model import EventType, Recording
from tests import mobile
from tests.mobile import Json, change, full, keyboard, meta, tap, view, words
from tests.unit import recordings

SCREEN = mobile.IOS
BOX = (0, 0, 50, 20)


def read(folder: Path, events: Sequence[Json]) -> Recording:
    return recordings.read(folder, [meta(0, "Home", SCREEN), *events])


def shown(recording: Recording, until_ms: int = 10**9) -> Mirror:
    mirror = Mirror()
    for event in recording.windows[0].events:
        if event.at_ms <= until_ms:
            mirror.apply(event.type, event.source, json.loads(bytes(event.raw))["data"])
    return mirror


def texts(mirror: Mirror) -> list[str]:
    assert mirror.root is not None
    return [
        node.text for node in mirror.root.descendants() if node.type == 3 and node.parent and node.parent.tag != "style"
    ]


def nodes(mirror: Mirror) -> list[Node]:
    return list(mirror.root.descendants()) if mirror.root is not None else []


def kinds(recording: Recording) -> list[tuple[int, int, int | None]]:
    return [(event.at_ms, event.type, event.source) for event in recording.windows[0].events]


def mutations(recording: Recording) -> list[Json]:
    return [
        event["data"] for event in recordings.played(recording) if event["type"] == 3 and event["data"]["source"] == 0
    ]


def label(own: int, said: str) -> Json:
    return words(own, said, (0, 20 * own, 100, 20))


def test_an_updated_text_is_one_changed_text(tmp_path: Path) -> None:
    recording = read(tmp_path, [full(1, label(1, "one"), label(2, "two")), change(2, updates={0: label(1, "uno")})])
    (told,) = mutations(recording)
    assert [one["value"] for one in told["texts"]] == ["uno"]
    assert not (told["adds"] or told["removes"] or told["attributes"])
    assert texts(shown(recording)) == ["uno", "two"]


def test_an_updated_style_is_one_changed_attribute(tmp_path: Path) -> None:
    moved = label(1, "one") | {"x": 44}
    recording = read(tmp_path, [full(1, label(1, "one")), change(2, updates={0: moved})])
    (told,) = mutations(recording)
    assert len(told["attributes"]) == 1
    assert "left:44px" in told["attributes"][0]["attributes"]["style"]
    assert not (told["adds"] or told["removes"] or told["texts"])


def test_an_update_of_what_is_as_it_was_changes_nothing(tmp_path: Path) -> None:
    recording = read(tmp_path, [full(1, label(1, "one")), change(2, updates={0: label(1, "one")}), *tap(3, 1, 1)])
    assert mutations(recording) == []


def test_a_screenshot_after_a_screenshot_is_one_changed_source(tmp_path: Path) -> None:
    recording = recordings.read(tmp_path, mobile.screenshots())
    (told,) = mutations(recording)
    (changed,) = told["attributes"]
    assert changed["attributes"] == {"src": "data:image/png;base64," + mobile.picture("#00aa00", SCREEN)}


def test_an_updated_view_keeps_its_place_among_the_others(tmp_path: Path) -> None:
    boxes = [label(number, str(number)) for number in (1, 2, 3)]
    other = view(2, "input", BOX, inputType="button", value="button")
    recording = read(tmp_path, [full(1, view(9, "div", BOX, *boxes)), change(2, updates={9: other})])
    assert texts(shown(recording)) == ["1", "button", "3"]


def test_views_come_and_go(tmp_path: Path) -> None:
    events = [
        full(1, view(9, "div", BOX, label(1, "one"))),
        change(2, adds={9: view(8, "div", BOX, label(2, "two"), label(3, "three"))}),
        change(3, removes={9: 1}),
        change(4, removes={8: 2}, adds={8: label(4, "four")}),
        change(5, removes={0: 12345}),
    ]
    recording = read(tmp_path, events)
    assert [texts(shown(recording, at_ms)) for at_ms in (1, 2, 3, 4)] == [
        ["one"],
        ["one", "two", "three"],
        ["two", "three"],
        ["three", "four"],
    ]


def test_what_is_sent_twice_is_shown_once(tmp_path: Path) -> None:
    inside = label(2, "two")
    adds = [
        {"parentId": 9, "wireframe": view(8, "div", BOX, inside, label(3, "three"))},
        {"parentId": 8, "wireframe": inside},
        {"parentId": 9, "wireframe": view(8, "div", BOX, inside, label(3, "three"))},
    ]
    event = change(2) | {"data": {"source": 0, "adds": adds}}
    recording = read(tmp_path, [full(1, view(9, "div", BOX)), event])
    assert texts(shown(recording)) == ["two", "three"]


def test_a_view_that_moves_to_another_is_there_alone(tmp_path: Path) -> None:
    first = [view(1, "div", BOX, label(3, "three")), view(2, "div", BOX)]
    recording = read(tmp_path, [full(1, *first), change(2, adds={2: label(3, "three")})])
    mirror = shown(recording)
    assert texts(mirror) == ["three"]
    (told,) = mutations(recording)
    assert len(told["removes"]) == 1


def test_a_view_that_would_hold_itself(tmp_path: Path) -> None:
    events = [
        full(1, view(1, "div", BOX, view(2, "div", BOX, label(3, "three")))),
        change(2, adds={2: view(1, "div", BOX, label(4, "four"))}),
        change(3, adds={2: view(5, "div", BOX, view(1, "div", BOX, label(6, "six")))}),
    ]
    recording = read(tmp_path, events)
    assert_same(recording)


def test_same_ids_in_one_snapshot_are_two_views(tmp_path: Path) -> None:
    recording = read(tmp_path, [full(1, label(1, "one"), label(1, "again")), change(2, updates={0: label(1, "uno")})])
    assert texts(shown(recording)) == ["uno", "again"]


def test_typing_is_told_as_typing(tmp_path: Path) -> None:
    field = {"inputType": "text", "style": {"fontSize": 10}}
    events = [
        full(1, view(1, "input", BOX, value="", **field), view(2, "input", BOX, inputType="checkbox", label="Ok")),
        change(2, updates={0: view(1, "input", BOX, value="a", **field)}),
        change(3, updates={0: view(1, "input", BOX, value="ab", **field)}),
        change(4, updates={0: view(2, "input", BOX, inputType="checkbox", label="Ok", checked=True)}),
    ]
    recording = read(tmp_path, events)
    inputs = [event["data"] for event in recordings.played(recording) if event["data"].get("source") == 5]
    assert [(told["text"], told["isChecked"]) for told in inputs] == [("a", False), ("ab", False), ("", True)]
    assert mutations(recording) == []


def test_a_keyboard_opens_closes_and_stays_through_snapshots(tmp_path: Path) -> None:
    events = [
        full(1, label(1, "one")),
        keyboard(2, is_open=True, height=291),
        full(3, label(1, "two")),
        keyboard(4, is_open=False),
        keyboard(5, is_open=False),
        *tap(6, 1, 1),
    ]
    recording = read(tmp_path, events)
    there = []
    for at_ms in (1, 2, 3, 4, 5):
        root = shown(recording, at_ms).root
        assert root is not None
        there.append(
            [node.attribute("style") for node in root.descendants() if node.attribute("class") == "wf-keyboard"]
        )
    assert [len(found) for found in there] == [0, 1, 1, 0, 0]
    assert "height:291px" in there[1][0]
    assert "bottom:0" in there[1][0]
    assert [event["data"]["tag"] for event in recordings.played(recording) if event["type"] == 5] == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"x": 0, "y": 553, "width": 390, "height": 291}, ["top:553px", "left:0px", "width:390px", "height:291px"]),
        ({}, ["bottom:0", "width:100vw", "height:304px"]),
        ({"height": 1e12, "y": float("nan")}, ["bottom:0", "height:304px"]),
        ({"height": 9000}, ["bottom:0", "height:844px"]),
    ],
)
def test_where_a_keyboard_is(place: Json, expected: list[str], tmp_path: Path) -> None:
    recording = read(tmp_path, [full(1, label(1, "one")), keyboard(2, is_open=True, **place)])
    root = shown(recording).root
    assert root is not None
    (style,) = [node.attribute("style") for node in root.descendants() if node.attribute("class") == "wf-keyboard"]
    assert all(one in style for one in expected), style


def test_bars_lie_over_everything_wherever_they_were_sent(tmp_path: Path) -> None:
    inside = view(1, "div", BOX, view(2, "status_bar", BOX), label(3, "three"))
    recording = read(tmp_path, [full(1, inside, label(4, "four")), change(2, adds={1: label(5, "five")})])
    root = shown(recording).root
    assert root is not None
    order = [node.attribute("class") for node in root.descendants() if node.attribute("class").startswith("wf-")]
    assert order[-2:] == ["wf-bars", "wf-status-bar"]
    assert texts(shown(recording)) == ["three", "five", "four"]


def test_a_screen_that_the_user_comes_back_to_is_there_again(tmp_path: Path) -> None:
    """Android: each activity and dialog is snapshot once, what follows are changes, whichever is in front."""
    events = [
        full(1, view(1, "div", BOX, label(2, "list"), label(3, "old"))),
        keyboard(2, is_open=True, height=100),
        full(3, view(11, "div", BOX, label(12, "detail"))),
        change(4, updates={11: label(12, "detail, read")}),
        change(5, updates={1: label(3, "new")}),
        change(6, updates={11: label(12, "detail, again")}),
        full(7, view(1, "div", BOX, label(2, "list, anew"))),
        change(8, removes={11: 12}),
        change(9, adds={0: label(99, "unknown")}),
    ]
    recording = read(tmp_path, events)
    assert [texts(shown(recording, at_ms)) for at_ms in range(1, 10)] == [
        ["list", "old"],
        ["list", "old"],
        ["detail"],
        ["detail, read"],
        ["list", "new"],
        ["detail, again"],
        ["list, anew"],
        [],
        ["unknown"],
    ]
    assert_same(recording)
    there = [
        sum(node.attribute("class") == "wf-keyboard" for node in nodes(shown(recording, at_ms))) for at_ms in (2, 3, 5)
    ]
    assert there == [1, 0, 0]


def test_so_many_screens_are_kept(tmp_path: Path) -> None:
    screens = [full(own, view(10 * own, "div", BOX, label(10 * own + 1, str(own)))) for own in range(1, 21)]
    back = [change(30, updates={130: label(131, "kept")}), change(31, updates={10: label(11, "forgotten")})]
    recording = read(tmp_path, [*screens, *back])
    assert texts(shown(recording, 30)) == ["kept"]
    assert texts(shown(recording, 31)) == ["kept", "forgotten"]


def outline(node: Node) -> list[Any]:
    """A document without ids: what it is, says and holds."""
    children = [outline(child) for child in node.iter_children()]
    attributes = {name: value for name, value in node.attributes.items() if name not in {"value", "checked"}}
    live = node.value if node.value is not None else node.attribute("value")
    ticked = node.checked if node.checked is not None else node.attributes.get("checked") is True
    return [node.tag, node.text, sorted(attributes.items()), live if node.tag == "input" else "", ticked, children]


def assert_same(recording: Recording) -> None:
    """The player's document has every id once."""
    root = shown(recording).root
    assert root is not None
    own = [node.id for node in root.descendants()]
    assert len(own) == len(set(own))


def some_view(chance: random.Random, depth: int = 0) -> Json:
    own = chance.randrange(1, 25)
    kind = chance.choice(["text", "div", "div", "rectangle", "input", "image", "placeholder", "status_bar", "hologram"])
    inside = [some_view(chance, depth + 1) for _ in range(chance.randrange(0, 4))] if depth < 3 else []
    told: Json = {"text": chance.choice("abc"), "label": chance.choice("de"), "value": chance.choice(["", "v", "w"])}
    told["inputType"] = chance.choice(["text", "checkbox", "toggle", "button", "select", "progress", "dial"])
    told["checked"] = chance.random() < 0.5
    return view(own, kind, (chance.randrange(8) * 40, chance.randrange(20) * 40, 50, 20), *inside, **told)


def some_changes(chance: random.Random) -> Iterable[Json]:
    for at_ms in range(2, 40):
        lists = {
            name: [
                {"parentId": chance.randrange(0, 30), "wireframe": some_view(chance)}
                for _ in range(chance.randrange(0, 3))
            ]
            for name in ("adds", "updates")
        }
        removes = [{"parentId": 0, "id": chance.randrange(1, 25)} for _ in range(chance.randrange(0, 3))]
        yield change(at_ms) | {"data": {"source": 0, "removes": removes, **lists}}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_changes_the_document_has_what_a_new_snapshot_would_have(seed: int, tmp_path: Path) -> None:
    """The converter's own screen, drawn anew by a keyframe of the same views, is what the changes made of the document."""
    chance = random.Random(seed)
    recording = read(tmp_path, [full(1, *(some_view(chance) for _ in range(4))), *some_changes(chance)])
    assert_same(recording)
    mirror = shown(recording)
    for node in (mirror.root, *mirror.root.descendants()) if mirror.root else ():
        assert mirror.get(node.id) is node
    assert outline(mirror.root) == outline(drawn_anew(seed)) if mirror.root else False


def drawn_anew(seed: int) -> Node:
    """The screen after the same events, with nothing left of what was drawn on the way."""
    chance = random.Random(seed)
    screen = Screen(Notices())
    screen.replace([some_view(chance) for _ in range(4)])
    for event in some_changes(chance):
        screen.change(event["data"])
    for there in screen._all():
        there.drawn = None
    screen._drawn = screen._draw()
    fresh = Mirror()
    fresh.apply(EventType.FULL_SNAPSHOT, None, {"node": msgspec.json.decode(msgspec.json.encode(screen.document()))})
    assert fresh.root is not None
    return fresh.root


def test_a_screen_that_is_gone_is_freed_at_once() -> None:
    """Not by the collector: a session has hundreds of screens, and it went through all that is alive for each few."""
    screen = Screen(Notices())
    gc.collect()
    gc.disable()
    try:
        for turn in range(3):
            screen.replace([view(1, "div", (0, 0, 390, 844), *(label(own, f"{turn} {own}") for own in range(2, 90)))])
        assert sum(isinstance(one, Wireframe) for one in gc.get_objects()) == 89
    finally:
        gc.enable()
