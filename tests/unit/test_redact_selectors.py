"""What selectors, field types and the recorder's own configuration hide, wherever and whenever it stands in the document."""

import time
import zlib
from typing import Any

import pytest

from renderer.redact import DEFAULT, OFF, Policy, redact_recording
from renderer.redact.policy.model import Selectors
from renderer.redact.policy.rules import wider
from tests.canaries import BODY, FRAME, add, element, incremental, mutation, planted, snapshot, survivors, text
from tests.unit.redact_fixtures import config, events_of, everything, meta, policy, read, recording, redacted

NAME = "Wilhelmina Vandersteen"
BAD = ("Wilh", "Vander")


def left(events: list[dict[str, Any]], rules: Policy = DEFAULT) -> str:
    return everything(redacted([meta(), *events], rules).recording).decode()


def hidden(what: str) -> bool:
    return not any(part in what for part in BAD)


def marked(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    inner = element(21, "b", {"title": NAME, "aria-label": NAME, "data-name": NAME}, text(22, NAME))
    return [snapshot(element(20, "div", attributes, inner), element(30, "p", {}, text(31, "Order 7")))]


@pytest.mark.parametrize("name", ["ph-mask", "rr-mask", "sentry-mask", "ph-no-capture", "rr-block", "fs-exclude"])
def test_known_classes_hide_what_is_below(name: str) -> None:
    what = left(marked({"class": f"card {name}"}))
    assert hidden(what)
    assert "Order 7" in what


@pytest.mark.parametrize(
    "attribute", ["data-private", "data-hj-suppress", "data-sentry-mask", "data-openreplay-hidden"]
)
def test_known_attributes_hide_what_is_below(attribute: str) -> None:
    assert hidden(left(marked({attribute: ""})))


def test_masked_text_keeps_its_shape() -> None:
    events = events_of(
        redacted([meta(), snapshot(element(20, "p", {"class": "ph-mask"}, text(21, "Ann  Lee,\n 42 €")))])
    )
    body = events[1]["data"]["node"]["childNodes"][0]["childNodes"][1]
    assert body["childNodes"][0]["childNodes"][0]["textContent"] == "•••  ••••\n •• •"


SELECTOR_CASES = {
    "class": (".who", {"class": "x who"}),
    "id": ("#who", {"id": "who"}),
    "attribute": ('[data-who^="a" i]', {"data-who": "Abc"}),
    "descendant": ("main .who", {"class": "who"}),
    "child": ("main > .who", {"class": "who"}),
    "sibling": (".before + .who", {"class": "who"}),
    "nth": ("main > :nth-child(2)", {}),
    "not": ("div:not(.public)", {}),
    "has": ("div:has(b[title])", {}),
    "is": (":is(.a, .who)", {"class": "who"}),
    "a long way up": ("html > body main > .before ~ .who", {"class": "who"}),
    "a number from the end": ("main > div:nth-last-of-type(1)", {}),
}


@pytest.mark.parametrize("case", SELECTOR_CASES)
@pytest.mark.parametrize("kind", ["mask", "block"])
def test_selectors_of_a_policy(case: str, kind: str) -> None:
    selector, attributes = SELECTOR_CASES[case]
    inner = element(21, "b", {"title": NAME}, text(22, NAME))
    main = element(
        10,
        "main",
        {},
        element(11, "div", {"class": "before public"}, text(12, "Order 7")),
        element(20, "div", attributes, inner),
    )
    rules = policy(selectors=Selectors.model_validate({kind: [selector]}))
    what = left([snapshot(main)], rules)
    assert hidden(what)
    assert "Order 7" in what


LATER: dict[str, list[dict[str, Any]]] = {
    "the class comes later": [
        snapshot(element(20, "div", {}, text(21, NAME))),
        mutation(attributes=[{"id": 20, "attributes": {"class": "ph-mask"}}]),
    ],
    "the class comes and goes": [
        snapshot(element(20, "div", {}, text(21, NAME))),
        mutation(attributes=[{"id": 20, "attributes": {"class": "ph-mask"}}]),
        mutation(attributes=[{"id": 20, "attributes": {"class": None}}]),
        mutation(texts=[{"id": 21, "value": f"{NAME} again"}]),
    ],
    "what was below it before the class came": [
        snapshot(element(20, "div", {}, text(21, NAME))),
        mutation(removes=[{"parentId": 20, "id": 21}], adds=[add(20, text(22, "x"))]),
        mutation(attributes=[{"id": 20, "attributes": {"class": "ph-mask"}}]),
    ],
    "added below it": [
        snapshot(element(20, "div", {"class": "ph-mask"})),
        mutation(adds=[add(20, element(30, "p", {"title": NAME}, text(31, NAME)))]),
        mutation(texts=[{"id": 31, "value": f"Dear {NAME}"}], attributes=[{"id": 30, "attributes": {"title": f"{NAME}!"}}]),
    ],
    "moved out of it": [
        snapshot(element(20, "div", {"class": "ph-mask"}, element(30, "p", {}, text(31, NAME)))),
        mutation(removes=[{"parentId": 20, "id": 30}], adds=[add(BODY, element(30, "p", {})), add(30, text(31, NAME))]),
    ],
    "in its shadow root": [
        snapshot(element(20, "x-y", {"class": "ph-mask"}, element(21, "p", {}, text(22, NAME), isShadow=True), isShadowHost=True)),
    ],
    "in a shadow root, by itself": [
        snapshot(element(20, "x-y", {}, element(21, "p", {"class": "ph-mask"}, text(22, NAME), isShadow=True), isShadowHost=True)),
    ],
    "in its frame": [
        snapshot(element(FRAME, "iframe", {"class": "ph-mask"})),
        mutation(
            adds=[add(FRAME, {"type": 0, "id": 41, "childNodes": [element(42, "html", {}, element(43, "body", {}, text(44, NAME)))]})],
            isAttachIframe=True,
        ),
        mutation(texts=[{"id": 44, "value": f"{NAME} too"}]),
    ],
    "in a comment": [snapshot(element(20, "div", {"class": "ph-mask"}, {"type": 5, "id": 21, "textContent": NAME}))],
}  # fmt: skip


@pytest.mark.parametrize("case", LATER)
@pytest.mark.parametrize("name", ["ph-mask", "ph-no-capture"])
def test_whatever_was_ever_below_it_is_hidden_from_the_beginning(case: str, name: str) -> None:
    events = [_renamed(event, name) for event in LATER[case]]
    assert hidden(left(events))


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(one, name) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, name) for one in value]
    return name if value == "ph-mask" else value


def test_a_blocked_element_is_an_empty_box() -> None:
    block = element(
        20, "div", {"class": "ph-no-capture", "style": "width: 90px; background: url(https://x.example/a.png)", "data-x": NAME},
        element(21, "img", {"src": "https://x.example/face.png"}), element(22, "input", {"value": NAME}),
    )  # fmt: skip
    picture = element(
        23,
        "img",
        {"class": "ph-no-capture", "src": "https://x.example/b.png", "alt": NAME, "width": "80", "height": "60"},
    )
    done = redacted(
        [
            meta(), snapshot(block, picture, element(24, "p", {}, text(25, "Order 7"))),
            incremental(5, id=22, text=NAME), mutation(texts=[{"id": 99, "value": "x"}], attributes=[{"id": 22, "attributes": {"value": NAME}}]),
            mutation(adds=[add(20, text(26, NAME))], removes=[{"parentId": 20, "id": 21}]), mutation(texts=[{"id": 26, "value": NAME}]),
        ]
    )  # fmt: skip
    events = events_of(done)
    boxes = events[1]["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"]
    assert boxes[0] == {
        "type": 2, "id": 20, "tagName": "div", "childNodes": [], "needBlock": True,
        "attributes": {"class": "ph-no-capture", "style": "width: 90px"},
    }  # fmt: skip
    assert boxes[1]["attributes"] == {
        "class": "ph-no-capture", "width": "80", "height": "60", "rr_width": "80px", "rr_height": "60px",
    }  # fmt: skip
    assert not [event for event in events if event["data"].get("source") == 5]
    assert events[3]["data"]["adds"] == events[3]["data"]["removes"] == events[4]["data"]["texts"] == []
    assert done.report["blocked_elements"] == 2
    assert "x.example" not in everything(done.recording).decode()
    assert hidden(everything(done.recording).decode())


def test_show_makes_exceptions_for_people_who_say_so() -> None:
    inner = element(21, "b", {"class": "open"}, text(22, "Tuesday"))
    events = [meta(), snapshot(element(20, "div", {"class": "ph-mask"}, text(23, NAME), inner))]
    shown = DEFAULT.model_copy(update={"selectors": DEFAULT.selectors.model_copy(update={"show": (".open",)})})
    what = everything(redacted(events, shown).recording).decode()
    assert hidden(what)
    assert "Tuesday" in what
    assert "Tuesday" not in everything(redacted(events).recording).decode()


FIELDS: dict[str, dict[str, Any]] = {
    "password": {"type": "password"},
    "email": {"type": "email"},
    "tel": {"type": "TEL"},
    "hidden": {"type": "hidden"},
    "autocomplete card": {"autocomplete": "billing cc-number"},
    "autocomplete code": {"autocomplete": "one-time-code"},
    "named card": {"name": "cardNumber"},
    "named cvc": {"id": "payment-cvc"},
    "named e-mail": {"name": "user[email]"},
    "labelled phone": {"aria-label": "Phone number"},
    "named password": {"name": "new_password", "type": "text"},
    "ignored by the recorder": {"class": "ph-ignore-input"},
    "masked by class": {"class": "rr-mask"},
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields_are_masked_whatever_is_typed(case: str) -> None:
    field = element(20, "input", {**FIELDS[case], "value": "Wilhe"})
    what = left(
        [
            snapshot(field),
            incremental(5, id=20, text=NAME),
            mutation(attributes=[{"id": 20, "attributes": {"value": NAME}}]),
        ]
    )
    assert hidden(what)


def test_a_password_that_is_revealed_stays_masked() -> None:
    before = [snapshot(element(20, "input", {"type": "text", "value": NAME})), incremental(5, id=20, text=NAME)]
    turned = [mutation(attributes=[{"id": 20, "attributes": {"type": "password"}}])]
    assert hidden(
        left(
            [
                *before,
                *turned,
                mutation(attributes=[{"id": 20, "attributes": {"type": "text"}}]),
                incremental(5, id=20, text=NAME + "!"),
            ]
        )
    )
    assert not hidden(left(before))


def test_ordinary_fields_stay_and_so_do_buttons() -> None:
    what = left([snapshot(element(20, "input", {"type": "search", "name": "q"}), element(21, "input", {"type": "submit", "value": "Send e-mail", "name": "email"})), incremental(5, id=20, text="red shoes")])  # fmt: skip
    assert "red shoes" in what
    assert "Send e-mail" in what


def test_all_fields_of_a_policy() -> None:
    fields = snapshot(
        element(20, "input", {"name": "q"}), element(21, "textarea", {"value": NAME}),
        element(22, "select", {}, element(23, "option", {"value": NAME}, text(24, NAME))),
        element(25, "div", {"contenteditable": ""}, element(26, "p", {}, text(27, NAME))),
    )  # fmt: skip
    events = [
        fields,
        incremental(5, id=20, text=NAME),
        incremental(5, id=21, text=NAME),
        mutation(texts=[{"id": 27, "value": NAME + "."}]),
    ]
    assert hidden(left(events, policy(inputs={"all": True})))
    assert not hidden(left(events))


RECORDER: dict[str, dict[str, Any]] = {
    "maskTextClass": {"maskTextClass": "secret"},
    "maskTextSelector": {"maskTextSelector": "main .secret, .other"},
    "blockClass": {"blockClass": "secret"},
    "blockSelector": {"blockSelector": "[data-s='1']"},
    "maskAllInputs": {"maskAllInputs": True},
    "maskInputOptions": {"maskInputOptions": {"text": True}},
    "ignoreClass": {"ignoreClass": "secret"},
    "a selector that cannot be read": {"maskTextSelector": ".secret:weird(x)"},
    "a selector of a state": {"maskTextSelector": "input.secret:focus"},
    "a selector of nothing that can be named": {"maskTextSelector": "!!"},
    "a class with blanks": {"maskTextClass": "a.b", "maskTextSelector": ".secret"},
}


@pytest.mark.parametrize("case", RECORDER)
def test_what_the_recorder_was_told_to_hide_is_hidden_input_values_included(case: str) -> None:
    field = element(20, "input", {"type": "text", "class": "secret", "data-s": "1", "value": "Wilh"})
    page = snapshot(element(10, "main", {}, field), element(30, "p", {}, text(31, "Order 7")))
    events = [meta(), page, config(RECORDER[case]), incremental(5, id=20, text=NAME)]
    assert hidden(everything(redacted(events).recording).decode())
    assert hidden(everything(redacted(events, policy()).recording).decode())
    ignoring = policy(selectors={"recorder": "ignore"})
    assert not hidden(everything(redacted(events, ignoring).recording).decode())


def test_what_cannot_be_read_of_the_recorders_configuration_is_told() -> None:
    events = [
        meta(),
        snapshot(),
        config({"blockClass": {}, "maskTextSelector": ".a:weird(x)"}),
        incremental(3, id=1, x=0, y=0),
    ]
    codes = {notice.code for notice in redacted(events).recording.notices}
    assert {"recorder_privacy_unreadable", "recorder_selector_widened"} <= codes


def test_the_configuration_of_remote_and_sdk_is_read_too() -> None:
    remote = {
        "type": 5,
        "data": {
            "tag": "$remote_config_received",
            "payload": {"masking": {"maskTextSelector": ".a", "blockSelector": ".b"}},
        },
    }
    sdk = {
        "type": 5,
        "data": {
            "tag": "$posthog_config",
            "payload": {"config": {"session_recording": {"maskTextSelector": ".c", "maskAllInputs": True}}},
        },
    }
    privacy = recording([meta(), snapshot(), remote, sdk, incremental(3, id=1, x=0, y=0)]).privacy
    assert (privacy.mask_text, privacy.block, privacy.mask_all_inputs) == ((".a", ".c"), (".b",), True)


def test_hostile_selectors_of_a_recorder_are_widened_in_no_time() -> None:
    deep = " ".join(["*"] * 60)
    assert wider(deep) == ("*",)
    assert wider("a:has(b) .x, " + ".y" * 3) == (".x", ".y.y.y")
    assert wider("," * 5000) == ("*",)


def test_selectors_cost_no_more_than_the_document_is_deep_and_wide() -> None:
    deep = text(9999, NAME)
    for number in range(120):
        deep = element(100 + number, "div", {"class": "a"}, deep)
    wide = element(
        5000, "ul", {}, *(element(5001 + number, "li", {}, text(15000 + number, "x")) for number in range(1500))
    )
    hostile = {
        "maskTextSelector": ".none * * * * * * * * * * *, div div div div div div div b",
        "blockSelector": "li:nth-child(2), li ~ li + b",
    }
    events = [meta(), snapshot(deep, wide), config(hostile), incremental(3, id=1, x=0, y=0)]
    given = recording(events)
    started = time.process_time()
    redact_recording(given, policy(selectors={"mask": ["li:nth-last-child(3)", ".a .a .a .a .a .a .a .a .a .a > .b"]}))
    assert time.process_time() - started < 3.0


def test_show_does_not_reach_what_the_recorder_was_told_unless_it_is_said() -> None:
    field = element(20, "input", {"type": "text", "class": "open secret", "value": NAME})
    for options in (
        {"maskAllInputs": True},
        {"maskInputOptions": {"text": True}},
        {"ignoreClass": "secret"},
        {"maskTextClass": "secret"},
    ):
        events = [
            meta(),
            snapshot(
                field, element(30, "p", {"class": "open secret"}, text(31, NAME if "maskTextClass" in options else ""))
            ),
            config(options),
        ]
        assert hidden(everything(redacted(events, policy(selectors={"show": [".open"]})).recording).decode())
        assert not hidden(
            everything(redacted(events, policy(selectors={"show": [".open"], "recorder": "show"})).recording).decode()
        )


def test_masking_the_body_by_selector_leaves_no_canary_of_it() -> None:
    what = planted(lambda place: f"Q{zlib.crc32(place.encode())}Z")
    rules = policy(
        selectors={"block": ["body"], "mask": ["html"]}, console="drop", urls={"query": "mask", "fragment": "mask"}
    )
    before = survivors(what.secrets, everything(read(what.recording)))
    after = survivors(what.secrets, everything(redacted_bytes(what.recording, rules)))
    gone = {place for place in before if place not in after}
    document = {
        place
        for place in before
        if place.startswith(("attribute", "address")) and place not in {"attribute id", "attribute class"}
    }
    document |= {
        "text",
        "added text",
        "later mutation",
        "letter by letter",
        "streamed answer",
        "shadow DOM",
        "frame document",
        "comment",
        "srcdoc",
        "image path",
        "option text",
        "poster",
    }
    assert document <= gone


def redacted_bytes(data: bytes, rules: Policy) -> Any:
    return redact_recording(read(data), rules).recording


def test_off_is_the_same_object() -> None:
    given = recording([meta(), snapshot(), incremental(3, id=1, x=0, y=0)])
    done = redact_recording(given, OFF)
    assert done.recording is given
    assert dict(done.report) == {}
