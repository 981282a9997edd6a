"""One spell of writing in one field: pauses for thought do not end it, other things that the user does there do."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from renderer.rules.happening import Sign, over_ms
from renderer.rules.language.durations import told as told_duration
from renderer.rules.signs.calls import is_question
from renderer.timeline.model import Entry

PAUSE_MS: Final = 30_000
"""Who writes a question stops to think for less than that."""
SENT_MS: Final = 10_000
"""What was written is on its way by then."""
SKEW_MS: Final = 1000
"""A server's clock is put right to within this: its call may seem to begin before the last key."""
_CHAT: Final = re.compile(
    r"\b(?:messages?|ask|asking|chat|prompts?|questions?|assistant|reply|copilot|frage|fragen|nachricht|demandez|posez|pregunta"
    r"|preguntar|mensaje|mensagem|pergunte|messaggio|domanda|bericht|vraag)\b|消息|提问|提問|问题|メッセージ|質問|메시지|질문",
    re.IGNORECASE,
)
_ELSEWHERE: Final = frozenset({"navigation", "page_load"})
_Field = tuple[object, object, object]


def typing_spells(entries: Iterable[Entry]) -> Iterator[Sign]:
    """`in_chat`: a field from which a question was sent in this session; where that is of none known, and there were calls, one whose
    name says so. `sent`: a call of a model followed within 10 s, or, of other fields, another page.
    """
    told = [entry for entry in entries if entry.kind == "input" or entry.kind in _ELSEWHERE or _is_call(entry)]
    calls = sorted(entry.at_ms for entry in told if _is_call(entry))
    pages = sorted(entry.at_ms for entry in told if entry.kind in _ELSEWHERE)
    spells = list(_spells(told))
    asked = _last_before(calls, spells)
    chats = {_chat(spell[0]) for spell in asked}
    for spell in spells:
        named = str(spell[0].properties.get("name") or "")
        in_chat = _chat(spell[0]) in chats if chats else bool(calls) and _CHAT.search(named) is not None
        sent = _follows(calls, _end(spell), SKEW_MS) or (not in_chat and _follows(pages, _end(spell)))
        yield _sign(spell, in_chat=in_chat, sent=sent)


def _is_call(entry: Entry) -> bool:
    return entry.kind == "llm_call" and is_question(entry)


def _spells(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    open_spell: list[Entry] = []
    for entry in entries:
        if entry.kind == "input" and "characters" in entry.properties:
            if open_spell and _goes_on(open_spell, entry):
                open_spell.append(entry)
                continue
            if open_spell:
                yield open_spell
            open_spell = [entry]
        elif open_spell and entry.kind != "input" and entry.window_id in {None, open_spell[0].window_id}:
            yield open_spell
            open_spell = []
    if open_spell:
        yield open_spell


def _goes_on(spell: Sequence[Entry], entry: Entry) -> bool:
    return _field(spell[0]) == _field(entry) and entry.at_ms - _end(spell) <= PAUSE_MS


def _field(entry: Entry) -> _Field:
    return entry.window_id, entry.properties.get("node_id"), entry.properties.get("name")


def _chat(entry: Entry) -> _Field:
    """Known by its name, as its number is another on each page."""
    name = entry.properties.get("name")
    return (None, None, name) if name else _field(entry)


def _end(spell: Sequence[Entry]) -> int:
    return over_ms(spell[-1])


def _last_before(calls_ms: Sequence[int], spells: Sequence[list[Entry]]) -> list[list[Entry]]:
    """What was written last before each call, within 10 s."""
    by_end = sorted(spells, key=_end)
    ends_ms = [_end(spell) for spell in by_end]
    places = (bisect_right(ends_ms, call_ms + SKEW_MS) - 1 for call_ms in calls_ms)
    return [
        by_end[place]
        for place, call_ms in zip(places, calls_ms, strict=True)
        if place >= 0 and call_ms - ends_ms[place] <= SENT_MS
    ]


def _follows(times_ms: Sequence[int], end_ms: int, early_ms: int = 0) -> bool:
    after = bisect_left(times_ms, end_ms - early_ms)
    return after < len(times_ms) and times_ms[after] - end_ms <= SENT_MS


def _sign(spell: Sequence[Entry], *, in_chat: bool, sent: bool) -> Sign:
    first, end_ms = spell[0], _end(spell)
    lengths = [each for entry in spell if isinstance(each := entry.properties.get("characters"), int)]
    took_ms = end_ms - first.at_ms
    where = f" into {target}" if isinstance(target := first.properties.get("target"), str) and target else ""
    return Sign(
        at_ms=first.at_ms,
        until_ms=end_ms,
        kind="typing",
        title=f"Typed for {told_duration(took_ms)}{where}",
        window_id=first.window_id,
        properties={
            "target": first.properties.get("target"),
            "name": first.properties.get("name"),
            "role": first.properties.get("role"),
            "type": first.properties.get("type"),
            "node_id": first.properties.get("node_id"),
            "characters": lengths[-1] if lengths else 0,
            "duration_ms": took_ms,
            "in_chat": in_chat,
            "sent": sent,
        },
    )
