"""The page's side of the protocol, in a real Chromium: a pure function of the events, the setup and the session time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright, async_playwright

from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.capture.browser import BrowserProcess
from renderer.capture.chromium import Chromium, choose
from renderer.capture.stage import Stage
from renderer.errors import CaptureError
from renderer.player.feed import Feed, find_start
from renderer.player.protocol import Scene, Setup
from renderer.settings import Settings
from tests.integration.filming import recording_of
from tests.selfdescribing.dom import el, frame
from tests.selfdescribing.rich import rich_session
from tests.selfdescribing.session import SCROLL, Session

OVERLAYS: Any = ["pointer", "ripples", "labels", "skips"]
NOTHING = Scene(from_ms=0, to_ms=1, duration_ms=1)
DRAWN = """[document.querySelector('.stage').getAttribute('style'),
    ...[...document.querySelector('.overlays').children].filter(e => e.style.display !== 'none').map(e => e.outerHTML),
    document.querySelector('.stage iframe').contentDocument.documentElement.outerHTML]"""


@dataclass
class Studio:
    """Opens a page in a browser of its own for each piece of work: frame control allows one page a browser."""

    loop: asyncio.AbstractEventLoop
    playwright: Playwright
    library: AssetLibrary
    chromium: Chromium

    def run(self, work: Callable[[Stage], Awaitable[Any]], session: Session, folder: Path) -> Any:
        (window,) = recording_of(session, folder).windows
        start = find_start(window, 0)
        setup = Setup(
            width_px=session.width,
            height_px=session.height,
            overlays=OVERLAYS,
            pointer=start.pointer,
            opening=start.opening,
            canvases=[],
            scene=NOTHING,
        )

        async def open_and_work() -> Any:
            browser = await BrowserProcess.launch(self.playwright, self.chromium, "beginframe")
            try:
                feed = Feed(window, start)
                stage = await Stage.open(browser, "beginframe", setup, feed, self.library, timeout_s=20, wait_s=5)
                return await work(stage)
            finally:
                await browser.kill()

        return self.loop.run_until_complete(open_and_work())


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    chromium, _ = choose(Settings(data_dir=folder))
    loop = asyncio.new_event_loop()
    manager = async_playwright()
    playwright = loop.run_until_complete(manager.__aenter__())
    with AssetLibrary(folder / "assets", AssetPolicy.parse("offline")) as library:
        yield Studio(loop, playwright, library, chromium)
    loop.run_until_complete(manager.__aexit__(None, None, None))
    loop.close()


def test_the_replay_has_no_scripts_and_the_page_nothing_but_its_own(studio: Studio, tmp_path: Path) -> None:
    async def look(stage: Stage) -> Any:
        await stage.show(0, 0)
        return await stage._evaluate(
            """(() => { const out = {};
            out.sandbox = document.querySelector('.stage iframe').getAttribute('sandbox');
            const inline = document.createElement('script'); inline.textContent = 'window.inlineRan = true'; document.body.append(inline);
            out.inline = window.inlineRan ?? false;
            return out; })()"""
        )

    assert studio.run(look, Session(every_ms=None).end(100), tmp_path) == {
        "sandbox": "allow-same-origin",
        "inline": False,
    }


@pytest.mark.parametrize("stride", [40, 333, 2400])
def test_the_page_depends_on_the_time_and_not_on_the_way_there(studio: Studio, stride: int, tmp_path: Path) -> None:
    session = rich_session(4000)
    ends = [1200, 2400, 3600]

    def visiting(times: Iterable[int]) -> Any:
        async def work(stage: Stage) -> Any:
            drawn = {}
            for at in times:
                await stage.show(at, 0)
                if at in ends:
                    drawn[at] = await stage._evaluate(DRAWN)
            return drawn

        return studio.run(work, session, tmp_path)

    assert visiting(sorted({*range(0, 3601, stride), *ends})) == visiting(ends)


def test_a_long_way_is_a_series_of_short_calls(studio: Studio, tmp_path: Path) -> None:
    session = Session(every_ms=1).end(3000)

    async def work(stage: Stage) -> Any:
        for chunk in stage._feed.until(3000):
            await stage._evaluate(f"player.load({chunk})")
        answers: list[Any] = []
        while not answers or not answers[-1]["done"]:
            answers.append(await stage._evaluate('player.step({"session_ms": 2500, "skipped_ms": 0})'))
        return answers

    answers = studio.run(work, session, tmp_path)
    assert [answer["session_ms"] for answer in answers] == [400, 800, 1200, 1600, 2000, 2400, 2500]
    assert [answer["done"] for answer in answers] == [False] * 6 + [True]
    assert answers[-1]["next_ms"] == 2501


def test_the_page_says_when_to_look_next(studio: Studio, tmp_path: Path) -> None:
    session = Session(
        frame(None, style="width: 100px; height: 50px"), every_ms=None, css="@keyframes in { from { opacity: 0 } }"
    )
    session.moves([(2200, 5, 5), (2500, 9, 9)])
    session.click(4000, 9, 9)
    session.add(6000, el("p", {"style": "animation: in 300ms linear 200ms both"}, "late"))
    session.incremental(9000, SCROLL, id=session.page.id, x=0, y=0)
    session.end(9500)

    async def work(stage: Stage) -> list[int]:
        at = 0
        looks: list[int] = []
        while True:
            stepped = await stage.show(at, 0)
            if stepped.next_ms is None:
                return looks
            assert stepped.next_ms > at
            looks.append(stepped.next_ms)
            at = max(stepped.next_ms, at + 100)

    looks = studio.run(work, session, tmp_path)
    assert looks[:4] == [1000, 2200, 2500, 4000], "the label of a frame that stays empty, the pointer, the click"
    ripple = [at for at in looks if 4000 < at < 5000]
    assert len(ripple) == 7, "its 700 ms, looked at every 100 ms"
    assert [at for at in looks if 5000 < at < 6500][:2] == [6000, 6200], "not before the delay of the animation is over"
    assert looks[-1] == 9000


def test_a_step_back_in_time_changes_nothing_that_has_happened(studio: Studio, tmp_path: Path) -> None:
    async def work(stage: Stage) -> Any:
        await stage.show(1000, 0)
        before = await stage._evaluate("player.report()")
        return before, await stage._evaluate('player.step({"session_ms": 400, "skipped_ms": 0}) && player.report()')

    before, after = studio.run(work, Session(every_ms=40).end(1500), tmp_path)
    assert before == after


def test_an_exception_of_the_page_is_an_error_in_one_line_and_no_frozen_clock(studio: Studio, tmp_path: Path) -> None:
    async def work(stage: Stage) -> None:
        await stage._evaluate(
            "player.step = () => { throw new Error('secret of the recording\\nsecond line'.repeat(50)) }"
        )
        await stage.show(0, 0)

    with pytest.raises(CaptureError) as caught:
        studio.run(work, Session(every_ms=None).end(100), tmp_path)
    assert caught.value.code == "player_failed"
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


def test_the_report_counts_what_could_not_be_replayed(studio: Studio, tmp_path: Path) -> None:
    session = Session(el("canvas"), el("video"), el("audio"), frame(None), every_ms=None)
    session.incremental(100, SCROLL, id=4711, x=0, y=0)
    session.incremental(150, 1, positions=[{"x": 1, "y": 1, "id": 4712, "timeOffset": 0}])

    async def work(stage: Stage) -> Any:
        await stage.show(1500, 0)
        return (await stage.report()).model_dump()

    report = studio.run(work, session.end(2000), tmp_path)
    assert report == {
        "shown": True,
        "events_applied": 4,
        "events_failed": 0,
        "nodes_missing": 2,
        "unrecorded_iframes": 1,
        "unrecorded_canvases": 1,
        "partial_canvases": 0,
        "unrecorded_media": 2,
        "first_problem": "",
    }
