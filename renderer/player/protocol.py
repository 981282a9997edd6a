"""What host and page say to each other: the one source of player_assets/src/protocol.gen.ts (`make protocol`).

The page is a pure function of (events, setup, session time). The host calls `window.player`:

    setUp(Setup)           once after the page has loaded
    load(events)           [[at_ms, rrweb event], …] in time order, in chunks; `at_ms` is session time
    step(Step) -> Stepped  applies what happened up to Step.session_ms and draws the overlays for it, sprites excepted
    pending() -> Pending   what the picture still waits for
    report() -> Report     what could not be replayed so far
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from renderer.frames import SpriteKind

Overlay = Literal["pointer", "ripples", "labels", "skips"]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pointer(_Message):
    """Where the pointer was last seen, in the recorded window's CSS pixels; `touch`: a finger, `pressed`: it is down."""

    x: float
    y: float
    touch: bool
    pressed: bool


class Setup(_Message):
    """`width_px` x `height_px` is the picture; the recorded window is scaled into it and letterboxed.

    `pointer`: from before the first event that is loaded; null when unknown. `opening`: the first snapshot that is loaded is the
    window's first, a page that has just been opened.
    """

    width_px: int
    height_px: int
    overlays: list[Overlay]
    pointer: Pointer | None
    opening: bool


class Step(_Message):
    """Show session time `session_ms`; it never decreases. `skipped_ms`: say that so much was left out, 0 for nothing."""

    session_ms: int
    skipped_ms: int


class Sprite(_Message):
    """Drawn over the picture by the host: see renderer.frames.Sprite, which has the same fields."""

    kind: SpriteKind
    x_px: int
    y_px: int
    scale: float
    step: int


class Stepped(_Message):
    """`done` is false when the page stopped on the way to keep calls short: step again with the same message.

    `next_ms` is the earliest session time at which the picture may differ from this one (the host need not look before), or
    null when nothing is known to come. `loading`: pictures, fonts or style sheets are on their way or may be.
    `changed`: false when the page looks as it did after the step before. `sprites` lie over it, the last on top: what they do
    does not count as a change.
    """

    done: bool
    session_ms: int
    next_ms: int | None
    loading: bool
    changed: bool
    sprites: list[Sprite]


class Pending(_Message):
    """How many pictures and fonts the page is still waiting for."""

    images: int
    fonts: int


class Report(_Message):
    """Counts since the page was set up. `shown`: the page was not empty all the time; `first_problem`: the first
    exception's message, for our own logs.
    """

    events_applied: int
    events_failed: int
    nodes_missing: int
    unrecorded_iframes: int
    unrecorded_canvases: int
    unrecorded_media: int
    shown: bool
    first_problem: Annotated[str, Field(max_length=300)]


MESSAGES: tuple[type[_Message], ...] = (Pointer, Setup, Step, Sprite, Stepped, Pending, Report)
