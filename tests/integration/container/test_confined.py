"""The container's seccomp profile on this machine's kernel: everything works under it, and what it is there for does not."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.e2e.program import started_by
from tests.integration.container.confined import BIN, ROOT, Confined, confinement
from tests.services.processes import free_port, wait_until

SAMPLE = ROOT / "examples" / "chat" / "session.jsonl.gz"
ATTEMPTS = Path(__file__).with_name("attempts.py")
ALLOWED = {"a sandbox as Chromium's", "a socket"}
REFUSED = {errno.EPERM, errno.ENOSYS}


@pytest.fixture
def confined() -> Iterator[Confined]:
    with confinement() as place:
        yield place


def attempts(confined: Confined, *, profile: bool) -> dict[str, int]:
    tried: dict[str, int] = json.loads(confined.run(Path(sys.executable), ATTEMPTS, profile=profile))
    return tried


def test_what_the_kernel_lets_anybody_do_is_refused_in_the_container(confined: Confined) -> None:
    without = attempts(confined, profile=False)
    within = attempts(confined, profile=True)
    assert {name for name, said in without.items() if said in REFUSED} == set()
    assert {name for name, said in within.items() if said not in REFUSED} == ALLOWED


def test_a_clip_is_filmed_by_a_browser_that_is_in_its_own_sandbox(confined: Confined) -> None:
    process = confined.start(
        BIN / "renderer",
        *("clip", SAMPLE, "--from", "0:05", "--to", "0:08", "--size", "320x180", "--fps", "10"),
        *("--assets", "offline", "--overlays", "none", "-o", "clip.mp4"),
    )
    seen = watch_renderers(process)
    assert process.returncode == 0, confined.log.read_text()
    manifest = json.loads((confined.folder / "clip.json").read_text())
    assert manifest["clip"]["duration_ms"] == 3000
    assert (confined.folder / "clip.mp4").stat().st_size > 1000
    assert seen
    ours = namespaces(os.getpid())
    for renderer in seen:
        assert not set(renderer.namespaces) & set(ours)
        assert renderer.root.startswith("/proc/")
        assert renderer.status["CapEff"] == "0000000000000000"
        assert renderer.status["NoNewPrivs"] == "1"
        # The container's, and over it Chromium's own.
        assert renderer.status["Seccomp_filters"] == "2"


class Renderer:
    """What the kernel says about a process that draws a recorded page."""

    def __init__(self, pid: int) -> None:
        folder = Path("/proc") / str(pid)
        self.namespaces = namespaces(pid)
        self.root = str((folder / "root").readlink())
        lines = (folder / "status").read_text().splitlines()
        self.status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def namespaces(pid: int) -> list[str]:
    return [str(Path(f"/proc/{pid}/ns/{kind}").readlink()) for kind in ("user", "pid", "net")]


def watch_renderers(process: "subprocess.Popen[bytes]") -> list[Renderer]:
    """Every renderer process as it was last seen: Chromium closes its sandbox after it has started one."""
    seen: dict[int, Renderer] = {}
    deadline = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < deadline
        for pid, _ in started_by(process.pid):
            try:
                if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    seen[pid] = Renderer(pid)
            except OSError:  # gone
                continue
        time.sleep(0.05)
    return list(seen.values())


def test_the_api_and_its_worker_make_a_clip(confined: Confined) -> None:
    port = free_port()
    log = confined.log
    process = confined.start(BIN / "renderer", "serve", "--port", str(port))
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            wait_until(lambda: "shown only now" in log.read_text(), process, log)
            key = log.read_text().partition("shown only now: ")[2].split()[0]
            client.headers["Authorization"] = f"Bearer {key}"
            assert client.get("/readyz").json()["ready"]
            recording = client.post("/v1/recordings", content=SAMPLE.read_bytes()).raise_for_status().json()
            asked = {
                "recording": f"recording:{recording['id']}",
                "range": {"from_ms": 5000, "to_ms": 6000},
                "size": "320x180",
                "fps": 10,
                "overlays": "none",
            }
            place = client.post("/v1/clips", json=asked).raise_for_status().headers["Location"]
            wait_until(lambda: client.get(place).json()["status"] in {"succeeded", "failed"}, process, log, 60)
            clip = client.get(place).json()
            assert clip["status"] == "succeeded", clip
            video = next(output for output in clip["outputs"] if output["kind"] == "mp4")
            assert client.get(video["url"]).content[4:8] == b"ftyp"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_celery_worker_comes_up_and_answers_to_its_health_check(confined: Confined, redis_url: str) -> None:
    env = {
        "RENDERER_BROKER_URL": redis_url,
        "RENDERER_DATABASE_URL": f"sqlite:///{confined.folder}/renderer.db",
        "PYTHONPATH": str(ROOT),
    }
    process = confined.start(BIN / "celery", "-A", "worker", "worker", "--loglevel", "info", env=env)
    try:
        wait_until(lambda: " ready." in confined.log.read_text(), process, confined.log)
        assert "pong" in confined.run(BIN / "celery", "--broker", redis_url, "inspect", "ping", "--timeout", "5")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
