"""ffmpeg that dies, hangs, is missing or gets nonsense; clips that are wrong or show nothing."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from renderer.encode.encoder import Encoder
from renderer.encode.formats import MP4
from renderer.encode.maker import Made, Maker
from renderer.encode.process import Processes
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown
from renderer.encode.tools import find_tools
from renderer.encode.verify import verify
from renderer.errors import EncodeError, RendererError, SetupError
from renderer.frames import CapturedSegment
from renderer.request import Output
from renderer.settings import Settings
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for

OUTPUTS = [Output(format="mp4")]
LONG_SIZE = (640, 360)


@pytest.fixture(scope="module")
def long_segment(tmp_path_factory: pytest.TempPathFactory) -> CapturedSegment:
    """A second of encoding: ten pictures, shown two hundred times."""
    size = LONG_SIZE
    (ten,) = captured(tmp_path_factory.mktemp("long"), [0, 10], range(10), lambda index: numbered(index, size))
    frames = tuple(replace(ten.frames[index % 10], index=index) for index in range(200))
    return CapturedSegment(0, 0, 200, frames)


@contextmanager
def killer(pids: Callable[[], tuple[int, ...]], ready: Callable[[], bool], times: int) -> Iterator[list[int]]:
    """Kills `times` different processes, each as soon as it is seen and `ready`."""
    killed: list[int] = []
    stop = threading.Event()

    def hunt() -> None:
        while len(killed) < times and not stop.is_set():
            for pid in pids():
                if pid not in killed and ready():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    break
            stop.wait(0.002)

    thread = threading.Thread(target=hunt)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


def test_a_killed_ffmpeg_costs_its_segment_and_the_clip_is_right(tmp_path: Path, long_segment: CapturedSegment) -> None:
    work_dir = tmp_path / "work"
    plan = plan_for([long_segment], size=LONG_SIZE)
    with Encoder(plan, OUTPUTS, work_dir, Settings()) as encoder:

        def in_mid_encode() -> bool:
            return any(path.stat().st_size > 0 for path in work_dir.glob("mp4-*.mp4"))

        with killer(lambda: encoder._runner.processes.live_pids, in_mid_encode, times=1) as killed:
            encoder.add(long_segment)
            wait(encoder._begun, timeout=60)
        clip = encoder.finish()
    assert len(killed) == 1
    assert [(notice.code, notice.count) for notice in clip.notices] == [("encoder_restarted", 1)]
    (file,) = clip.files
    assert file.pts_ms == tuple(index * 40.0 for index in range(200))
    assert [number_of(image) for image in decoded(file.path)] == [index % 10 for index in range(200)]


def test_an_ffmpeg_killed_twice_is_an_error_and_stops_the_capture(
    tmp_path: Path, long_segment: CapturedSegment
) -> None:
    later = replace(long_segment, number=1, first=200, end=201, frames=(replace(long_segment.frames[0], index=200),))
    plan = plan_for([long_segment, later], size=LONG_SIZE)
    with Encoder(plan, OUTPUTS, tmp_path / "work", Settings()) as encoder:
        with killer(lambda: encoder._runner.processes.live_pids, lambda: True, times=2):
            encoder.add(long_segment)
            wait(encoder._begun, timeout=60)
        with pytest.raises(EncodeError) as caught:
            encoder.add(later)
    assert caught.value.code == "encoder_killed"
    assert caught.value.retryable
    assert str(caught.value) == (
        "segment 0 of the mp4 file could not be made in two attempts: ffmpeg was killed by signal SIGKILL"
    )


def test_a_picture_that_ffmpeg_cannot_read_fails_twice_with_its_cause(tmp_path: Path) -> None:
    (segment,) = captured(tmp_path / "pictures", [0, 10], [4, 8])
    whole = segment.frames[1].path.read_bytes()
    segment.frames[1].path.write_bytes(whole[:60] + bytes(200) + whole[260:])
    with Encoder(plan_for([segment]), OUTPUTS, tmp_path / "work", Settings()) as encoder:
        encoder.add(segment)
        with pytest.raises(EncodeError) as caught:
            encoder.finish()
    message = str(caught.value)
    assert caught.value.code == "encoder_failed"
    assert message.startswith(
        "segment 0 of the mp4 file could not be made in two attempts: ffmpeg failed with exit code"
    )
    assert "\n" not in message
    assert str(tmp_path) not in message


@pytest.mark.parametrize("damage", ["cut", "gone", "other size", "not a png"])
def test_a_broken_picture_is_refused_when_it_is_handed_over(tmp_path: Path, damage: str) -> None:
    (segment,) = captured(tmp_path / "pictures", [0, 10], [4])
    path = segment.frames[1].path
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "gone":
        path.unlink()
    elif damage == "other size":
        numbered(4, (322, 180)).save(path)
    else:
        path.write_bytes(b"GIF89a" * 100)
    with (
        Encoder(plan_for([segment]), OUTPUTS, tmp_path / "work", Settings()) as encoder,
        pytest.raises(EncodeError, match="picture of output frame 4") as caught,
    ):
        encoder.add(segment)
    assert caught.value.code == "picture_broken"


def test_a_missing_segment_is_never_glossed_over(tmp_path: Path) -> None:
    first, second, third = captured(tmp_path / "pictures", [0, 10, 20, 30], [])
    for handed, missing in (((first, third), 10), ((second, third), 0), ((first, second), 20)):
        with Encoder(plan_for([first, second, third]), OUTPUTS, tmp_path / "work", Settings()) as encoder:
            for segment in handed:
                encoder.add(segment)
            with pytest.raises(EncodeError, match=f"output frame {missing} of 30") as caught:
                encoder.finish()
        assert caught.value.code == "segments_missing"


def test_inconsistent_segments_are_refused(tmp_path: Path) -> None:
    (good,) = captured(tmp_path / "pictures", [0, 10], [4])
    plan = plan_for([good])
    bad = [
        replace(good, frames=()),
        replace(good, frames=good.frames[::-1]),
        replace(good, frames=good.frames[1:]),
        replace(good, end=11),
        replace(good, end=4),
    ]
    with Encoder(plan, OUTPUTS, tmp_path / "work", Settings()) as encoder:
        for segment in bad:
            with pytest.raises(EncodeError) as caught:
                encoder.add(segment)
            assert caught.value.code == "segment_inconsistent"
        encoder.add(good)
        with pytest.raises(EncodeError, match="handed over twice"):
            encoder.add(good)


@pytest.mark.parametrize("grounds", [["white"], ["white", "#336699", "black"]], ids=["one", "three"])
def test_a_flat_video_is_an_error(tmp_path: Path, grounds: list[str]) -> None:
    def flat(index: int) -> Image.Image:
        return Image.new("RGB", (320, 180), grounds[index % len(grounds)])

    segments = captured(tmp_path / "pictures", [0, 6, 12], range(12), flat)
    with Encoder(plan_for(segments), OUTPUTS, tmp_path / "work", Settings()) as encoder:
        for segment in segments:
            encoder.add(segment)
        with pytest.raises(EncodeError) as caught:
            encoder.finish()
    assert caught.value.code == "flat_video"


def test_one_picture_with_something_in_it_among_many_flat_ones_is_a_clip(tmp_path: Path) -> None:
    def nearly_all_flat(index: int) -> Image.Image:
        return numbered(index) if index == 41 else Image.new("RGB", (320, 180), ["white", "#eeeeee"][index % 2])

    segments = captured(tmp_path / "pictures", [0, 100], range(100), nearly_all_flat)
    with Encoder(plan_for(segments), OUTPUTS, tmp_path / "work", Settings()) as encoder:
        encoder.add(segments[0])
        assert encoder.finish().poster_frame == 41


def test_missing_programs_say_what_to_install(tmp_path: Path) -> None:
    (segment,) = captured(tmp_path / "pictures", [0, 2], [])
    for settings in (Settings(ffmpeg="/nowhere/ffmpeg"), Settings(ffprobe="no-such-ffprobe")):
        with pytest.raises(SetupError, match="apt-get install ffmpeg") as caught:
            Encoder(plan_for([segment]), OUTPUTS, tmp_path / "work", settings)
        assert caught.value.code == "ffmpeg_missing"


@pytest.mark.parametrize(
    ("prints", "code", "passes"),
    [
        ("echo ffmpeg version 4.4.2-0ubuntu0.22.04.1", "ffmpeg_too_old", False),
        ("exit 3", "ffmpeg_broken", False),
        ("kill -9 $$", "ffmpeg_broken", True),
    ],
)
def test_an_old_or_broken_ffmpeg_is_refused_at_once(tmp_path: Path, prints: str, code: str, passes: bool) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{prints}\n")
    program.chmod(0o755)
    with pytest.raises(SetupError) as caught:
        find_tools(Settings(ffmpeg=str(program)))
    assert (caught.value.code, caught.value.retryable) == (code, passes)


def test_a_full_disk_is_named_and_not_tried_again(tmp_path: Path) -> None:
    runner = Runner(find_tools(Settings()), tmp_path, 1)
    argv = [runner.tools.ffmpeg, "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=d=2", "-f", "rawvideo"]
    with pytest.raises(EncodeError) as caught:
        runner.run([*argv, "/dev/full"], what="the test", timeout_s=30)
    assert caught.value.code == "disk_full"
    assert runner.notices() == ()


def sleeper(seconds: int) -> list[str]:
    return ["/bin/sh", "-c", f"sleep {seconds} & wait"]


def gone(group: int) -> bool:
    """No process of the group runs any more, within five seconds; one that nobody has waited for yet does not count."""

    def running() -> bool:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, _, group_id = stat.read_text().rpartition(")")[2].split()[:3]
                if int(group_id) == group and state not in "ZX":
                    return True
        return False

    deadline = time.monotonic() + 5
    while running():
        if time.monotonic() > deadline:
            return False
    return True


def test_a_process_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    processes = Processes()
    printed: list[bytes] = []
    started = time.monotonic()
    with pytest.raises(EncodeError) as caught:
        argv = ["/bin/sh", "-c", "echo $$; sleep 300 & wait"]
        processes.run(argv, cwd=tmp_path, timeout_s=0.5, on_stdout=printed.append)
    assert caught.value.code == "encoder_timeout"
    assert time.monotonic() - started < 20
    assert gone(int(b"".join(printed)))
    assert processes.live_pids == ()


def test_closing_ends_what_runs_and_refuses_what_comes(tmp_path: Path) -> None:
    processes = Processes()
    failed: list[RendererError] = []

    def run() -> None:
        try:
            processes.run(sleeper(300), cwd=tmp_path, timeout_s=300)
        except RendererError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not processes.live_pids:
        assert thread.is_alive()
    (group,) = processes.live_pids
    processes.close()
    thread.join(timeout=20)
    assert [error.code for error in failed] == ["encoder_closed"]
    assert gone(group)
    with pytest.raises(EncodeError):
        processes.run(["true"], cwd=tmp_path, timeout_s=1)


def test_leaving_the_encoder_ends_its_ffmpeg(tmp_path: Path, long_segment: CapturedSegment) -> None:
    plan = plan_for([long_segment], size=LONG_SIZE)
    with Encoder(plan, [*OUTPUTS, Output(format="webm")], tmp_path / "work", Settings()) as encoder:
        encoder.add(long_segment)
        while not encoder._runner.processes.live_pids:
            assert not encoder._begun[0].done()
        (group,) = encoder._runner.processes.live_pids
    assert gone(group)
    with pytest.raises(EncodeError) as caught:
        encoder.finish()
    assert caught.value.code == "encoder_closed"
    encoder.close()


def test_much_noise_on_stderr_is_bounded(tmp_path: Path) -> None:
    script = "i=0; while [ $i -lt 20000 ]; do echo 'a line of noise that nobody reads' >&2; i=$((i+1)); done; echo why >&2; exit 7"
    with pytest.raises(EncodeError) as caught:
        Processes().run(["/bin/sh", "-c", script], cwd=tmp_path, timeout_s=60)
    assert str(caught.value) == "sh failed with exit code 7: why"


def test_no_secret_of_ours_reaches_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERER_POSTHOG_API_KEY", "phx_secret")
    printed: list[bytes] = []
    Processes().run(["/usr/bin/env"], cwd=tmp_path, timeout_s=10, on_stdout=printed.append)
    assert b"phx_secret" not in b"".join(printed)
    assert b"PATH=" in b"".join(printed)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Runner, Maker, Made]:
    """A right file, and what it must hold."""
    segments = captured(tmp_path / "pictures", [0, 20, 40], range(0, 40, 5))
    kept: list[tuple[Runner, Maker, Made]] = []
    with pytest.MonkeyPatch.context() as patch:

        def remember(runner: Runner, file: Made, *rest: object) -> object:
            kept.append((runner, encoder._jobs[0][1], file))
            return verify(runner, file, *rest)  # type: ignore[arg-type]

        patch.setattr("renderer.encode.encoder.verify", remember)
        with Encoder(plan_for(segments), OUTPUTS, tmp_path / "work", Settings()) as encoder:
            for segment in segments:
                encoder.add(segment)
            encoder.finish()
    runner, maker, file = kept[0]
    return Runner(runner.tools, runner.work_dir, 1), maker, file


def verdict(made: tuple[Runner, Maker, Made], file: Made) -> str:
    runner, maker, _ = made
    with pytest.raises(EncodeError) as caught:
        verify(runner, file, MP4, maker.plan, file.shown[0])
    assert caught.value.code in {"verification_failed", "encoder_failed"}
    return str(caught.value)


def test_verification_finds_wrong_times_and_lengths(made: tuple[Runner, Maker, Made]) -> None:
    file = made[2]
    assert verify(made[0], file, MP4, made[1].plan, file.shown[0]).pts[1] * 25 == 5
    late = (file.shown[0], replace(file.shown[1], at=6), *file.shown[2:])
    assert "picture 1 is shown at 0.2000 s instead of 0.2400 s" in verdict(made, replace(file, shown=late))
    assert "8 pictures instead of 7" in verdict(made, replace(file, shown=file.shown[:-1]))
    assert "it lasts 1.6000 s" in verdict(made, replace(file, end=41))


def test_verification_finds_swapped_frozen_and_foreign_pictures(
    made: tuple[Runner, Maker, Made], tmp_path: Path
) -> None:
    file = made[2]

    def with_picture(place: int, path: Path) -> Made:
        shown: list[Shown] = list(file.shown)
        shown[place] = replace(shown[place], path=path)
        return replace(file, shown=tuple(shown))

    swapped = with_picture(3, file.shown[4].path)
    assert "does not look like what was captured" in verdict(made, swapped)
    Image.effect_noise((320, 180), 200).convert("RGB").save(tmp_path / "foreign.png")
    assert "picture 5 does not look" in verdict(made, with_picture(5, tmp_path / "foreign.png"))


def test_verification_finds_damage(made: tuple[Runner, Maker, Made]) -> None:
    file = made[2]
    whole = file.path.read_bytes()
    at = whole.index(b"mdat") + 4
    middle = at + (len(whole) - at) // 2
    file.path.write_bytes(
        whole[:middle] + bytes(byte ^ 0x5A for byte in whole[middle : middle + 400]) + whole[middle + 400 :]
    )
    assert "could not be made" in verdict(made, file) or "not right" in verdict(made, file)
    file.path.write_bytes(whole[: len(whole) // 3])
    assert verdict(made, file)
