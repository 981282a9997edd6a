"""Chapters as ffmpeg reads them: an ffmetadata file (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from renderer.story.model import Chapter

# MP4's `chpl` box counts a title's bytes in one byte, and ffmpeg cuts there, through the middle of a letter.
MOST_TITLE_BYTES = 255
_SPECIAL = re.compile(r"[=;#\\\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def fitted(chapters: Sequence[Chapter], end_ms: int) -> tuple[Chapter, ...]:
    """What a film of `end_ms` whole milliseconds can hold: a chapter that reaches further would make the file longer, and
    one without a title makes ffmpeg leave the titles' track out.
    """
    return tuple(
        replace(chapter, end_ms=min(chapter.end_ms, end_ms), title=_one_line(chapter.title) or "…")
        for chapter in chapters
        if chapter.start_ms < min(chapter.end_ms, end_ms)
    )


def ffmetadata(chapters: Sequence[Chapter]) -> str:
    """The file's text."""
    lines = [";FFMETADATA1"]
    for chapter in chapters:
        title = _SPECIAL.sub(r"\\\g<0>", chapter.title)
        lines += [
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={chapter.start_ms}",
            f"END={chapter.end_ms}",
            f"title={title}",
        ]
    return "\n".join(lines) + "\n"


def _one_line(title: str) -> str:
    line = _CONTROL.sub(" ", title).strip()
    return line.encode("utf-8", "replace")[:MOST_TITLE_BYTES].decode("utf-8", "ignore").strip()
