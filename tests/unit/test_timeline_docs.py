"""docs/timeline.md names every kind that is told from a recording, and the thresholds as they are."""

import re
from pathlib import Path
from typing import get_args

from renderer.recording.activity import IDLE_THRESHOLD_MS
from renderer.timeline import ending, model, twice
from renderer.timeline.model import Kind
from renderer.timeline.recorded import blanks, clicks, fields, network, pages, scrolls
from renderer.timeline.recorded.collected import MOST_OF_A_KIND

TEXT = (Path(__file__).parents[2] / "docs" / "timeline.md").read_text(encoding="utf-8")
FROM_EVENTS = {"llm_call", "llm_span", "feedback"}


def test_every_kind_has_its_row():
    rows = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert sorted(rows) == sorted(set(get_args(Kind)) - FROM_EVENTS)


def test_thresholds_are_those_of_the_code():
    for told in (
        f"| {clicks.RAGE_CLICKS} clicks, each within {clicks.RAGE_GAP_MS // 1000} s and {clicks.RAGE_PX} px",
        f"| {clicks.DEAD_MS / 1000} s without any change",
        f"within {clicks.SLOW_PAGE_MS // 1000} s it answers",
        f"a pause of {fields.BURST_MS // 1000} s",
        f"| {scrolls.BURST_MS // 1000} s pause; {scrolls.LEAST_PX} px",
        f"within {scrolls.GROWTH_MS} ms of something added inside, or {scrolls.EFFECT_MS} ms",
        f"| one navigation told several times | {pages.SAME_MS // 1000} s |",
        f"| slow request | more than {network.SLOW_MS // 1000} s",
        f"started within {network.SAME_START_MS} ms",
        f"| idle | {IDLE_THRESHOLD_MS // 1000} s",
        f"| blank page | {blanks.BLANK_MS // 1000} s; an error from {blanks.ERROR_MS // 1000} s on",
        f"nothing to see or read, for {blanks.BLANK_MS // 1000} s or more; an error from {blanks.ERROR_MS // 1000} s on",
        f"less than {blanks.UNRECORDED_MS // 1000} s before it is not known",
        f"| {model.SUDDEN_MS // 1000} s after the user's last action or the page's last change, in a recording of more than {model.LEAST_MS // 1000} s",
        f"an action of the user's in the last {model.USED_MS // 1000} s",
        f"| {ending.LEAVING_MS // 1000} s from a click on a link",
        f"asked for in the last {ending.OPEN_MS // 1000} s",
        f"the same text within {twice.SAME_MS // 1000} s",
        f"at most {MOST_OF_A_KIND:,} entries",
    ):
        assert told in TEXT
