"""What a batch is asked for, and what it refuses: dry runs, the most of one session, whole sessions, folders that are taken, full or closed."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from renderer.batch.index_model import Index
from tests.e2e.batches import NIGHT, SMALL, Batch, adds_up, verify
from tests.e2e.night import LENGTH_MS, a_night, put, recording
from tests.e2e.program import PROGRAM, Program, refused
from tests.unit.recordings import dump

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TWO = """
rules:
  - {name: broke, severity: low, when: {kind: console, level: error}, before: 0s, after: 500ms}
  - {name: broke-late, severity: high, when: {kind: console, where: {message: {contains: at 5000}}}, before: 0s, after: 500ms}
"""


def test_a_dry_run_counts_and_says_what_it_would_cost_and_writes_nothing(renderer: Program) -> None:
    night = a_night(renderer.folder, 14, every=4, unreadable=5, twice=True)
    before = renderer.files
    told = renderer(*NIGHT, "--dry-run")
    assert (renderer.files, renderer.left_over) == (before, [])
    assert told.code == 1, "one session cannot be read"
    assert told.out.splitlines() == [
        "14 sessions: 3 matched, 9 did not, 1 could not be read, 1 were there twice",
        "  3  answer-then-error",
        # Of four seconds each, at 320x180.
        "3 moments in 3 clips, 12 s of video: about 5 s to make here, and 19.5 kB",
    ]
    assert told.err.splitlines()[-1].startswith(f"renderer: error: {night.unreadable}: ")
    shown = [line for line in told.err.splitlines() if line.startswith("renderer: looking: ")]
    assert shown[-1] == "renderer: looking: 14 of 14 sessions (100%)"


def test_the_most_severe_clip_of_each_session_and_json_alone_on_stdout(renderer: Program) -> None:
    (renderer.folder / "two.yaml").write_text(TWO)
    put(renderer.folder / "a:b [1].json", dump(recording(1, [1000, 5000])).encode())
    typed = ("batch", "a:b [1].json", "--rules", "two.yaml", *SMALL, "--most", "1")
    told = renderer(*typed, "--json", "-o", "flagged")
    assert (told.code, told.err) == (0, "")
    assert told.out == (renderer.folder / "flagged/index.json").read_text()
    index = Index.model_validate_json(told.out)
    (clip,) = index.clips
    assert (clip.id, clip.rules, clip.severity) == ("0001-1-broke-late", ("broke-late", "broke"), "high")
    assert clip.range.from_ms <= 5000 < clip.range.to_ms
    assert [moment.video_ms is not None for moment in clip.moments] == [True, True]
    assert (index.totals.clips, index.totals.moments, index.totals.matched) == (1, 2, 1)
    verify(renderer.folder / "flagged", index)

    error = refused(renderer, *typed[:-2], "--most", "2", "-o", "flagged")
    assert error.startswith("flagged holds a batch with other rules or options: choose another --output")


def test_every_session_of_a_list_whole(renderer: Program) -> None:
    put(renderer.folder / "one.json", dump(recording(1)).encode())
    put(renderer.folder / "same.json", dump(recording(1)).encode())
    (renderer.folder / "ids.txt").write_text("# last night\none.json\n\n  ./one.json\nsame.json\none.json\n")
    batch = Batch(renderer, "batch", "--sessions", "ids.txt", "--rules", "whole", *SMALL, name="clips of it")
    told = renderer(*batch.typed)
    assert told.code == 0, told.err
    assert told.out.splitlines() == [
        "3 sessions: 1 matched, 0 did not, 0 could not be read, 2 were there twice",
        "0 moments in 1 clips: 1 made, 0 failed",
        "clips of it/index.html",
    ]
    (clip,) = batch.index().clips
    assert (clip.id, clip.title) == ("0001-1-session", "Session on https://shop.example/")
    assert (clip.range.from_ms, clip.range.to_ms) == (0, LENGTH_MS)
    assert batch.index().rules.source == "whole sessions"
    verify(batch.folder, batch.index())


def test_a_full_disk_is_told_and_what_was_looked_into_is_kept(renderer: Program, tmp_path: Path) -> None:
    """A disk of its own for the program that nobody else sees, full but for a page."""
    a_night(renderer.folder, 40, every=None)
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"""
        mount -t tmpfs -o size=1m none {disk} && head -c {1024 * 1024 - 4096} /dev/zero >{disk}/ballast
        "$@"; echo "code $?"
        wc -l <{disk}/flagged/.batch.jsonl; ls -A {disk}/flagged
        rm {disk}/ballast
        "$@" --json; echo "code $?"
    """
    typed: Sequence[str | Path] = [PROGRAM, *NIGHT, "-o", disk / "flagged"]
    told = _in_a_namespace(renderer, script, typed)
    first, _, second = told.stdout.partition("code 1\n")
    assert first == ""
    error = next(line for line in told.stderr.splitlines() if "error" in line)
    assert error == (
        "renderer: error: the batch cannot note what it has done (No space left on device): free some space and run it again"
    )
    assert "Traceback" not in told.stderr
    lines, names, rest = second.split("\n", 2)
    noted = int(lines) - 1
    assert 0 < noted < 40
    assert names == ".batch.jsonl", "no half-written index"
    assert rest.endswith("code 0\n")
    totals = Index.model_validate_json(rest.removesuffix("code 0\n")).totals
    assert (totals.sessions, totals.read, adds_up(totals)) == (40, 40, True)
    assert f"looking: 1 of {40 - noted} sessions" not in told.stdout


def test_a_folder_that_cannot_be_written(renderer: Program, tmp_path: Path) -> None:
    a_night(renderer.folder, 3, every=None)
    closed = tmp_path / "closed"
    closed.mkdir()
    told = _in_a_namespace(
        renderer, f'mount -t tmpfs -o ro none {closed} && "$@"', [PROGRAM, *NIGHT, "-o", closed / "flagged"]
    )
    said = f"renderer: error: {closed}/flagged cannot be written (Read-only file system): choose another folder with --output\n"
    assert (told.returncode, told.stdout, told.stderr) == (1, "", said)


def test_bad_rules_are_refused_before_anything_is_written(renderer: Program) -> None:
    a_night(renderer.folder, 2, every=None)
    (renderer.folder / "bad.yaml").write_text(
        "rules:\n  - name: a\n    when: {kind: console}\n  - name: b\n    when:\n      - {kind: concole}\n"
    )
    before = renderer.files
    error = refused(renderer, *NIGHT[: -len(SMALL) - 1], "bad.yaml")
    assert error == "bad.yaml, line 6, rules[2].when[1].kind: there is no kind 'concole'; did you mean 'console'?"
    assert renderer.files == before


def _in_a_namespace(program: Program, script: str, typed: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]
    return subprocess.run(
        [*own, "sh", "-c", script, "sh", *map(str, typed)],
        cwd=program.folder,
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
