"""The clip in words: what a person who was not there has to know, with the video's own times."""

from dataclasses import dataclass, field

from renderer.timeline.model import Entry, Kind, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the story. `at_ms` session time, `video_ms` where the clip shows it; `number` from 1.

    `until_video_ms` is when the line leaves the picture: at the next step, or after MOST_SHOWN_MS (MOST_IDLE_MS for what
    was skipped). `count` repeats were folded into it; `tells` are the entries it stands for.
    """

    number: int
    at_ms: int
    video_ms: int
    until_video_ms: int
    text: str
    kind: Kind
    level: Level
    count: int = 1
    tells: tuple[Entry, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Video time `start_ms` ≤ t < `end_ms`; chapters of a clip follow one another without a hole, the first begins at 0."""

    start_ms: int
    end_ms: int
    title: str
