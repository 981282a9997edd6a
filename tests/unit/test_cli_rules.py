"""`renderer rules`: which rules match and where, for people and for programs; of several recordings one may be unreadable."""

import json
from pathlib import Path

import pytest

from renderer.cli import run
from renderer.rules.load import built_in

SAMPLE = Path("examples/chat/session.jsonl.gz").absolute()
EVENTS = str(SAMPLE.with_name("events.json"))
RULES = """
rules:
  - name: thumb-down
    severity: critical
    about: |
      Somebody was
      not content.
    when: {kind: feedback, where: {satisfied: false}}
    labels: {area: answers}
  - {name: rage, when: {kind: rage_click}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(RULES)
    (tmp_path / "broken.json").write_text("[")
    return tmp_path


def test_moments_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(SAMPLE), "--events", EVENTS]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert [line.split()[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    flagship = (
        "2  0:54.992  high    answer-then-error  nora-4-mini answered in 5.8 s, then POST /api/feedback failed with 500"
    )
    assert lines[1] == flagship
    assert lines[0].split()[1:4] == ["0:54.868", "high", "negative-feedback"]


def test_moments_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(SAMPLE), "--events", EVENTS, "--rules", "mine.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rules"]["source"] == "mine.yaml"
    assert len(told["rules"]["digest"]) == 64
    (only,) = told["recordings"]
    assert only["recording"] == str(SAMPLE)
    (moment,) = only["moments"]
    assert (moment["rule"], moment["severity"], moment["at_ms"]) == ("thumb-down", "critical", 54_868)
    assert moment["labels"] == {"area": "answers"}
    (clip,) = only["clips"]
    assert (clip["rules"], clip["title"], clip["labels"]) == (["thumb-down"], moment["title"], moment["labels"])
    # It would begin where the visitor reads for 10 s, and begins a second before they go on.
    assert 54_868 - 15_000 < clip["from_ms"] < 50_614
    assert clip["to_ms"] == 72_864, "the session's end comes before 20 s are over"


def test_one_of_several_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["rules", "broken.json", str(SAMPLE), "nothing.json", "--rules", "mine.yaml"]
    assert run(typed) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(SAMPLE), "  no moments"], "thumbs are told by the events, which are not beside it"
    first, second, last = err.splitlines()
    assert first.startswith("renderer: error: broken.json: ")
    assert second.startswith("renderer: error: nothing.json: ")
    assert last == "renderer: 2 of 3 recordings could not be read"
    assert run([*typed, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["recordings"]
    assert [each["recording"] for each in told] == ["broken.json", str(SAMPLE), "nothing.json"]
    assert [sorted(each) for each in told] == [
        ["error", "recording"],
        ["clips", "moments", "recording"],
        ["error", "recording"],
    ]
    assert told[2]["error"]["code"] == "recording_not_found"


def test_without_a_recording_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--rules", "mine.yaml"]) == 0
    assert capsys.readouterr().out == "thumb-down  critical  Somebody was not content.\nrage        medium\n"
    assert run(["rules"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(built_in().names)
    assert run(["rules", "--rules", "mine.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["rules"]
    assert [(each["name"], each["severity"]) for each in told["rules"]] == [
        ("thumb-down", "critical"),
        ("rage", "medium"),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a.json --rules bad.yaml", "bad.yaml, line 2, rules[1].whem: there is no such key; did you mean 'when'?"),
        ("--rules bad.yaml", "bad.yaml, line 2"),
        ("--rules none.yaml", "the file of rules none.yaml cannot be read (No such file or directory)"),
        ("a.json b.json --events e.json", "--events are those of one session: give one recording with it"),
        ("nothing.json", "nothing.json"),
        ("broken.json", "broken.json"),
        ("broken.json --redact none.toml", "none.toml"),
    ],
)
def test_what_cannot_be_is_one_line(typed: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text("rules:\n  - {name: a, whem: {kind: click}}\n")
    assert run(["rules", *typed.split()]) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert (out, line.startswith("renderer: error: ")) == ("", True)
    assert said in line
