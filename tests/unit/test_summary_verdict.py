"""The sentences of what a ticket is about, and what the page line, the steps and the tables say with them."""

from typing import Any

import pytest

from renderer.story.steps import choose_steps
from renderer.summary.facts import gather
from renderer.summary.headline import headline
from renderer.summary.timing import ClipTimes
from renderer.summary.verdict import verdict
from renderer.summary.write import write_summary
from renderer.timeline.model import Entry, LlmCall, Timeline
from tests.unit.story_fixtures import call, entry, plan, sample, timeline
from tests.unit.summary_fixtures import manifest

BAD = call(1, 0, 900, prompt="Is it refunded?", answer="Yes! In **full**.", satisfied=False, rated_at_ms=5000)
BUSY: dict[str, Any] = {"status": "failed", "error": "overloaded", "http_status": 503}

VERDICTS: list[tuple[list[LlmCall], str]] = [
    ([call(1, 0, 900, prompt="Why?", answer="So.")], ""),
    ([BAD], "The answer to “Is it refunded?” was disliked: “Yes! In full.”"),
    ([call(1, 0, 900, satisfied=False)], ""),
    ([call(1, 0, 900, satisfied=False, feedback_text="wrong terms")], "The user wrote: “wrong terms”."),
    ([call(1, 0, 900, prompt="Why?", satisfied=False)], "The answer to “Why?” was disliked."),
    # of an agent's calls, which share one thumb, the last that said something
    (
        [call(n, n * 1000, n * 1000 + 9, answer=said, satisfied=False, rated_at_ms=9000) for n, said in enumerate(["I look.", "It is 3.", None])],
        "This answer was disliked: “It is 3.”",
    ),
    # what came after the complaint
    (
        [BAD, call(2, 6000, 6900, prompt="Really?", answer="No. I was wrong.")],
        "The answer to “Is it refunded?” was disliked: “Yes! In full.” Then “Really?” was asked: nora-4-mini answered: “No. I was wrong.”",
    ),
    (
        [BAD, call(2, 6000, 6900, prompt="Really?", **BUSY), call(3, 8000, 8900, prompt="really? ", **BUSY), call(4, 9000, 9900, prompt="Really?", answer="No.")],
        "The answer to “Is it refunded?” was disliked: “Yes! In full.” "
        "Then “Really?” was asked: nora-4-mini failed twice (overloaded), then answered: “No.”",
    ),
    (
        [BAD, call(2, 6000, None, prompt="Is it refunded?")],
        "The answer to “Is it refunded?” was disliked: “Yes! In full.” The same was then asked again: nora-4-mini gave no answer.",
    ),
    # before the complaint is not after it
    ([BAD, call(2, 3000, 3900, prompt="Else?", answer="No.")], "The answer to “Is it refunded?” was disliked: “Yes! In full.”"),
    # nobody complained
    (
        [call(1, 0, 900, prompt="Why?", **BUSY), call(2, 2000, 2900, prompt="Why?", answer="So.")],
        "The failed call asked “Why?”; nora-4-mini said overloaded (503). The same was asked again: nora-4-mini answered: “So.”",
    ),
    ([call(1, 0, 900, prompt="Why?", **BUSY)], "The failed call asked “Why?”; nora-4-mini said overloaded (503)."),
    ([call(1, 0, None, prompt="Why?")], "No answer was recorded to “Why?”"),
    ([call(1, 0, None)], ""),
    ([call(1, 0, 900, operation="embeddings", **BUSY)], ""),
]  # fmt: skip


@pytest.mark.parametrize(("calls", "said"), VERDICTS)
def test_what_it_is_about(calls: list[LlmCall], said: str) -> None:
    told = timeline([], calls)
    made = manifest(plan(), told)
    assert verdict(gather(made, told), ClipTimes(made), ()) == said


ERRORS: list[tuple[list[Entry], str]] = [
    ([], ""),
    ([entry(3000, "exception", "TypeError: x", level="error")], "The first error came at `0:03`."),
    (
        [entry(1000, "click", "Clicked “Pay”"), entry(3000, "exception", "TypeError: x", level="error")],
        "The first error came at `0:03`, 2.0 s after this: Clicked “Pay”.",
    ),
    (
        [entry(1000, "click", "Clicked “Pay”"), entry(30_000, "exception", "TypeError: x", level="error")],
        "The first error came at `0:30`.",
    ),
    (
        [entry(1000, "click", "Clicked “Pay”"), entry(1010, "request", "POST /pay failed with 502", level="error", until_ms=1200)],
        "It first went wrong at `0:01`: Clicked “Pay”; POST /pay failed with 502.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "said"), ERRORS)
def test_the_first_error_of_a_session_without_a_model(entries: list[Entry], said: str) -> None:
    told = timeline(entries)
    made = manifest(plan(), told)
    assert verdict(gather(made, told), ClipTimes(made), choose_steps(told, plan())) == said


QUESTIONS = [
    (["a", "A ", "a"], "one question three times"),
    (["a", "b", "b"], "two questions, one of them twice"),
    (["a", "a", "b", "b"], "two questions in four calls"),
    (["a", "b", None], "three times"),
    ([None], "a question"),
]


@pytest.mark.parametrize(("prompts", "said"), QUESTIONS)
def test_what_is_asked_again_is_one_question(prompts: list[str | None], said: str) -> None:
    told = timeline([], [call(n, n * 1000, n * 1000 + 9, prompt=prompt) for n, prompt in enumerate(prompts)])
    assert (
        headline(gather(made := manifest(plan(), told), told), ClipTimes(made), ())
        == f"The user asked nora-4-mini {said}; no errors were recorded."
    )


def summary(told: Timeline, **shown: Any) -> str:
    made = plan(**shown)
    return write_summary(manifest(made, told), told, choose_steps(told, made))


def thumb_that(failed: bool) -> Timeline:
    entries = [
        entry(5000, "feedback", "x", satisfied=False, call_id="call_1"),
        entry(5010, "request", "POST /f failed with 500", level="error", until_ms=5100 if failed else 7000, method="POST", url="/f",
              status=500),
    ]  # fmt: skip
    return timeline(entries, [BAD])


def test_a_thumb_is_unsaved_only_where_the_story_says_so() -> None:
    assert "| thumbs-down (saving failed) |" in summary(thumb_that(failed=True))
    assert "; saving the thumbs-down failed with HTTP 500 (server error)." in summary(thumb_that(failed=True))
    late = summary(thumb_that(failed=False))
    assert "| thumbs-down |" in late
    assert "; POST /f failed with HTTP 500 (server error)." in late
    assert "saving" not in late


def test_both_clocks_are_given_where_they_differ() -> None:
    steps = [entry(1000, "click", "Clicked “A”"), entry(40_000, "click", "Clicked “B”")]
    text = summary(timeline(steps), skipped=[(10_000, 30_000)])
    assert "1. `0:01` Clicked “A”\n2. `0:20` (session 0:40) Clicked “B”\n" in text
    assert text.count("which the clock in the picture shows") == 1
    assert "Skipped" not in text
    plain = summary(timeline(steps))
    assert "2. `0:40` Clicked “B”\n" in plain
    assert "session 0:" not in plain
    assert "which the clock" not in plain


def test_the_page_is_where_it_went_wrong() -> None:
    assert (
        "- **Page:** “Billing help” at `http://chat.northwind.example/billing/conversation`, where it first went wrong; the clip "
        "begins at `http://chat.northwind.example/`\n"
    ) in summary(sample())
    assert "- **Page:** “Billing help” at `http://chat.northwind.example/`\n" in summary(sample(), to_ms=30_000)


def test_tables_fold_when_the_steps_tell_them_and_are_called_what_they_are() -> None:
    slow = entry(
        1000, "request", "GET /p took 9 s", level="warning", until_ms=10_000, method="GET", url="/p", status=200
    )
    error = entry(20_000, "console", "Console error: a", level="error")
    text = summary(timeline([slow, error]))
    assert (
        "<summary>Slow requests (1)</summary>\n\n| At | Request | Status |\n| --- | --- | --- |\n| 0:10 | `GET /p` | 200 |"
        in text
    )
    assert "<summary>Errors (1)</summary>\n\n| At | Message |" in text
    many = [entry(at, "console", f"Console warning: {at}", level="warning") for at in range(0, 70_000, 1000)]
    text = summary(timeline([*many, error]))
    assert "### Errors and warnings\n" in text
    seen = text.split("### Errors and warnings\n")[1].split("<details>")[0]
    assert "| 0:20 | Console error: a |" in seen, "what is worst is seen"
    times = [line.split(" | ")[0] for line in seen.splitlines() if line.startswith("| 0:")]
    assert times == sorted(times)


def test_where_addresses_were_hidden() -> None:
    calls = [
        call(1, 0, 900, prompt="to •••@•••.•• and •••.••@•••••.••", answer="Sent to ••••@••••.•••, not a • b @ c.")
    ]
    text = summary(timeline([], calls))
    assert (
        "hidden: typed values, e-mail addresses; 2 e-mail addresses were in questions and 1 e-mail address was in an answer."
        in text
    )
