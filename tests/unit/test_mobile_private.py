"""What must not be seen is taken out of apps as out of pages; and what happened in an app is told as of a page."""

import json
from pathlib import Path
from typing import Any

import pytest

from renderer.recording.model import Recording
from renderer.redact import DEFAULT, Policy
from renderer.redact.recording import redact_recording
from renderer.timeline.build import build_timeline
from tests import mobile
from tests.mobile import Json, change, full, meta, tap, view
from tests.unit import recordings
from tests.unit.redact_fixtures import everything, policy

BOX = (0, 0, 200, 40)


def field(kind: str, **told: Any) -> Json:
    return view(1, "input", BOX, inputType=kind, **told)


# Place -> a view with the secret in it.
PLACES: dict[str, Any] = {
    "text": lambda secret: view(1, "text", BOX, text=f"Mail {secret} now"),
    "value": lambda secret: field("text", value=secret),
    "area": lambda secret: field("text_area", value=f"Dear\n{secret}"),
    "password": lambda secret: field("password", value=secret),
    "placeholder of a field": lambda secret: field("text", placeholder=secret),
    "label of a field": lambda secret: field("text", label=secret),
    "label of a box": lambda secret: field("checkbox", label=secret),
    "label of a switch": lambda secret: field("toggle", label=secret),
    "button": lambda secret: field("button", value=secret),
    "option": lambda secret: field("select", options=["other", secret]),
    "chosen": lambda secret: field("select", value=secret, options=[]),
    "label of a placeholder": lambda secret: view(1, "placeholder", BOX, label=secret),
    "address of a web view": lambda secret: view(1, "web_view", BOX, url=f"https://x.example/{secret}?mail={secret}"),
    "font": lambda secret: view(1, "text", BOX, text="x", style={"fontFamily": secret, "color": secret}),
    "fields nobody knows": lambda secret: view(1, "text", BOX, text="x", hint=secret, accessibilityLabel=secret),
    "unknown type": lambda secret: view(1, secret, BOX, text=secret, label=secret),
    "id": lambda secret: view(1, "text", BOX, text="x") | {"id": secret},
    "picture that is none": lambda secret: view(1, "image", BOX, base64=secret),
    "deep": lambda secret: view(1, "div", BOX, view(2, "radio_group", BOX, view(3, "text", BOX, text=secret))),
}  # fmt: skip
SECRETS = ("anna.canary@example.com", "4111 1111 1111 1111", "sk-proj-abcdefghijklmnopqrstuvwx0123456789ABCD")


def session(*views: Json, later: Json | None = None) -> list[Json]:
    changes = [change(50, updates={0: later})] if later is not None else []
    return [meta(0, "Home", mobile.IOS), full(1, *views), *changes, *tap(100, 20, 20)]


def left(folder: Path, events: list[Json], rules: Policy = DEFAULT) -> tuple[Recording, str]:
    done = redact_recording(recordings.read(folder, events), rules).recording
    timeline = build_timeline(done)
    return done, everything(done).decode() + repr(timeline)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_secret_is_left_of_a_view(place: str, secret: str, tmp_path: Path) -> None:
    _, told = left(tmp_path, session(PLACES[place](secret)))
    assert secret not in told
    _, told = left(tmp_path, session(view(1, "div", BOX), later=PLACES[place](secret)))
    assert secret not in told


def test_what_is_told_of_screens_and_keyboards_is_scrubbed_too(tmp_path: Path) -> None:
    secret = SECRETS[0]
    events = session(view(1, "text", BOX, text="x"))
    events.insert(2, mobile.custom(20, "$screen", **{"$screen_name": f"Profile of {secret}", "user": secret}))
    events.insert(3, mobile.keyboard(30, is_open=True, text=secret, styles={"backgroundColor": secret}))
    events[0]["data"]["href"] = f"Mail to {secret}"
    _, told = left(tmp_path, events)
    assert secret not in told
    assert "Profile of" in told


def test_an_address_that_is_typed_is_hidden_from_its_first_letter(tmp_path: Path) -> None:
    secret = "anna.canary@example.com"
    typed = [
        change(10 * length, updates={0: field("text", value=secret[:length])}) for length in range(1, len(secret) + 1)
    ]
    events = [meta(0, "Home", mobile.IOS), full(1, field("text", value="")), *typed, *tap(900, 20, 20)]
    _, told = left(tmp_path, events)
    assert not [length for length in range(6, len(secret) + 1) if secret[:length] in told]


def test_fields_for_mail_and_passwords_are_masked_whatever_is_in_them(tmp_path: Path) -> None:
    for kind in ("email", "tel", "password"):
        _, told = left(tmp_path, session(field(kind, value="Canary42")))
        assert "Canary42" not in told, kind


def test_all_fields_can_be_masked_and_types_of_views_be_named(tmp_path: Path) -> None:
    views = [field("text", value="canary"), view(2, "text", (0, 50, 90, 20), text="kept")]
    _, told = left(tmp_path, session(*views), policy(inputs={"all": True}))
    assert "canary" not in told
    assert "kept" in told
    _, told = left(tmp_path, session(*views), policy(selectors={"mask": [".wf-text"]}))
    assert "canary" in told
    assert "kept" not in told


@pytest.mark.parametrize("kind", ["screenshot", "image"])
def test_pictures_stay_as_they_are_unless_their_type_is_blocked(kind: str, tmp_path: Path) -> None:
    sent = mobile.picture("#cc0000", (390, 84))
    events = session(
        view(1, kind, (0, 0, 390, 84), base64=sent), later=view(1, kind, (0, 0, 390, 84), base64=sent[::1])
    )
    _, told = left(tmp_path, events)
    assert sent in told
    done, told = left(tmp_path, events, policy(selectors={"block": [f".wf-{kind}"]}))
    assert sent not in told
    (snapshot,) = [json.loads(bytes(event.raw)) for event in done.windows[0].events if event.type == 2]
    assert '"rr_width":"390px"' in json.dumps(snapshot, separators=(",", ":"))


def test_a_blocked_screenshot_stays_blocked_when_it_changes(tmp_path: Path) -> None:
    _, told = left(tmp_path, mobile.screenshots(), policy(selectors={"block": [".wf-screenshot"]}))
    assert "base64" not in told


def titles(folder: Path, events: list[Json]) -> list[tuple[int, str]]:
    return [(entry.at_ms, entry.title) for entry in build_timeline(recordings.read(folder, events)).entries]


def test_a_chat_on_an_iphone_is_told(tmp_path: Path) -> None:
    assert titles(tmp_path, mobile.ios_chat()) == [
        (0, "Opened ChatScreen"),
        (990, "Clicked into “Message”"),
        (1620, "Typed in “Message”"),
        (2990, "Tapped “Send”"),
        (6090, "Tapped “OK”"),
    ]


def test_settings_on_an_android_phone_are_told(tmp_path: Path) -> None:
    assert titles(tmp_path, mobile.android_settings()) == [
        (0, "Opened SettingsActivity"),
        (890, "Tapped “Dark theme”"),
        (2090, "Tapped “Every week”"),
        (2400, "Went to Account"),
        (2500, "Went to AccountActivity"),
        (4100, "Tapped an area of the screen"),
    ]


def test_pictures_of_a_screen_tell_of_taps_and_turns_alone(tmp_path: Path) -> None:
    assert titles(tmp_path, mobile.screenshots()) == [
        (0, "Opened Home"),
        (1590, "Tapped an area of the screen"),
        (2000, "The screen was turned, to 844 × 390"),
        (3090, "Tapped an area of the screen"),
    ]


def test_coming_back_to_a_screen_is_told(tmp_path: Path) -> None:
    """Android tells of no name when an activity that was left is in front again."""
    list_screen = view(1, "div", (0, 0, 390, 844), view(2, "text", BOX, text="Orders"))
    events = [
        meta(0, "OrdersActivity", mobile.IOS),
        full(1, list_screen),
        meta(3000, "OrderActivity", mobile.IOS),
        full(3001, view(11, "div", (0, 0, 390, 844), view(12, "text", BOX, text="Order 7"))),
        change(5000, updates={1: view(2, "text", BOX, text="Orders (1)")}),
        *tap(7000, 20, 20),
    ]
    assert titles(tmp_path, events) == [
        (0, "Opened OrdersActivity"),
        (3000, "Went to OrderActivity"),
        (5000, "Went to OrdersActivity"),
        (7090, "Tapped the text “Orders (1)”"),
    ]
