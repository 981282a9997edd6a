"""A byte limit is kept, by giving up what is said, or refused with what would do."""

import random
import re
from pathlib import Path

import pytest
from PIL import Image

from renderer.encode.encoder import Encoder
from renderer.encode.model import EncodedFile
from renderer.errors import RequestError
from renderer.frames import CapturedSegment
from renderer.request import Output, OutputFormat
from renderer.settings import Settings
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for


def busy(index: int) -> Image.Image:
    """Numbered, with a patch of noise that no encoder gets for nothing."""
    image = numbered(index)
    noise = Image.frombytes("L", (100, 60), random.Random(index).randbytes(6000))
    image.paste(noise.convert("RGB"), (200, 100))
    return image


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[CapturedSegment]:
    return captured(tmp_path_factory.mktemp("pictures"), [0, 30, 60], range(0, 60, 2), busy)


def encode(work_dir: Path, segments: list[CapturedSegment], kind: OutputFormat, max_bytes: int | None) -> EncodedFile:
    output = Output(format=kind, max_bytes=max_bytes)
    with Encoder(plan_for(segments), [output], work_dir, Settings()) as encoder:
        for segment in segments:
            encoder.add(segment)
        (file,) = encoder.finish().files
    assert file.bytes == file.path.stat().st_size
    return file


@pytest.mark.parametrize("kind", ["mp4", "gif", "webm"])
def test_a_limit_is_kept_and_what_was_given_up_is_said(
    tmp_path: Path, segments: list[CapturedSegment], kind: OutputFormat
) -> None:
    free = encode(tmp_path / "free", segments, kind, None)
    assert free.compromises == ()
    if kind == "mp4":
        roomy = encode(tmp_path / "roomy", segments, kind, free.bytes)
        assert (roomy.sha256, roomy.compromises) == (free.sha256, ())
    tight = encode(tmp_path / "tight", segments, kind, free.bytes // 2)
    assert free.bytes // 8 < tight.bytes <= free.bytes // 2
    assert tight.compromises[0].startswith("quality lowered")
    assert tight.duration_ms == free.duration_ms, "never shorter"
    pictures = decoded(tight.path)
    assert (number_of(pictures[0]), number_of(pictures[-1])) == (0, 58)
    left = [path.name for path in (tmp_path / "tight").iterdir() if path.suffix == f".{kind}"]
    assert left == [tight.path.name], "attempts that did not fit are removed"


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_an_impossible_limit_is_refused_with_the_smallest_size(
    tmp_path: Path, segments: list[CapturedSegment], kind: OutputFormat
) -> None:
    with pytest.raises(RequestError) as caught:
        encode(tmp_path / "work", segments, kind, 500)
    assert caught.value.code == "budget_impossible"
    smallest = int(re.search(r"reached is ([\d,]+) bytes", str(caught.value))[1].replace(",", ""))  # type: ignore[index]
    assert smallest > 500
    again = encode(tmp_path / "again", segments, kind, smallest)
    assert again.bytes <= smallest
    assert any("pixels" in said for said in again.compromises)
