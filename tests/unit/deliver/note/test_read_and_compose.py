"""The summary is read back as it was meant, and the note says what matters first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.deliver.note.compose import MOST_TITLE, plain_title, replay_at, session_ms
from renderer.deliver.note.document import (
    Bullets,
    Code,
    Fold,
    Heading,
    Image,
    Link,
    Numbered,
    Paragraph,
    Quote,
    Strong,
    Table,
    Text,
    words,
)
from renderer.deliver.note.read import read_summary
from renderer.story.steps import choose_steps
from renderer.summary.markdown import details, inline, table
from renderer.summary.write import write_summary
from renderer.timeline.text import plain
from tests.unit.deliver.note.notes import DEMO, HOSTILE, MARKER, REPLAY, TEXTS, TIME_MAP, note, squeezed, told
from tests.unit.story_fixtures import plan
from tests.unit.summary_fixtures import manifest
from tests.unit.test_summary_markdown import nasty


def test_the_summary_is_read_into_its_parts() -> None:
    blocks = read_summary(DEMO)
    assert [type(block) for block in blocks[:4]] == [Paragraph, Bullets, Heading, Paragraph]
    steps = next(block for block in blocks if isinstance(block, Numbered))
    assert len(steps.items) == 10
    assert steps.items[5][:2] == (Code("0:19"), Text(" (session 0:54) "))
    assert steps.items[5][2] == Strong((Text("Gave the answer a thumbs-down; POST /api/feedback failed with 500"),))
    assert words(steps.items[1]).endswith("Console warning: [nora] answer has no source")
    folds = [block for block in blocks if isinstance(block, Fold)]
    assert [fold.title for fold in folds] == [
        "Errors and warnings (3)",
        "Failed requests (2)",
        "What was asked and answered, and the calls' traces",
        "Where this comes from: recording, versions, checksums",
    ]
    requests = folds[1].blocks[0]
    assert isinstance(requests, Table)
    assert requests.rows[0][1] == (Code("POST http://chat.northwind.example/api/feedback"),)
    quotes = [block for block in folds[2].blocks if isinstance(block, Quote)]
    commands = quotes[0].blocks[2]
    assert isinstance(commands, Paragraph)
    assert words(commands.inlines).split(" ") == [
        "nwc",
        "plan",
        "set",
        "starter",
        "\\",
        "\u00a0" * 4 + "--refund",
        "invoice-2210",
        "\\",
        "\u00a0" * 4 + "--reason",
        "downgrade",
    ]


# What the summary's code spans cannot hold is percent-encoded there, for good.
@given(TEXTS.filter(lambda text: not set(text) & set("<>|`")))
def test_what_the_summary_escaped_is_the_plain_text_again(text: str) -> None:
    shown = inline(text, 400)
    body = f"x {shown}\n\n- x {shown}\n\n{details('T', table(('a', 'b'), [['x', f'x {shown}']]))}\n"
    expected = squeezed(f"x{plain(text, 400)}")
    blocks = read_summary(body)
    assert [type(block) for block in blocks] == [Paragraph, Bullets, Fold]
    assert [squeezed(line) for line in told(blocks)] == [expected, expected, "T", "a", "b", "x", expected]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_summary_has_no_links_and_keeps_its_sections(text: str) -> None:
    session, other = nasty(text)
    shown = plan()
    blocks = read_summary(write_summary(manifest(shown, session, **other), session, choose_steps(session, shown)))
    titles = [words(block.inlines) for block in blocks if isinstance(block, Heading)]
    assert titles[0] == "What happened"
    assert titles[-1] == "About this clip"
    assert "Link(" not in repr(blocks)
    assert blocks[-1] == next(block for block in reversed(blocks) if isinstance(block, Fold))


@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text: str) -> None:
    read_summary(text)
    note(summary=text)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "<b>x</b> [a](https://b.example) ![c](d) <https://e.example>",
            "<b>x</b> [a](https://b.example) ![c](d) <https://e.example>",
        ),
        ("<script>\nalert(1)\n</script>", "<script> alert(1) </script>"),
        ("</details>", "</details>"),
        ("a &amp;lt; \\*b\\* &lt;i&gt;", "a &lt; *b* <i>"),
    ],
)
def test_what_is_not_ours_is_plain_text(markdown: str, expected: str) -> None:
    assert [words(block.inlines) for block in read_summary(markdown) if isinstance(block, Paragraph)] == [expected]


def test_the_note_says_first_what_happened_and_last_who_wrote_it() -> None:
    blocks = note()
    kinds = [type(block) for block in blocks]
    assert kinds[0] is Paragraph
    assert kinds[1] is Image
    assert words(blocks[3].inlines) == "Watch the replay at 0:32 · Watch the clip (until 2026-12-27)"  # type: ignore[union-attr]
    assert [words(block.inlines) for block in blocks if isinstance(block, Heading)] == [
        "What happened",
        "Where and when",
        "LLM calls",
        "About this clip",
    ]
    assert all(kind is Fold for kind in kinds[-5:-1])
    assert words(blocks[-1].inlines) == f"Attached by renderer · renderer 0.1.0 · {MARKER}"  # type: ignore[union-attr]
    before = sorted(squeezed(line) for line in told(read_summary(DEMO)))
    after = sorted(squeezed(line) for line in told(blocks))
    assert [line for line in before if line not in after] == [], "nothing of the summary is lost"


def test_each_step_is_linked_to_its_time_in_the_replay() -> None:
    steps = next(block for block in note() if isinstance(block, Numbered))
    links = [item[0] for item in steps.items]
    assert all(isinstance(link, Link) for link in links)
    assert [link.url.removeprefix(REPLAY) for link in links if isinstance(link, Link)][:6] == [
        "?t=32",
        "?t=38",
        "?t=38",
        "?t=50",
        "?t=52",
        "?t=54",
    ]


def test_without_a_replay_and_a_place_to_watch_there_are_no_links() -> None:
    blocks = note(media=(), replay_url=None, watch_url=None)
    assert "Link(" not in repr(blocks)
    assert isinstance(blocks[1], Heading)


def test_the_replay_link_points_to_the_clips_start_where_there_is_no_moment() -> None:
    assert "Watch the replay at 0:26" in repr(note(moment_ms=None))


@pytest.mark.parametrize(
    ("video_ms", "expected"), [(0, 26_298), (6000, 32_298), (14_119, 40_417), (14_120, 49_742), (37_000, 72_622)]
)
def test_a_time_of_the_video_is_a_time_of_the_session(video_ms: int, expected: int) -> None:
    assert session_ms(video_ms, TIME_MAP) == expected


def test_a_faster_piece_covers_more_of_the_session() -> None:
    assert session_ms(3000, ((1000, 5000, 4.0),)) == 13_000
    assert session_ms(0, ((1000, 5000, 4.0),)) == 5000


@pytest.mark.parametrize(
    ("url", "expected"),
    [(REPLAY, f"{REPLAY}?t=32"), (f"{REPLAY}?a=b&t=7", f"{REPLAY}?a=b&t=32"), (f"{REPLAY}#x", f"{REPLAY}?t=32#x")],
)
def test_the_time_goes_into_the_replays_query(url: str, expected: str) -> None:
    assert replay_at(url, 32_999) == expected


def test_the_warning_that_nothing_was_redacted_stays_on_top() -> None:
    alarm = "> **Redaction was switched off: this summary and the clip may show personal data and secrets.**"
    first, rest = DEMO.split("\n\n", 1)
    blocks = note(summary=f"{first}\n\n{alarm}\n\n{rest}")
    assert isinstance(blocks[1], Quote)
    assert isinstance(blocks[2], Image)


@given(TEXTS)
def test_a_title_is_one_short_line(text: str) -> None:
    title = plain_title(f"The user asked “{inline(text, 300)}” twice. Then it failed.")
    assert len(title) <= MOST_TITLE
    assert "\n" not in title


def test_a_title_is_the_first_sentence_ended_at_a_word() -> None:
    assert (
        plain_title(DEMO)
        == "The user asked nora-4-mini two questions, one of them twice; one call failed (model_overloaded); one answer got a…"
    )
    assert plain_title("It took 5.8 s. Then it failed.") == "It took 5.8 s"
