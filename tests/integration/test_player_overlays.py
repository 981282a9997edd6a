"""What is drawn over the replayed page and around it: pointer, ripples, the note about skipped time, and the letterbox."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.integration.filming import Film, film
from tests.selfdescribing.dom import document, el, frame
from tests.selfdescribing.reader import Eye
from tests.selfdescribing.session import CLICK, TOUCH_END, TOUCH_START, Session

GROUND = (0x12, 0x15, 0x1C)
Box = tuple[int, int, int, int]


def drawn(session_of: Callable[[], Session], folder: Path, size: str) -> Callable[[int], Box | None]:
    """Where the overlays lie at a session time: what differs from the same film without them."""
    films = []
    for overlays in ("none", "pointer,ripples,skips"):
        (folder / overlays).mkdir()
        films.append(film(session_of(), folder / overlays, overlays=overlays, size=size))
    plain, with_overlays = films

    def box_at(at_ms: int) -> Box | None:
        apart = ImageChops.difference(plain.at(at_ms), with_overlays.at(at_ms)).convert("L")
        return apart.point(lambda level: 255 * (level > 100)).getbbox()  # less the soft shadow

    return box_at


def middle(box: Box | None) -> tuple[float, float]:
    assert box, "something is drawn"
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_the_pointer_is_where_the_positions_say_frames_included(tmp_path: Path) -> None:
    """Batches of 500 ms with offsets into the past; places in an embedded page are told from its corner, in a scaled picture."""

    def session() -> Session:
        link = el("a", None, "link")
        inner = document(link, css="body { margin: 0 }")
        style = "position: absolute; left: 200px; top: 100px; width: 300px; height: 200px; border: 10px solid #777777; padding: 5px"
        deeper_link = el("b", None, "deep")
        deeper = document(deeper_link, css="body { margin: 0 }")
        inner.children[-1].children[-1].children.append(
            frame(deeper, style="position: absolute; left: 50px; top: 60px; width: 150px; height: 90px; border: 0")
        )
        made = Session(frame(inner, style=style), width=800, height=600, every_ms=None)
        made.moves([(at, at, at / 2) for at in range(100, 601, 50)])
        made.move(1000, 20, 30, over=link)
        made.move(1400, 20, 30, over=deeper_link)
        return made.end(1800)

    box_at = drawn(session, tmp_path, "640x360")
    scale, left = 0.6, 80

    def tip(at_ms: int) -> tuple[float, float]:
        box = box_at(at_ms)
        assert box
        # The arrow's dark inside begins behind its white outline, some pixels below the tip.
        return (box[0] - left) / scale - 1, box[1] / scale - 4

    assert box_at(80) is None, "no position is known yet"
    for at, place in {120: (100, 50), 200: (200, 100), 400: (400, 200), 600: (600, 300), 960: (600, 300)}.items():
        assert tip(at) == pytest.approx(place, abs=4), at
    assert tip(1000) == pytest.approx((200 + 15 + 20, 100 + 15 + 30), abs=4)
    assert tip(1400) == pytest.approx((200 + 15 + 50 + 20, 100 + 15 + 60 + 30), abs=4)


def test_ripples_open_where_the_clicks_were_and_are_gone_after_700_ms(tmp_path: Path) -> None:
    def session() -> Session:
        button = el("button", {"style": "position: absolute; left: 200px; top: 100px; width: 40px; height: 20px"})
        made = Session(button, every_ms=None)
        made.click(500, 80, 90)
        made.interact(2000, CLICK, button, 0, 0)  # by Enter or Space: rrweb records no place
        return made.end(3000)

    (tmp_path / "ripples").mkdir()
    ripples = film(session(), tmp_path / "ripples", overlays="ripples")
    plain = ripples.at(480)

    def ring(at_ms: int) -> Box | None:
        return ImageChops.difference(plain, ripples.at(at_ms)).getbbox()

    assert ring(480) is None
    widths = []
    for at in (520, 600, 800, 1000):
        assert middle(ring(at)) == pytest.approx((80, 90), abs=1)
        box = ring(at)
        assert box
        widths.append(box[2] - box[0])
    assert widths == sorted(widths)
    assert widths[-1] > widths[0] + 10
    assert ring(1200) is None
    assert ring(1960) is None
    assert middle(ring(2200)) == pytest.approx((220, 110), abs=1), "the middle of what was pressed"
    assert ring(2720) is None


def test_a_finger_is_a_disc_while_it_is_down(tmp_path: Path) -> None:
    def session() -> Session:
        made = Session(every_ms=None)
        made.interact(500, TOUCH_START, made.body, 100, 80)
        made.incremental(900, 6, positions=[{"x": 160, "y": 120, "id": made.body.id, "timeOffset": 0}])
        made.interact(1300, TOUCH_END, made.body, 160, 120)
        return made.end(2400)

    (tmp_path / "finger").mkdir()
    made = film(session(), tmp_path / "finger", overlays="pointer")
    plain = made.at(0)

    def disc(at_ms: int) -> Box | None:
        return ImageChops.difference(plain, made.at(at_ms)).getbbox()

    assert disc(480) is None
    assert middle(disc(520)) == pytest.approx((100, 80), abs=1)
    assert middle(disc(920)) == pytest.approx((160, 120), abs=1)
    assert disc(1320) is None


def test_skipped_time_is_told_for_a_second_and_a_half(tmp_path: Path) -> None:
    session = Session(every_ms=None)
    session.moves([(at, 40, 100) for at in range(100, 1001, 100)])
    session.moves([(at, 60, 100) for at in range(45_000, 47_001, 100)])
    text = "(() => { const b = document.querySelector('.skip'); return b.style.display === 'none' ? '' : b.textContent })()"
    made = film(session.end(47_000), tmp_path, idle="skip", peek=text, overlays="skips", size="640x360")
    (skip,) = made.plan.skips
    said = {made.clock.frame_at_or_after(at): words for at, words in made.peeks.items()}
    inside = [words for frame_, words in said.items() if skip.first <= frame_ < skip.end]
    outside = [words for frame_, words in said.items() if not skip.first <= frame_ < skip.end]
    # The second batch of positions ends at 45,500 ms; of the 44.5 s before it the first second and the last half are shown.
    assert skip.skipped_ms == 43_000
    assert set(inside) == {"43 s skipped"}
    assert set(outside) == {""}
    assert (skip.end - skip.first) == 38, "1.5 s at 25 frames a second"
    before, during, after = (made.picture(number) for number in (skip.first - 1, skip.first, skip.end))
    box = ImageChops.difference(before, during).getbbox()
    assert box
    assert middle(box)[0] == pytest.approx(320, abs=30)
    assert box[1] > 300, "at the bottom"
    assert badge_is_dark(during)
    assert not badge_is_dark(after)


def badge_is_dark(picture: Image.Image) -> bool:
    row = [picture.getpixel((x, 330)) for x in range(260, 380)]
    return sum(isinstance(pixel, tuple) and sum(pixel) < 150 for pixel in row) > 30


CORNERS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "violet": (255, 0, 255)}


def cornered(width: int, height: int) -> Session:
    """A page with a coloured square of 10% of its height in each corner."""
    side = height // 10
    places = ["left: 0; top: 0", "right: 0; top: 0", "left: 0; bottom: 0", "right: 0; bottom: 0"]
    marks = [
        el(
            "div",
            style=f"position: fixed; z-index: 99; width: {side}px; height: {side}px; {place}; background: {colour}",
        )
        for place, colour in zip(places, ("#ff0000", "#00ff00", "#0000ff", "#ff00ff"), strict=True)
    ]
    return Session(*marks, width=width, height=height, every_ms=None)


def assert_window_fills(picture: Image.Image, box: Box) -> None:
    """The window's corners lie in the corners of `box`, and around it is nothing."""
    left, top, right, bottom = box
    inside = 3
    corners = {
        "red": (left + inside, top + inside),
        "green": (right - 1 - inside, top + inside),
        "blue": (left + inside, bottom - 1 - inside),
        "violet": (right - 1 - inside, bottom - 1 - inside),
    }
    assert {name: picture.getpixel(place) for name, place in corners.items()} == CORNERS
    for x, y in [
        (left - 2, (top + bottom) // 2),
        (right + 1, (top + bottom) // 2),
        ((left + right) // 2, top - 2),
        ((left + right) // 2, bottom + 1),
    ]:
        if 0 <= x < picture.width and 0 <= y < picture.height:
            assert picture.getpixel((x, y)) == GROUND, (x, y)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (1920, 1080, (0, 0, 640, 360)),
        (390, 844, (237, 0, 403, 360)),
        (800, 600, (80, 0, 560, 360)),
        (320, 100, (0, 80, 640, 280)),
    ],
)
def test_windows_are_scaled_and_letterboxed(width: int, height: int, box: Box, tmp_path: Path) -> None:
    made: Film = film(cornered(width, height).end(200), tmp_path, size="640x360")
    assert_window_fills(made.picture(0), box)


def test_a_window_that_changes_its_size_is_scaled_anew_at_once(tmp_path: Path) -> None:
    session = cornered(800, 600)
    session.resize(400, 390, 844)
    session.resize(800, 1920, 1080)
    made = film(session.end(1200), tmp_path, size="640x360")
    assert_window_fills(made.at(360), (80, 0, 560, 360))
    assert_window_fills(made.at(400), (237, 0, 403, 360))
    assert_window_fills(made.at(760), (237, 0, 403, 360))
    assert_window_fills(made.at(800), (0, 0, 640, 360))


def test_the_time_can_be_read_in_a_large_window_shown_small(tmp_path: Path) -> None:
    session = Session(width=1920, height=1080, every_ms=40).end(400)
    made = film(session, tmp_path, size="640x360")
    eye = Eye.of(session, 640, 360)
    assert [eye.read(made.picture(number)) for number in range(11)] == list(range(0, 401, 40))
