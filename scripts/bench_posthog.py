"""How fast and in how much memory a recording comes from PostHog: fetched over loopback, decoded, put in order.

    .venv/bin/python -m scripts.bench_posthog [--events 100000] [--megabytes 50] [--blocks 50] [--runs 3]

As JSON lines and as blocks in snappy (RENDERER_POSTHOG_SNAPPY), in turn; of the runs the one with least CPU is told. The server runs in this process, the reader in one of its own, so that CPU time and peak memory (ru_maxrss) are the reader's
alone. "base" is what Python and the imports take; "x text" is the rest over the size of the decompressed JSON lines.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from typing import Any

from scripts.bench_reading import session
from tests.integration.posthog_server import SESSION, in_blocks, running

_CHILD = """
import json, resource, sys, time
from renderer.bootstrap import build_sources
from renderer.recording.read import read_recording
from renderer.settings import Settings
sources = build_sources(Settings())
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
base, began, cpu = peak(), time.perf_counter(), time.process_time()
fetched = sources.fetch(sys.argv[1])
fetching, cpu_fetching = time.perf_counter() - began, time.process_time() - cpu
recording = read_recording(fetched.raw)
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
print(json.dumps({"seconds": seconds, "fetching": fetching, "cpu": cpu, "cpu_fetching": cpu_fetching, "peak": peak(),
    "base": base, "events": recording.event_count, "bytes": fetched.raw.size_bytes, "notices": len(fetched.notices)}))
"""

_WAYS: dict[str, dict[str, str]] = {"JSON lines": {}, "snappy": {"RENDERER_POSTHOG_SNAPPY": "1"}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--blocks", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    lines = [
        json.dumps(["0199a1b2-7c3d-7e4f-8a5b-0123456789ab", event], separators=(",", ":")).encode()
        for event in session(asked.events, asked.megabytes * 1_000_000)
    ]
    with running() as server:
        server.store(*in_blocks(lines, asked.blocks))
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in _WAYS}
        for _ in range(asked.runs):
            for way, settings in _WAYS.items():
                server.sent_bytes = 0
                told = _fetched(server.settings | settings)
                runs[way].append(told | {"sent": server.sent_bytes})
        for way, all_told in runs.items():
            _print(way, min(all_told, key=lambda told: told["cpu"]), asked.blocks)


def _fetched(settings: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, f"posthog:{SESSION}"],
            env={**settings, "RENDERER_DATA_DIR": folder, "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            check=True,
        )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _print(way: str, told: dict[str, Any], blocks: int) -> None:
    megabytes = told["bytes"] / 1e6
    print(
        f"{way}: {megabytes:.1f} MB in {blocks} blocks, {told['events']:,} events, {told['sent'] / 1e6:.1f} MB sent, {told['notices']} notices"
    )
    print(f"{'':10}{'s':>8}{'cpu s':>8}{'cpu s / 10 MB':>16}")
    for name, seconds, cpu in (
        ("fetching", told["fetching"], told["cpu_fetching"]),
        ("all", told["seconds"], told["cpu"]),
    ):
        print(f"{name:10}{seconds:8.2f}{cpu:8.2f}{cpu / megabytes * 10:16.3f}")
    used = told["peak"] - told["base"]
    print(f"memory: {used / 1e6:.0f} MB over a base of {told['base'] / 1e6:.0f} MB, {used / told['bytes']:.2f} x text")


if __name__ == "__main__":
    main()
