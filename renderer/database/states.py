"""The words for how far something is, and which may follow which."""

from typing import Final, Literal, get_args

ClipStatus = Literal[
    "queued", "fetching", "rendering", "encoding", "publishing", "succeeded", "failed", "canceled", "expired"
]
RenderStatus = Literal["making", "ready", "gone", "deleted"]
SegmentStatus = Literal["waiting", "filming", "done"]
ListingStatus = Literal["waiting", "working", "done", "failed"]
SessionStatus = Literal["waiting", "looking", "matched", "no_match", "unreadable", "duplicate"]
DeliveryStatus = Literal["waiting", "queued", "sending", "succeeded", "failed", "canceled", "withdrawn"]

CLIP_STATUSES: Final[tuple[ClipStatus, ...]] = get_args(ClipStatus)
WORKING: Final = ("fetching", "rendering", "encoding", "publishing")
ENDED: Final = ("succeeded", "failed", "canceled", "expired")
UNFINISHED: Final = ("queued", *WORKING)

# A worker that is lost, or told to try again, gives a clip back to the queue from wherever it was. Stages only go forward.
_FOLLOWS: Final[dict[str, frozenset[str]]] = {
    "queued": frozenset({"fetching", "succeeded", "failed", "canceled"}),
    "fetching": frozenset({"rendering", "succeeded", "queued", "failed", "canceled"}),
    "rendering": frozenset({"encoding", "queued", "failed", "canceled"}),
    "encoding": frozenset({"publishing", "queued", "failed", "canceled"}),
    "publishing": frozenset({"succeeded", "queued", "failed", "canceled"}),
    "succeeded": frozenset({"expired"}),
    "failed": frozenset(),
    "canceled": frozenset(),
    "expired": frozenset(),
}


def may_follow(old: str, new: str) -> bool:
    """Whether a clip's status may turn from `old` into `new`. From queued and fetching it may succeed at once: by another's render."""
    return new in _FOLLOWS[old]


def is_before(old: str, new: str) -> bool:
    """Whether stage `new` comes after `old`: a late message must not turn a clip back."""
    order = UNFINISHED
    return old in order and new in order and order.index(new) > order.index(old)
