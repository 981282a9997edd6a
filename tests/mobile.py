"""Sessions as PostHog's mobile recorders write them: boxes as the iOS and Android SDKs send them, pictures as React Native's does."""

import base64
import io
from typing import Any

from PIL import Image

Json = dict[str, Any]
START_MS = 1_760_000_000_000
IOS = (390, 844)
ANDROID = (411, 914)
INK, BLUE, GREY = "#111827", "#0a84ff", "#f2f2f7"


def meta(at_ms: int, name: str, size: tuple[int, int]) -> Json:
    return {
        "type": 4,
        "timestamp": START_MS + at_ms,
        "data": {"href": name, "width": size[0], "height": size[1]},
    }


def full(at_ms: int, *wireframes: Json) -> Json:
    data = {"initialOffset": {"top": 0, "left": 0}, "wireframes": list(wireframes)}
    return {"type": 2, "timestamp": START_MS + at_ms, "data": data}


def change(
    at_ms: int,
    adds: dict[int, Json] | None = None,
    updates: dict[int, Json] | None = None,
    removes: dict[int, int] | None = None,
) -> Json:
    """Each by the id of the parent."""
    data: Json = {"source": 0}
    for name, told in (("adds", adds), ("updates", updates)):
        if told:
            data[name] = [{"parentId": parent, "wireframe": view} for parent, view in told.items()]
    if removes:
        data["removes"] = [{"parentId": parent, "id": own} for parent, own in removes.items()]
    return {"type": 3, "timestamp": START_MS + at_ms, "data": data}


def touch(at_ms: int, kind: int, x: float, y: float, own: int = 0) -> Json:
    data = {"source": 2, "type": kind, "id": own, "x": x, "y": y, "pointerType": 2}
    return {"type": 3, "timestamp": START_MS + at_ms, "data": data}


def tap(at_ms: int, x: float, y: float, own: int = 0) -> list[Json]:
    return [touch(at_ms, 7, x, y, own), touch(at_ms + 90, 9, x, y, own)]


def custom(at_ms: int, tag: str, **payload: Any) -> Json:
    return {"type": 5, "timestamp": START_MS + at_ms, "data": {"tag": tag, "payload": payload}}


def keyboard(at_ms: int, *, is_open: bool, **place: Any) -> Json:
    return custom(at_ms, "keyboard", open=is_open, **place)


def view(own: int, kind: str, box: tuple[float, float, float, float], *inside: Json, **told: Any) -> Json:
    x, y, width, height = box
    made: Json = {"id": own, "type": kind, "x": x, "y": y, "width": width, "height": height} | told
    return made | {"childWireframes": list(inside)} if inside else made


def words(own: int, text: str, box: tuple[float, float, float, float], **style: Any) -> Json:
    return view(
        own, "text", box, text=text, style={"color": INK, "fontSize": 17, "fontFamily": ".SFUI-Regular"} | style
    )


def picture(colour: str, size: tuple[int, int], kind: str = "PNG") -> str:
    """Base64 of a picture of one colour with a white frame a tenth of its width."""
    image = Image.new("RGB", size, "white")
    border = size[0] // 10
    image.paste(colour, (border, border, size[0] - border, size[1] - border))
    written = io.BytesIO()
    image.save(written, kind, **({"quality": 95} if kind != "PNG" else {}))
    return base64.b64encode(written.getvalue()).decode()


def bubble(own: int, text: str, top: float, height: float, *, own_side: bool) -> Json:
    left, width = (110, 264) if own_side else (16, 290)
    style = {"backgroundColor": BLUE if own_side else "#e5e5ea", "borderRadius": 18}
    ink = "#ffffff" if own_side else INK
    said = words(own + 1, text, (left + 14, top + 10, width - 28, height - 20), color=ink, fontSize=16)
    return view(own, "rectangle", (left, top, width, height), said, style=style)


def _chat(field: Json, *messages: Json) -> Json:
    """The screen of an assistant on an iPhone: title, messages, a field and a button."""
    return view(
        10,
        "div",
        (0, 0, *IOS),
        view(
            11,
            "rectangle",
            (0, 0, 390, 100),
            style={"backgroundColor": "#f9f9fb", "borderColor": "#d1d1d6", "borderWidth": 1},
        ),
        words(12, "Assistant", (120, 58, 150, 24), horizontalAlign="center", fontFamily=".SFUI-Semibold"),
        words(13, "‹ Chats", (12, 58, 90, 24), color=BLUE),
        view(20, "div", (0, 100, 390, 320), *messages),
        view(30, "rectangle", (0, 420, 390, 60), field, send(True), style={"backgroundColor": "#f9f9fb"}),
        style={"backgroundColor": "#ffffff"},
    )


def field(value: str) -> Json:
    style = {"backgroundColor": "#ffffff", "borderColor": "#c7c7cc", "borderWidth": 1, "borderRadius": 18}
    style |= {"fontSize": 16, "color": INK, "paddingLeft": 14, "paddingRight": 14}
    return view(
        31,
        "input",
        (12, 430, 290, 40),
        inputType="text",
        value=value,
        placeholder="Message",
        disabled=False,
        style=style,
    )


def send(ready: bool) -> Json:
    style = {"backgroundColor": BLUE if ready else "#c7c7cc", "borderRadius": 20, "color": "#ffffff", "fontSize": 16}
    return view(32, "input", (312, 430, 66, 40), inputType="button", value="Send", disabled=not ready, style=style)


def _status(own: int, width: float, height: float, ground: str) -> Json:
    return view(own, "status_bar", (0, 0, width, height), style={"backgroundColor": ground})


QUESTION = "When does the night train leave?"
ANSWER = "The night train to Vienna leaves at 21:42 from platform 7. Shall I reserve a seat for you?"


def ios_chat() -> list[Json]:
    """A question typed into a chat; the answer comes, then an alert says that the limit is reached, and is closed."""
    hello = bubble(100, "Hello! Where do you want to go?", 120, 42, own_side=False)
    asked = bubble(110, QUESTION, 176, 62, own_side=True)
    events = [
        meta(0, "ChatScreen", IOS),
        full(10, _status(1, 390, 47, "#f9f9fb"), _chat(field(""), hello)),
        *tap(900, 150, 450, 31),
        keyboard(1100, is_open=True, x=0, y=553, width=390, height=291),
    ]
    typed = [change(1500 + 120 * number, updates={30: field(QUESTION[: number * 4])}) for number in range(1, 9)]
    answering = [
        change(
            3600 + 200 * number, updates={20: bubble(120, ANSWER[: 30 * number], 252, 30 + 22 * number, own_side=False)}
        )
        for number in range(1, 4)
    ]
    alert = view(
        200,
        "rectangle",
        (55, 320, 280, 150),
        words(201, "Daily limit reached", (75, 340, 240, 24), horizontalAlign="center", fontWeight="bold"),
        words(202, "You can ask again tomorrow.", (75, 370, 240, 40), horizontalAlign="center", fontSize=14),
        view(203, "input", (55, 425, 280, 44), inputType="button", value="OK", style={"color": BLUE, "fontSize": 17}),
        style={"backgroundColor": "#ffffff", "borderRadius": 14, "borderColor": "#d1d1d6", "borderWidth": 1},
    )
    shade = view(199, "rectangle", (0, 0, *IOS), style={"backgroundColor": "rgba(0, 0, 0, 0.35)"})
    return [
        *events,
        *typed,
        *tap(2900, 345, 450),
        change(3100, adds={20: asked}, updates={30: field("")}),
        keyboard(3200, is_open=False),
        *answering,
        change(5000, adds={10: shade}),
        change(5010, adds={10: alert}),
        *tap(6000, 195, 447),
        change(6200, removes={10: 200}),
        change(6210, removes={10: 199}),
        touch(7000, 7, 200, 300),
        {
            "type": 3,
            "timestamp": START_MS + 7100,
            "data": {"source": 6, "positions": [{"x": 200, "y": 200, "id": 0, "timeOffset": 0}]},
        },
        touch(7200, 9, 200, 150),
    ]


def _settings(*, dark: bool, share: float) -> list[Json]:
    def row(own: int, top: float, **told: Any) -> Json:
        return view(
            own,
            "input",
            (24, top, 363, 44),
            style={"fontSize": 16, "color": "#00796b", "fontFamily": "sans-serif"},
            **told,
        )

    choices = [
        row(61 + place, 360 + 48 * place, inputType="radio", checked=place == 1, label=label)
        for place, label in enumerate(("Every day", "Every week", "Never"))
    ]
    title = words(42, "Settings", (24, 44, 300, 32), color="#ffffff", fontSize=22, fontFamily="sans-serif-medium")
    return [
        _status(40, 411, 24, "#004d40"),
        view(41, "rectangle", (0, 24, 411, 64), title, style={"backgroundColor": "#00695c"}),
        row(50, 104, inputType="toggle", checked=dark, label="Dark theme"),
        row(51, 156, inputType="checkbox", checked=True, label="Send reports"),
        view(
            52, "input", (24, 212, 363, 48), inputType="select", value="English", options=["Deutsch", "English", "日本語"],
            style={"fontSize": 16, "borderColor": "#9e9e9e", "borderWidth": 1, "borderRadius": 4, "paddingLeft": 12},
        ),
        words(53, "Summary by mail", (24, 320, 300, 24), color="#00695c", fontSize=14, fontFamily="sans-serif-medium"),
        view(60, "radio_group", (24, 360, 363, 144), *choices),
        view(70, "input", (24, 530, 363, 12), inputType="progress", value=share, max=100, style={"bar": "horizontal", "color": "#00695c"}),
        view(71, "input", (24, 556, 48, 48), inputType="progress", style={"bar": "circular", "color": "#00695c"}),
        view(72, "input", (100, 560, 150, 36), inputType="progress", value=3.5, max=5, style={"bar": "rating"}),
        view(73, "image", (290, 556, 96, 96), base64=picture("#ef6c00", (96, 96))),
        view(74, "placeholder", (24, 630, 230, 60), label="Map"),
        view(75, "web_view", (24, 700, 363, 90), url="https://help.example.com/terms?token=secret-token#top"),
        view(80, "navigation_bar", (0, 866, 411, 48), style={"backgroundColor": "#111111"}),
    ]  # fmt: skip


def android_settings() -> list[Json]:
    """Every kind of control; the theme is switched, a day later (as the recorder sees it) the screen is another."""
    return [
        meta(0, "SettingsActivity", ANDROID),
        full(5, *_settings(dark=False, share=20)),
        *tap(800, 360, 126),
        change(1000, updates={0: _settings(dark=True, share=60)[2]}),
        change(1200, updates={0: _settings(dark=True, share=60)[7]}),
        *tap(2000, 40, 430),
        custom(2400, "$screen", **{"$screen_name": "Account"}),
        meta(2500, "AccountActivity", ANDROID),
        full(2505, words(90, "Your account", (24, 44, 300, 32), fontSize=22)),
        touch(4000, 7, 10, 10),
        touch(4100, 9, 10, 10),
    ]


def screenshots(kind: str = "PNG", prefix: str = "") -> list[Json]:
    """React Native: each change of the screen is a picture of it; the third is of the phone turned on its side."""

    def shot(own: int, colour: str, size: tuple[int, int]) -> Json:
        return view(own, "screenshot", (0, 0, *size), base64=prefix + picture(colour, size, kind))

    lying = (IOS[1], IOS[0])
    return [
        meta(0, "Home", IOS),
        full(5, shot(7, "#cc0000", IOS)),
        change(1000, updates={0: shot(7, "#00aa00", IOS)}),
        *tap(1500, 195, 422),
        change(2000, updates={0: shot(8, "#0000cc", lying)}),
        touch(3000, 7, 400, 200),
        touch(3090, 9, 400, 200),
    ]
