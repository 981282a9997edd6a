"""A Chromium that is asked for its version."""

from pathlib import Path

import pytest

from renderer.capture.check import chromium_version
from renderer.errors import SetupError
from renderer.settings import Settings


@pytest.mark.parametrize(
    ("does", "passes"),
    [pytest.param("exit 3", False, id="broken"), pytest.param("kill -9 $$", True, id="killed")],
)
def test_one_that_was_killed_may_answer_the_next_time(tmp_path: Path, does: str, passes: bool) -> None:
    program = tmp_path / "chromium-headless-shell"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    with pytest.raises(SetupError) as caught:
        chromium_version(Settings(chromium=str(program)))
    assert (caught.value.code, caught.value.retryable) == ("chromium_start", passes)
