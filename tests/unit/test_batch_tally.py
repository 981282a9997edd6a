"""Whatever a batch has noted, in whatever order, its totals add up; and what was made does not turn into something else."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.batch.estimate import estimate
from renderer.batch.index_model import RulesUsed
from renderer.batch.journal import Filmed, Journal, Seen
from renderer.batch.tally import build_index, clips_of, own_sessions
from tests.unit.batch_fixtures import a_clip
from tests.unit.batch_made import asked, failed, seen, unreadable, waiting

RULES = RulesUsed(source="rules.yaml", digest="", names=())


@st.composite
def nights(draw: Any) -> tuple[list[Seen | Filmed], int]:
    """What is noted of some sessions, and how many more there are that nobody looked into yet."""
    lines: list[Seen | Filmed] = []
    clips = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        own = [waiting(10 * number + place) for place in range(draw(st.integers(0, 3)))]
        what = draw(st.sampled_from(["read", "read", "unreadable", "mended"]))
        if what != "read":
            lines.append(unreadable(number))
        if what != "unreadable":
            lines.append(seen(number, own, recording_id=f"r{draw(st.integers(1, 8))}"))
            clips.extend(own)
    for clip in draw(st.permutations(clips)):
        for status in draw(st.lists(st.sampled_from(["made", "failed"]), max_size=2)):
            made = a_clip(1, id=clip.id)
            lines.append(Filmed(clip=made if status == "made" else failed(made)))
    return lines, draw(st.integers(0, 3))


@given(night=nights())
@settings(max_examples=200, deadline=None)
def test_totals_add_up(night: tuple[list[Seen | Filmed], int]) -> None:
    lines, more = night
    with Journal(None, "d") as journal:
        for line in lines:
            journal.add(line)
        names = [*journal.seen, *(f"more-{number}" for number in range(more))]
        index = build_index(journal, asked(*names, *names[:2]), RULES, finished=True)
    totals = index.totals
    assert totals.sessions == len(names) == totals.read + totals.unreadable + totals.duplicates + more
    assert totals.sessions - more == len(index.sessions) == len({session.session for session in index.sessions})
    assert totals.clips == len(index.clips) == totals.made + totals.failed + totals.waiting
    assert totals.matched == sum(session.status == "matched" for session in index.sessions) <= totals.read
    assert totals.moments == sum(session.moments for session in index.sessions)
    assert totals.moments == sum(len(clip.moments) for own in own_sessions(journal) for clip in own.clips)
    assert totals.unreadable == sum(session.error is not None for session in index.sessions)
    recordings = [each.recording_id for each in own_sessions(journal)]
    assert len(recordings) == len(set(recordings)) == totals.read
    assert len({clip.id for clip in index.clips}) == totals.clips
    assert estimate(index.clips).clips == totals.waiting


def test_of_two_names_the_one_with_moments_counts() -> None:
    """A copy without its events beside it shows less, and must not hide what the other shows."""
    with Journal(None, "d") as journal:
        journal.add(seen(1, recording_id="same", name="copy.json"))
        journal.add(seen(2, [waiting(2)], recording_id="same", name="session.json"))
        journal.add(seen(3, [waiting(3)], recording_id="same", name="z.json"))
        index = build_index(journal, asked("copy.json", "session.json", "z.json"), RULES, finished=False)
    assert [(each.session, each.status) for each in index.sessions] == [
        ("copy.json", "duplicate"), ("session.json", "matched"), ("z.json", "duplicate")
    ]  # fmt: skip
    assert [clip.id for clip in index.clips] == [waiting(2).id]


def test_what_is_made_stays_although_another_name_of_it_can_be_read_now() -> None:
    with Journal(None, "d") as journal:
        journal.add(unreadable(1))
        journal.add(seen(2, [waiting(2)], recording_id="same"))
        journal.add(Filmed(clip=a_clip(2)))
        journal.add(seen(1, [waiting(1), waiting(4)], recording_id="same"))
        assert [(clip.id, clip.status) for clip in clips_of(journal)] == [(a_clip(2).id, "made")]


def test_an_index_is_of_all_runs_in_its_folder() -> None:
    with Journal(None, "d") as journal:
        journal.add(seen(1))
        totals = build_index(journal, asked("2.json"), RULES, finished=False).totals
    assert (totals.sessions, totals.read) == (2, 1)


def test_what_clips_cost() -> None:
    small = waiting(1, duration_ms=10_000, width_px=640, height_px=360)
    large = waiting(2, duration_ms=10_000, width_px=1280, height_px=720)
    told = estimate([small, large, a_clip(3), failed(a_clip(4))])
    assert (told.clips, told.video_s) == (2, 20.0)
    assert told.bytes == round(12.5 * 26_000), "a quarter of the pixels is a quarter of the size"
    assert told.render_s > estimate([small]).render_s > 0
    assert estimate([a_clip(3)]) == estimate([])
    assert (estimate([]).clips, estimate([]).bytes) == (0, 0)


RULE = "rules: [{name: a, when: {kind: click}}]\n"


def test_a_batch_is_another_one_when_what_it_makes_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    policy = Path("mine.toml")
    policy.write_text('extends = "default"\n')
    Path("rules.yaml").write_text(RULE)
    Path("copy.yaml").write_text(RULE)
    digest = asked("a", rules="rules.yaml").digest()
    same = [asked("b", "c", rules="rules.yaml"), asked("a", rules="copy.yaml")]
    assert {each.digest() for each in same} == {digest}
    others = [asked("a"), asked("a", rules="built-in"), asked("a", rules="rules.yaml", fps=5)]
    others.append(asked("a", rules="rules.yaml", redaction="off"))
    digests = [digest, *(each.digest() for each in others)]
    assert len(set(digests)) == len(digests)
    hidden = asked("a", redaction="mine.toml").digest()
    policy.write_text('extends = "default"\nperson = "show"\n')
    assert asked("a", redaction="mine.toml").digest() != hidden, "what must not be seen is another thing now"
