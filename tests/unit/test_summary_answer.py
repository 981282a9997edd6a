"""Answers in Markdown as a reader gets them: without marks, whole, and cut where a word ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.story.steps import choose_steps
from renderer.story.words import at_word
from renderer.summary.answer import beginning, quotation
from renderer.summary.dialogue import dialogue
from renderer.summary.markdown import visible_bytes
from renderer.summary.sections import dollars
from renderer.summary.timing import ClipTimes
from renderer.summary.write import MOST_BYTES, MOST_VISIBLE_BYTES, write_summary
from tests.unit.story_fixtures import call, entry, plan, sample, timeline
from tests.unit.summary_fixtures import manifest

pytestmark = pytest.mark.slow

ANSWER = """# Refunds
It is **$40.35** higher, see `Usage › Alerts`.
Ask @ops.

| Item | October |
|:---|---:|
| Seats | $168.00 |

1. First *step*
- Second

```sh
nwc plan \\
    --refund <id> | less
```
"""

QUOTED = """> Refunds  
> It is $40.35 higher, see `Usage › Alerts`.  
> Ask `@ops`.
>
> Item · October  
> Seats · $168.00
>
> 1\\. First \\*step\\*  
> • Second
>
> `nwc plan \\`  
> `\u00a0\u00a0\u00a0\u00a0--refund %3Cid%3E %7C less`"""  # noqa: W291


def test_a_whole_answer() -> None:
    assert quotation(ANSWER, 1500) == QUOTED


def test_a_long_answer_ends_with_a_word() -> None:
    text = quotation("every invoice is refundable " * 200, 1500)
    assert len(text) <= 1502
    assert text.endswith((" every…", " invoice…", " is…", " refundable…"))
    assert quotation("```\n" + "abc def\n" * 400, 1500).endswith(("`abc…`", "`abc def…`"))
    assert quotation("   \n\n|---|\n```\n```", 1500) == ""


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two, three", 10, "one two…"),
        ("one two three", 8, "one two…"),
        ("x" * 200, 100, "x" * 99 + "…"),
    ],
)
def test_at_word(text: str, limit: int, cut: str) -> None:
    assert at_word(text, limit) == cut


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.integers(2, 200))
def test_a_cut_is_a_beginning_within_its_limit(text: str, limit: int) -> None:
    cut = at_word(text, limit)
    assert len(cut) <= limit
    assert text.startswith(cut.removesuffix("…"))
    assert len(beginning(text, limit)) <= limit


def test_a_beginning_is_made_of_whole_sentences_where_some_fit() -> None:
    said = "Yes! Every invoice is **refundable**. No approval is needed, and then it goes on for very long."
    assert beginning(said, 60) == "Yes! Every invoice is refundable."
    assert beginning(said, 34) == "Yes! Every invoice is refundable."
    assert beginning("Yes! " + "and so on " * 20, 60) == "Yes! and so on and so on and so on and so on and so on and…"
    assert beginning("| a | b |\n|---|---|", 60) == "a · b"
    assert beginning("```\ncode\n```", 60) == "code"


def test_what_was_asked_and_answered_of_every_call() -> None:
    calls = [
        call(1, 0, 900, prompt="Why?", answer="Because.", trace_id="4bf92f3577b34da6"),
        call(2, 1000, 1900, prompt="Now?", status="failed", error="overloaded", http_status=503),
        call(3, 2000, None, prompt="And now?"),
        call(4, 3000, 3900),
    ]
    text = dialogue(calls, ClipTimes(manifest(plan(), sample())), 2, 100)
    assert text.splitlines()[3:] == [
        "`0:00` **asked** “Why?” (trace `4bf92f3577b34da6`)", "", "> Because.", "",
        "`0:01` **asked** “Now?”", "", "> failed: overloaded (503)", "",
        "… and 1 more in the manifest.", "", "</details>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cost", "said"),
    [(0.0002784, "$0.00028"), (0.0003, "$0.00030"), (0.0123, "$0.012"), (0.999, "$1.00"), (0.5, "$0.50"), (12.5, "$12.50"),
     (1234.5, "$1,234.50"), (0, "$0.00"), (1e-30, "$0.000000000000")],
)  # fmt: skip
def test_costs_have_two_digits_that_say_something(cost: float, said: str) -> None:
    assert dollars(cost) == said


@pytest.mark.parametrize("sign", ["&", "<", "語", "a ", "`", "|\n", "@a "])
def test_the_file_is_never_too_long_for_a_comment(sign: str) -> None:
    calls = [call(n, n * 1000, n * 1000 + 900, prompt=sign * 5000, answer=sign * 9000) for n in range(60)]
    entries = [entry(at, "console", sign * 900 + str(at), level="error") for at in range(0, 60_000, 700)]
    entries += [
        entry(at, "request", f"{at} failed", level="error", method="GET", url=sign * 900 + str(at), status=500)
        for at in range(50, 60_000, 700)
    ]
    told, shown = timeline(entries, calls), plan()
    warnings = [{"code": f"w{n}", "message": sign * 900, "count": 1} for n in range(60)]
    text = write_summary(manifest(shown, told, warnings=warnings), told, choose_steps(told, shown))
    assert len(text.encode()) <= MOST_BYTES
    assert visible_bytes(text) <= MOST_VISIBLE_BYTES
