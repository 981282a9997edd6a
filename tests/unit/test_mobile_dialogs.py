"""Dialogs that Android records as windows of their own: over the screen that was there before, where the recording tells."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from renderer.recording.model import Recording
from tests import mobile
from tests.mobile import Json, change, full, keyboard, meta, picture, view, words
from tests.unit import recordings
from tests.unit.test_mobile_changes import assert_same, shown, texts

WIDTH, HEIGHT = SIZE = mobile.ANDROID
DIALOG = (40, 330, 331, 240)


def said(own: int, text: str) -> Json:
    return words(own, text, (60, 20 * (own % 40), 100, 20))


def screen(own: int, *inside: Json) -> Json:
    return view(own, "div", (0, 0, *SIZE), *inside, style={"backgroundColor": "#ffffff"})


def dialog(own: int, *inside: Json, box: tuple[float, float, float, float] = DIALOG, kind: str = "div") -> Json:
    return view(own, kind, box, *inside, style={"backgroundColor": "#eeeeee"})


def window(at_ms: int, name: str, root: Json) -> list[Json]:
    """As posthog-android begins a window: its title and the screen's size, then all that is in it."""
    return [meta(at_ms, name, SIZE), full(at_ms, root)]


LIST = window(0, "ListActivity", screen(1, said(2, "list"), said(3, "old")))
ASKED = window(10, "Dialog", dialog(11, said(12, "Delete?")))


def read(folder: Path, *events: Json) -> Recording:
    return recordings.read(folder, list(events))


def at(recording: Recording, *times_ms: int) -> list[Sequence[str]]:
    assert_same(recording)
    return [texts(shown(recording, at_ms)) for at_ms in times_ms]


def test_a_dialog_lies_over_the_screen_until_that_changes(tmp_path: Path) -> None:
    recording = read(
        tmp_path,
        *LIST,
        change(5, updates={1: said(3, "new")}),
        *ASKED,
        change(20, updates={11: said(12, "Really?")}),
        change(30, updates={1: said(3, "deleted")}),
        change(40, updates={11: said(12, "Undo?")}),
        change(50, adds={11: said(13, "Yes")}),
        change(60, removes={1: 3}),
    )
    assert at(recording, 9, 10, 20, 30, 40, 50, 60) == [
        ["list", "new"],
        ["list", "new", "Delete?"],
        ["list", "new", "Really?"],
        ["list", "deleted"],
        ["list", "deleted", "Undo?"],
        ["list", "deleted", "Undo?", "Yes"],
        ["list"],
    ]


def test_a_picture_of_a_dialog_lies_over_the_picture_of_the_screen(tmp_path: Path) -> None:
    shots = [
        view(own, "screenshot", box, base64=picture(colour, (20, 20)))
        for own, box, colour in ((1, (0, 0, *SIZE), "#ff0000"), (11, DIALOG, "#00ff00"))
    ]
    recording = read(tmp_path, *window(0, "A", shots[0]), *window(10, "B", shots[1]), *window(20, "A", shots[0]))
    pictures = [
        [node.attribute("style") for node in root.descendants() if node.tag == "img"]
        for root in (shown(recording, 10).root, shown(recording, 20).root)
        if root is not None
    ]
    assert [len(each) for each in pictures] == [2, 1]
    assert "left:40px;top:330px" in pictures[0][1]


def test_a_second_dialog_lies_over_the_screen_and_not_over_the_first(tmp_path: Path) -> None:
    """Nothing tells that one was closed."""
    other = window(20, "Dialog", dialog(21, said(22, "Saved")))
    assert at(read(tmp_path, *LIST, *ASKED, *other), 20) == [["list", "old", "Saved"]]


def test_what_comes_after_a_dialog_is_shown_alone(tmp_path: Path) -> None:
    other = window(20, "DetailActivity", screen(21, said(22, "detail")))
    again = [change(30, updates={11: said(12, "Delete this?")})]
    assert at(read(tmp_path, *LIST, *ASKED, *other, *again), 20, 30) == [["detail"], ["detail", "Delete this?"]]


@pytest.mark.parametrize(
    "box",
    [(0, 0, *SIZE), (0, 24, WIDTH, HEIGHT - 72), (24, 0, WIDTH - 48, HEIGHT), (-10, -10, WIDTH + 20, HEIGHT + 20)],
)
def test_a_window_that_fills_the_screen_but_for_bars_is_no_dialog(
    box: tuple[float, float, float, float], tmp_path: Path
) -> None:
    recording = read(tmp_path, *LIST, *window(10, "B", dialog(11, said(12, "detail"), box=box)))
    assert at(recording, 10) == [["detail"]]


@pytest.mark.parametrize(
    "box", [(0, 500, WIDTH, HEIGHT - 500), (0, 0, WIDTH, 300), (0, 0, 200, HEIGHT), (300, 0, 111, HEIGHT)]
)
def test_a_sheet_at_any_side_is_one(box: tuple[float, float, float, float], tmp_path: Path) -> None:
    recording = read(tmp_path, *LIST, *window(10, "B", dialog(11, said(12, "sheet"), box=box)))
    assert at(recording, 10) == [["list", "old", "sheet"]]


def test_where_the_screens_size_is_not_known_nothing_is_put_behind(tmp_path: Path) -> None:
    unsized = {"id": 1, "type": "div", "childWireframes": [said(2, "list")]}
    recording = read(tmp_path, full(0, unsized), ASKED[1])
    assert at(recording, 10) == [["Delete?"]]


def test_several_views_or_one_that_can_be_no_window_are_a_screen(tmp_path: Path) -> None:
    recording = read(
        tmp_path, *LIST, full(10, dialog(11, said(12, "a")), dialog(13, said(14, "b"))), full(20, said(15, "alone"))
    )
    assert at(recording, 10, 20) == [["a", "b"], ["alone"]]


def test_views_that_were_behind_are_there_once(tmp_path: Path) -> None:
    """Ids are unique among an app's views; where they are not, the dialog is shown alone."""
    same = window(10, "Dialog", dialog(11, said(2, "Delete?")))
    assert at(read(tmp_path, *LIST, *same), 10) == [["Delete?"]]
    moved = change(20, adds={11: said(3, "moved")})
    assert at(read(tmp_path, *LIST, *ASKED, moved), 20) == [["Delete?", "moved"]]
    nameless = [view(own, "div", DIALOG) | {"id": None} for own in (1, 2)]
    assert at(read(tmp_path, meta(0, "A", SIZE), full(0, screen(1, *nameless)), full(1, dialog(2, *nameless))), 1)


def test_the_keyboard_of_the_screen_behind_goes_with_it(tmp_path: Path) -> None:
    recording = read(tmp_path, *LIST, keyboard(5, is_open=True, height=100), *ASKED)
    root = shown(recording).root
    assert root is not None
    assert not [node for node in root.descendants() if node.attribute("class") == "wf-keyboard"]


def test_windows_with_ids_of_their_own_are_not_mixed(tmp_path: Path) -> None:
    """Two recorders number their views alike."""
    lines = [{"windowId": "a", **event} for event in LIST] + [{"windowId": "b", **event} for event in ASKED]
    recording = recordings.read(tmp_path, [*lines, {"windowId": "a", **change(30, updates={1: said(3, "new")})}])
    assert [window.id for window in recording.windows] == ["a", "b"]
    assert b"Delete?" not in b"".join(bytes(event.raw) for event in recording.windows[0].events)
    assert b"list" not in b"".join(bytes(event.raw) for event in recording.windows[1].events)
