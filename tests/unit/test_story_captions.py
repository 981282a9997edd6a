"""Captions are WebVTT that a library and ffmpeg read, that does not overlap, and can be read by a person."""

import io
import subprocess
from itertools import pairwise

import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from webvtt.models import Timestamp

from renderer.plan.model import ClipPlan
from renderer.story.captions import LEAST_SHOWN_MS, MOST_LINES, write_captions
from renderer.story.chapters import LEAST_LENGTH_MS, MOST_CHAPTERS, build_chapters
from renderer.story.model import Step
from renderer.story.steps import choose_steps
from renderer.timeline.model import Kind, Level
from tests.unit.story_fixtures import call, entry, plan, sample, timeline

HOSTILE = "</v><c.red>a & b --> 00:00:01.000 <b>\n\nNOTE x\nWEBVTT"


def step(number: int, video_ms: int, until_ms: int, text: str, kind: Kind = "click", level: Level = "info") -> Step:
    return Step(
        number=number, at_ms=video_ms, video_ms=video_ms, until_video_ms=until_ms, text=text, kind=kind, level=level
    )


def cues(text: str) -> list[tuple[int, int, list[str]]]:
    read = webvtt.from_buffer(io.StringIO(text))
    return [(_ms(cue.start), _ms(cue.end), cue.lines) for cue in read.captions]


def _ms(time: str) -> int:
    at = Timestamp.from_string(time)
    return ((at.hours * 60 + at.minutes) * 60 + at.seconds) * 1000 + at.milliseconds


def test_the_sample() -> None:
    text = write_captions(choose_steps(sample(), plan(skipped=[(20_700, 27_500), (40_400, 49_700)])))
    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:04.800\nOpened “Billing help”\n\n2\n")
    read = cues(text)
    assert read[8] == (33_600, 38_800, ["Skipped 9.3 s in which nothing was done", "Scrolled up"])
    assert read[9] == (38_800, 44_800, ["Gave the answer a thumbs-down; POST /api/feedback failed with 500"])


def test_no_steps_is_a_valid_file() -> None:
    assert write_captions(()) == "WEBVTT\n"


def test_hostile_text_stays_text() -> None:
    text = write_captions([step(1, 0, 3000, HOSTILE), step(2, 3000, 5000, "  ")])
    assert text.count("-->") == 2
    assert text.count("\n\n") == 2, "the header's and one between the cues"
    assert "&lt;/v&gt;&lt;c.red&gt;a &amp; b --&gt; 00:00:01.000 &lt;b&gt; NOTE x WEBVTT" in text
    assert [line for *_, lines in cues(text) for line in lines][1] == "…"


def test_ffmpeg_reads_them() -> None:
    told = [step(1, 3_599_500, 3_601_000, "Asked “Größe & <Preis>?” 日本語"), step(2, 3_601_000, 3_604_000, "Second")]
    argv = ["ffmpeg", "-v", "error", "-f", "webvtt", "-i", "-", "-f", "srt", "-"]
    srt = subprocess.run(argv, input=write_captions(told).encode(), capture_output=True, check=True)
    assert srt.stderr == b""
    assert srt.stdout.decode().splitlines() == [
        "1",
        "00:59:59,500 --> 01:00:01,000",
        "Asked “Größe & <Preis>?” 日本語",
        "",
        "2",
        "01:00:01,000 --> 01:00:04,000",
        "Second",
        "",
    ]


def test_a_crowd_keeps_what_matters() -> None:
    crowd = [step(n, n * 10, n * 10 + 10, f"Clicked {n}") for n in range(9)]
    crowd.append(step(10, 100, 6100, "Console error: x", "console", "error"))
    ((start, end, lines),) = cues(write_captions(crowd))
    assert (start, end) == (0, 6100)
    assert lines == ["Clicked 0", "Console error: x", "… and 8 more"]


def test_the_last_moment_can_be_read() -> None:
    told = [step(1, 0, 4960, "First"), step(2, 4960, 5000, "Last")]
    assert [(start, end) for start, end, _ in cues(write_captions(told))] == [(0, 4000), (4000, 5000)]
    tight = [step(1, 3500, 4960, "First"), step(2, 4960, 5000, "Last")]
    assert [(start, end) for start, end, _ in cues(write_captions(tight))] == [(3500, 4500), (4500, 5000)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(["info", "error"]), st.text(max_size=40)), max_size=30),
    st.integers(1, 20_000),
)
def test_cues_and_chapters_never_overlap(happened: list[tuple[int, Level, str]], to_ms: int) -> None:
    shown = plan(0, to_ms, skipped=[(to_ms // 3, to_ms // 2)] if to_ms > 6000 else [])
    entries = [
        entry(at, "exception" if at % 2 else "click", text, level=level, window_id="w1") for at, level, text in happened
    ]
    steps = choose_steps(timeline(entries), shown)
    text = write_captions(steps)
    assert text.encode().decode() == text
    read = cues(text)
    assert bool(read) == bool(steps)
    for before, after in pairwise(read):
        assert before[1] <= after[0]
        assert before[1] - before[0] >= LEAST_SHOWN_MS
    for start, end, lines in read:
        assert 0 <= start < end <= shown.duration_ms
        assert 0 < len(lines) <= MOST_LINES
    chapters_hold(steps, shown)


def chapters_hold(steps: tuple[Step, ...], shown: ClipPlan) -> None:
    chapters = build_chapters(steps, shown)
    assert len(chapters) <= MOST_CHAPTERS
    if not chapters:
        return
    assert chapters[0].start_ms == 0
    assert chapters[-1].end_ms == shown.duration_ms
    assert all(before.end_ms == after.start_ms for before, after in pairwise(chapters))
    assert len(chapters) == 1 or all(one.end_ms - one.start_ms >= LEAST_LENGTH_MS for one in chapters)
    assert all(0 < len(one.title) <= 60 for one in chapters)


def test_chapters_of_the_sample() -> None:
    shown = plan(skipped=[(20_700, 27_500), (40_400, 49_700)])
    chapters = build_chapters(choose_steps(sample(), shown), shown)
    chapters_hold(choose_steps(sample(), shown), shown)
    assert [(one.start_ms, one.title) for one in chapters] == [
        (0, "Opened “Billing help”"),
        (4800, "Went to /billing/conversation"),
        (11_120, "Asked nora-4-mini: “Why is my invoice higher?”"),
        (17_520, "nora-4-mini answered after 6.4 s (1,352 tokens)"),
        (18_920, "Gave the answer a thumbs-up"),
        (26_200, "Asked nora-4-mini: “If I downgrade, is it refunded?”"),
        (32_000, "nora-4-mini answered after 5.8 s (1,561 tokens)"),
        (38_800, "Thumbs-down; POST /api/feedback failed with 500"),
        (46_320, "Asked nora-4-mini: “Which is right?”"),
        (47_640, "nora-4-mini failed after 1.3 s: model_overloaded (503)"),
        (49_520, "Asked nora-4-mini: “Which is right?”"),
        (55_080, "nora-4-mini answered after 5.6 s (1,785 tokens)"),
    ]


def test_a_clip_that_begins_with_little_has_a_chapter_for_it() -> None:
    shown = plan(0, 30_000)
    happened = timeline([entry(100, "click", "Clicked “x”")], [call(1, 12_000, 13_000, prompt="Why? " * 30)])
    chapters = build_chapters(choose_steps(happened, shown), shown)
    assert [(one.start_ms, one.end_ms) for one in chapters] == [(0, 12_000), (12_000, 13_000), (13_000, 30_000)]
    assert chapters[0].title == "Start"
    assert chapters[1].title == "Asked nora-4-mini: “Why? Why? Why? Why? Why? Why? Why? Why…”"
    assert build_chapters(choose_steps(timeline([entry(100, "click", "x")]), shown), shown) == ()
