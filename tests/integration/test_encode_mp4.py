"""MP4 through the one door: times, both ends, pictures, colours, joins, determinism. Real ffmpeg."""

from pathlib import Path

import pytest

from renderer.encode.encoder import Encoder
from renderer.request import Output
from renderer.settings import Settings
from tests.integration.encode_pictures import captured, decoded, number_of, plan_for, some_indices


@pytest.mark.parametrize("fps", [24, 25, 30, 7, 11, 60])
def test_every_picture_is_shown_exactly_when_planned_and_until_the_end(tmp_path: Path, fps: int) -> None:
    segments = captured(tmp_path / "pictures", [0, 31, 60, 97], some_indices(97, 4))
    plan = plan_for(segments, fps)
    with Encoder(plan, [Output(format="mp4")], tmp_path / "work", Settings()) as encoder:
        for segment in reversed(segments):
            encoder.add(segment)
        clip = encoder.finish()
    (file,) = clip.files
    indices = [frame.index for segment in segments for frame in segment.frames]
    assert file.pts_ms == tuple(index * 1000 / fps for index in indices)
    assert file.duration_ms == plan.duration_ms
    on_screen = [number_of(image) for image in decoded(file.path, fps)]
    assert on_screen == [max(index for index in indices if index <= at) for at in range(97)]
