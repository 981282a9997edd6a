"""`renderer batch`: what is refused before anything is looked into, and how what a source checks is told."""

import json
from pathlib import Path

import pytest

from renderer.cli import run
from tests.unit.recordings import dump, session

RULES = """
rules:
  - name: thumb-after-answer
    session: {where: {duration: "> 30s", page: {contains: /chat}}}
    when:
      - {as: answer, kind: llm_call}
      - {as: thumb, kind: feedback}
  - {name: ordered, when: {kind: custom, name: order_placed}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PROJECT", "API_KEY"):
        monkeypatch.delenv(f"RENDERER_POSTHOG_{name}", raising=False)
    (tmp_path / "a.json").write_text(dump(session()))
    (tmp_path / "empty.txt").write_text("# nobody\n\n")
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a.json --rules none.yaml", "the file of rules none.yaml cannot be read (No such file or directory)"),
        ("--recordings day/**/*.json", "no file matches day/**/*.json: check the pattern and where you are"),
        ("--sessions none.txt", "the list of sessions none.txt cannot be read: No such file or directory"),
        ("--sessions empty.txt", "there is no session to look into"),
        ("", "there is no session to look into"),
        ("a.json --since 24h", "--since and --filter are of a source: give --source posthog with them"),
        ("a.json --filter f.json", "--since and --filter are of a source: give --source posthog with them"),
        ("a.json --formats avi", "avi is no format: write mp4, webm, gif, with commas"),
        ("a.json --formats ,", "nothing is no format: write mp4, webm, gif, with commas"),
        ("a.json --redact none.toml", "none.toml"),
        ("a.json --size 3x", "--size"),
        ("a.json --most 0", "--most"),
        ("a.json --jobs 0", "--jobs"),
        ("--source sentry", "sessions cannot be listed from there; it can be posthog"),
        ("--source posthog", "RENDERER_POSTHOG_API_KEY"),
        ("--source posthog --since soon", "24h"),
        ("--explain", "--explain is of a source and of rules: give --source posthog and --rules"),
        ("--explain --source posthog --rules whole", "--explain is of a source and of rules"),
    ],
)
def test_what_cannot_be_is_one_line(typed: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.rglob("*"))
    assert run(["batch", *typed.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("renderer: error: ")
    assert said in line
    assert sorted(folder.rglob("*")) == before


def test_what_a_source_checks_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["batch", "--source", "posthog", "--rules", "rules.yaml", "--explain"]
    assert run(typed) == 0
    assert capsys.readouterr().out.splitlines() == [
        "thumb-after-answer",
        "  posthog is asked for: duration of more than 29 s; the event $ai_generation or the event $ai_embedding or"
        " the event llm_call_started or the event llm_call_completed or the event llm_call_failed",
        "  checked here: the session's page; thumb; order, times and counts",
        "ordered",
        "  posthog is asked for: the event order_placed",
        "  checked here: nothing more",
        "6 questions to posthog",
    ]
    assert run([*typed, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["rule"] for each in told["explained"]] == ["thumb-after-answer", "ordered"]
    assert len(told["queries"]) == 6


def test_rules_of_which_one_does_not_narrow(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "--source", "posthog", "--explain"]) == 0
    told = capsys.readouterr().out
    assert "rage-click\n  posthog is asked for: nothing, so that all sessions are looked into\n" in told
    assert told.endswith("posthog is asked for all sessions, as not every rule narrows them down\n")
