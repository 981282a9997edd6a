"""Which canvases a window's recording holds, and which of their pictures a later page is given."""

from typing import Any

from renderer.player.canvases import WindowCanvases
from renderer.recording.model import Event, EventType, Source, Viewport, Window
from tests.unit.plan_fixtures import event

FRAME = [{"property": "clearRect", "args": [0, 0, 9, 9]}, {"property": "drawImage", "args": [{}, 0, 0]}]


def meta(at_ms: int, href: str = "https://x.test/") -> Event:
    return event(at_ms, EventType.META, href=href, width=800, height=600)


def drawing(at_ms: int, canvas: Any, *, kind: Any = 0, **more: Any) -> Event:
    return event(at_ms, EventType.INCREMENTAL, Source.CANVAS_MUTATION, id=canvas, type=kind, **more)


def canvases(*events: Event) -> WindowCanvases:
    return WindowCanvases(Window("main", events, (Viewport(0, 800, 600, None),)))


def test_the_last_picture_of_each_canvas_is_carried() -> None:
    held = canvases(
        meta(0), drawing(1, 7, commands=FRAME), drawing(2, 8, commands=FRAME), drawing(3, 7, commands=FRAME), meta(4), drawing(5, 7, commands=FRAME)
    )  # fmt: skip
    assert held.drawn == [7, 8]
    assert [held.frames_before(end) for end in range(7)] == [(), (), (1,), (1, 2), (2, 3), (2, 3), (2, 5)]


def test_commands_after_a_picture_are_not_in_it() -> None:
    held = canvases(meta(0), drawing(1, 7, commands=FRAME), drawing(2, 7, property="fillRect", args=[0, 0, 1, 1]))
    assert held.frames_before(3) == ()
    assert held.drawn == [7]


def test_another_page_has_other_canvases() -> None:
    held = canvases(
        meta(0), drawing(1, 7, commands=FRAME), meta(2, "https://x.test/other"), drawing(3, 9, commands=FRAME)
    )
    assert held.frames_before(2) == (1,)
    assert held.frames_before(3) == ()
    assert held.frames_before(4) == (3,)


def test_webgl_and_nonsense_are_no_pictures() -> None:
    held = canvases(
        meta(0), drawing(1, 7, kind=1, commands=FRAME), drawing(2, "7", commands=FRAME), drawing(3, 8, commands="no"), drawing(4, 8, kind=None)
    )  # fmt: skip
    assert held.drawn == []
    assert held.frames_before(9) == ()
