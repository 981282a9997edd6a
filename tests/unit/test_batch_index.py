"""The index of a batch's folder: it is there whole or not at all, and nothing recorded breaks out of it."""

import csv
import hashlib
import io
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from renderer.batch.index import write_index
from renderer.batch.index_csv import write_csv
from renderer.batch.index_model import ClipFile, Index
from renderer.batch.page import write_page
from renderer.errors import OperationError
from tests.unit.batch_fixtures import NO_FILM, a_clip, an_index

HOSTILE = "</script><script>alert(1)</script><!--<script>\u2028\u2029&lt;\x00"


class Scripts(HTMLParser):
    """What a browser takes for scripts, styles and the policy."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.style = ""
        self.policy = ""
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        told = dict(attrs)
        if tag == "script":
            self.scripts.append((told, ""))
        if told.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(told["content"])

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        if self._open == "style":
            self.style += data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def rows_of(index: Index) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write_csv(index).decode("utf-8-sig"), newline="")))


def test_the_folder_holds_three_files_and_the_json_is_what_was_given(tmp_path: Path) -> None:
    index = an_index([a_clip(1), a_clip(2, status="failed", error=NO_FILM, files={}, started_at=None)])
    write_index(tmp_path, index)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.csv", "index.html", "index.json"]
    text = (tmp_path / "index.json").read_text("utf-8")
    assert Index.model_validate_json(text) == index
    told = json.loads(text)
    assert (told["format"], told["created_at"], told["clips"][0]["started_at"]) == (
        1,
        "2026-11-27T19:00:00Z",
        "2026-11-26T21:11:04Z",
    )
    assert told["clips"][0]["range"] == {"from_ms": 1000, "to_ms": 46_000}


def test_writing_again_replaces_all_three(tmp_path: Path) -> None:
    write_index(tmp_path, an_index([a_clip(1)]))
    write_index(tmp_path, an_index([a_clip(1), a_clip(2)]))
    for name in ("index.json", "index.csv", "index.html"):
        assert "0002-slow-answer" in (tmp_path / name).read_text("utf-8")


def test_what_cannot_be_written_is_told_and_leaves_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_index(tmp_path, an_index([a_clip(1)]))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OperationError, match=r"cannot be written to .*: No space left on device") as caught:
        write_index(tmp_path, an_index([a_clip(2)]))
    assert (caught.value.code, caught.value.retryable) == ("index_not_written", True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="No such file or directory"):
        write_index(tmp_path / "gone", an_index([]))


def test_the_csv_has_one_row_per_clip_and_a_column_per_label() -> None:
    failed = a_clip(2, status="failed", error=NO_FILM, files={}, labels={"plan": "team"}, started_at=None)
    first, second = rows_of(an_index([a_clip(1), failed]))
    assert first["title"] == "nova-4-mini answered, then TypeError: x1 is undefined"
    assert (first["moments"], first["from_ms"], first["mp4"]) == ("2", "1000", "clips/0001.mp4")
    assert (first["label.area"], first["label.browser"], first["label.plan"]) == ("billing", "Firefox", "")
    assert (second["status"], second["error_code"], second["label.plan"]) == ("failed", "capture_failed", "team")
    assert (second["started_at"], second["mp4"]) == ("", "")


def test_the_csv_of_no_clips_is_its_head() -> None:
    assert write_csv(an_index([])).decode("utf-8-sig").startswith("id,status,severity,title,rules,")
    assert rows_of(an_index([])) == []


def test_the_csv_begins_with_a_byte_order_mark_and_keeps_quotes() -> None:
    written = write_csv(an_index([a_clip(1, title='Clicked “Send”, said "no"\r\ntwice')]))
    assert written.startswith(b"\xef\xbb\xbfid,")
    (row,) = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert row["title"] == 'Clicked “Send”, said "no"\r\ntwice'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_cell_is_a_formula(start: str) -> None:
    cell = f"{start}cmd|' /C calc'!A0"
    clip = a_clip(
        1, id=cell, title=cell, session=cell, rules=(cell,), labels={"plan": cell}, replay_url=cell, recording_id=cell
    )
    (row,) = rows_of(an_index([clip]))
    for name in ("id", "title", "session", "rules", "label.plan", "replay_url", "recording_id"):
        assert row[name] == f"'{cell}"


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.text())
def test_whatever_was_recorded_no_cell_is_a_formula_and_the_page_holds_it(labels: dict[str, str], title: str) -> None:
    index = an_index([a_clip(1, labels=labels, title=title)])
    for row in csv.reader(io.StringIO(write_csv(index).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    (attributes, data), _ = Scripts(write_page(index.model_dump_json())).scripts
    assert attributes == {"type": "application/json", "id": "index"}
    assert Index.model_validate_json(data) == index


def test_hostile_text_ends_no_script() -> None:
    index = an_index([a_clip(1, title=HOSTILE, session=HOSTILE, rules=(HOSTILE,), labels={HOSTILE: HOSTILE})])
    page = write_page(index.model_dump_json())
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert not set("\u2028\u2029\x00") & set(page)
    assert Scripts(page).scripts[0][1].count("<") == 0
    assert Index.model_validate_json(Scripts(page).scripts[0][1]) == index


def test_half_of_a_surrogate_pair_does_not_stop_the_index(tmp_path: Path) -> None:
    write_index(tmp_path, an_index([a_clip(1, title="cut \ud83d off", labels={"\udc00": "\ud800"})]))
    (clip,) = json.loads((tmp_path / "index.json").read_text("utf-8"))["clips"]
    assert (clip["title"], clip["labels"]) == ("cut ? off", {"?": "?"})


def test_the_policy_lets_in_the_one_script_and_the_one_style_and_nothing_from_elsewhere() -> None:
    page = Scripts(write_page(an_index([]).model_dump_json()))
    _, (attributes, script) = page.scripts
    assert attributes == {}
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    for name, text in (("script-src", script), ("style-src", page.style)):
        assert rules[name] == f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert rules["default-src"] == "'none'"
    assert not re.search(r"https?:|\*|unsafe|blob:", page.policy)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|fetch\(", script)
    assert re.findall(r"(?:https?:)?//[\w.]+", page.style) == []


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../up.mp4", "a/../../b", "a//b", "./a", "", "C:\\x", "a\\b", "clips/", "clips/.."]
)
def test_a_file_is_in_the_folder(path: str) -> None:
    with pytest.raises(ValidationError, match="stays in it"):
        ClipFile(path=path, bytes=1, sha256="")


def test_an_index_is_frozen_and_takes_no_strangers() -> None:
    index = an_index([])
    with pytest.raises(ValidationError, match="frozen"):
        index.finished = False
    told: dict[str, Any] = {**index.model_dump(), "format": 2}
    with pytest.raises(ValidationError, match="format"):
        Index.model_validate(told)
    with pytest.raises(ValidationError, match="Extra inputs"):
        Index.model_validate({**told, "format": 1, "extra": 1})
