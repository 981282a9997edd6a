"""The program itself, with a recording in a bucket."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.integration.sources.link import link_to
from tests.integration.sources.object_server import BUCKET, ObjectServer
from tests.signals import heard
from tests.unit import recordings


def _renderer(folder: Path, *arguments: str, endpoint: str | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "RENDERER_DATA_DIR": str(folder)}
    if endpoint:
        environment["AWS_ENDPOINT_URL"] = endpoint
    program = str(Path(sys.executable).with_name("renderer"))
    return subprocess.Popen(
        [program, *arguments],
        env=environment,
        preexec_fn=heard,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_prefix_is_inspected_and_a_missing_one_is_told_in_one_line(s3: ObjectServer, tmp_path: Path) -> None:
    s3.put("cli/1.json", recordings.dump(recordings.session()[:2]).encode())
    s3.put("cli/2.json", recordings.dump(recordings.session()[2:]).encode())
    with _renderer(tmp_path, "inspect", f"s3://{BUCKET}/cli/") as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "events     5" in out
    with _renderer(tmp_path, "inspect", f"s3://{BUCKET}/nothing/") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.count("\n") == 1
    assert "there is no nothing in the bucket recordings" in err


def test_an_interrupt_is_heard_while_a_server_is_silent(s3: ObjectServer, tmp_path: Path) -> None:
    s3.put("cli-silent.json", bytes(3_000_000))
    with link_to(s3.port) as link:
        link.stalls, link.cut_after_bytes = 1_000, 1_000_000
        with _renderer(tmp_path, "inspect", f"s3://{BUCKET}/cli-silent.json", endpoint=link.endpoint) as process:
            assert link.stalled.wait(60)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)  # the server would be waited for longer
    assert process.returncode == 130
    assert err.splitlines()[-1] == "renderer: interrupted"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
