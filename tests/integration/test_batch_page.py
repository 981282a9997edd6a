"""The triage page in a real Chromium, from a disk and from a server, with films and pictures that ffmpeg made."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from renderer.batch.index import write_index
from renderer.batch.index_model import ClipEntry, ClipMoment, Failure, Index, SessionEntry
from renderer.capture.chromium import choose
from renderer.settings import Settings
from tests.unit.batch_fixtures import NO_FILM, a_clip, an_index, file_at

ODD_NAME = "clips/a #1 100%?.mp4"
UNREADABLE = SessionEntry(
    session="posthog:dead",
    status="unreadable",
    moments=0,
    error=Failure(code="no_snapshot", message="the recording holds no full snapshot"),
)
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>"

CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(at).backgroundColor);
      if (a > .8) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility() || element.closest(':disabled, script, option')) continue;
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < 4.5) poor.push([walk.currentNode.data.trim(), element.className, ratio.toFixed(2)]);
  }
  return poor;
}"""


@dataclass
class Visit:
    """A page, what the browser complained of, and what it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, address: str) -> "Visit":
        self.page.goto(address)
        expect(self.page.locator("#result")).not_to_be_empty()
        return self

    def titles(self) -> list[str]:
        return self.page.locator(".card .open").all_text_contents()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium, _ = choose(Settings(data_dir=tmp_path_factory.mktemp("data")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium.path), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, **settings: Any) -> Iterator[Visit]:
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **settings})
    page = context.new_page()
    page.set_default_timeout(10_000)
    visit = Visit(page)
    page.on("console", lambda message: visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.asked.append(request.url))
    try:
        yield visit
        assert visit.complaints == []
        assert page.evaluate("window.hacked") is None
    finally:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with visiting(browser) as visit:
        yield visit


def some_clips() -> Sequence[ClipEntry]:
    odd = a_clip(5, title="A name with odd letters", severity="medium")
    odd = odd.model_copy(update={"files": {**odd.files, "mp4": file_at(ODD_NAME)}})
    failed = a_clip(6, status="failed", error=NO_FILM, files={}, duration_ms=None, steps=(), title="Never made")
    return [a_clip(1), a_clip(2), a_clip(3), a_clip(4), odd, failed]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A batch of six clips, one of which failed, at a path that has to be encoded."""
    folder = tmp_path_factory.mktemp("batch") / "of #7 50%"
    (folder / "clips").mkdir(parents=True)
    film = folder / "clips/film.mp4"
    source = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"]
    subprocess.run(
        [*source, "-t", "4", "-g", "5", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(film)], check=True
    )
    subprocess.run([*source, "-frames:v", "1", str(folder / "clips/poster.png")], check=True)
    for clip in some_clips():
        for kind, file in clip.files.items():
            shutil.copy(folder / ("clips/poster.png" if kind == "poster" else "clips/film.mp4"), folder / file.path)
    write_index(folder, an_index(some_clips(), [UNREADABLE]))
    return folder


class Whole(SimpleHTTPRequestHandler):
    """As `python -m http.server` does it; films come slowly."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        while part := source.read(4096):
            time.sleep(0.02 if self.path.endswith(".mp4") else 0)
            with suppress(ConnectionError):
                outputfile.write(part)

    def log_message(self, format: str, *args: Any) -> None: ...


class InParts(Whole):
    """With ranges, as servers of files have them."""

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            return super().do_GET()
        content = Path(self.translate_path(self.path)).read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(self.path))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(content[first : last + 1])
        return None


@contextmanager
def serving(folder: Path, handler: type[SimpleHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    with serving(folder, InParts) as address:
        yield address


@pytest.fixture
def address(folder: Path) -> str:
    return address_of(folder)


def address_of(folder: Path) -> str:
    return "file://" + quote(str(folder / "index.html"))


def written(folder: Path, index: Index) -> str:
    write_index(folder, index)
    return address_of(folder)


@pytest.mark.parametrize("by", ["file", "http"])
def test_posters_and_films_show_from_a_disk_and_from_a_server(visit: Visit, folder: Path, served: str, by: str) -> None:
    visit.open(served if by == "http" else address_of(folder))
    images = visit.page.locator(".card img")
    expect(images).to_have_count(5)
    for number in range(5):
        images.nth(number).scroll_into_view_if_needed()
        expect(images.nth(number)).to_have_js_property("complete", True)
        assert images.nth(number).evaluate("image => image.naturalWidth") == 320
    visit.page.get_by_text("A name with odd letters").click()
    visit.page.get_by_role("button", name="TypeError: x5 is undefined").click()
    expect(visit.page.locator("video")).to_have_js_property("videoWidth", 320)
    expect(visit.page.locator("video")).to_have_js_property("currentTime", 3)
    own = served.rpartition("/")[0] if by == "http" else "file://" + quote(str(folder))
    assert all(url.startswith((own, "data:image/svg+xml")) for url in visit.asked)


def test_a_server_without_ranges_is_told_of(visit: Visit, folder: Path) -> None:
    with serving(folder, Whole) as address:
        visit.open(address)
        visit.page.get_by_text("x1 is undefined").click()
        visit.page.get_by_role("button", name="TypeError: x1 is undefined").click()
        expect(visit.page.get_by_text("The film cannot jump")).to_be_visible()
        visit.page.keyboard.press("Escape")


def test_the_head_has_totals_that_add_up(visit: Visit, address: str) -> None:
    visit.open(address)
    assert visit.page.locator(".sum").all_inner_texts() == [
        "121 sessions\n=\n120 read\n+\n1 unreadable",
        "6 matched\n·\n12 moments",
        "6 clips\n=\n5 made\n+\n1 failed",
    ]
    assert visit.page.locator("h1").inner_text() == "Triage\nrules.yaml"


def test_search_finds_titles_sessions_labels_and_steps(visit: Visit, address: str) -> None:
    visit.open(address)
    search = visit.page.get_by_role("searchbox")
    for words, found in {
        "odd LETTERS": ["A name with odd letters"],
        "x3": ["nova-4-mini answered, then TypeError: x3 is undefined"],
        "posthog:01900002": ["nova-4-mini answered, then TypeError: x2 is undefined"],
        "took firefox x4": ["nova-4-mini answered, then TypeError: x4 is undefined"],
        "nowhere": [],
    }.items():
        search.fill(words)
        expect(visit.page.locator(".card .open")).to_have_text(found)
        expect(visit.page.locator("#result")).to_have_text(f"{len(found)} of 6 clips")
    visit.page.get_by_role("button", name="Clear search and filters").click()
    assert len(visit.titles()) == 6


def test_filters_narrow_and_count(visit: Visit, address: str) -> None:
    visit.open(address)
    filters = visit.page.get_by_role("search", name="Filters")
    browsers = filters.get_by_role("group", name="Browser")
    expect(browsers.get_by_role("button", name="Safari")).to_have_text("Safari2")
    filters.get_by_role("button", name="Medium").click()
    assert len(visit.titles()) == 2
    expect(browsers.get_by_role("button", name="Safari")).to_have_text("Safari1")
    browsers.get_by_role("button", name="Safari").click()
    assert visit.titles() == ["A name with odd letters"]
    browsers.get_by_role("button", name="Firefox").click()
    assert len(visit.titles()) == 2, "values of one label add, labels narrow"
    filters.get_by_role("button", name="Clear").click()
    filters.get_by_role("group", name="Status").get_by_role("button", name="Failed").click()
    assert visit.titles() == ["Never made"]


def test_many_values_of_a_label_unfold(visit: Visit, tmp_path: Path) -> None:
    clips = [a_clip(number, labels={"plan": f"plan {number:02}"}, files={}) for number in range(12)]
    visit.open(written(tmp_path, an_index(clips)))
    chips = visit.page.get_by_role("group", name="Plan").get_by_role("button", name="plan")
    expect(chips).to_have_count(8)
    visit.page.get_by_role("button", name="4 more").click()
    expect(chips).to_have_count(12)
    expect(chips.nth(8)).to_be_focused()
    chips.nth(11).click()
    expect(visit.page.locator("#result")).to_have_text("1 of 12 clips")


def test_a_click_counts_while_the_list_is_searched_again(visit: Visit, address: str) -> None:
    visit.open(address)
    visit.page.get_by_role("searchbox").fill("undefined")
    visit.page.get_by_role("group", name="Browser").get_by_role("button", name="Firefox").hover()
    visit.page.mouse.down()
    expect(visit.page.locator("#result")).to_have_text("5 of 6 clips")
    visit.page.mouse.up()
    expect(visit.page.locator("#result")).to_have_text("2 of 6 clips")


def test_sorting_and_groups(visit: Visit, address: str) -> None:
    visit.open(address)
    numbers = {"1": "x1", "2": "x2", "3": "x3", "4": "x4", "5": "odd", "6": "Never"}

    def order() -> str:
        return "".join(next(key for key, word in numbers.items() if word in title) for title in visit.titles())

    assert order() == "362514", "critical first, and of one severity the newest"
    visit.page.get_by_label("Sort").select_option("time")
    assert order() == "654321"
    visit.page.get_by_label("Sort").select_option("session")
    assert order() == "123456"
    visit.page.get_by_label("Group").select_option("label.area")
    assert visit.page.locator(".group h3").all_inner_texts() == ["billing\n3", "chat\n3"]
    assert order() == "135246"


def test_a_step_seeks_and_the_one_that_plays_is_marked(visit: Visit, address: str) -> None:
    visit.open(address)
    visit.page.get_by_text("x1 is undefined").click()
    steps = visit.page.get_by_role("region", name="Steps")
    assert steps.get_by_role("button").all_inner_texts() == [
        "0:00.0\nClicked “Send”",
        "0:01.5\nWarning:\nPOST /api/chat took 4.1 s",
        "0:03.0\nError:\nTypeError: x1 is undefined",
    ]
    steps.get_by_role("button", name="POST /api/chat").click()
    expect(steps.locator("[aria-current]")).to_contain_text("POST /api/chat")
    expect(visit.page.locator("video")).to_have_js_property("currentTime", 1.5)
    visit.page.get_by_role("region", name="Moments").get_by_role("button").click()
    expect(visit.page.locator("video")).to_have_js_property("currentTime", 2.5)
    steps.get_by_role("button", name="Clicked").click()
    expect(visit.page.locator("video")).to_have_js_property("currentTime", 0)
    expect(steps.locator("[aria-current]")).to_contain_text("Clicked")
    visit.page.locator("#clip-title").focus()
    visit.page.keyboard.press("Space")
    expect(steps.locator("[aria-current]")).to_contain_text("POST /api/chat")
    visit.page.keyboard.press("Space")
    assert visit.page.evaluate("document.querySelector('video').paused")
    cues = "[...document.querySelector('video').textTracks[0].cues].map(cue => [cue.startTime, cue.endTime, cue.text])"
    assert visit.page.evaluate(cues)[1] == [1.5, 3, "POST /api/chat took 4.1 s"]


def test_keys_go_through_the_clips(visit: Visit, address: str) -> None:
    visit.open(address)
    page, title = visit.page, visit.page.locator("#clip-title")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".card .open").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Never made")
    expect(title).to_be_focused()
    page.keyboard.press("k")
    expect(title).to_contain_text("x3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    expect(title).to_contain_text("x2")
    expect(page.locator(".card.current")).to_contain_text("x2")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(title).to_be_visible()
    page.keyboard.press("Escape")
    expect(title).to_be_hidden()
    expect(page.locator(".card .open").nth(2)).to_be_focused()
    page.keyboard.press("Space")
    expect(title).to_contain_text("x2")


def test_the_address_holds_the_view(visit: Visit, address: str) -> None:
    visit.open(address)
    page = visit.page
    page.get_by_role("searchbox").fill("undefined")
    page.get_by_role("group", name="Browser").get_by_role("button", name="Firefox").click()
    page.get_by_label("Sort").select_option("session")
    page.get_by_label("Group").select_option("rule")
    page.get_by_text("x4 is undefined").click()
    expect(page).to_have_url(re.compile("clip=0004"))
    page.reload()
    expect(page.locator("#clip-title")).to_contain_text("x4")
    expect(page.locator("#result")).to_have_text("2 of 6 clips")
    expect(page.get_by_role("searchbox")).to_have_value("undefined")
    expect(page.locator("#sort")).to_have_value("session")
    expect(page.locator(".group h3")).to_have_text("thumbs-down2")
    page.go_back()
    expect(page.locator("#clip-title")).to_be_hidden()
    expect(page.locator("#result")).to_have_text("2 of 6 clips")
    visit.open(f"{address}#clip=gone&sort=sideways&group=__proto__&severity=none")
    expect(page.locator("#result")).to_have_text("0 of 6 clips")


def test_seen_clips_are_remembered(visit: Visit, address: str) -> None:
    visit.open(address)
    seen = visit.page.get_by_role("group", name="Seen")
    expect(seen.get_by_role("button", name="Not seen")).to_have_text("Not seen6")
    visit.page.get_by_text("x1 is undefined").click()
    visit.page.keyboard.press("Escape")
    visit.page.reload()
    expect(seen.get_by_role("button", name="Not seen")).to_have_text("Not seen5")
    seen.get_by_role("button", name="Not seen").click()
    assert len(visit.titles()) == 5
    visit.page.locator(".card .open").first.click()
    visit.page.keyboard.press("m")
    expect(visit.page.locator(".seen-toggle")).to_have_attribute("aria-pressed", "false")


def test_a_browser_that_keeps_nothing_is_no_trouble(visit: Visit, address: str) -> None:
    refuse = "() => { throw new DOMException('no', 'SecurityError') }"
    visit.page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{get: {refuse}}})")
    visit.open(address)
    visit.page.get_by_text("x1 is undefined").click()
    expect(visit.page.locator(".seen-toggle")).to_have_attribute("aria-pressed", "true")


def test_what_did_not_work_is_told_with_its_reason(visit: Visit, address: str) -> None:
    visit.open(address)
    visit.page.get_by_role("button", name="1 unreadable").click()
    problems = visit.page.get_by_role("region", name="What did not work")
    assert problems.locator("li").all_inner_texts() == [
        f"Never made\n{NO_FILM.message}\ncapture_failed",
        "posthog:dead\nthe recording holds no full snapshot\nno_snapshot",
    ]
    problems.get_by_role("button", name="Never made").click()
    expect(visit.page.locator(".no-film")).to_contain_text(NO_FILM.message)


def test_hostile_text_is_text(visit: Visit, tmp_path: Path) -> None:
    clips = [
        a_clip(
            number,
            id=f"{number}{HOSTILE}",
            title=HOSTILE,
            session=HOSTILE,
            rules=(HOSTILE, "__proto__", "constructor"),
            labels={"__proto__": HOSTILE, HOSTILE: HOSTILE, "toString": "x"},
            moments=(ClipMoment(rule=HOSTILE, title=HOSTILE, severity="low", at_ms=1, video_ms=1),),
            replay_url=address,
            files={
                "__proto__": file_at("a"),
                HOSTILE: file_at("javascript:window.hacked=3"),
                "gif": file_at(HOSTILE.replace("/", "")),
            },
            status="failed",
            error=Failure(code=HOSTILE, message=HOSTILE),
        )
        for number, address in enumerate(
            ["javascript:window.hacked=4", " data:text/html,x", "no address", "https://x.test/"]
        )
    ]
    unreadable = UNREADABLE.model_copy(update={"session": HOSTILE})
    visit.open(written(tmp_path, an_index(clips, [unreadable])))
    page = visit.page
    assert visit.titles() == [HOSTILE] * 4
    page.locator("#problems summary").click()
    page.locator("#group").select_option(index=3)
    expect(page.locator(".group h3").first).to_contain_text(HOSTILE)
    for number in range(4):
        page.locator(".card .open").nth(number).click()
        expect(page.locator("#clip-title")).to_have_text(HOSTILE)
        expect(page.locator(".button.primary")).to_have_count(1 if number == 0 else 0)
        for link in page.locator(".links a:not(.primary)").all():
            assert str(link.get_attribute("href")).startswith("./")
    page.reload()
    expect(page.locator("#clip-title")).to_have_text(HOSTILE)
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert all(url.startswith(("file:", "data:image/svg")) for url in visit.asked)


def test_markup_and_scripts_are_refused_by_the_page_itself(browser: Browser, address: str) -> None:
    with visiting(browser) as visit:
        visit.open(address)
        tried = """() => {
            try { document.body.innerHTML = '<b>x</b>' } catch (error) { return error.name }
        }"""
        assert visit.page.evaluate(tried) == "TypeError"
        visit.complaints.clear()


def test_empty_batches_have_words(browser: Browser, tmp_path: Path) -> None:
    empty = an_index([])
    looked = empty.totals.model_copy(update={"sessions": 200, "read": 200})
    for totals, finished, words in (
        (empty.totals, True, "No sessions"),
        (looked, True, "None of the rules matched in 200 sessions."),
        (looked, False, "still going through the sessions"),
    ):
        with visiting(browser) as visit:
            visit.open(written(tmp_path, empty.model_copy(update={"totals": totals, "finished": finished})))
            expect(visit.page.locator(".empty")).to_contain_text(words)
            expect(visit.page.get_by_role("button", name="Reload")).to_have_count(0 if finished else 1)


def test_a_thousand_clips_are_there_in_two_seconds_and_go_on_without_lag(visit: Visit, tmp_path: Path) -> None:
    clips = [a_clip(number, steps=a_clip(number).steps * 12, files={}) for number in range(1000)]
    address = written(tmp_path, an_index(clips))
    painted = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
    visit.open(address)
    assert visit.page.evaluate(painted) < 2000
    expect(visit.page.locator(".card")).to_have_count(1000)
    for act in (
        "document.querySelector('.card .open').click()",
        *["document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true}))"] * 3,
        "document.querySelector('.chip').click()",
    ):
        took = f"async () => {{ const from = performance.now(); {act}; return await {painted} - from }}"
        assert visit.page.evaluate(took) < 500


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 800, 390])
def test_text_has_contrast_and_nothing_is_wider_than_the_window(
    browser: Browser, address: str, scheme: Any, width: int
) -> None:
    with visiting(browser, viewport={"width": width, "height": 844}, color_scheme=scheme) as visit:
        visit.open(address)
        visit.page.locator("#problems summary").click()
        if width < 1000:
            visit.page.get_by_role("button", name="Filters").click()
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert visit.page.evaluate(CONTRAST) == []
        assert visit.page.evaluate(wide) <= 0
        visit.page.locator(".card .open").nth(2).click()
        visit.page.locator(".step").nth(1).click()
        assert visit.page.evaluate(CONTRAST) == []
        assert visit.page.evaluate(wide) <= 0


def test_it_can_be_used_on_a_phone(browser: Browser, address: str) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}) as visit:
        visit.open(address)
        expect(visit.page.get_by_role("group", name="Severity")).to_be_hidden()
        visit.page.get_by_role("button", name="Filters").click()
        visit.page.get_by_role("button", name="Medium").click()
        visit.page.locator(".card .open").last.click()
        expect(visit.page.locator(".top")).to_be_hidden()
        visit.page.get_by_role("button", name="Previous clip").click()
        expect(visit.page.locator("#clip-title")).to_contain_text("odd letters")
        last = visit.page.locator(".step").last
        last.click()
        expect(visit.page.locator("video")).to_be_in_viewport()
        visit.page.get_by_role("button", name="Close").click()
        expect(visit.page.locator(".card")).to_have_count(2)


def test_without_scripts_it_says_where_else_to_look(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".notice")).to_contain_text("needs JavaScript")
    context.close()


def test_nothing_is_asked_of_anybody(visit: Visit, served: str) -> None:
    def refuse(route: Route) -> None:
        own = served.rpartition("/")[0]
        route.continue_() if route.request.url.startswith(own) else route.abort()

    visit.page.route("**/*", refuse)
    visit.open(served)
    for title in visit.page.locator(".card .open").all():
        title.click()
    own = served.rpartition("/")[0]
    assert [url for url in visit.asked if not url.startswith((own, "data:image/svg"))] == []
