"""A recording, and events beside it, with a secret of its own in every place that can carry one.

`planted(make)` builds them; `make(place)` gives the secret for a place, so that one table serves every kind of secret.
`survivors` tells which secrets are still there, under whatever coding.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents

START_MS = 1_760_000_000_000
WINDOW = "0199a1b2-7c3d-7e4f-8a5b-0123456789ab"

HTML, HEAD, BODY = 2, 3, 4
TITLE, TITLE_TEXT, STYLE, STYLE_TEXT = 5, 6, 7, 8
TEXT, CHANGED, STREAMED, INPUT, TEXTAREA, SELECT, HOST, FRAME, RERENDERED, EDITABLE = (
    20,
    22,
    24,
    26,
    27,
    28,
    30,
    40,
    60,
    70,
)
PASSWORD, EMAIL_FIELD, CARD_FIELD, CONTROLLED, SPLIT = 80, 81, 82, 83, 90


@dataclass(frozen=True)
class Planted:
    """`recording`: JSON lines as a recorder writes them. `events`: as read from an events file. `secrets`: by place."""

    recording: bytes
    events: AnalyticsEvents
    secrets: Mapping[str, str]


def planted(make: Callable[[str], str]) -> Planted:
    secrets: dict[str, str] = {}

    def secret(place: str) -> str:
        return secrets.setdefault(place, make(place))

    events = [*_snapshot(secret), *_changes(secret), *_told(secret), *_second_snapshot(secret)]
    lines = [json.dumps({**event, "timestamp": START_MS + 40 * number}) for number, event in enumerate(events)]
    return Planted("\n".join(lines).encode(), AnalyticsEvents(events=tuple(_analytics(secret))), secrets)


def element(
    own: int, tag: str, attributes: Mapping[str, Any] | None = None, *children: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "type": 2,
        "id": own,
        "tagName": tag,
        "attributes": dict(attributes or {}),
        "childNodes": list(children),
        **more,
    }


def text(own: int, content: str, **more: Any) -> dict[str, Any]:
    return {"type": 3, "id": own, "textContent": content, **more}


def incremental(source: int, **data: Any) -> dict[str, Any]:
    return {"type": 3, "data": {"source": source, **data}}


def mutation(**lists: Any) -> dict[str, Any]:
    return incremental(0, **{"texts": [], "attributes": [], "removes": [], "adds": [], **lists})


def add(parent: int, node: dict[str, Any]) -> dict[str, Any]:
    return {"parentId": parent, "nextId": None, "node": node}


def snapshot(*body: dict[str, Any], head: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    html = element(HTML, "html", {}, element(HEAD, "head", {}, *head), element(BODY, "body", {}, *body))
    document = {"type": 0, "id": 1, "childNodes": [html]}
    return {"type": 2, "data": {"node": document, "initialOffset": {"left": 0, "top": 0}}}


def _data_url(kind: str, body: str, *, packed: bool) -> str:
    return f"data:{kind};base64,{base64.b64encode(body.encode()).decode()}" if packed else f"data:{kind},{quote(body)}"


def _snapshot(secret: Callable[[str], str]) -> list[dict[str, Any]]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{secret("svg data URL")}</text></svg>'
    attributes = {
        name: f"say {secret(f'attribute {name}')} here"
        for name in (
            "title",
            "alt",
            "aria-label",
            "aria-description",
            "placeholder",
            "data-customer",
            "content",
            "x-new",
            "class",
            "id",
        )
    }
    quoted = {
        name: f"https://shop.example/u/{secret(f'address {name}')}/x?who={secret(f'query {name}')}#{secret(f'fragment {name}')}"
        for name in ("href", "action")
    }
    head = [
        element(TITLE, "title", {}, text(TITLE_TEXT, f"Orders of {secret('title')}")),
        element(
            STYLE,
            "style",
            {},
            text(
                STYLE_TEXT,
                f'a::before {{ content: "{secret("css content")}" }} /* {secret("css comment")} */',
                isStyle=True,
            ),
        ),
        element(9, "link", {"rel": "stylesheet", "_cssText": f'b::after {{ content: "{secret("_cssText")}" }}'}),
        element(10, "meta", {"name": "author", "content": secret("meta content")}),
    ]
    body = [
        element(19, "p", attributes, text(TEXT, f"Write to {secret('text')} today")),
        element(21, "p", {"style": f"--note: '{secret('style attribute')}'"}, text(CHANGED, "nothing yet")),
        element(23, "p", {}, text(STREAMED, "")),
        element(INPUT, "input", {"type": "text", "value": secret("value attribute")}),
        element(TEXTAREA, "textarea", {"value": secret("textarea value")}),
        element(SELECT, "select", {}, element(29, "option", {"value": secret("option value")}, text(291, secret("option text")))),
        element(HOST, "x-card", {}, element(31, "p", {}, text(32, secret("shadow DOM")), isShadow=True), isShadowHost=True),
        element(FRAME, "iframe", {"srcdoc": f"<p>{secret('srcdoc')}</p>", "src": f"https://frame.example/?u={secret('frame src')}"}),
        {"type": 5, "id": 50, "textContent": f" {secret('comment')} "},
        element(51, "a", {**quoted, "ping": f"https://ping.example/{secret('ping')}"}, text(52, "orders")),
        element(53, "img", {"src": f"https://cdn.example/{secret('image path')}/a.png", "srcset": f"https://cdn.example/{secret('srcset')}.png 2x"}),
        element(54, "img", {"src": _data_url("image/svg+xml", svg, packed=True)}),
        element(55, "img", {"src": _data_url("image/svg+xml", f"<svg><title>{secret('quoted data URL')}</title></svg>", packed=False)}),
        element(56, "div", {"style": f'background: url("https://cdn.example/{secret("css url")}.png")'}),
        element(57, "object", {"data": _data_url("text/plain", secret("text data URL"), packed=True)}),
        element(58, "a", {"href": f"mailto:{secret('mailto')}"}, text(581, "mail")),
        element(RERENDERED, "div", {}, element(61, "p", {}, text(62, "Ask "))),
        element(EDITABLE, "div", {"contenteditable": "true"}, text(71, "")),
        element(CONTROLLED, "input", {"type": "text", "value": ""}),
        element(SPLIT, "p", {}, text(91, "for "), element(92, "b", {}, text(93, secret("split text")[:6])), text(94, secret("split text")[6:]), text(95, " only")),
        element(96, "video", {"poster": f"https://cdn.example/{secret('poster')}.jpg"}),
    ]  # fmt: skip
    href = f"https://{quote('user')}:{quote(secret('login'))}@shop.example/p/{secret('Meta path')}?q={secret('Meta query')}#token={secret('Meta fragment')}"
    return [{"type": 4, "data": {"href": href, "width": 1280, "height": 720}}, snapshot(*body, head=head)]


def _changes(secret: Callable[[str], str]) -> list[dict[str, Any]]:
    letters = secret("letter by letter")
    streamed = secret("streamed answer")
    controlled = secret("controlled input")
    editable = secret("editable text")
    anew = secret("rendered anew")
    frame = {
        "type": 0,
        "id": 41,
        "rootId": 41,
        "childNodes": [element(42, "html", {}, element(43, "body", {}, text(44, secret("frame document"))))],
    }
    return [
        mutation(adds=[add(FRAME, frame)], isAttachIframe=True),
        mutation(adds=[add(BODY, element(100, "p", {"title": secret("later attribute")}, text(101, f"and {secret('added text')}.")))]),
        mutation(texts=[{"id": CHANGED, "value": f"now {secret('later mutation')} is here"}]),
        mutation(attributes=[{"id": 19, "attributes": {"data-customer": secret("changed attribute"), "style": {"--x": [f'"{secret("style change")}"', "important"]}}}]),
        *(mutation(texts=[{"id": STREAMED, "value": f"Reach us at {streamed[:length]}"}]) for length in range(1, len(streamed) + 1)),
        mutation(texts=[{"id": STREAMED, "value": f"Reach us at {streamed} any day"}]),
        *(incremental(5, id=INPUT, text=letters[:length], isChecked=False) for length in range(len(letters) + 1)),
        *(incremental(5, id=INPUT, text=letters[:length], isChecked=False) for length in range(len(letters), -1, -1)),
        *(mutation(attributes=[{"id": CONTROLLED, "attributes": {"value": controlled[:length]}}]) for length in range(1, len(controlled) + 1)),
        *(mutation(texts=[{"id": 71, "value": editable[:length]}]) for length in range(1, len(editable) + 1)),
        *_rendered_anew(anew),
        incremental(5, id=TEXTAREA, text=f"from {secret('input event')}", isChecked=False),
        incremental(5, id=999, text=secret("input of an unknown field"), isChecked=False),
        mutation(texts=[{"id": 998, "value": secret("text of an unknown node")}]),
        mutation(adds=[add(997, element(996, "p", {}, text(995, secret("text below an unknown node"))))]),
        incremental(8, id=STYLE, adds=[{"rule": f'i::before {{ content: "{secret("inserted rule")}" }}', "index": 0}]),
        incremental(13, id=STYLE, index=[0], set={"property": "content", "value": f'"{secret("style declaration")}"'}),
        incremental(15, id=1, styles=[{"styleId": 1, "rules": [{"rule": f'u {{ content: "{secret("adopted sheet")}" }}'}]}], styleIds=[1]),
        incremental(9, id=56, type=0, commands=[{"property": "fillText", "args": [secret("canvas text"), 0, 0]}]),
        incremental(10, family="F", fontSource=f"url(https://fonts.example/{secret('font source')}.woff2)", buffer=False, descriptors={"x": secret("font descriptor")}),
        incremental(11, level="log", trace=[f"f ({secret('old console trace')})"], payload=[json.dumps(secret("old console"))]),
        incremental(1, positions=[{"x": 1, "y": 1, "id": BODY, "timeOffset": 0, "note": secret("unknown field of a movement")}]),
        {**incremental(3, id=BODY, x=0, y=5), "extra": {"deep": [secret("unknown field of an event")]}},
    ]  # fmt: skip


def _rendered_anew(secret: str) -> list[dict[str, Any]]:
    """Markdown that grows: each step throws the paragraph away and builds it with a letter more."""
    events, before = [], 61
    for number, length in enumerate(range(1, len(secret) + 1)):
        own = 200 + 2 * number
        node = element(own, "p", {}, text(own + 1, f"Ask {secret[:length]}"))
        events.append(mutation(removes=[{"parentId": RERENDERED, "id": before}], adds=[add(RERENDERED, node)]))
        before = own
    return events


def _told(secret: Callable[[str], str]) -> list[dict[str, Any]]:
    request = {
        "name": f"https://api.example/u/{secret('request path')}?k={secret('request query')}",
        "entryType": "resource", "initiatorType": "fetch", "method": "POST", "status": 500, "startTime": 1, "duration": 20, "timestamp": START_MS,
        "requestHeaders": {"authorization": f"Bearer {secret('request header')}"}, "responseHeaders": {"x-user": secret("response header")},
        "requestBody": json.dumps({"user": secret("request body")}), "responseBody": secret("response body"),
        "serverTiming": [{"name": "db", "description": secret("server timing")}],
    }  # fmt: skip
    console = {
        "level": "error",
        "payload": [json.dumps(f"failed for {secret('console')}"), json.dumps({"user": {"name": [secret("console object")]}}), f"cut {secret('console, no JSON')} [trunc"],
        "trace": [f"f (https://shop.example/a.js?v={secret('console trace')}:1:2)"],
    }  # fmt: skip
    return [
        {"type": 6, "data": {"plugin": "rrweb/network@1", "payload": {"requests": [request]}}},
        {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": console}},
        {"type": 6, "data": {"plugin": "other@1", "payload": {"x": [secret("other plugin")]}}},
        {
            "type": 5,
            "data": {"tag": "note", "payload": {"a": {"b": [secret("custom event"), {secret("custom key"): 1}]}}},
        },
        {
            "type": 5,
            "data": {"tag": "$url_changed", "payload": {"href": f"https://shop.example/?u={secret('custom href')}"}},
        },
        {
            "type": 4,
            "data": {
                "href": f"https://shop.example/#/u/{secret('fragment path')}?x={secret('fragment query')}",
                "width": 1280,
                "height": 720,
            },
        },
    ]


def _second_snapshot(secret: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        snapshot(element(19, "p", {}, text(TEXT, f"Again {secret('second snapshot')}"))),
        incremental(3, id=1, x=0, y=0),
    ]


def _analytics(secret: Callable[[str], str]) -> list[AnalyticsEvent]:
    generation = {
        "$ai_input": [{"role": "user", "content": [{"type": "text", "text": f"I am {secret('LLM prompt')}"}]}],
        "$ai_output_choices": [{"message": {"role": "assistant", "content": f"Hello {secret('LLM answer')}"}}],
        "$ai_model": "gpt-5", "$ai_latency": 1.5, "$ai_error": f"refused {secret('LLM error')}", "$ai_trace_id": "t-1",
    }  # fmt: skip
    properties = {
        "$current_url": f"https://shop.example/?email={secret('current URL')}", "$el_text": secret("autocaptured text"),
        "$elements": [{"tag_name": "a", "$el_text": secret("autocaptured element")}], "nested": {"deep": [{"x": secret("nested property")}]},
        "$set": {"email": secret("person property set")}, "$ip": secret("ip property"), "message": f"to {secret('message property')}",
        "request_headers": {"cookie": secret("header property")}, secret("name of a property"): 1, "json": json.dumps({"a": secret("JSON in a property")}),
    }  # fmt: skip
    span = {
        "gen_ai.input.messages": json.dumps([{"parts": [{"content": secret("OTel prompt")}]}]),
        "gen_ai.request.model": "m",
        "latency_ms": 5,
    }
    common: dict[str, Any] = {
        "session_id": "s",
        "distinct_id": secret("distinct id"),
        "person": {"name": secret("person")},
    }
    return [
        AnalyticsEvent(name="$ai_generation", at_unix_ms=START_MS, origin="server", properties=generation, **common),
        AnalyticsEvent(
            name=f"bought by {secret('event name')}",
            at_unix_ms=START_MS,
            origin="browser",
            properties=properties,
            **common,
        ),
        AnalyticsEvent(name="gen_ai", at_unix_ms=START_MS, origin="server", properties=span, **common),
    ]


def survivors(secrets: Mapping[str, str], data: bytes) -> list[str]:
    """Places whose secret is still in `data`: as it is, or as URLs, JSON and base64 write it."""
    return [place for place, one in secrets.items() if any(form in data for form in _forms(one))]


def _forms(secret: str) -> set[bytes]:
    forms = {
        secret.encode(),
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        json.dumps(secret)[1:-1].encode(),
    }
    for shift in range(3):  # base64 writes the same bytes in three ways, by where they begin
        packed = base64.b64encode(b"\0" * shift + secret.encode())
        forms.add(packed[4 * (shift > 0) : 4 * ((shift + len(secret.encode())) // 3)])
    return forms
