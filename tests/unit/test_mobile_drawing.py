"""What each type of view becomes: elements, texts, styles and places."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from renderer.notices import Notices
from renderer.recording.mobile.drawing.artist import Artist
from renderer.recording.mobile.drawing.pictures import address
from renderer.recording.mobile.tree import Drawn, Ids, Node, Words
from renderer.recording.mobile.wireframe import Reading
from tests import mobile
from tests.mobile import Json, picture, view
from tests.unit import recordings

BOX = (10, 20, 100, 30)
CUT = base64.b64encode(base64.b64decode(picture("#cc0000", (40, 40)))[:20]).decode()
_IHDR = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
# The head of a PNG of 60,000 x 60,000 pixels.
BOMB = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\r" + _IHDR + struct.pack(">I", zlib.crc32(_IHDR)) + b"\0" * 40
).decode()


def drawn(told: Json) -> tuple[Drawn, dict[str, int]]:
    notices = Notices()
    made = Reading(notices).one(told)
    assert made is not None
    return Artist(Ids(), notices).one(made), {notice.code: notice.count for notice in notices}


def one(kind: str, **told: Any) -> Drawn:
    made, notices = drawn(view(1, kind, BOX, **told))
    assert notices == {}
    return made


def styles(made: Drawn) -> dict[str, str]:
    return dict(part.split(":", 1) for part in made.attributes.get("style", "").split(";"))


def words(made: Node) -> list[str]:
    return [made.text] if isinstance(made, Words) else [said for child in made.children for said in words(child)]


def inner(made: Drawn, tag: str) -> Drawn:
    found = [below for below in _all(made)[1:] if below.tag == tag]
    assert len(found) == 1, f"{len(found)} {tag} in {made}"
    return found[0]


def _all(made: Drawn) -> list[Drawn]:
    return [made, *(below for child in elements(made) for below in _all(child))]


def elements(made: Drawn) -> list[Drawn]:
    return [child for child in made.children if isinstance(child, Drawn)]


@pytest.mark.parametrize("kind", ["div", "rectangle", "radio_group", "text", "placeholder", "image", "web_view"])
def test_a_view_lies_where_it_was_told(kind: str) -> None:
    told = styles(one(kind))
    assert (told["position"], told["left"], told["top"], told["width"], told["height"]) == (
        "fixed", "10px", "20px", "100px", "30px",
    )  # fmt: skip


def test_a_view_without_a_place_is_in_the_corner_and_as_wide_as_the_screen_when_it_says_so() -> None:
    made, _ = drawn({"id": 1, "type": "div", "width": "100vw", "height": "40"})
    told = styles(made)
    assert (told["left"], told["top"], told["width"], told["height"]) == ("0px", "0px", "100vw", "40px")


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ({"color": "#ee3ee4"}, {"color": "#ee3ee4"}),
        ({"backgroundColor": "#12345680"}, {"background-color": "#12345680"}),
        ({"borderWidth": "4", "borderColor": "#000ddd", "borderRadius": "10px"}, {"border": "4px solid #000ddd", "border-radius": "10px"}),
        ({"borderColor": "#000ddd"}, {"border": "1px solid #000ddd"}),
        ({"borderRadius": 8.5}, {"border-radius": "8.5px"}),
        ({"fontSize": "12px", "fontFamily": "Roboto"}, {"font-size": "12px", "font-family": "'Roboto', sans-serif"}),
        ({"fontFamily": ".SFUI-Semibold"}, {"font-weight": "600"}),
        ({"fontWeight": "bold"}, {"font-weight": "700"}),
        ({"fontWeight": 300}, {"font-weight": "300"}),
        ({"paddingLeft": "16px", "paddingTop": 3}, {"padding-left": "16px", "padding-top": "3px"}),
        ({"verticalAlign": "bottom", "horizontalAlign": "right"}, {"align-items": "flex-end", "justify-content": "flex-end", "text-align": "right"}),
        ({}, {"align-items": "flex-start", "justify-content": "flex-start"}),
    ],
)  # fmt: skip
def test_the_style_of_a_text(style: Json, expected: dict[str, str]) -> None:
    made = one("text", text="Hi", style=style)
    assert words(made) == ["Hi"]
    assert expected.items() <= styles(made).items()


@pytest.mark.parametrize(
    "style",
    [
        {"color": "red;position:static"},
        {"color": "url(https://x.example/)"},
        {"backgroundColor": "expression(alert(1))"},
        {"fontFamily": "x';background:url(https://x.example/)"},
        {"fontSize": float("nan"), "borderWidth": float("inf"), "paddingLeft": -5},
        {"fontSize": [], "borderRadius": {}, "color": 7, "fontFamily": 3, "verticalAlign": [], "horizontalAlign": {}},
        {"borderWidth": True, "fontWeight": "nonsense", "fontSize": "12em"},
        "style",
        [1],
        None,
    ],
)
def test_a_style_that_is_none_is_passed_over(style: Any) -> None:
    assert styles(one("text", text="Hi", style=style)) == styles(one("text", text="Hi"))


def test_a_low_text_stays_on_one_line_and_a_high_one_wraps() -> None:
    low = one("text", text="a b", style={"fontSize": 16})
    assert "white-space:pre;" in inner(low, "span").attributes["style"]
    high, _ = drawn(view(1, "text", (0, 0, 100, 60), text="a b", style={"fontSize": 16}))
    assert "white-space:pre-wrap" in inner(high, "span").attributes["style"]


@pytest.mark.parametrize("kind", ["text", "email", "number", "search", "tel", "url", "password"])
def test_fields_are_fields(kind: str) -> None:
    made = one("input", inputType=kind, value="hello", placeholder="Say", disabled=True)
    assert (made.tag, made.attributes["type"], made.attributes["value"]) == ("input", kind, "hello")
    assert (made.attributes["placeholder"], made.attributes["disabled"]) == ("Say", True)


@pytest.mark.parametrize("kind", ["text_area", "textArea", "textarea"])
def test_areas_are_areas(kind: str) -> None:
    made = one("input", inputType=kind, value="a\nb", label="Notes")
    assert (made.tag, made.attributes["value"], made.attributes["aria-label"]) == ("textarea", "a\nb", "Notes")


@pytest.mark.parametrize("kind", ["checkbox", "radio"])
@pytest.mark.parametrize("checked", [True, False])
def test_boxes_that_are_ticked(kind: str, checked: bool) -> None:
    made = one("input", inputType=kind, checked=checked, label="first", style={"color": "#ff0000"})
    assert made.tag == "label"
    assert words(made) == ["first"]
    box = inner(made, "input")
    assert (box.attributes["type"], box.attributes.get("checked", False)) == (kind, checked)
    assert box.attributes["style"] == "accent-color:#ff0000"


def test_a_switch_is_one_to_the_reader_and_its_knob_is_where_it_is_switched_to() -> None:
    on, off = (one("input", inputType="toggle", checked=checked, label="Dark") for checked in (True, False))
    assert [made.attributes["role"] for made in (on, off)] == ["switch", "switch"]
    assert [made.attributes["aria-checked"] for made in (on, off)] == ["true", "false"]
    lefts = [float(styles(_all(made)[-1])["left"].removesuffix("px")) for made in (on, off)]
    assert lefts[0] > lefts[1] + 15
    assert words(on) == ["Dark"]


def test_a_button_holds_its_value_and_the_views_in_it() -> None:
    inside = view(2, "text", (12, 22, 50, 20), text="more")
    made, _ = drawn(view(1, "input", BOX, inside, inputType="button", value="Go"))
    assert made.tag == "button"
    assert words(made) == ["Go", "more"]


def test_a_list_has_its_options_and_what_is_chosen() -> None:
    made = one("input", inputType="select", value="b", options=["a", "b", 3, None])
    assert made.tag == "select"
    assert [(words(option), "selected" in option.attributes) for option in elements(made)] == [
        (["a"], False), (["b"], True), (["3"], False),
    ]  # fmt: skip
    other = one("input", inputType="select", value="z", options="none")
    assert [words(option) for option in other.children] == [["z"]]


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ({"value": 0.75}, 75),
        ({"value": 1, "max": 4}, 25),
        ({"value": 9, "max": 3}, 100),
        ({"value": "2", "max": "8"}, 25),
    ],
)
@pytest.mark.parametrize("bar", ["horizontal", "circular", None])
def test_how_far_something_is(told: Json, share: int, bar: str | None) -> None:
    made = one("input", inputType="progress", style={"bar": bar}, **told)
    assert made.attributes["aria-valuenow"] == str(share)
    drawing = " ".join(below.attributes["style"] for below in _all(made))
    assert (f"{share * 3.6:.1f}deg" if bar == "circular" else f"width:{share:.2f}%") in drawing


@pytest.mark.parametrize("value", [None, -1, "much", float("nan")])
def test_how_far_something_is_may_not_be_known(value: object) -> None:
    made = one("input", inputType="progress", style={"bar": "horizontal"}, value=value)
    assert "aria-valuenow" not in made.attributes


@pytest.mark.parametrize(
    ("value", "most", "stars", "share"),
    [(3.5, 5, 5, 70), (10, 3, 3, 100), (2, -5, 5, 40), (3, 0, 5, 60), (6, 1000, 20, 0.6)],
)
def test_stars(value: float, most: float, stars: int, share: float) -> None:
    made = one("input", inputType="progress", style={"bar": "rating"}, value=value, max=most)
    assert words(made) == ["★" * stars] * 2
    assert f"width:{share:.2f}%" in _all(made)[-1].attributes["style"]


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp"), ("GIF", "gif")])
@pytest.mark.parametrize("type_", ["image", "screenshot"])
def test_a_picture_keeps_its_bytes(kind: str, mime: str, type_: str) -> None:
    sent = picture("#cc0000", (40, 40), kind)
    for told in (
        sent,
        f"data:image/png;base64,{sent}",
        "\n".join(sent[at : at + 76] for at in range(0, len(sent), 76)),
    ):
        made = one(type_, base64=told)
        assert (made.tag, made.attributes["src"]) == ("img", f"data:image/{mime};base64,{sent}")


@pytest.mark.parametrize(
    "sent",
    ["image-content", "AAAA", base64.b64encode(b"<svg onload=x>").decode(), "/9j/4AAQ\"')", "/9j/4AAQSkZJR", CUT, BOMB],
)
def test_a_picture_that_is_none_becomes_a_placeholder(sent: str) -> None:
    made, notices = drawn(view(1, "image", BOX, base64=sent))
    assert made.tag == "div"
    assert "linear-gradient" in styles(made)["background"]
    assert notices == {"mobile_picture_unreadable": 1}


def test_a_picture_may_not_be_there_or_be_too_large() -> None:
    assert one("image").tag == "div"
    notices = Notices()
    assert address("A" * (48 * 1024 * 1024 + 1), notices) is None
    assert [notice.code for notice in notices] == ["mobile_picture_too_large"]


def test_a_background_fills_its_view_unless_told_otherwise() -> None:
    sent = picture("#00cc00", (10, 10))
    for size, expected in ((None, "100% 100%"), ("cover", "cover"), ("10px;color:red", "100% 100%")):
        told = one("div", style={"backgroundImage": sent, "backgroundSize": size}).attributes["style"]
        assert f'url("data:image/png;base64,{sent}")' in told
        assert f"background-size:{expected}" in told
        assert "red" not in told


def test_what_stands_beside_what_can_hold_nothing() -> None:
    inside = view(2, "text", (12, 22, 50, 20), text="on it")
    made, _ = drawn(view(1, "image", BOX, inside, base64=picture("#cc0000", (40, 40))))
    assert [child.tag for child in elements(made)] == ["img", "div"]
    assert words(made) == ["on it"]


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://user:pass@help.example.com/terms?token=abc#frag", "help.example.com/terms"),
        ("app://settings?x=1", "settings"),
        ("about?secret", "about"),
        ("https://[broken", None),
        (None, None),
    ],
)
def test_a_web_view_says_where_it_was(url: str | None, label: str | None) -> None:
    assert words(one("web_view", url=url)) == ([label] if label else [])


def test_bars_have_shapes_and_no_words() -> None:
    for kind in ("status_bar", "navigation_bar"):
        for ground, ink in (("#ffffff", "#000"), ("#111", "#fff")):
            made = one(kind, style={"backgroundColor": ground})
            assert words(made) == []
            assert any(f"{ink}" in child.attributes["style"] for child in elements(made))


def test_unknown_types_are_left_out_with_their_style_but_not_what_is_in_them() -> None:
    notices = Notices()
    told = [
        view(1, "hologram", BOX),
        view(2, "hologram", BOX, view(3, "text", BOX, text="in it"), style={"color": "#ff0000"}),
    ]
    made = Artist(Ids(), notices).all(Reading(notices).all([*told, view(4, "input", BOX, inputType="dial")]))
    assert [words(one) for one in made] == [["in it"], []]
    assert "color" not in styles(made[0])
    assert {notice.code: notice.count for notice in notices} == {"mobile_unknown_type": 2, "mobile_unknown_input": 1}


def test_the_sessions_of_the_tests_are_drawn_without_a_word_of_complaint(tmp_path: Path) -> None:
    for events in (mobile.ios_chat(), mobile.android_settings(), mobile.screenshots()):
        recording = recordings.read(tmp_path, events)
        assert recording.mobile
        assert recording.notices == ()


def test_styles_that_python_takes_for_equal_are_told_apart() -> None:
    """True is 1 to a dictionary of Python, and no width."""
    ones = [styles(one("div", style={"borderWidth": told})).get("border") for told in (1, True, 1.0)]
    assert ones == ["1px solid currentcolor", None, "1px solid currentcolor"]


def test_a_picture_that_cannot_be_read_is_counted_each_time_it_comes() -> None:
    style = {"backgroundImage": "AAAA"}
    _, notices = drawn(view(1, "div", BOX, *(view(own, "div", BOX, style=style) for own in (2, 3, 4))))
    assert notices == {"mobile_picture_unreadable": 3}
