"""How the service answers in a burst while its worker is busy: `renderer serve` on loopback, asked by many at once.

    .venv/bin/python -m scripts.bench_service [--requests 200] [--same 20] [--kept 8] [--connections 8] [--json]

While a first clip is being filmed comes a burst of requests for clips of the sample, of which `--same` ask for the same; all others but
`--kept` are canceled as soon as they were accepted. Meanwhile, and while the rest is rendered, clips are looked at and listed, ten times a second. Told: how long answers took (the
target is 200 ms for 99 of 100), and what became of every clip. Exit code 1 when the target is missed or a clip did not end as it must.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec

SAMPLE: Final = Path(__file__).parents[1] / "examples" / "chat" / "session.jsonl.gz"
TARGET_MS: Final = 200.0
_START_S: Final = 60.0
_ENDED: Final = frozenset({"succeeded", "failed", "canceled", "expired"})
# Small and short: what is measured is the service, and a render should last a few seconds.
_CLIP: Final = {"size": "320x180", "fps": 5, "overlays": "none", "idle": "keep"}


@dataclass(frozen=True, slots=True)
class Server:
    address: str
    key: str
    pid: int


@dataclass(slots=True)
class Outcome:
    """`answers_ms`: by what was asked. `statuses`: how clips ended; `renders`: how many different ones there were."""

    answers_ms: dict[str, list[float]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    same_files: int = 0
    retry_after: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def p99_ms(self, what: str) -> float:
        ordered = sorted(self.answers_ms[what])
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """`renderer serve` with a worker, on a free port; its log is in `folder`."""
    environment = {**os.environ, "RENDERER_DATA_DIR": str(folder / "data")}
    environment |= {f"RENDERER_{name.upper()}": value for name, value in settings.items()}
    command = [str(Path(sys.executable).with_name("renderer")), "serve", "--port", "0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield _greeted(process, folder / "log")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _greeted(process: "subprocess.Popen[str]", log: Path) -> Server:
    assert process.stdout is not None
    until_s = time.monotonic() + _START_S
    address = ""
    while time.monotonic() < until_s:
        words = process.stdout.readline().split()
        if not words:
            break
        if "API" in words and "at" in words:
            address = next(word for word in words if word.startswith("http")).rstrip(",")
        if words[-1].startswith("rc_live_"):
            return Server(address, words[-1], process.pid)
    raise RuntimeError(f"the service did not start: {log.read_text()[-2000:]}")


async def burst(server: Server, requests: int, same: int, kept: int, connections: int) -> Outcome:
    outcome = Outcome()
    headers = {"Authorization": f"Bearer {server.key}"}
    limits = httpx2.Limits(max_connections=connections)
    began_s = time.monotonic()
    async with httpx2.AsyncClient(base_url=server.address, headers=headers, timeout=120, limits=limits) as client:
        with SAMPLE.open("rb") as sample:
            uploaded = (await client.post("/v1/recordings", files={"file": sample})).json()["id"]
        first = (await client.post("/v1/clips", json={**_CLIP, "recording": f"recording:{uploaded}"})).json()["id"]
        while (status := (await client.get(f"/v1/clips/{first}")).json()["status"]) != "rendering":
            assert status not in _ENDED, "the first clip was to be filmed meanwhile"
            await asyncio.sleep(0.05)
        watching = asyncio.create_task(_watch(client, outcome))
        places = [
            {
                "recording": f"recording:{uploaded}",
                "range": {"from_ms": 0, "to_ms": 1000 + 200 * max(0, number - same + 1)},
            }
            for number in range(requests)
        ]
        one = asyncio.Semaphore(connections)
        created = await asyncio.gather(
            *(
                _ask(client, one, outcome, {**_CLIP, **place}, cancel=number >= same + kept)
                for number, place in enumerate(places)
            )
        )
        await client.post(f"/v1/clips/{first}/cancel")
        clips = [await _ended(client, clip_id) for clip_id in created if clip_id is not None]
        watching.cancel()
    outcome.statuses = Counter(clip["status"] for clip in clips)
    ours = [clip for clip, clip_id in zip(clips, created, strict=False) if clip_id in created[:same]]
    outcome.same_files = len(
        {output["sha256"] for clip in ours for output in clip["outputs"] if output["kind"] == "mp4"}
    )
    outcome.seconds = time.monotonic() - began_s
    return outcome


async def _ask(
    client: httpx2.AsyncClient, one: asyncio.Semaphore, outcome: Outcome, body: dict[str, Any], *, cancel: bool
) -> str | None:
    async with one:
        answer = await _timed(outcome, "create", client.post("/v1/clips", json=body))
        if answer.status_code == 429:
            outcome.retry_after.append(answer.headers.get("retry-after", ""))
            return None
        clip_id = str(answer.json()["id"])
        if cancel:
            await _timed(outcome, "cancel", client.post(f"/v1/clips/{clip_id}/cancel"))
        return clip_id


async def _watch(client: httpx2.AsyncClient, outcome: Outcome) -> None:
    while True:
        listed = await _timed(outcome, "list", client.get("/v1/clips", params={"limit": 20}))
        for clip in listed.json()["data"][:1]:
            await _timed(outcome, "look", client.get(f"/v1/clips/{clip['id']}"))
        await asyncio.sleep(0.1)


async def _timed(outcome: Outcome, what: str, asking: Any) -> httpx2.Response:
    began_s = time.perf_counter()
    answer: httpx2.Response = await asking
    outcome.answers_ms.setdefault(what, []).append((time.perf_counter() - began_s) * 1000)
    outcome.codes[f"{what} {answer.status_code}"] += 1
    return answer


async def _ended(client: httpx2.AsyncClient, clip_id: str) -> dict[str, Any]:
    while True:
        clip: dict[str, Any] = (await client.get(f"/v1/clips/{clip_id}")).json()
        if clip["status"] in _ENDED:
            return clip
        await asyncio.sleep(0.25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--same", type=int, default=20)
    parser.add_argument("--kept", type=int, default=8)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="renderer-bench-") as folder, serving(Path(folder)) as server:
        outcome = asyncio.run(burst(server, options.requests, options.same, options.kept, options.connections))
    slow = [what for what in outcome.answers_ms if outcome.p99_ms(what) > TARGET_MS]
    if options.json:
        print(msgspec.json.encode(outcome).decode())
    else:
        _tell(outcome, slow)
    sys.exit(bool(slow) or outcome.statuses["succeeded"] != options.same + options.kept or outcome.same_files != 1)


def _tell(outcome: Outcome, slow: list[str]) -> None:
    print(f"{'answers':10}{'count':>7}{'median':>9}{'99 of 100':>11}")
    for what, times in outcome.answers_ms.items():
        verdict = "MISS" if what in slow else "ok"
        print(
            f"{what:10}{len(times):7}{sorted(times)[len(times) // 2]:6.0f} ms{outcome.p99_ms(what):8.0f} ms  {verdict}"
        )
    ended = ", ".join(f"{count} {status}" for status, count in outcome.statuses.items())
    print(f"{ended}; the same request has {outcome.same_files} file; {outcome.seconds:.1f} s in all")


if __name__ == "__main__":
    main()
