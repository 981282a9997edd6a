"""Reading keeps one copy of the text: what the benchmark (scripts/bench_reading.py) measures, as a test on a small file."""

import gc
import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from renderer.recording.read import read_recording
from renderer.sources.file import fetch
from tests.unit import recordings as build

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("shape", ["array", "posthog pairs", "posthog batches", "export v1", "export v2"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_peak_memory_is_less_than_twice_the_text(
    shape: str, compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    words = [build.mutation(at, [build.add(at + 10, text="x" * 2_000)]) for at in range(10, 4_010)]
    text = build.SHAPES[shape][0]([build.meta(), build.full(), *words]).encode()
    path = tmp_path / "recording"
    path.write_bytes(compress(text))
    raw = fetch(str(path))
    gc.collect()
    tracemalloc.start()
    recording = read_recording(raw)
    kept_bytes, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recording.event_count == 4_002
    assert len(text) * 0.8 < kept_bytes
    most = 2.3 if shape == "posthog batches" else 2.0  # a line is put together from its pieces
    assert peak_bytes < most * len(text)
