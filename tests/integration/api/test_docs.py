"""docs/api.md is true: its examples run as they stand there, its problems are those that there are."""

import json
import os
import re
import subprocess
from pathlib import Path

from renderer.api.problems.codes import STATUS
from renderer.database.tables import Clip
from tests.integration.api.desk import VIDEO
from tests.integration.api.serving import Served

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_the_examples_run_as_they_stand_there(served: Served, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    script = "\n".join(blocks).replace("http://127.0.0.1:8080", served.address)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    # What is not a success stops the script, with what was answered.
    before = 'set -euo pipefail\ncurl() { command curl -sS --fail-with-body "$@" | tee -a answers; echo >> answers; }\n'
    with served.desk.hands():
        done = subprocess.run(
            ["bash", "-c", before + script],
            cwd=tmp_path,
            env={**os.environ, "KEY": served.desk.key},
            capture_output=True,
            text=True,
            timeout=100,
        )
    answers = (tmp_path / "answers").read_text("utf-8", "replace")
    assert done.returncode == 0, done.stderr[-500:] + answers[-2000:]
    assert (tmp_path / "clip.mp4").read_bytes() == VIDEO
    assert (tmp_path / "shared.mp4").read_bytes() == VIDEO
    assert (tmp_path / "beginning.mp4").read_bytes() == VIDEO[:1024]
    assert "The user asked" in (tmp_path / "page.html").read_text("utf-8")
    assert "event: done" in answers
    with served.desk.service.database.read() as session:
        repeated = [clip for clip in session.query(Clip) if clip.request.get("fps") == 10]
    assert len(repeated) == 1


def test_every_problem_is_told_of() -> None:
    table = PAGE.partition("| status | codes |")[2].partition("\n\n")[0]
    told = {
        code: int(status)
        for row in re.findall(r"^\| ([\d, ]+) \| (.*) \|$", table, re.MULTILINE)
        for status in row[0].split(",")[-1:]
        for code in re.findall(r"`([a-z_]+)`", row[1])
    }
    assert {code: told.get(code) for code in STATUS} == STATUS
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "renderer" / "api").rglob("*.py"))
    raised = set(re.findall(r"ProblemError\(\s*\d{3},\s*\"([a-z_]+)\"", source))
    assert len(raised) > 10
    assert sorted(raised - set(told)) == []


def test_the_example_of_a_problem_is_one() -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    told = json.loads(example)
    assert told["type"].rpartition(":")[2] == told["code"] == told["errors"][0]["code"]
