"""From a recording to the pixels of the finished file: every frame of a clip shows the newest picture that is not later than it."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from renderer.manifest.model import Manifest
from renderer.pipeline import make_clip
from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.request import ClipRequest, OutputFormat
from renderer.settings import Settings
from tests.integration.filming import BARE, recording_of
from tests.selfdescribing.dom import el
from tests.selfdescribing.reader import Eye, frames_of, pictures_of
from tests.selfdescribing.session import Session

FINE_MS = 13
"""A page that paints so often tells times apart that no two frames share, and its ticks fall on no frame rate."""


@dataclass
class Clip:
    session: Session
    plan: ClipPlan
    manifest: Manifest
    path: Path
    size: tuple[int, int]

    def session_ms(self, frame: int) -> int:
        return SessionClock(self.plan).session_ms(frame)

    def read(self) -> list[int]:
        """The time in the pixels of every output frame."""
        eye = Eye.of(self.session, *self.size)
        return [eye.read(picture) for picture in frames_of(self.path, self.plan.fps, self.plan.frame_count)]


def clip(
    session: Session, folder: Path, form: OutputFormat = "mp4", size: tuple[int, int] = (320, 180), **asked: Any
) -> Clip:
    path = session.write(folder / "session.json.gz")
    fields = {
        "recording": str(path),
        "assets": "offline",
        "size": f"{size[0]}x{size[1]}",
        "overlays": BARE,
        "outputs": [{"format": form}],
    }
    request = ClipRequest.model_validate(fields | asked)
    target = folder / f"clip.{form}"
    manifest = make_clip(request, {form: target}, Settings(data_dir=folder / "data"))
    plan, _ = build_plan(recording_of(session, folder), request, {})
    return Clip(session, plan, manifest, target, size)


def busy(length_ms: int = 3000, every_ms: int = FINE_MS) -> Session:
    return Session(el("p", None, "busy"), every_ms=every_ms).end(length_ms)


def idle(length_ms: int = 3000) -> Session:
    """Paints four times, the last 900 ms before its end."""
    session = Session(el("p", None, "idle"), every_ms=None)
    for at_ms in (611, 1223, 1987, 2100):
        session.paint(at_ms)
    return session.end(length_ms)


@pytest.mark.parametrize(
    ("fps", "speed", "from_ms", "to_ms"),
    [(25, 1.0, 0, 1000), (25, 1.0, 611, 2100), (24, 1.0, 1001, 2000), (30, 1.0, 640, 1987), (7, 1.0, 333, 2999),
     (25, 2.0, 611, 2500), (30, 0.5, 1223, 1990)],
)  # fmt: skip
@pytest.mark.parametrize("page", [busy, idle])
def test_both_ends_and_every_frame_between(
    page: Any, fps: int, speed: float, from_ms: int, to_ms: int, tmp_path: Path
) -> None:
    made = clip(page(), tmp_path, fps=fps, speed=speed, idle="keep", range={"from_ms": from_ms, "to_ms": to_ms})
    # Worked out here anew and in whole numbers: frame k shows the session k / fps video seconds after its start.
    hundredths = round(speed * 100)
    count = round((to_ms - from_ms) * fps * 100 / hundredths / 1000)
    expected = [made.session.shown_at(from_ms + k * 10 * hundredths // fps) for k in range(count)]
    assert made.read() == expected
    assert made.manifest.clip.duration_ms == round(count * 1000 / fps)
    assert max(expected) < to_ms, "nothing after the end is seen"


@pytest.mark.parametrize("page", [busy, idle])
def test_a_clip_to_the_sessions_end_shows_its_last_change(page: Any, tmp_path: Path) -> None:
    session = page(2000) if page is busy else Session(every_ms=None)
    if page is idle:
        session.paint(1993)
        session.end(1993)
    made = clip(session, tmp_path, idle="keep", range={"from_ms": 1500})
    assert made.read()[-1] == session.painted[-1]


def with_a_gap() -> Session:
    """Busy for 2.5 s, nothing of the user's for 9.5 s (but the page paints), busy again for 1.5 s."""
    session = Session(el("p", None, "gap"), every_ms=37)
    session.moves([(at, at / 10, 100) for at in range(100, 2501, 100)])
    session.moves([(at, at / 60, 120) for at in range(12_000, 13_401, 100)])
    return session.end(13_500)


@pytest.mark.parametrize(("policy", "speed"), [("skip", 1.0), ("fast", 1.0), ("skip", 2.0), ("fast", 0.5)])
def test_frames_show_the_session_time_that_the_plan_says(policy: str, speed: float, tmp_path: Path) -> None:
    made = clip(with_a_gap(), tmp_path, idle=policy, speed=speed, range={"from_ms": 1703, "to_ms": 12_650})
    times = [made.session_ms(frame) for frame in range(made.plan.frame_count)]
    read = made.read()
    assert read == [made.session.shown_at(at) for at in times]
    skipped = [(left, right) for left, right in pairwise(read) if right - left > 2000]
    assert len(skipped) == (1 if policy == "skip" else 0)
    assert read[0] == made.session.shown_at(1703)
    assert 12_650 - 40 * speed - 37 <= read[-1] < 12_650
    _time_map_agrees(made, read)


def test_the_time_map_says_what_is_in_the_pixels(tmp_path: Path) -> None:
    made = clip(busy(), tmp_path, idle="keep", range={"from_ms": 517, "to_ms": 2417})
    assert [(piece.video_ms, piece.session_ms, piece.speed) for piece in made.manifest.time_map] == [(0, 517, 1.0)]
    _time_map_agrees(made, made.read())


def _time_map_agrees(made: Clip, read: list[int]) -> None:
    """Pixels against the manifest alone, as somebody with a player and the JSON would compare them."""
    pieces = made.manifest.time_map
    assert [round(piece.speed, 3) for piece in pieces] == [stretch.speed for stretch in made.plan.stretches]
    for frame, seen in enumerate(read):
        video_ms = frame * 1000 / made.plan.fps
        piece = [piece for piece in pieces if piece.video_ms <= video_ms + 0.5][-1]
        told = piece.session_ms + (video_ms - piece.video_ms) * piece.speed
        slack = 1 + 0.5 * piece.speed  # whole milliseconds of video and of session
        assert made.session.shown_at(max(0, int(told - slack))) <= seen <= made.session.shown_at(int(told + slack)), (
            frame
        )


def test_a_gif_shows_the_same_times_scaled(tmp_path: Path) -> None:
    session = Session(el("p", None, "big"), width=1280, height=720, every_ms=40).end(1200)
    made = clip(session, tmp_path, "gif", (800, 450), idle="keep", range={"from_ms": 200, "to_ms": 1000})
    eye = Eye.of(session, 800, 450)
    shown = [(round(part.at_s * 1000), eye.read(part.picture)) for part in pictures_of(made.path)]
    assert [seen - at_ms for at_ms, seen in shown] == [200] * len(shown)
    assert len(shown) >= 10, "half of the rate at least"


def test_a_webm_shows_the_same_times(tmp_path: Path) -> None:
    made = clip(busy(1500), tmp_path, "webm", idle="keep", range={"from_ms": 300, "to_ms": 1100})
    eye = Eye.of(made.session, 320, 180)
    for part in pictures_of(made.path):
        assert eye.read(part.picture) == made.session.shown_at(made.session_ms(round(part.at_s * 25)))
