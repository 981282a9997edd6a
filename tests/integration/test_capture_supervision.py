"""A browser that dies or hangs costs a segment and never the clip, and nothing that was started outlives the render."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renderer.capture.browser import BrowserProcess
from renderer.errors import CaptureError, SetupError
from renderer.pipeline import make_clip
from renderer.request import ClipRequest
from renderer.settings import Settings
from tests.integration.filming import Film, film
from tests.selfdescribing.rich import rich_session
from tests.selfdescribing.session import Session
from tests.signals import heard

CUTS_MS = [1500, 3000]
LENGTH_MS = 4000


@pytest.fixture(scope="module")
def session() -> Session:
    return rich_session(LENGTH_MS, checkouts=())


@pytest.fixture(scope="module")
def undisturbed(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Film:
    return film(session, tmp_path_factory.mktemp("undisturbed"), cuts=CUTS_MS)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process groups of the browsers that are started, in order."""
    started: list[int] = []
    launch = BrowserProcess.launch.__func__  # type: ignore[attr-defined]

    async def launch_and_tell(kind: type[BrowserProcess], *arguments: object) -> BrowserProcess:
        browser: BrowserProcess = await launch(kind, *arguments)
        assert browser._group is not None
        assert browser._group != os.getpgid(0)
        started.append(browser._group)
        return browser

    monkeypatch.setattr(BrowserProcess, "launch", classmethod(launch_and_tell))
    return started


def strike(groups: list[int], at_frame: int, signal_number: int, times: int = 1) -> Callable[[int], None]:
    """Sends the signal to each of the first `times` browsers once `at_frame` frames are done in all."""
    struck: set[int] = set()

    def on_frames(done: int) -> None:
        if done >= at_frame and len(struck) < times and groups[-1] not in struck:
            struck.add(groups[-1])
            os.killpg(groups[-1], signal_number)

    return on_frames


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """Whatever is started from now on has this in its environment, and so has all that it starts."""
    value = secrets.token_hex(16)
    monkeypatch.setenv("RENDERER_TEST_MARK", value)
    return value


def alive(mark: str) -> list[str]:
    """Command names of the processes with the mark, ourselves left out."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "comm").read_text().strip())
        except OSError:
            continue  # it ended, or is not ours to look at
    return found


def assert_nothing_left(mark: str) -> None:
    deadline = time.monotonic() + 5
    while (left := alive(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def test_a_killed_browser_costs_a_segment_and_no_pixel(
    session: Session, undisturbed: Film, groups: list[int], mark: str, tmp_path: Path
) -> None:
    seen: list[str] = []
    kill = strike(groups, 55, signal.SIGKILL)

    def on_frames(done: int) -> None:
        if done >= 50 and not seen:
            seen.extend(alive(mark))
        kill(done)

    made = film(session, tmp_path, cuts=CUTS_MS, on_frames=on_frames)
    assert any("node" in name for name in seen)
    assert any("chromium" in name for name in seen), "the mark is seen on real processes"
    assert len(groups) == 2
    assert made.looks() == undisturbed.looks()
    assert made.notices["browser_restarted"] == 1
    assert_nothing_left(mark)


def test_a_hung_browser_is_noticed_and_replaced(
    session: Session, undisturbed: Film, groups: list[int], mark: str, tmp_path: Path
) -> None:
    stop = strike(groups, 45, signal.SIGSTOP)
    made = film(session, tmp_path, cuts=CUTS_MS, on_frames=stop, settings={"frame_timeout_s": 2.0})
    assert len(groups) == 2
    assert made.looks() == undisturbed.looks()
    assert made.notices["browser_restarted"] == 1
    (why,) = made.tally.lost
    assert why.endswith("had no answer within 2 s"), "the deadline of a frame, not of a seek"
    assert_nothing_left(mark)


def test_a_segment_that_kills_its_browser_twice_ends_the_clip(
    session: Session, groups: list[int], mark: str, tmp_path: Path
) -> None:
    with pytest.raises(CaptureError) as caught:
        film(session, tmp_path, cuts=CUTS_MS, on_frames=strike(groups, 50, signal.SIGKILL, times=2))
    assert caught.value.code == "segment_failed"
    assert "near 2 s" in caught.value.message
    assert len(groups) == 2
    assert_nothing_left(mark)


def test_two_strikes_are_counted_for_each_segment(
    session: Session, undisturbed: Film, groups: list[int], tmp_path: Path
) -> None:
    """One lost browser in each of two segments: both are filmed again."""
    first, second = strike(groups, 20, signal.SIGKILL), strike(groups, 60, signal.SIGKILL)

    def on_frames(done: int) -> None:
        first(done)
        if len(groups) > 1:
            second(done)

    made = film(session, tmp_path, cuts=CUTS_MS, on_frames=on_frames)
    assert len(groups) == 3
    assert made.looks() == undisturbed.looks()
    assert made.notices["browser_restarted"] == 2


def test_nothing_is_left_after_a_whole_render(mark: str, tmp_path: Path) -> None:
    path = Session(every_ms=40).end(600).write(tmp_path / "session.json")
    request = ClipRequest.model_validate({"recording": str(path), "assets": "offline", "size": "320x180"})
    make_clip(request, {"mp4": tmp_path / "clip.mp4"}, Settings(data_dir=tmp_path / "data"))
    assert (tmp_path / "clip.mp4").exists()
    assert_nothing_left(mark)


@pytest.fixture
def long_recording(tmp_path: Path) -> Iterator[Path]:
    yield Session(every_ms=20).end(60_000).write(tmp_path / "session.json.gz")


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_after_an_interrupt(
    signal_number: int, mark: str, long_recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "clip.mp4"
    renderer = Path(sys.executable).with_name("renderer")
    command = [str(renderer), "clip", str(long_recording), "-o", str(out), "--size", "320x180", "--assets", "offline"]
    own = {"RENDERER_DATA_DIR": str(tmp_path / "data"), "RENDERER_WORK_DIR": str(tmp_path / "work")}
    process = subprocess.Popen(
        command, env=os.environ | own, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=heard
    )
    try:
        deadline = time.monotonic() + 40
        while not list((tmp_path / "work").glob("*/frames/*/*.png")) and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr.read() if process.stderr else b""
            time.sleep(0.02)
        names = alive(mark)
        assert any("chromium" in name for name in names), names
        # A terminal sends Ctrl-C to the whole group in the foreground; a supervisor signals the one process.
        if signal_number == signal.SIGINT:
            os.killpg(process.pid, signal_number)
        else:
            process.send_signal(signal_number)
        _, said = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 128 + signal_number, said
    assert b"Traceback" not in said
    assert_nothing_left(mark)
    assert not out.exists()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_driver_that_does_not_start_is_told_as_such(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/bin/false")
    with pytest.raises(SetupError) as told:
        film(session, tmp_path, cuts=CUTS_MS)
    assert told.value.code == "driver_start"
