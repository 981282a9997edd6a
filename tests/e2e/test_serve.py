"""`renderer serve` as it is typed: README's journey with curl, keys, ports, signals, and what it says when it cannot."""

import json
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import PROGRAM, Program
from tests.services.processes import free_port

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"rc_live_[0-9a-z]{12}_[0-9A-Za-z]{38}")


class Serving:
    def __init__(self, process: "subprocess.Popen[bytes]", out: Path, err: Path, port: int) -> None:
        self.process = process
        self.out = out
        self.err = err
        self.address = f"http://127.0.0.1:{port}"

    @property
    def keys(self) -> list[str]:
        return KEY.findall(self.out.read_text("utf-8"))

    def ask(self, path: str, key: str | None = None, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {key or self.keys[0]}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(urllib.request.Request(self.address + path, data, headers), timeout=30) as answer:
            return json.load(answer)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while "documentation at" not in self.out.read_text("utf-8"):
            assert self.process.poll() is None, self.err.read_text("utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def serving(
    renderer: Program, *typed: str, port: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    port = port or free_port()
    out, err = renderer.folder.parent / "served.out", renderer.folder.parent / "served.err"
    with out.open("wb") as told, err.open("wb") as logged:
        process = renderer.start("serve", "--port", str(port), *typed, env=env, stdout=told, stderr=logged)
    served = Serving(process, out, err, port)
    try:
        served.wait_until_ready()
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.wait()


def typed_in(page: str, heading: str) -> list[str]:
    """The shell scripts of a section."""
    section = (ROOT / page).read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(240)
def test_the_readme_works_as_typed(renderer: Program) -> None:
    (script,) = typed_in("README.md", "As a service")
    makes_a_clip(renderer, script, "kill %1; wait %1")


@pytest.mark.timeout(240)
def test_the_same_with_celery_redis_and_postgresql(renderer: Program, empty_postgres_url: str, redis_url: str) -> None:
    _, start = typed_in("docs/deploy.md", "Without containers")
    (script,) = typed_in("README.md", "As a service")
    start, told = re.subn(r"=(postgresql|redis)://.*", lambda url: f"={{{url[1]}}}", start)
    assert told == 2
    start = start.format(postgresql=empty_postgres_url, redis=redis_url)
    makes_a_clip(renderer, start + script.partition("\n")[2], "kill %1 %2; wait")
    assert not list(renderer.data.glob("*.db"))


def makes_a_clip(renderer: Program, script: str, end: str) -> None:
    port = free_port()
    script = re.sub(r"renderer serve +&", f"renderer serve --port {port} > served &", script).replace(
        ":8080", f":{port}"
    )
    script = script.replace("celery -A worker worker &", "celery -A worker worker > worked 2>&1 &")
    (renderer.folder / "examples").symlink_to(ROOT / "examples")
    (renderer.folder / "worker.py").symlink_to(ROOT / "worker.py")
    (renderer.folder / ".venv" / "bin").mkdir(parents=True)
    for program in (PROGRAM, PROGRAM.with_name("celery")):
        (renderer.folder / ".venv" / "bin" / program.name).symlink_to(program)
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}\n{end}"],
        cwd=renderer.folder,
        env=renderer.environment(),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "event: done" in done.stdout
    assert '"status": "succeeded"' in done.stdout
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=width,height:format=duration", "-of", "json", "clip.mp4"],
        cwd=renderer.folder,
        capture_output=True,
        check=True,
    )
    told = json.loads(probed.stdout)
    assert (told["streams"][0]["width"], told["streams"][0]["height"]) == (1280, 720)
    assert abs(float(told["format"]["duration"]) - 4) < 0.2
    assert len(KEY.findall((renderer.folder / "served").read_text())) <= 1  # `keys create` may have been first


def test_the_first_key_is_made_once_and_may_do_everything(renderer: Program) -> None:
    with serving(renderer, "--no-worker") as served:
        assert len(served.keys) == 1
        assert served.ask("/v1/clips", recording="posthog:s")["status"] == "queued"
        first = served.keys[0]
    assert served.process.returncode == 0
    lines = [json.loads(line) for line in served.err.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines if line["event"] != "request"] == ["serving", "stopped"]
    assert first not in served.err.read_text("utf-8")
    with serving(renderer, "--no-worker") as again:
        assert again.keys == []
        assert [clip["recording"] for clip in again.ask("/v1/clips", first)["data"]] == ["posthog:s"]


def test_what_was_asked_for_survives_a_kill(renderer: Program) -> None:
    with serving(renderer, "--no-worker") as served:
        key = served.keys[0]
        clip = served.ask("/v1/clips", recording="posthog:s")["id"]
        served.process.kill()
        served.process.wait()
    with serving(renderer, "--no-worker") as again:
        assert again.ask(f"/v1/clips/{clip}", key)["status"] == "queued"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_well_while_somebody_watches(number: signal.Signals, renderer: Program) -> None:
    with serving(renderer, "--no-worker") as served:
        clip = served.ask("/v1/clips", recording="posthog:s")["id"]
        request = urllib.request.Request(
            f"{served.address}/v1/clips/{clip}/events", headers={"Authorization": f"Bearer {served.keys[0]}"}
        )
        with urllib.request.urlopen(request, timeout=30) as stream:
            assert stream.readline() == b"retry: 2000\n"
            began = time.monotonic()
            served.process.send_signal(number)
            rest = stream.read()
            assert served.process.wait(15) == 0
            assert time.monotonic() - began < 10
        assert b"event: status" in rest
        assert b"event: done" not in rest
        assert "Traceback" not in served.err.read_text("utf-8")


def test_a_port_that_is_in_use(renderer: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = renderer("serve", "--port", str(port))
    assert (result.code, result.error) == (
        1,
        f"port {port} of 127.0.0.1 is in use: stop what listens there, or give another with --port",
    )
    # What did not serve made no key that nobody saw.
    with serving(renderer, "--no-worker") as served:
        assert len(served.keys) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "clips.example.test"])
def test_other_addresses_need_a_key_first(host: str, renderer: Program) -> None:
    result = renderer("serve", "--host", host, "--port", "0")
    assert result.code == 1
    assert result.error.startswith(
        f"{host} is not loopback, and there is no API key: make one first with renderer keys"
    )
    renderer("keys", "create", "me", "--scopes", "admin")
    if host == "0.0.0.0":
        with serving(renderer, "--host", host, "--no-worker") as served:
            assert served.keys == []
    elif host != "::":
        assert renderer("serve", "--host", host, "--port", "0").code == 2


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"RENDERER_DATABASE_URL": "mysql://x/y"}, 1, "RENDERER_DATABASE_URL is neither"),
        (
            {"RENDERER_DATABASE_URL": "postgresql://x:hunter2@127.0.0.1:1/y"},
            1,
            "the database at 127.0.0.1:1 cannot be used now",
        ),
        ({"RENDERER_DATA_DIR": "/proc/nowhere"}, 1, ""),
        ({"RENDERER_SECRET_KEY": "short"}, 1, "the service's secret has fewer than 32 characters"),
        ({"RENDERER_MAX_QUEUE": "many"}, 2, "RENDERER_MAX_QUEUE: "),
        ({"RENDERER_STORE_URL": "ftp://x"}, 1, ""),
        ({"RENDERER_WEBHOOK_HOSTS": "*.x"}, 1, "RENDERER_WEBHOOK_HOSTS cannot be read"),
        ({"RENDERER_BROKER_URL": "redis://:hunter2@host:port"}, 1, "RENDERER_BROKER_URL"),
    ],
)
def test_settings_that_will_not_do(settings: dict[str, str], code: int, said: str, renderer: Program) -> None:
    result = renderer("serve", "--port", "0", env=settings)
    assert result.code == code
    assert result.error.startswith(said), result.err
    assert "hunter2" not in result.err + result.out
    assert "Traceback" not in result.err
