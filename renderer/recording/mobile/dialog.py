"""Which screens are dialogs, and what lies behind one.

Android records each of an app's windows for itself: a dialog comes as a full snapshot whose one view has the dialog's place and
size, after a Meta with those of the whole screen (posthog-android, PostHogReplayIntegration: `getLocationOnScreen`).
"""

from collections.abc import Sequence, Set
from typing import Final, NamedTuple

from renderer.recording.mobile.tree import Drawn
from renderer.recording.mobile.wireframe import Key, Wireframe

_FREE: Final = 0.12
"""Of the screen's width or height. System bars and cut-outs leave up to 8 % free beside a window that fills it."""
_WINDOWS: Final = frozenset({"div", "rectangle", "screenshot"})


class Behind(NamedTuple):
    """The views of a screen as they were when a dialog came over it, in the order in which they are painted."""

    drawn: tuple[Drawn, ...]
    keys: Set[Key]


NOTHING: Final = Behind((), frozenset())


def is_dialog(tops: Sequence[Wireframe], screen_px: tuple[float, float] | None) -> bool:
    """Whether the view in which all others are leaves a part of the screen free at any side. `screen_px`: width and height."""
    if screen_px is None or len(tops) != 1:
        return False
    (one,) = tops
    if one.type not in _WINDOWS or one.width is None or one.height is None or one.full_width:
        return False
    width, height = screen_px
    across, down = max(one.x, width - one.x - one.width), max(one.y, height - one.y - one.height)
    return across > _FREE * width or down > _FREE * height
