"""The OpenAPI document against the running service, tried by schemathesis: real socket, real SQLite, nobody who renders."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.api.desk import SAMPLE, Desk
from tests.integration.api.serving import Served, serving

ROOT = Path(__file__).parents[3]
CONFIG = Path(__file__).with_name("schemathesis.toml")
# A stream never ends by itself, and a timeline costs a process each: both have tests of their own.
LEFT_OUT = r"events$|timeline$"


@pytest.fixture
def served(make_desk: Callable[..., Desk]) -> Iterator[Served]:
    desk = make_desk(requests_per_minute=10**6, max_queue=10**6, concurrent_clips=10**6, clips_per_day=10**6)
    with serving(desk) as served, served.client() as client:
        assert client.post("/v1/recordings", content=SAMPLE.read_bytes()).status_code == 201
        client.post("/v1/clips", json={"recording": "posthog:s"})
        desk.finish()
        yield served


def run(served: Served, folder: Path, *arguments: str) -> None:
    """Fails with what was found."""
    program = shutil.which("st", path=str(Path(sys.executable).parent))
    assert program is not None
    command = [program, "--config-file", str(CONFIG), "run", str(ROOT / "docs" / "openapi.json")]
    command += ["--url", served.address, "-H", f"Authorization: Bearer {served.desk.key}", "--seed", "1"]
    done = subprocess.run(
        [*command, "--exclude-path-regex", LEFT_OUT, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=240,
    )
    found = done.stdout.partition("= FAILURES =")
    assert done.returncode == 0, (found[2] or done.stdout)[-6000:] + done.stderr[-1000:]
    tried = re.search(r"^ +([\d,]+) generated", done.stdout, re.MULTILINE)
    assert tried is not None
    assert int(tried[1].replace(",", "")) > 100


@pytest.mark.timeout(300)
def test_nothing_is_found_by_chance_and_by_following_what_was_made(served: Served, tmp_path: Path) -> None:
    run(served, tmp_path, "--phases", "examples,fuzzing,stateful", "--max-examples", "4")


@pytest.mark.timeout(300)
def test_nothing_is_found_at_the_edges_of_what_may_be_asked_for(served: Served, tmp_path: Path) -> None:
    run(
        served,
        tmp_path,
        "--phases",
        "coverage",
        "--include-path-regex",
        r"^/v1/(clips|recordings|batches|schedules|webhooks)$",
    )
