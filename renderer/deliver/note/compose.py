"""The whole note, before any markup: what happened, the clip, the links, the steps; then the rest, folds at the end."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from renderer.deliver.note.document import (
    Block,
    Bullets,
    Code,
    Fold,
    Heading,
    Inline,
    Link,
    Media,
    Numbered,
    Paragraph,
    Quote,
    Strong,
    Text,
    words,
)
from renderer.deliver.note.read import read_summary
from renderer.deliver.note.tidy import clean
from renderer.plan.timecode import short_timecode
from renderer.story.words import at_word

MOST_TITLE = 120

TimeMap: TypeAlias = Sequence[tuple[int, int, float]]

_TIMECODE = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d\d)(?:\.(\d))?", re.ASCII)
_TOLD = re.compile(rf" \(session {_TIMECODE.pattern}\)", re.ASCII)
_END = re.compile(r"[.!?…][\"”’)]*(?=\s)")
_SENTENCE = re.compile(r".+?[.!?…][\"”’)]*(?=\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFacts:
    """`summary` is `clip.md`. `replay_url`: the session's replay in PostHog, without a time. `moment_ms`: session time that
    the link to the replay points to; without one it is the clip's start. `time_map`: (video_ms, session_ms, speed) as in
    the manifest. `watch_url`: where the clip is to be seen, `watch_says` until when. `media`: the clip as the ticket
    system shows it. `marker`: by it we find our own note again. `provenance`: a word more for the last line.
    """

    summary: str
    replay_url: str | None = None
    moment_ms: int | None = None
    time_map: tuple[tuple[int, int, float], ...] = ()
    watch_url: str | None = None
    watch_says: str = ""
    media: tuple[Media, ...] = ()
    marker: str
    provenance: str = ""


def compose(facts: NoteFacts) -> tuple[Block, ...]:
    """The first block is a paragraph of what happened, the last one the line with the marker."""
    first, alarms, rest = _parted(read_summary(facts.summary))
    steps, rest = _steps_first(rest)
    folds = [block for block in rest if isinstance(block, Fold)]
    others = [block for block in rest if not isinstance(block, Fold)]
    return (
        _with_headline(first),
        *alarms,
        *facts.media,
        *_links(facts),
        *(_timed(block, facts) for block in steps),
        *_with_title(others),
        *folds,
        _footer(facts),
    )


def _with_headline(first: Paragraph) -> Paragraph:
    """Its first sentence is what somebody reads who reads nothing else."""
    before: list[Inline] = []
    for place, inline in enumerate(first.inlines):
        end = _END.search(inline.text) if isinstance(inline, Text) else None
        if end is not None and isinstance(inline, Text):
            headline = (*before, Text(inline.text[: end.end()]))
            rest = inline.text[end.end() :]
            return Paragraph((Strong(headline), *([Text(rest)] if rest else []), *first.inlines[place + 1 :]))
        before.append(inline)
    return first


def plain_title(summary: str) -> str:
    """What happened in one sentence, as a title: at most MOST_TITLE characters, ended at a word."""
    first, _, _ = _parted(read_summary(summary))
    line = clean(words(first.inlines)).strip()
    sentence = _SENTENCE.match(line)
    return at_word((sentence[0] if sentence else line).rstrip("."), MOST_TITLE)


def session_ms(video_ms: int, time_map: TimeMap) -> int:
    """Session time of a time of the video; before the first piece that piece's start."""
    if not time_map:
        return video_ms
    begun = [piece for piece in time_map if piece[0] <= video_ms] or [time_map[0]]
    from_ms, at_ms, speed = begun[-1]
    return round(at_ms + max(0, video_ms - from_ms) * speed)


def replay_at(url: str, at_ms: int) -> str:
    """The replay at whole seconds of session time, the one that `at_ms` is in."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "t"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("t", str(max(0, at_ms) // 1000))])))


def _parted(blocks: tuple[Block, ...]) -> tuple[Paragraph, list[Block], list[Block]]:
    """The first line, warnings that stand right below it, everything else."""
    if not blocks or not isinstance(blocks[0], Paragraph):
        return Paragraph((Text("A clip of the session."),)), [], list(blocks)
    alarms = 1
    while alarms < len(blocks) and isinstance(blocks[alarms], Quote):
        alarms += 1
    return blocks[0], list(blocks[1:alarms]), list(blocks[alarms:])


def _steps_first(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """The section that holds the numbered steps, its heading first; and what is left."""
    place = next((at for at, block in enumerate(blocks) if isinstance(block, Numbered)), None)
    if place is None:
        return [], blocks
    start = next((at for at in range(place, -1, -1) if isinstance(blocks[at], Heading)), place)
    end = next((at for at in range(place + 1, len(blocks)) if isinstance(blocks[at], Heading | Fold)), len(blocks))
    return blocks[start:end], [*blocks[:start], *blocks[end:]]


def _with_title(blocks: Sequence[Block]) -> Iterable[Block]:
    """The facts stood on top of the summary, where they need no heading; a heading below which all was folded is left out."""
    if blocks and isinstance(blocks[0], Bullets):
        yield Heading(3, (Text("Where and when"),))
    for place, block in enumerate(blocks):
        below = blocks[place + 1] if place + 1 < len(blocks) else None
        if not isinstance(block, Heading) or (below is not None and not isinstance(below, Heading)):
            yield block


def _links(facts: NoteFacts) -> list[Block]:
    links: list[Inline] = []
    if facts.replay_url:
        start_ms = facts.time_map[0][1] if facts.time_map else 0
        at_ms = start_ms if facts.moment_ms is None else facts.moment_ms
        said = f"Watch the replay at {short_timecode(at_ms, tenths=False)}"
        links.append(Link((Text(said),), replay_at(facts.replay_url, at_ms)))
    if facts.watch_url:
        if links:
            links.append(Text(" · "))
        links.append(Link((Text("Watch the clip"),), facts.watch_url))
        if facts.watch_says:
            links.append(Text(f" ({facts.watch_says})"))
    return [Paragraph(tuple(links))] if links else []


def _timed(block: Block, facts: NoteFacts) -> Block:
    if facts.replay_url is None or not isinstance(block, Numbered):
        return block
    return Numbered(tuple(_linked(item, facts.replay_url, facts.time_map) for item in block.items))


def _linked(item: tuple[Inline, ...], replay_url: str, time_map: TimeMap) -> tuple[Inline, ...]:
    code = item[0] if item else None
    match = _TIMECODE.fullmatch(code.text) if isinstance(code, Code) else None
    if match is None:
        return item
    # Where the step tells the session's time, that is nearer than what a whole second of the video maps to.
    told = _TOLD.match(item[1].text) if len(item) > 1 and isinstance(item[1], Text) else None
    at_ms = _ms(told) if told else session_ms(_ms(match), time_map)
    return Link((Text(match[0]),), replay_at(replay_url, at_ms)), *item[1:]


def _ms(timecode: re.Match[str]) -> int:
    hours, minutes, seconds, tenths = (int(part or 0) for part in timecode.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + tenths * 100


def _footer(facts: NoteFacts) -> Paragraph:
    return Paragraph(
        (Text(" · ".join(part for part in ("Attached by renderer", facts.provenance, facts.marker) if part)),)
    )
