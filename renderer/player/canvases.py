"""What a window's recording holds of its canvases, for pages that start in the middle of it."""

from collections.abc import Sequence

import msgspec

from renderer.recording.decode.headers import Scalar
from renderer.recording.model import EventType, Source, Window

_CONTEXT_2D = 0  # rrweb's CanvasContext; WebGL cannot be drawn again from its commands


class _Command(msgspec.Struct, gc=False):
    property: Scalar = None


class _Drawing(msgspec.Struct, gc=False):
    id: Scalar = None
    type: Scalar = None
    commands: list[_Command] = []


class _DrawingEvent(msgspec.Struct, gc=False):
    data: _Drawing


class _Page(msgspec.Struct, gc=False):
    href: Scalar = None


class _Meta(msgspec.Struct, gc=False):
    data: _Page


_decode = msgspec.json.Decoder(_DrawingEvent).decode
_decode_meta = msgspec.json.Decoder(_Meta).decode
_FRAME = ("clearRect", "drawImage")


class WindowCanvases:
    """`drawn`: the rrweb ids of canvases that were recorded, sorted.

    Recorders that take pictures of a canvas take one when it has changed; a snapshot in between does not always hold it (a WebGL
    canvas reads as empty). So a page that starts later has to be given the last one.
    """

    def __init__(self, window: Window) -> None:
        self._shown: list[tuple[int, int | None, bool]] = []
        """Index of the event, the canvas, and whether it is a picture of the whole; None: from here on another page is shown."""
        href: Scalar = None
        for index, event in enumerate(window.events):
            try:
                if event.type == EventType.META:
                    told = _decode_meta(event.raw).data.href
                    if told != href:
                        self._shown.append((index, None, False))
                    href = told
                elif event.source == Source.CANVAS_MUTATION and event.type == EventType.INCREMENTAL:
                    drawing = _decode(event.raw).data
                    if isinstance(drawing.id, int) and drawing.type == _CONTEXT_2D:
                        whole = tuple(command.property for command in drawing.commands) == _FRAME
                        self._shown.append((index, drawing.id, whole))
            except msgspec.MsgspecError:
                continue
        self.drawn: Sequence[int] = sorted({canvas for _, canvas, _ in self._shown if canvas is not None})

    def frames_before(self, end: int) -> tuple[int, ...]:
        """Events before `end` with the last picture of each canvas of the page that is shown then, in order."""
        last: dict[int, int] = {}
        for index, canvas, whole in self._shown:
            if index >= end:
                break
            if canvas is None:
                last.clear()
            elif whole:
                last[canvas] = index
            else:
                last.pop(canvas, None)
        return tuple(sorted(last.values()))
