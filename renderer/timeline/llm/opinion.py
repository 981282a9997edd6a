"""Whether somebody was satisfied, in the words that products use for it."""

from typing import Any

from renderer.timeline.values import number

_YES = frozenset({
    "up", "true", "yes", "1", "+1", "good", "positive", "like", "liked", "thumbs_up", "thumbsup", "thumbs up", "thumb_up",
    "helpful", "satisfied", "upvote", "👍",
})  # fmt: skip
_NO = frozenset({
    "down", "false", "no", "0", "-1", "bad", "negative", "dislike", "disliked", "thumbs_down", "thumbsdown", "thumbs down",
    "thumb_down", "unhelpful", "not_helpful", "not helpful", "unsatisfied", "dissatisfied", "downvote", "👎",
})  # fmt: skip


def opinion(value: Any) -> bool | None:
    """True for thumbs up, false, +1 … and False for their opposites; None for anything else, scales with stars included."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
    told = number(value)
    if told in {1.0}:
        return True
    return False if told in {0.0, -1.0} else None
