"""Each overlay as it is known to look, cut out of films of a page that stands still. Written anew with `--update-golden`."""

from pathlib import Path

import pytest
from PIL import Image

from renderer.player.protocol import Scene
from tests.golden.likeness import check, compare
from tests.integration.filming import Film, film
from tests.integration.scenes import told_scene
from tests.integration.test_player_frame import EVERYTHING, still

# An icon that is missing in a line of 1280 pixels is a quarter of what a whole page may differ by.
ALLOWED_STRONG = 0.001
ALLOWED_MEAN = 0.25

BOXES = """(() => Object.fromEntries(['header', 'panel', 'steps', 'timeline', 'click-name'].map((name) => {
    const element = document.querySelector('.' + name);
    if (!element || element.hidden) return [name, null];
    const box = element.getBoundingClientRect();
    return [name, [box.left, box.top, box.right, box.bottom]];
})))()"""

# Name of the picture: the film, the session time, and the part that is cut out ("" is all).
VIEWS = {
    "header": ("cards", 3000, "header"),
    "header-idle": ("cards", 21_000, "header"),
    "header-skipped": ("bare", 30_000, "header"),
    "timeline": ("cards", 17_000, "timeline"),
    "timeline-break-two-lanes": ("bare", 31_000, "timeline"),
    "steps-info": ("cards", 3000, "steps"),
    "steps-warning": ("cards", 9000, "steps"),
    "steps-error": ("cards", 12_000, "steps"),
    "steps-none-with-toasts": ("bare", 18_500, "steps"),
    "steps-three-toasts": ("bare", 15_000, "steps"),
    "cards-none": ("cards", 1000, "panel"),
    "cards-waiting": ("cards", 3500, "panel"),
    "cards-answering": ("cards", 5500, "panel"),
    "cards-answered-rated": ("cards", 8600, "panel"),
    "cards-failed-and-toasts": ("cards", 13_000, "panel"),
    "cards-unanswered": ("cards", 19_500, "panel"),
    "click-name": ("cards", 1500, "click-name"),
    "whole-small": ("small", 13_000, ""),
    "whole-skip-badge": ("badge", 30_000, ""),
    "whole-phone": ("phone", 13_000, ""),
    "whole-toasts-alone": ("toasts", 13_000, ""),
}


def without_cards(plan) -> Scene:
    told = told_scene(plan, cards=[])
    return told.model_copy(
        update={"marks": [mark for mark in told.marks if mark.kind not in {"llm", "llm_failed", "disliked"}]}
    )


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    def made(name: str, **options) -> Film:
        session = options.pop("session", still())
        options = {"overlays": EVERYTHING, "fps": 2, "scene": told_scene, "peek": BOXES, "browsers": 2} | options
        return film(session, tmp_path_factory.mktemp(name), **options)

    return {
        "cards": made("cards", range={"from_ms": 0, "to_ms": 22_000}),
        "bare": made("bare", session=still(moves=True), idle="skip", scene=without_cards, range={"from_ms": 14_000, "to_ms": 32_000}),
        "small": made("small", size="640x360", range={"from_ms": 13_000, "to_ms": 13_500}),
        "toasts": made("toasts", size="640x360", overlays="console,network", range={"from_ms": 13_000, "to_ms": 13_500}),
        "badge": made("badge", session=still(width=640, height=360, moves=True), idle="skip", overlays="skips", range={"from_ms": 18_000, "to_ms": 31_000}),
        "phone": made("phone", session=still(width=390, height=844), size="360x640", range={"from_ms": 13_000, "to_ms": 13_500}),
    }  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_an_overlay_looks_as_it_should(
    view: str, films: dict[str, Film], pictures: Path, updating: bool, tmp_path: Path
) -> None:
    name, at_ms, part = VIEWS[view]
    made = films[name]
    found = made.at(at_ms)
    if part:
        left, top, right, bottom = made.peeks[max(at for at in made.peeks if at <= at_ms)][part]
        found = found.crop((round(left), round(top), round(right), round(bottom)))
    path = pictures / "overlays" / f"{view}.png"
    check(found, path, tmp_path, updating=updating, strong=ALLOWED_STRONG, mean=ALLOWED_MEAN)


@pytest.mark.parametrize(
    ("view", "box"),
    [("steps-error", (7, 10, 24, 44)), ("timeline", (755, 6, 775, 22)), ("header-idle", (1020, 0, 1096, 34))],
)
def test_a_missing_icon_is_seen(view: str, box: tuple[int, int, int, int], pictures: Path) -> None:
    golden = Image.open(pictures / "overlays" / f"{view}.png").convert("RGB")
    without = golden.copy()
    ground = golden.getpixel((box[0] - 2, box[1] + 1))
    assert isinstance(ground, tuple)
    without.paste(ground, box)
    assert not compare(golden, without).within(ALLOWED_STRONG, ALLOWED_MEAN)
