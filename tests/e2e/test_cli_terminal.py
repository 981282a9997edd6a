"""On a terminal there is a bar, on stderr alone, and it is gone at the end."""

import os
import pty
import re
import select

from tests.e2e import painted
from tests.e2e.program import Program, clip
from tests.unit.recordings import dump


def test_a_bar_on_a_terminal(renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump(painted.session()))
    ours, theirs = pty.openpty()
    out_path = renderer.folder.parent / "out"
    with out_path.open("wb") as out:
        process = renderer.start(
            *clip("session.json", "-o", "bug.mp4"), env={"TERM": "xterm", "COLUMNS": "100"}, stdout=out, stderr=theirs
        )
        os.close(theirs)
        seen = read_all(ours)
        assert process.wait(30) == 0
    assert out_path.read_text().startswith("bug.mp4  ")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    # The bar draws ten times a second and so short a film may pass between two draws: what a step says is a unit test's.
    assert "filming" in text
    assert "━" in text
    assert "renderer: filming" not in text  # lines are for files
    # The line was erased and the cursor is back.
    assert seen.rstrip().endswith("\x1b[2K") or "\x1b[2K" in seen.rsplit("━", 1)[1]
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def read_all(terminal: int) -> str:
    """Until the other side is closed, which Linux tells with EIO."""
    data = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    os.close(terminal)
    return data.decode()
