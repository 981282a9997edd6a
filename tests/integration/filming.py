"""Films recordings without the encoder: pictures as Chromium gave them, frame by frame."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image

from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.capture.capture import Capture
from renderer.capture.stage import Stage
from renderer.capture.tally import Tally
from renderer.frames import Frame, Sprite
from renderer.notices import Notices
from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan, SegmentPlan
from renderer.player.protocol import Scene, Stepped
from renderer.player.scene.build import bare_scene
from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from renderer.request import ClipRequest
from renderer.settings import Settings
from renderer.sprites import paint
from tests.selfdescribing.session import Session

# The page alone fills the picture, with nothing around it.
BARE = "pointer,ripples,labels,skips"


@dataclass
class Film:
    """What was filmed: `frames` by output frame, and how it went."""

    plan: ClipPlan
    frames: dict[int, Frame]
    tally: Tally
    notices: dict[str, int]
    assets: Any = None
    peeks: dict[int, Any] = field(default_factory=dict)
    """What `peek` gave at each session time that was looked at."""
    clock: SessionClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = SessionClock(self.plan)

    def frame(self, number: int) -> Frame:
        """What a viewer sees at output frame `number`."""
        return self.frames[max(index for index in self.frames if index <= number)]

    def at(self, session_ms: int) -> Image.Image:
        """What a viewer sees at the last output frame that does not lie after `session_ms`."""
        number = self.clock.frame_at_or_after(session_ms + 1) - 1
        return self.picture(number)

    def picture(self, number: int) -> Image.Image:
        return self.shown(self.frame(number))

    @staticmethod
    def shown(frame: Frame) -> Image.Image:
        """What a viewer sees of a frame: the picture with its sprites."""
        return paint(Image.open(frame.path).convert("RGB"), frame.sprites)

    def looks(self) -> list[tuple[str, tuple[Sprite, ...]]]:
        """What decides how each output frame looks, repeats included."""
        return [self.frame(number).looks for number in range(self.plan.frame_count)]

    @property
    def problem(self) -> str:
        return self.tally.report.first_problem if self.tally.report else ""


def recording_of(session: Session, folder: Path) -> Recording:
    path = session.write(folder / "session.json")
    return read_recording(RawRecording("session", path, path.stat().st_size))


def film(session: Session, folder: Path, **options: Any) -> Film:
    """Film the session at its own size unless told otherwise; `options` are those of `film_recording`."""
    size = f"{session.width}x{session.height}"
    return film_recording(recording_of(session, folder), folder, **({"size": size} | options))


def film_recording(
    recording: Recording,
    folder: Path,
    *,
    cuts: Iterable[int] | None = None,
    browsers: int = 1,
    method: str = "auto",
    settings: dict[str, Any] | None = None,
    peek: str = "",
    scene: Callable[[ClipPlan], Scene] = bare_scene,
    on_frames: Callable[[int], None] = lambda _: None,
    **request: Any,
) -> Film:
    """Film any recording; idle stretches are kept and nothing is fetched unless told otherwise.

    `cuts`: session times where segments are to begin, beside those of shots. `peek`: JavaScript in the player's page before each picture; `inner` is the
    replayed document. `scene`: what overlays draw, from the plan. `request`: fields of ClipRequest.
    """
    made = ClipRequest.model_validate(
        {"recording": "session", "idle": "keep", "assets": "offline", "overlays": BARE} | request
    )
    plan, _ = build_plan(recording, made, {})
    if cuts is not None:
        plan = replace(plan, segments=segments_at(plan, cuts))
    windows = {window.id: window for window in recording.windows}
    own = {"browsers": browsers, "capture_method": method, "data_dir": folder / "data", **(settings or {})}
    notices = Notices()
    frames: dict[int, Frame] = {}
    with AssetLibrary(folder / "assets", AssetPolicy.parse(made.assets), notices=notices) as library:
        peeks: dict[int, Any] = {}
        capture = Capture(plan, windows, scene(plan), library, Settings(**own), folder / "frames", on_frames)
        with _peeking(peek, peeks), capture:
            for segment in capture.segments():
                assert segment.frames[0].index == segment.first
                frames |= {frame.index: frame for frame in segment.frames}
        library.close()
        summary = library.summary()
    notices.extend(capture.notices)
    found = {notice.code: notice.count for notice in notices}
    return Film(plan, dict(sorted(frames.items())), capture.tally, found, summary, peeks)


@contextmanager
def _peeking(expression: str, peeks: dict[int, Any]) -> Iterator[None]:
    if not expression:
        yield
        return
    show = Stage.show

    async def show_and_peek(stage: Stage, session_ms: int, skipped_ms: int) -> Stepped:
        stepped = await show(stage, session_ms, skipped_ms)
        inner = "const inner = document.querySelector('.stage iframe').contentDocument;"
        peeks[session_ms] = await stage._evaluate(f"(() => {{ {inner} return ({expression}); }})()")
        return stepped

    with patch.object(Stage, "show", show_and_peek):
        yield


def segments_at(plan: ClipPlan, times_ms: Iterable[int]) -> tuple[SegmentPlan, ...]:
    clock = SessionClock(plan)
    shots = {shot.first: shot.window_id for shot in plan.shots}
    cuts = sorted({*shots, *(clock.frame_at_or_after(at) for at in times_ms)} - {plan.frame_count})
    segments: list[SegmentPlan] = []
    for number, (first, end) in enumerate(pairwise([*cuts, plan.frame_count])):
        segments.append(SegmentPlan(number, first, end, shots.get(first) or segments[-1].window_id))
    return tuple(segments)
