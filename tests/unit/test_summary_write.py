"""The summary a stranger reads: word for word, its first line, its size, and what it says of the clip itself."""

from pathlib import Path
from typing import Any

import pytest

from renderer.story.steps import choose_steps
from renderer.summary.facts import gather
from renderer.summary.headline import headline
from renderer.summary.markdown import visible_bytes
from renderer.summary.timing import ClipTimes
from renderer.summary.write import MOST_BYTES, MOST_STEPS, MOST_VISIBLE_BYTES, write_summary
from renderer.timeline.model import Entry, LlmCall, Timeline
from tests.unit.story_fixtures import W, call, entry, plan, sample, timeline
from tests.unit.summary_fixtures import manifest

GOLDEN = Path(__file__).parent / "golden" / "summary.md"
SKIPPED = [(20_700, 27_500), (40_400, 49_700)]


def summary(told: Timeline, shown: Any = None, **other: Any) -> str:
    shown = shown or plan()
    return write_summary(manifest(shown, told, **other), told, choose_steps(told, shown))


def test_the_sample_word_for_word() -> None:
    """After a change that is meant, look at what is new, and write it to the file."""
    text = summary(sample(), plan(skipped=SKIPPED))
    assert text == GOLDEN.read_text("utf-8")
    assert visible_bytes(text) < 3500


HEADLINES: list[tuple[list[Entry], list[LlmCall], str]] = [
    ([], [], "Nothing that the recording tells of happened in this clip."),
    ([], [call(1, 0, 900)], "The user asked nora-4-mini a question; no errors were recorded."),
    (
        [],
        [call(1, 0, 900, model="a", satisfied=True), call(2, 1000, None, model="b"), call(3, 3000, 4000, model="c")],
        "The user asked a and two other models three times; one call got no answer; one answer got a thumbs-up.",
    ),
    (
        [],
        [call(n, n * 1000, n * 1000 + 9, tools_called=("search",), model=None) for n in range(12)],
        "The application called the model 12 times for the user; no errors were recorded.",
    ),
    (
        [],
        [
            call(1, 0, 900, status="failed", error="overloaded"),
            call(2, 1000, 1900, status="failed", http_status=429),
            call(3, 2000, 2900, status="failed", error="overloaded"),
            call(4, 3000, 3900, satisfied=False),
            call(5, 4000, 4900, satisfied=False),
        ],
        "The user asked nora-4-mini five times; three calls failed (overloaded, HTTP 429 (too many requests)); two answers got "
        "a thumbs-down.",
    ),
    (
        [
            entry(0, "page_load", "Opened “Shop”"),
            entry(1000, "click", "Clicked “A”"),
            entry(2000, "click", "Clicked “B”"),
            entry(3000, "navigation", "Went to /cart"),
            entry(4000, "input", "Typed in “Name”"),
            entry(5000, "rage_click", "Clicked “Pay” 5 times in a row", level="warning"),
            entry(6000, "exception", "TypeError: x is undefined", level="error"),
            entry(7000, "exception", "RangeError: y", level="error"),
            entry(8000, "request", "POST /pay failed with 502", level="error"),
        ],
        [],
        "The user opened “Shop”, went to one page, clicked three times and typed into one field; Page error: TypeError: x is "
        "undefined and one other exception; POST /pay failed with HTTP 502 (server error); the user clicked “Pay” 5 times in "
        "a row. The first error came at `0:06`, 1.0 s after this: Clicked “Pay” 5 times in a row.",
    ),
    (
        [entry(0, "click", "Clicked “A”"), entry(10, "console", "Console error: a", level="error")],
        [],
        "The user clicked once; the console shows one error. The first error came at `0:00`, 0.1 s after this: Clicked “A”.",
    ),
    ([entry(0, "scroll", "Scrolled down")], [], "The user looked at a page; no errors were recorded."),
]


@pytest.mark.parametrize(("entries", "calls", "sentence"), HEADLINES)
def test_headlines(entries: list[Entry], calls: list[LlmCall], sentence: str) -> None:
    told, shown = timeline(entries, calls), plan()
    made = manifest(shown, told)
    assert headline(gather(made, told), ClipTimes(made), choose_steps(told, shown)) == sentence
    assert summary(told).split("\n")[0] == sentence


def test_a_long_session_is_cut_and_says_so() -> None:
    clicks = [entry(at, "click", f"Clicked “{'long name ' * 8}{at}”") for at in range(0, 70_000, 500)]
    errors = [
        entry(at, "console", f"Console error: {at} {'ö' * 300}", level="error") for at in range(100, 60_000, 1000)
    ]
    requests = [
        entry(at, "request", f"GET /{at} failed with 500", level="error", method="GET", url=f"/{at}/{'x' * 200}", status=500)
        for at in range(150, 60_000, 1000)
    ]  # fmt: skip
    calls = [call(n, n * 1000, n * 1000 + 900, prompt="why " * 90, answer="so " * 300) for n in range(60)]
    text = summary(timeline([*clicks, *errors, *requests], calls), warnings=[
        {"code": f"w{n}", "message": f"oddity {n} " * 10, "count": n} for n in range(30)
    ])  # fmt: skip
    assert 2000 < visible_bytes(text) <= MOST_VISIBLE_BYTES
    assert len(text.encode()) <= MOST_BYTES
    assert "less telling steps left out here; the captions have all 40." in text
    assert "20 requests more in the manifest" in text
    assert "20 calls more in the manifest" in text
    assert text.count("<details>") == text.count("</details>") == 6


def test_no_more_steps_than_there_is_room_for() -> None:
    text = summary(timeline([entry(at * 1000, "click", f"Clicked “{at}”") for at in range(60)]))
    assert f"\n{MOST_STEPS}. " in text
    assert f"\n{MOST_STEPS + 1}. " not in text
    assert "15 less telling steps left out here" in text


def test_redaction_that_is_off_is_said_loudly_and_first() -> None:
    text = summary(sample(), redaction={"policy": "off", "digest": "", "counts": {}})
    assert text.split("\n\n")[1] == (
        "> **Redaction was switched off: this summary and the clip may show personal data and secrets.**"
    )
    assert "- **Redaction: off.** Nothing was hidden." in text


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "Redaction: policy “mine.toml”; nothing matched it."),
        ({"card_number": 1, "email": 1200, "urls": 0}, "Redaction: policy “mine.toml”; hidden: e-mail addresses, card number."),
        ({f"k{n}": n for n in range(1, 15)}, "hidden: k14, k13, k12, k11, k10, k9, k8, k7, k6, k5, k4, and more of other kinds."),
    ],
)  # fmt: skip
def test_what_was_hidden(counts: dict[str, int], said: str) -> None:
    assert said in summary(sample(), redaction={"policy": "mine.toml", "digest": "ab" * 32, "counts": counts})


def test_a_speed_measured_a_little_off_is_not_told() -> None:
    pieces = [{"video_ms": 0, "session_ms": 0, "speed": 1.0}, {"video_ms": 5000, "session_ms": 5000, "speed": 0.9956}]
    assert "Played at" not in summary(sample(), time_map=pieces)


def test_a_part_of_a_session_at_another_speed() -> None:
    shown = plan(10_000, 30_000, speed=2)
    text = summary(sample(), shown, clock_offsets=[{"source": "server", "offset_ms": -3120, "evidence": 4}])
    assert "- **Clip:** 0:10 of video, session time 0:10 to 0:30, of a session of 1:13 that began" in text
    assert "Played at 2 times the speed of the session." in text
    assert "| Server clock | server: -3,120 ms, from 4 events that both saw |" in text
    assert "POST /api/feedback" not in text, "happened after the clip"
    assert text.startswith(
        "The user asked nora-4-mini a question; one answer got a thumbs-up; no errors were recorded."
    )


def test_what_only_happened_elsewhere_is_not_told() -> None:
    told = timeline(
        [
            entry(1000, "console", "Console error: here", level="error"),
            entry(1000, "console", "Console error: elsewhere", level="error", window_id="w2"),
        ]
    )
    text = summary(told)
    assert "here" in text
    assert "elsewhere" not in text


def test_repeated_errors_and_requests_are_counted() -> None:
    polls = [
        entry(at, "request", f"GET /p took {at}", level="warning", method="GET", url="/p", status=200, duration_ms=at)
        for at in (4000, 9000, 6000)
    ]
    logs = [entry(at, "console", "Console error: again", level="error") for at in range(0, 70_000, 10_000)]
    text = summary(
        timeline([*polls, *logs, entry(5, "request", "GET /q got no answer", level="error", url="/q", status=0)])
    )
    assert "| 0:00 | Console error: again | 7 |" in text
    assert "| 0:04 | `GET /p` | 200 | up to 9.0 s | 3 |" in text
    assert "| 0:00 | `/q` | no answer |  | 1 |" in text


def test_costs_tokens_and_given_up_quality() -> None:
    one = call(1, 0, 2000, input_tokens=1200, output_tokens=34, cost_usd=0.00123, time_to_first_token_ms=400,
               finish_reason="length", trace_id="4bf92f3577b34da6", satisfied=False, feedback_text="wrong | date")  # fmt: skip
    files = [
        {"kind": "gif", "path": "c.gif", "bytes": 5, "sha256": "ab", "given_up": ["fewer colours (64 instead of 256)"]}
    ]
    text = summary(timeline([], [one]), files=files)
    assert (
        "| 0:00 | nora-4-mini | 2.0 s | 0.4 s | 1,200 in, 34 out | $0.0012 | answered (length) |"
        " thumbs-down: “wrong \\| date” |"
    ) in text
    assert "To keep the gif file small: fewer colours (64 instead of 256)." in text
    assert "(trace `4bf92f3577b34da6`)" in text


def test_times_follow_the_measured_map() -> None:
    shown = plan(5000, 65_000, skipped=[(10_000, 20_000)])
    times = ClipTimes(manifest(shown, sample()))
    assert [times.video_ms(at) for at in (0, 5000, 9000, 10_000, 15_000, 20_000, 21_000, 64_000, 99_000)] == [
        0, 0, 4000, 5000, 5000, 5000, 6000, 49_000, 50_000,
    ]  # fmt: skip
    assert times.skipped_ms() == 10_000
    assert [times.clock(ms) for ms in (0, 999, 61_000, 3_723_000)] == ["0:00", "0:00", "1:01", "1:02:03"]


def test_times_of_a_session_of_some_seconds_are_told_in_tenths() -> None:
    told = timeline(
        [entry(740, "click", "Clicked “Send”"), entry(1980, "exception", "Boom", level="error")], duration_ms=2460
    )
    said = summary(told, plan(400, 2460))
    assert "0:02.0 of video, session time 0:00.4 to 0:02.4, of a session of 0:02.4" in said
    assert "1. `0:00.3` (session 0:00.7) Clicked" in said
    assert "The first error came at `0:01.6`" in said


def test_the_window_that_is_shown_is_the_one_told() -> None:
    assert f"| Window | `{W}` |" in summary(sample())
