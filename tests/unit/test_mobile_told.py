"""How an app's session is told: of screens, where a browser's is told of pages."""

from pathlib import Path

from renderer.recording.model import Recording
from renderer.story.steps import choose_steps
from renderer.summary.write import write_summary
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline
from tests import mobile
from tests.mobile import custom, full, meta, tap, view, words
from tests.unit import recordings
from tests.unit.story_fixtures import entry, plan, timeline
from tests.unit.summary_fixtures import manifest

GREY_BOX = view(2, "div", (0, 100, 390, 300), style={"backgroundColor": "#eeeeee"})


def read(folder: Path) -> Recording:
    """Taps on a box that says nothing and beside everything, then another screen, unnamed at first."""
    return recordings.read(
        folder,
        [
            meta(0, "Home", mobile.IOS),
            full(10, GREY_BOX, words(3, "Hello", (10, 10, 100, 20))),
            *tap(500, 200, 200),
            *tap(3000, 20, 800),
            custom(6000, "$screen", name="Settings"),
            *tap(9000, 20, 800),
        ],
    )


def test_what_was_tapped_is_told_of_a_screen(tmp_path: Path) -> None:
    titles = [entry.title for entry in build_timeline(read(tmp_path)).entries]
    assert titles.count("Tapped an area of the screen") == 3
    assert not [title for title in titles if "page" in title]


def test_a_second_window_of_an_app_is_no_tab(tmp_path: Path) -> None:
    def window(start_ms: int, name: str) -> list[mobile.Json]:
        return [meta(start_ms, name, mobile.IOS), full(start_ms + 10, GREY_BOX), *tap(start_ms + 400, 200, 200)]

    events = {"a": [*window(0, "Home"), *tap(9000, 200, 200)], "b": window(4000, "Share")}
    lines = [{"windowId": name, **event} for name, told in events.items() for event in told]
    titles = [entry.title for entry in build_timeline(recordings.read(tmp_path, lines)).entries]
    assert "Opened Share in another window" in titles
    assert "Went back to the window “Home”" in titles
    assert not [title for title in titles if "tab" in title]


def summary(told: Timeline, *, mobile: bool) -> str:
    shown = plan()
    made = manifest(shown, told, redaction={"policy": "default", "digest": "", "counts": {"masked_text": 1, "urls": 1}})
    made = made.model_copy(update={"recording": made.recording.model_copy(update={"mobile": mobile})})
    return write_summary(made, told, choose_steps(told, shown))


def test_the_summary_speaks_of_screens_where_an_app_was_recorded() -> None:
    went = entry(2000, "navigation", "Went to Settings")
    told = timeline([went, entry(9000, "navigation", "Went to Account")])
    said = summary(told, mobile=True)
    assert "The user went to two screens" in said
    assert "- **Screen:** “Billing help” at" in said
    assert "texts on the screen" in said
    assert "what screens' addresses carried" in said
    assert "page" not in said.lower()
    assert said == summary(told, mobile=False).replace("page", "screen").replace("Page", "Screen")


def test_an_app_in_which_nothing_was_done_was_looked_at() -> None:
    told = timeline([entry(2000, "viewport", "The screen was turned, to 844 × 390")])
    assert "The user looked at a screen" in summary(told, mobile=True)
    assert "The user looked at a page" in summary(told, mobile=False)
