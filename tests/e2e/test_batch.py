"""A night of 200 sessions, ten of which must be found: interrupted, killed, and gone on with, nothing is lost and nothing is made twice."""

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.batches import NIGHT, Batch, adds_up, nobody_is_left, verify
from tests.e2e.night import FOUND_MS, a_night
from tests.e2e.program import Program, alive, started_by

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_ten_of_200_sessions_are_found_although_somebody_presses_ctrl_c(renderer: Program) -> None:
    night = a_night(renderer.folder, 200, unreadable=100, twice=True)
    assert len(night.found) == 10
    batch = Batch(renderer, *NIGHT, "--jobs", "2")
    with batch.going_on() as process:
        batch.wait(process, lambda: len(batch.made()) >= 2 and is_filming(process.pid))
        second = renderer(*batch.typed)
        assert (second.code, second.out) == (2, "")
        assert second.error == "another batch is at work in flagged: wait for it, or choose another --output"
        batch.wait(process, lambda: is_filming(process.pid))
        helpers = started_by(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everybody in the foreground is told
        assert process.wait(20) == 130
        nobody_is_left(helpers | started_by(process.pid), seconds=5)
    assert (renderer.left_over, renderer.processes()) == ([], [])
    said = batch.err.read_text()
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "renderer: interrupted"
    made = batch.made()
    assert 2 <= len(made) < 10
    index = batch.index()
    assert not index.finished
    assert adds_up(index.totals, waiting=10 - len(made))
    assert [clip.id for clip in index.clips if clip.status == "made"] == sorted(made)
    before = batch.files(made)
    assert len(before) == 5 * len(made)

    again = renderer(*batch.typed, timeout_s=120)
    assert again.code == 1
    assert again.err.splitlines()[-1].startswith(f"renderer: error: {night.unreadable}: ")
    assert "200 sessions: 10 matched, 188 did not, 1 could not be read, 1 were there twice" in again.out
    assert "10 moments in 10 clips: 10 made, 0 failed" in again.out
    index = batch.index()
    assert index.finished
    assert adds_up(index.totals)
    totals = index.totals
    assert (totals.sessions, totals.read, totals.unreadable, totals.duplicates) == (200, 198, 1, 1)
    assert (totals.matched, totals.moments, totals.clips, totals.made) == (10, 10, 10, 10)
    status = {session.session: session.status for session in index.sessions}
    assert {name for name, each in status.items() if each == "matched"} == set(night.found)
    assert (status[str(night.unreadable)], status[str(night.twice)]) == ("unreadable", "duplicate")
    assert [clip.session for clip in index.clips] == list(night.found)
    assert all([moment.at_ms for moment in clip.moments] == [FOUND_MS] for clip in index.clips)
    assert all(clip.range.from_ms < FOUND_MS < clip.range.to_ms for clip in index.clips)
    verify(batch.folder, index)
    assert batch.files(made) == before, "what was made is not made again"
    assert {line["session"] for line in batch.noted() if line["is_a"] == "seen"} == status.keys()
    assert sum(line["is_a"] == "filmed" for line in batch.noted()) == 10


def test_ctrl_c_while_hands_are_being_started(renderer: Program) -> None:
    a_night(renderer.folder, 4, every=None)
    batch = Batch(renderer, *NIGHT, "--jobs", "2")
    with batch.going_on() as process:
        batch.wait(process, lambda: len(hands_of(process.pid)) == 2)
        helpers = started_by(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 130
        nobody_is_left(helpers, seconds=5)
    assert batch.err.read_text() == "renderer: interrupted\n"


def test_who_is_killed_goes_on_where_they_were(renderer: Program) -> None:
    """kill -9 of the program alone: its hands, browsers and encoders have to see for themselves that nobody waits for them."""
    night = a_night(renderer.folder, 12, every=3)
    batch = Batch(renderer, *NIGHT, "--jobs", "2")
    with batch.going_on() as process:
        batch.wait(process, lambda: len(batch.made()) >= 2 and is_filming(process.pid))
        helpers = started_by(process.pid)
        process.kill()
        process.wait()
        made = batch.made()
        nobody_is_left(helpers, seconds=5)
    assert renderer.processes() == []
    assert 2 <= len(made) < len(night.found) == 4
    before = batch.files(made)
    with (batch.folder / ".batch.jsonl").open("ab") as journal:
        journal.write(
            b'{"is_a":"filmed","clip":{"id":"0011-1-ans'
        )  # as the last write may end when the machine goes down
    again = renderer(*batch.typed, timeout_s=120)
    assert (again.code, adds_up(batch.index().totals)) == (0, True), again.err
    assert [clip.session for clip in batch.index().clips if clip.status == "made"] == list(night.found)
    verify(batch.folder, batch.index())
    assert batch.files(made) == before
    assert renderer.left_over == [], "what the killed ones left in the work folder is swept up"


def test_a_hand_that_is_killed_costs_its_clip_alone(renderer: Program) -> None:
    night = a_night(renderer.folder, 8, every=4)
    batch = Batch(renderer, *NIGHT, "--jobs", "1")
    with batch.going_on() as process:
        batch.wait(process, lambda: "filming: 0 of 2 clips (1" in batch.err.read_text())
        (hand,) = hands_of(process.pid)
        helpers = started_by(hand.pid)
        hand.kill()  # as the kernel does when memory runs out
        assert process.wait(60) == 1
        nobody_is_left(helpers, seconds=5)
    index = batch.index()
    assert (index.totals.made, index.totals.failed, adds_up(index.totals)) == (1, 1, True)
    (lost,) = (clip for clip in index.clips if clip.status == "failed")
    assert lost.error is not None
    assert (lost.error.code, lost.files) == ("worker_lost", {})
    assert batch.err.read_text().splitlines()[-1] == f"renderer: error: {lost.id}: {lost.error.message}"
    verify(batch.folder, index)
    made = batch.files(batch.made())

    # The next night's sessions are others; what failed in this one is tried again, with the events that were beside it.
    typed = ["night/early/0000.json.gz" if each == "night/**/*.json*" else each for each in batch.typed]
    again = renderer(*typed)
    assert again.code == 0, again.err
    assert [(clip.session, clip.status, clip.error) for clip in batch.index().clips] == [
        (session, "made", None) for session in night.found
    ]
    manifest = json.loads((batch.folder / "clips" / f"{lost.id}.json").read_text())
    assert [call["model"] for call in manifest["llm_calls"]] == ["nova-4-mini"]
    verify(batch.folder, batch.index())
    assert batch.files([path.rpartition(".")[0] for path in made]) == made


def hands_of(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if "spawn_main" in " ".join(child.cmdline())]


def is_filming(pid: int) -> bool:
    """Chromium is at work."""
    programs = set()
    for helper in alive(started_by(pid)):
        with suppress(OSError):
            programs.add(Path(f"/proc/{helper}/exe").readlink().name)
    return any("chrome" in name or "headless" in name for name in programs)
