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

Overlay = Literal["pointer", "ripples", "labels", "skips", "header", "timeline", "steps", "llm", "console", "network"]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pointer(_Message):
    """Where the pointer was last seen, in the recorded window's CSS pixels; `touch`: a finger, `pressed`: it is down."""

    x: float
    y: float
    touch: bool
    pressed: bool


class Place(_Message):
    """The page has this address and title from `at_ms` on, until the next Place."""

    at_ms: int
    url: str
    title: str


class Tab(_Message):
    """The window that is shown from `from_ms` on is the recording's `number`th of `count`; said until `to_ms`."""

    from_ms: int
    to_ms: int
    number: int
    count: int


class Mark(_Message):
    """On the bottom timeline, from `at_ms` to `until_ms` (null: a point). `kind` chooses shape, colour and lane; `up`, `down`: thumbs,
    `disliked`: at the end of a call whose answer the user did not like."""

    at_ms: int
    until_ms: int | None
    kind: Literal["navigation", "user", "up", "down", "feedback", "llm", "llm_failed", "disliked", "warning", "error"]


class Gap(_Message):
    """Session time in which nothing happened, shown `speed` times as fast as the rest of the clip; 0: the clip leaves it out.

    Gaps are sorted and do not overlap.
    """

    from_ms: int
    to_ms: int
    speed: float


class Line(_Message):
    """A step of the story, shown for `from_ms` ≤ t < `to_ms`."""

    from_ms: int
    to_ms: int
    text: str
    level: Literal["info", "warning", "error"]


class Card(_Message):
    """One LLM call. It appears at `start_ms` and is pending until `end_ms`, when `status` and all else is told.

    An unanswered call has no end of its own: the host says when to stop waiting for it. `latency_ms` is what was told (it may
    differ from end less start); the answer begins `first_token_ms` after the start. `facts` are short words for when it is over:
    tokens, cost, finish reason, tools. `rating` and `feedback` appear at `rated_at_ms`. Texts are "" when not known.
    """

    start_ms: int
    end_ms: int
    status: Literal["answered", "failed", "unanswered"]
    latency_ms: int | None
    first_token_ms: int | None
    model: str
    prompt: str
    answer: str
    facts: list[str]
    error: str
    rating: Literal["up", "down"] | None
    rated_at_ms: int | None
    feedback: str


class Toast(_Message):
    """A console message or a request worth a glance, for `from_ms` ≤ t < `to_ms`. `count`: so many alike at once."""

    from_ms: int
    to_ms: int
    kind: Literal["console", "network"]
    level: Literal["warning", "error"]
    text: str
    count: int


class ClickName(_Message):
    """What was clicked at `at_ms`, or several times from then to `until_ms`: written beside the ripple."""

    at_ms: int
    until_ms: int
    text: str


class Scene(_Message):
    """Everything that overlays draw, known before the first picture. All text is plain, of one line, redacted and cut to fit;
    all lists are sorted by time.

    `from_ms`…`to_ms` is the clip's range, `duration_ms` the whole session's length. `ticks_ms`, sorted: session times at which the
    clock, the playhead and a pending call's counter move, whatever else happens; they also move with each line, card, toast and
    place that changes. In between they stand still, so that a clock costs one picture a second. `tenths`: the session is so short
    that its clock tells tenths of a second.
    """

    from_ms: int
    to_ms: int
    duration_ms: int
    tenths: bool = False
    ticks_ms: list[int] = []
    places: list[Place] = []
    tabs: list[Tab] = []
    marks: list[Mark] = []
    gaps: list[Gap] = []
    lines: list[Line] = []
    cards: list[Card] = []
    toasts: list[Toast] = []
    clicks: list[ClickName] = []


class Setup(_Message):
    """`width_px` x `height_px` is the picture; the recorded window is scaled into it and letterboxed.

    `pointer`: from before the first event that is loaded; null when unknown. `opening`: the first snapshot that is loaded is the
    window's first, a page that has just been opened. `canvases`: rrweb ids of those that were recorded at any time of the window.
    """

    width_px: int
    height_px: int
    overlays: list[Overlay]
    pointer: Pointer | None
    opening: bool
    canvases: list[int]
    scene: Scene


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
    null when nothing is known to come. `loading`: pictures, fonts or style sheets are on their way or may be;
    `fonts`: how many fonts are.
    `changed`: false when the page looks as it did after the step before. `sprites` lie over it, the last on top: what they do
    does not count as a change.
    """

    done: bool
    session_ms: int
    next_ms: int | None
    loading: bool
    fonts: int
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
    partial_canvases: int
    unrecorded_media: int
    shown: bool
    first_problem: Annotated[str, Field(max_length=300)]


MESSAGES: tuple[type[_Message], ...] = (
    Pointer,
    Place,
    Tab,
    Mark,
    Gap,
    Line,
    Card,
    Toast,
    ClickName,
    Scene,
    Setup,
    Step,
    Sprite,
    Stepped,
    Pending,
    Report,
)
