"""Apps as they are known to look: a chat on an iPhone, settings on an Android phone. Written anew with `--update-golden`."""

from pathlib import Path

import pytest
from PIL import Image

from renderer.recording.model import Recording
from tests import mobile
from tests.golden.likeness import check, compare
from tests.integration.filming import Film, film_recording
from tests.unit.recordings import read

# Name of the picture: the session and the time.
VIEWS = {
    "chat-begins": ("chat", 500),
    "chat-typing": ("chat", 2400),
    "chat-answered": ("chat", 4400),
    "chat-alert": ("chat", 5500),
    "settings": ("settings", 500),
    "settings-switched": ("settings", 1800),
    "settings-account": ("settings", 3500),
    "settings-lying": ("lying", 2900),
}
# A missing switch or line of text of a phone's screen of this size is more.
ALLOWED_STRONG = 0.001
ALLOWED_MEAN = 0.12


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    def recording(events: list[mobile.Json]) -> Recording:
        return read(tmp_path_factory.mktemp("read"), events)

    def made(taken: Recording, size: str) -> Film:
        return film_recording(taken, tmp_path_factory.mktemp("film"), size=size, fps=10, overlays="labels")

    return {
        "chat": made(recording(mobile.ios_chat()), "390x844"),
        "settings": made(recording(mobile.android_settings()), "412x914"),
        "lying": made(recording(mobile.screenshots("WEBP")), "640x480"),
    }


@pytest.mark.parametrize("view", VIEWS)
def test_a_screen_looks_as_it_should(
    view: str, films: dict[str, Film], pictures: Path, updating: bool, tmp_path: Path
) -> None:
    name, at_ms = VIEWS[view]
    found = films[name].at(at_ms)
    path = pictures / "mobile" / f"{view}.png"
    check(found, path, tmp_path, updating=updating, strong=ALLOWED_STRONG, mean=ALLOWED_MEAN)


@pytest.mark.parametrize(
    ("view", "box"),
    [
        ("settings-switched", (336, 108, 390, 144)),
        ("settings", (24, 556, 72, 604)),
        ("settings", (100, 560, 250, 590)),
        ("settings", (24, 104, 130, 150)),
        ("chat-alert", (130, 340, 260, 365)),
        ("chat-typing", (0, 600, 40, 650)),
    ],
)
def test_a_missing_control_is_seen(view: str, box: tuple[int, int, int, int], pictures: Path) -> None:
    golden = Image.open(pictures / "mobile" / f"{view}.png").convert("RGB")
    without = golden.copy()
    without.paste("white", box)
    assert not compare(golden, without).within(ALLOWED_STRONG, ALLOWED_MEAN)
