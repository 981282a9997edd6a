"""The same question once more: in other words, in the same words, or by a click on “Regenerate”."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rapidfuzz import fuzz

from renderer.rules.happening import Sign, over_ms
from renderer.rules.signs.calls import is_question
from renderer.rules.signs.words import content_words, plain_words
from renderer.timeline.model import Entry

WITHIN_MS: Final = 5 * 60_000
"""Later than that it is another question."""
LIKE: Final = 76
"""Of 100. With one word of four another, it is another question: “cancel” and “change”, one town and another."""
BY_HAND_MS: Final = 1000
"""So far apart the clocks of a click and of the call that it starts may be; nobody asks twice within that."""
_LOOKED_BACK: Final = 30
_CLICK_MS: Final = 3000
_FEWEST_WORDS: Final = 2
# Of 100 (rapidfuzz): "cancelo" and "cancelar" are one word.
_BENT: Final = 80
_MOST_BENT: Final = 12
_MADE_AGAIN: Final = re.compile(
    r"\b(?:re-?generate|(?:new|another|different) (?:answer|response)|neu generieren|neue antwort|régénérer|regenerar|rigenera)\b"
    r"|重新生成|重新回答|再生成|다시 생성",
    re.IGNORECASE,
)
_AGAIN: Final = re.compile(
    r"\b(?:try again|retry|redo|re-?run|ask again|noch einmal|nochmal|erneut|réessayer|reintentar|riprova|opnieuw)\b|重试|再試行",
    re.IGNORECASE,
)
# The model asked for tools, and is called with what they found: the same last question, and nobody asked.
_FOR_TOOLS: Final = re.compile(r"tool|function", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class About:
    """What a question is about: its content words, and those of them with digits."""

    words: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """`turn`: calls that one thing that the user did has set off have the same number."""

    call: Entry
    turn: int
    plain: str
    about: About


def asked_again(calls: Iterable[Entry], doings: Iterable[Entry]) -> Iterator[Sign]:
    """A sign at the first call of the user's that asks what an answered one of the last five minutes asked.

    `doings`: what the user typed and clicked. Calls between which the user did nothing are one question: agents, searches and titles
    take several.
    """
    listed = list(doings)
    done = sorted(over_ms(each) for each in listed if each.properties.get("action") != "select")
    made_again, again = _clicks(listed, _MADE_AGAIN), _clicks(listed, _AGAIN)
    before: list[_Asked] = []
    turn, told_turn = 0, -1
    for call in calls:
        if not is_question(call):
            continue
        if before and (not done or _happened(done, before[-1].call.at_ms + BY_HAND_MS, call.at_ms + BY_HAND_MS)):
            turn += 1
        prompt = str(call.properties.get("prompt") or "")
        plain = plain_words(prompt)
        asked = _Asked(call, turn, plain, about(plain))
        is_made_again = _is_near(made_again, call.at_ms)
        by_click = is_made_again or _is_near(again, call.at_ms)
        for earlier in islice(reversed(before), _LOOKED_BACK):
            if turn == told_turn or not _may_be_again(earlier, asked):
                continue
            same = _are_same(asked, earlier, by_click=by_click) or (is_made_again and not prompt)
            likeness = 100.0 if same else similarity(asked.about, earlier.about)
            if likeness >= LIKE:
                yield _sign(call, earlier.call, likeness, same_words=same, by_click=by_click)
                told_turn = turn
        before.append(asked)


def about(plain: str) -> About:
    """`plain`: words, as `plain_words` has them."""
    words = frozenset(content_words(plain))
    return About(words, frozenset(word for word in words if any(letter.isdigit() for letter in word)))


def similarity(one: About, other: About) -> float:
    """0 to 100: the part of the words that both have, also bent or mistyped. 0 of questions with too few to tell, or about other
    numbers.
    """
    fewest, total = min(len(one.words), len(other.words)), len(one.words) + len(other.words)
    if fewest < _FEWEST_WORDS or 200 * fewest < LIKE * total:
        return 0.0
    if one.numbers and other.numbers and one.numbers.isdisjoint(other.numbers):
        return 0.0
    shared = len(one.words & other.words)
    if 2 * shared >= fewest and max(len(one.words), len(other.words)) - shared <= _MOST_BENT:
        shared += _bent(one.words - other.words, other.words - one.words)
    return 200 * shared / total


def _bent(words: frozenset[str], others: frozenset[str]) -> int:
    """How many are the same word in another form."""
    rest = sorted(others)
    count = 0
    for word in sorted(words):
        same = next((each for each in rest if fuzz.ratio(word, each) >= _BENT), None)
        if same is not None:
            rest.remove(same)
            count += 1
    return count


def _may_be_again(earlier: _Asked, asked: _Asked) -> bool:
    then = earlier.call
    reason = then.properties.get("finish_reason")
    for_tools = _FOR_TOOLS.search(reason) if isinstance(reason, str) else then.properties.get("tools_called")
    waited_ms = asked.call.at_ms - over_ms(then)
    return (
        earlier.turn != asked.turn
        and 0 <= waited_ms <= WITHIN_MS
        and then.properties.get("status") == "answered"
        and not for_tools
    )


def _are_same(asked: _Asked, earlier: _Asked, *, by_click: bool) -> bool:
    """ "Why?" and "continue" are other questions each time, unless a click asked them."""
    is_telling = by_click or len(asked.about.words) >= _FEWEST_WORDS
    return is_telling and asked.plain == earlier.plain != ""


def _clicks(doings: Iterable[Entry], named: re.Pattern[str]) -> list[int]:
    clicks = (each for each in doings if each.kind in {"click", "rage_click"})
    return sorted(each.at_ms for each in clicks if named.search(str(each.properties.get("name") or "")))


def _happened(times_ms: Sequence[int], after_ms: int, to_ms: int) -> bool:
    return bisect_right(times_ms, after_ms) < bisect_right(times_ms, to_ms)


def _is_near(clicks_ms: Sequence[int], call_ms: int) -> bool:
    return _happened(clicks_ms, call_ms - _CLICK_MS - 1, call_ms + BY_HAND_MS)


def _sign(call: Entry, earlier: Entry, likeness: float, *, same_words: bool, by_click: bool) -> Sign:
    how = "by a click" if by_click else "in the same words" if same_words else "in other words"
    return Sign(
        at_ms=call.at_ms,
        until_ms=call.until_ms,
        kind="asked_again",
        title=f"Asked again {how}",
        window_id=call.window_id,
        properties={
            "call_id": call.properties.get("call_id"),
            "earlier_call_id": earlier.properties.get("call_id"),
            "prompt": call.properties.get("prompt"),
            "earlier_prompt": earlier.properties.get("prompt"),
            "similarity": round(likeness),
            "same_words": same_words,
            "by_click": by_click,
        },
    )
