"""Events that were told beside the recording, and what a recording tells besides its document."""

import json
from typing import Any

import pytest

from renderer.errors import RedactionError
from renderer.redact import DEFAULT, OFF, Policy, redact_events, redact_recording
from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from tests.canaries import planted, snapshot, survivors
from tests.unit.redact_fixtures import events_of, everything, meta, policy, read, recording, redacted


def event(name: str = "e", /, **properties: Any) -> AnalyticsEvent:
    return AnalyticsEvent(
        name=name,
        at_unix_ms=1.0,
        origin="browser",
        properties=properties,
        distinct_id="ann-7",
        session_id="s-1",
        person={"name": "Ann"},
    )


def one(told: AnalyticsEvent, rules: Policy = DEFAULT) -> AnalyticsEvent:
    return redact_events(AnalyticsEvents(events=(told,), digest="d"), rules)[0].events[0]


def test_properties_are_scrubbed_at_any_depth() -> None:
    told = one(event(a={"b": [{"c": "to jane@example.com"}]}, n=4111111111111111, ok=True, price=12.5, count=3))
    assert told.properties == {
        "a": {"b": [{"c": "to ••••@•••••••.•••"}]},
        "n": "••••••••••••••••",
        "ok": True,
        "price": 12.5,
        "count": 3,
    }


def test_addresses_secrets_and_json_in_properties() -> None:
    told = one(
        event(
            **{
                "$current_url": "https://x.example/?q=shoes",
                "accessToken": "abc",
                "body": json.dumps({"password": "x", "n": [1]}),
                "$pathname": "/a/b",
            }
        )
    )
    assert told.properties == {
        "$current_url": "https://x.example/?q=•", "accessToken": "•••", "body": '{"password":"•••","n":[1]}', "$pathname": "/a/b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("$ai_trace_id", "2b049a41-a524-50a7-be49-2b774e5a4fe8", None),
        ("$ai_trace_id", "4111111111111111", None),
        ("parentSpanId", 4111111111111111, None),
        ("gen_ai.response.id", "DE89370400440532013000", None),
        ("conversation_id", "01701234567", None),
        ("uuid", "4111111111111111", None),
        ("id", "4111111111111111", "••••••••••••••••"),
        ("paid", "4111111111111111", "••••••••••••••••"),
        ("$ai_trace_id", "jane@example.com", "••••@•••••••.•••"),
        ("$ai_trace_id", "sk-proj-abcdefghij1234567890", "••-••••-••••••••••••••••••••"),
        ("conversation_id", "+49 170 1234567", "+•• ••• •••••••"),
        ("conversation_id", "+491701234567", "+••••••••••••"),
        ("payment", "4111111111111111", "••••••••••••••••"),
        ("card_id", "4111111111111111", "••••••••••••••••"),
        ("bank_id", "DE89370400440532013000", "••••••••••••••••••••••"),
    ],
)
def test_what_joins_records_is_kept_unless_it_is_somebody(name: str, value: Any, shown: str | None) -> None:
    assert one(event(**{name: value})).properties == {name: shown or value}
    assert one(event(deep=[{name: value}])).properties == {"deep": [{name: shown or value}]}


def test_what_autocapture_read_off_the_page_is_left_out() -> None:
    told = one(
        event(
            **{
                "$el_text": "Ann",
                "$elements": [{"text": "Ann"}],
                "$elements_chain": "a:text=Ann",
                "$event_type": "click",
            }
        )
    )
    assert told.properties == {"$event_type": "click"}


def test_a_person_is_hidden_hashed_or_shown() -> None:
    told = event(
        **{
            "$user_id": "ann-7",
            "$set": {"email": "a@b.example"},
            "$ip": "1.2.3.4",
            "$geoip_city_name": "Ulm",
            "plan": "pro",
        }
    )
    hidden = one(told)
    assert (hidden.distinct_id, hidden.person, hidden.session_id) == (None, {}, "s-1")
    assert hidden.properties == {"$user_id": "•••", "$set": {}, "$ip": "•••", "$geoip_city_name": "•••", "plan": "pro"}
    hashed = one(told, policy(person="hash", salt="0123456789abcdef"))
    assert hashed.distinct_id == hashed.properties["$user_id"]
    assert str(hashed.distinct_id).startswith("person-")
    assert hashed.distinct_id != one(told, policy(person="hash", salt="fedcba9876543210")).distinct_id
    assert hashed.person == {}
    shown = one(told, policy(person="show", text={"patterns": {"email": True}}))
    assert shown == told


LLM = {
    "$ai_input": [{"role": "user", "content": "hello"}], "$ai_output_choices": [{"content": "hi"}], "prompt": "hello", "answer": "hi",
    "gen_ai.input.messages": "[]", "gen_ai.completion.0.content": "hi",
}  # fmt: skip


def test_words_of_models_can_be_hidden_and_numbers_stay() -> None:
    numbers = {
        "$ai_model": "m",
        "$ai_input_tokens": 3,
        "gen_ai.usage.input_tokens": 3,
        "$ai_latency": 1.5,
        "prompt_tokens": 7,
    }
    assert one(event(**LLM, **numbers), policy(llm={"text": "hide"})).properties == numbers
    assert one(event(**LLM, **numbers)).properties == {**LLM, **numbers}


def test_off_gives_the_same_events() -> None:
    given = AnalyticsEvents(events=(event(),))
    assert redact_events(given, OFF) == (given, {})


def console(*payload: str) -> dict[str, Any]:
    return {
        "type": 6,
        "data": {"plugin": "rrweb/console@1", "payload": {"level": "log", "payload": list(payload), "trace": []}},
    }


def test_console_objects_lose_what_has_a_telling_name() -> None:
    told = events_of(
        redacted(
            [
                meta(),
                snapshot(),
                console('{"user":{"password":"x","email":"y","age":4}}', '"GET /a?b=c 200"', "[object Object]"),
            ]
        )
    )
    assert told[2]["data"]["payload"]["payload"] == [
        '{"user":{"password":"•••","email":"•••","age":4}}',
        '"GET /a?b=• 200"',
        "[object Object]",
    ]


def test_console_can_be_dropped_whole() -> None:
    done = redacted(
        [meta(), snapshot(), console('"x"'), {"type": 3, "data": {"source": 3, "id": 1, "x": 0, "y": 0}}],
        policy(console="drop"),
    )
    assert [one["type"] for one in events_of(done)] == [4, 2, 3]
    assert done.report == {"console": 1}


def test_requests_keep_what_tells_how_they_went() -> None:
    request = {
        "name": "https://x.example/a?k=v", "method": "POST", "status": 500, "duration": 12.5, "timestamp": 1760000000000,
        "requestHeaders": {"a": "b"}, "responseHeaders": {"a": "b"}, "requestBody": "x", "responseBody": "y", "initiatorType": "fetch",
    }  # fmt: skip
    network = {"type": 6, "data": {"plugin": "rrweb/network@1", "payload": {"requests": [request]}}}
    done = redacted([meta(), snapshot(), network])
    assert events_of(done)[2]["data"]["payload"]["requests"] == [
        {
            "name": "https://x.example/a?k=•",
            "method": "POST",
            "status": 500,
            "duration": 12.5,
            "timestamp": 1760000000000,
            "initiatorType": "fetch",
        }
    ]
    assert (done.report["network_headers"], done.report["network_bodies"]) == (2, 2)


def test_events_without_anything_to_hide_keep_their_bytes() -> None:
    given = recording(
        [
            meta(),
            snapshot(),
            {"type": 3, "data": {"source": 1, "positions": [{"x": 1, "y": 2, "id": 3, "timeOffset": 0}]}},
        ]
    )
    done = redact_recording(given, DEFAULT)
    assert done.recording.windows[0].events[2] is given.windows[0].events[2]


def test_whatever_goes_wrong_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("jane@example.com")

    given = recording([meta(), snapshot()])
    monkeypatch.setattr("renderer.redact.document.survey.Survey.read", broken)
    with pytest.raises(RedactionError) as raised:
        redact_recording(given, DEFAULT)
    assert raised.value.code == "redaction_failed"
    assert "jane" not in raised.value.message
    assert raised.value.__cause__ is None


def _email(place: str) -> str:
    return "".join(sign if sign.isalpha() else "." for sign in place) + "@canary.example"


def test_redacting_twice_changes_nothing_more() -> None:
    what = planted(_email)
    once = redact_recording(read(what.recording), DEFAULT).recording
    twice = redact_recording(once, DEFAULT).recording
    assert everything(twice) == everything(once)
    events = redact_events(what.events, DEFAULT)[0]
    assert redact_events(events, DEFAULT)[0] == events


def test_aliases_are_where_the_secrets_went_and_nowhere_else() -> None:
    what = planted(_email)
    done = redact_recording(read(what.recording), DEFAULT)
    assert set(survivors(what.secrets, json.dumps(dict(done.aliases)).encode())) == {
        "image path",
        "srcset",
        "css url",
        "poster",
        "font source",
    }
    assert all(alias.encode() in everything(done.recording) for alias in done.aliases)
