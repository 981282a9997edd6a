"""The same plan gives the same pictures: again, in segments by fresh browsers, by two browsers, and by the other method."""

import base64
import subprocess
from functools import partial
from pathlib import Path

import pytest

from renderer.capture import capture, hand
from renderer.capture.browser import BrowserProcess
from tests.integration.filming import Film, film
from tests.selfdescribing.dom import document, el, frame
from tests.selfdescribing.reader import Eye
from tests.selfdescribing.rich import rich_session
from tests.selfdescribing.session import FONT, TOUCH_START, Session

LENGTH_MS = 8000
CUTS_MS = range(400, LENGTH_MS, 760)


@pytest.fixture(scope="module")
def session() -> Session:
    return rich_session(LENGTH_MS)


@pytest.fixture(scope="module")
def whole(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """One segment, filmed by one browser."""
    return film(session, tmp_path_factory.mktemp("whole"), cuts=[], browsers=1)


@pytest.fixture
def a_browser_for_each_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "PICTURES_A_BROWSER", 0)


def differing(one: Film, other: Film, *, offset: int = 0) -> list[int]:
    """Output frames of `other` whose picture is not, bit for bit, that of `one`."""
    pairs = zip(one.looks()[offset:], other.looks(), strict=False)
    return [number for number, (left, right) in enumerate(pairs) if left != right]


def test_every_frame_of_the_rich_session_shows_its_time(session: Session, whole: Film) -> None:
    eye = Eye.of(session, session.width, session.height)
    read = [eye.read(whole.picture(number)) for number in range(whole.plan.frame_count)]
    assert read == [session.shown_at(whole.clock.session_ms(number)) for number in range(whole.plan.frame_count)]
    assert whole.tally.report is not None
    assert (whole.tally.report.events_failed, whole.tally.report.nodes_missing, whole.problem) == (0, 0, "")


def test_same_plan_twice_gives_identical_frame_hashes(session: Session, whole: Film, tmp_path: Path) -> None:
    again = film(session, tmp_path, cuts=[])
    assert again.looks() == whole.looks()
    assert list(again.frames) == list(whole.frames)


@pytest.mark.usefixtures("a_browser_for_each_segment")
def test_segmented_equals_unsegmented_first_frames_included(session: Session, whole: Film, tmp_path: Path) -> None:
    """Pointer, scroll, inputs, focus, hover, selection, running animations and transitions, shadow and frame documents."""
    parts = film(session, tmp_path, cuts=CUTS_MS, browsers=2)
    assert len(parts.plan.segments) > 10
    firsts = [segment.first for segment in parts.plan.segments]
    assert [number for number in firsts if parts.frames[number].looks != whole.frame(number).looks] == []
    assert differing(whole, parts) == []


def test_pages_that_follow_one_another_in_one_browser_equal_one_page(
    session: Session, whole: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filmed from the end, so that no page can go on: each segment gets another, in the browser that had those before."""
    launched = []
    launch = BrowserProcess.launch.__func__  # type: ignore[attr-defined]

    async def launch_and_tell(kind: type[BrowserProcess], *arguments: object) -> BrowserProcess:
        launched.append(kind)
        browser: BrowserProcess = await launch(kind, *arguments)
        return browser

    monkeypatch.setattr(BrowserProcess, "launch", classmethod(launch_and_tell))
    monkeypatch.setattr(capture, "in_order", lambda plan: partial(next, reversed(plan.segments), None))
    backwards = film(session, tmp_path, cuts=CUTS_MS, browsers=1)
    assert len(backwards.plan.segments) > 10
    assert differing(whole, backwards) == []
    assert len(launched) == 1


def test_one_browser_equals_two(session: Session, whole: Film, tmp_path: Path) -> None:
    two = film(session, tmp_path, cuts=range(1000, LENGTH_MS, 1000), browsers=2)
    assert differing(whole, two) == []


def test_both_capture_methods_show_the_same_pictures(session: Session, whole: Film, tmp_path: Path) -> None:
    """To the bit: what Chromium itself would animate stands still or is driven by the page."""
    shots = film(session, tmp_path, method="screenshot", range={"from_ms": 2480, "to_ms": 3960})
    assert shots.notices["capture_screenshot"] == 1
    assert differing(whole, shots, offset=2480 // 40) == []


def test_a_clip_from_the_middle_shows_what_the_whole_shows_there(session: Session, whole: Film, tmp_path: Path) -> None:
    middle = film(session, tmp_path, range={"from_ms": 7200, "to_ms": 7920})
    assert differing(whole, middle, offset=7200 // 40) == []


FRAMED = document(el("p", None, "inside"), css="body { margin: 0; height: 400px; background: #fde68a; }")


def before_a_snapshot(kind: str) -> Session:
    """Something happens at 700 ms, the page is recorded anew at 1,000 ms, and nothing else happens until 4,000 ms."""
    holder = frame(FRAMED, style="position: absolute; left: 120px; top: 60px; width: 150px; height: 80px; border: 0")
    session = Session(el("p", None, "words"), holder, every_ms=None, css="p { color: #334155; }")
    session.move(200, 10, 100)
    if kind == "click without a move":
        session.click(700, 200, 90)
    elif kind == "move in a frame":
        session.move(700, 30, 40, over=FRAMED.children[-1].children[-1].children[0])
    elif kind == "finger down":
        session.interact(700, TOUCH_START, session.body, 90, 90)
    elif kind == "keyboard click":
        session.click(700, 0, 0, session.body)
    elif kind == "constructed style sheet of the page before":
        session.adopt(700, session.page, 1, "body { background: #f0abfc !important; }")
    elif kind == "font":
        session.incremental(700, FONT, family="Painted", fontSource=font_source(), buffer=False, descriptors={})
    if kind == "constructed style sheet of the page before":
        session.navigate(1000, el("p", None, "another page"))
    else:
        session.checkout(1000)
    if kind == "font":
        session.add(1500, el("p", {"style": "font: 30px Painted, 'Liberation Mono'"}, "Which font?"))
    return session.end(4000)


def font_source() -> str:
    """Liberation Serif under another name: unlike what the page falls back to."""
    said = subprocess.run(["fc-match", "-f", "%{file}", "Liberation Serif"], check=True, capture_output=True, text=True)
    return f"url(data:font/ttf;base64,{base64.b64encode(Path(said.stdout).read_bytes()).decode()})"


@pytest.mark.usefixtures("a_browser_for_each_segment")
@pytest.mark.parametrize(
    "kind",
    [
        "click without a move",
        "move in a frame",
        "finger down",
        "keyboard click",
        "constructed style sheet of the page before",
        "font",
    ],
)
def test_what_happened_before_a_snapshot_is_the_same_for_a_segment_after_it(kind: str, tmp_path: Path) -> None:
    FRAMED.id = 0
    parts = film(before_a_snapshot(kind), tmp_path, cuts=[3500])
    assert len(parts.plan.segments) == 2
    last_of_first, first_of_second = (parts.frame(number) for number in (3480 // 40, 3520 // 40))
    assert first_of_second.index == 3520 // 40
    assert first_of_second.looks == last_of_first.looks, "nothing happened between the two frames"
