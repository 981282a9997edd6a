"""The sample session as it is known to look. Only likeness to a good picture finds an animation that is stuck half-way.

`.venv/bin/pytest tests/golden --update-golden` writes the pictures anew: look at each before it is committed.
"""

from pathlib import Path

import pytest
from PIL import Image

from renderer.recording.read import read_recording
from renderer.sources.file import fetch
from tests.golden.likeness import compare, write_difference
from tests.integration.filming import Film, film_recording

SAMPLE = Path(__file__).parents[2] / "examples" / "chat" / "session.jsonl.gz"

# Session seconds, and what is there to see.
SCENES = {
    "sign-in": 0,
    "greeting-and-labels": 8,
    "streaming-answer": 15,
    "thumbs-up": 20,
    "wrong-answer": 39,
    "marked-text": 53,
    "feedback-failed": 56,
    "error-bubble": 64,
    "put-right": 72,
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """One picture a second of the whole session."""
    recording = read_recording(fetch(str(SAMPLE)))
    return film_recording(recording, tmp_path_factory.mktemp("sample"), size="640x360", fps=1)


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_looks_as_it_should(scene: str, sample: Film, pictures: Path, updating: bool, tmp_path: Path) -> None:
    found = sample.picture(SCENES[scene])
    path = pictures / f"{scene}.png"
    if updating:
        found.quantize(256).save(path, optimize=True)
    golden = Image.open(path).convert("RGB")
    likeness = compare(golden, found)
    if not likeness.alike:
        write_difference(golden, found, tmp_path / f"{scene}.png")
    assert likeness.alike, f"{likeness}: see {tmp_path / scene}.png (golden, found, difference)"
