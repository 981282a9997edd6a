"""What each system's events say: which ticket, which session, and what is none of ours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.errors import RequestError
from renderer.inbound.model import Asked, Ignored
from renderer.inbound.receive import about, asked, finder_of
from renderer.inbound.systems import SYSTEMS, SystemName
from renderer.inbound.systems.github import command
from renderer.settings import Settings
from tests.unit.inbound import signing
from tests.unit.inbound.signing import comment, packed

ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"
LINK = f"https://us.posthog.com/project/2/replay/{ID}?t=90"
SETTINGS = Settings(inbound_fields="posthog_session_id,session,360001234567,customfield_10042")
COMMENT = {"x-github-event": "issue_comment", "x-github-delivery": "d1"}


def read(system: SystemName, told: Any, headers: dict[str, str] | None = None) -> Asked | Ignored:
    return asked(system, headers or {}, packed(told), SETTINGS)


def is_asked(answer: Asked | Ignored, to: str, at_ms: int | None = None) -> None:
    assert isinstance(answer, Asked), answer
    assert (answer.to, answer.session, answer.at_ms) == (to, f"posthog:{ID}", at_ms)


@pytest.mark.parametrize(
    ("told", "at_ms"),
    [
        ({"ticket_id": "48213", "session": ID}, None),
        ({"ticket_id": 48213, "session": "", "text": f"It fails: {LINK}"}, 90_000),
        (
            {"ticket": {"id": "48213", "custom_fields": [{"id": 1, "value": None}, {"id": 360001234567, "value": ID}]}},
            None,
        ),
        ({"id": "#48213", "comments": [{"body": "hello"}, {"body": f"Session ID: {ID}"}]}, None),
    ],
)
def test_a_body_of_a_zendesk_trigger(told: dict[str, Any], at_ms: int | None) -> None:
    is_asked(read("zendesk", told), "zendesk:48213", at_ms)


def zendesk_event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "account_id": 1,
        "type": f"zen:event-type:{kind}",
        "id": "2b24ef10",
        "subject": "zen:ticket:48213",
        "detail": {"id": "48213", "subject": "It fails", "description": f"see {LINK}", "tags": []},
        "event": more,
    }


def test_an_event_that_a_zendesk_webhook_is_subscribed_to() -> None:
    headers = {"x-zendesk-webhook-invocation-id": "8350205582"}
    answer = read("zendesk", zendesk_event("ticket.created"), headers)
    is_asked(answer, "zendesk:48213", 90_000)
    assert isinstance(answer, Asked) and answer.id == "8350205582"
    newer = zendesk_event("ticket.comment_added", comment={"body": LINK.replace("t=90", "t=5"), "is_public": True})
    is_asked(read("zendesk", newer), "zendesk:48213", 5000)
    changed = zendesk_event("ticket.custom_field_changed", current=ID, field={"id": "360001234567"})
    is_asked(read("zendesk", changed), "zendesk:48213", 90_000)
    assert isinstance(read("zendesk", zendesk_event("ticket.status_changed")), Ignored)


JIRA_FIELDS = {"summary": "It fails", "description": None, "customfield_10042": ID, "labels": ["a"]}


@pytest.mark.parametrize(
    ("told", "at_ms"),
    [
        ({"webhookEvent": "jira:issue_created", "issue": {"key": "SUP-7", "fields": JIRA_FIELDS}}, None),
        (
            {"webhookEvent": "comment_created", "issue": {"key": "SUP-7", "fields": {}}, "comment": {"body": LINK}},
            90_000,
        ),
        ({"self": "https://x.atlassian.net", "id": 1, "key": "SUP-7", "fields": JIRA_FIELDS}, None),
        ({"issue_key": "SUP-7", "session": ID}, None),
        ({"issue": "SUP-7", "text": f"[replay|{LINK}]"}, 90_000),
    ],
)
def test_bodies_of_jira(told: dict[str, Any], at_ms: int | None) -> None:
    answer = read("jira", told, {"x-atlassian-webhook-identifier": "w1"})
    is_asked(answer, "jira:SUP-7", at_ms)
    assert isinstance(answer, Asked) and answer.id == "w1"


def document(*blocks: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(blocks)}


def paragraph(*nodes: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(nodes)}


def words(text: str, *marks: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


@pytest.mark.parametrize(
    ("body", "at_ms"),
    [
        (document(paragraph(words("see "), {"type": "inlineCard", "attrs": {"url": LINK}})), 90_000),
        (document(paragraph(words("the replay", {"type": "link", "attrs": {"href": LINK}}))), 90_000),
        (document(paragraph(words("Session id: "), words(ID, {"type": "code"})), paragraph(words("thanks"))), None),
    ],
)
def test_a_comment_in_atlassians_document_format(body: Any, at_ms: int | None) -> None:
    told = {"webhookEvent": "comment_created", "issue": {"key": "SUP-7"}, "comment": {"body": body}}
    is_asked(read("jira", told), "jira:SUP-7", at_ms)


def test_other_events_of_jira_are_none_of_ours() -> None:
    issue = {"key": "SUP-7", "fields": JIRA_FIELDS}
    for event in ("jira:issue_deleted", "comment_deleted", "sprint_started"):
        assert isinstance(read("jira", {"webhookEvent": event, "issue": issue}), Ignored)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/clip abc", "abc"),
        ("hello\r\n\r\n/clip  abc  \r\nbye", "abc"),
        ("/clip <https://x/>", "https://x/"),
        ("/clip `abc`", "abc"),
        ("/clip", ""),
        ("/clip a\n/clip b", "a"),
        ("/clip a b", None),
        (" /clip a", None),
        ("> /clip a", None),
        ("please /clip a", None),
        ("/clips a", None),
        ("/CLIP a", None),
        ("```\n/clip a\n```", None),
        ("~~~\n```\n/clip a\n~~~\n/clip b", "b"),
        ("```sh\n/clip a\n```\n/clip b", "b"),
        ("", None),
    ],
)
def test_a_command_stands_on_a_line_of_its_own(text: str, expected: str | None) -> None:
    assert command(text) == expected


@pytest.mark.parametrize("association", ["OWNER", "MEMBER", "COLLABORATOR"])
@pytest.mark.parametrize(("named", "at_ms"), [(ID, None), (f"{ID}?t=5", 5000), (LINK, 90_000)])
def test_who_may_asks_for_a_clip_on_github(association: str, named: str, at_ms: int | None) -> None:
    answer = read("github", comment(f"Let us see.\n/clip {named}\n", association=association), COMMENT)
    is_asked(answer, "github:octo-org/desk.app#12", at_ms)
    assert isinstance(answer, Asked) and answer.is_command and answer.id == "d1"


def test_a_command_alone_takes_what_the_issue_says() -> None:
    is_asked(read("github", comment("/clip", issue=f"Replay: {LINK}"), COMMENT), "github:octo-org/desk.app#12", 90_000)
    assert isinstance(read("github", comment("/clip", issue="it fails"), COMMENT), Ignored)
    # What is named is meant, and nothing else.
    assert isinstance(read("github", comment("/clip nothing", issue=LINK), COMMENT), Ignored)


@pytest.mark.parametrize(
    "association", ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN", "", "member"]
)
def test_strangers_may_not(association: str) -> None:
    answer = read("github", comment(f"/clip {ID}", association=association), COMMENT)
    assert isinstance(answer, Ignored)
    assert "may not" in answer.why


def test_other_events_of_github_are_none_of_ours() -> None:
    told = comment(f"/clip {ID}")
    for event in ("issues", "push", "ping", ""):
        assert isinstance(read("github", told, {"x-github-event": event}), Ignored)
    for action in ("edited", "deleted"):
        assert isinstance(read("github", comment(f"/clip {ID}", action=action), COMMENT), Ignored)
    assert isinstance(read("github", comment(f"/clip {ID}", type="Bot"), COMMENT), Ignored)
    # Whoever sets a webhook up is told so by GitHub's own first message, whatever is in it.
    assert asked("github", {"x-github-event": "ping"}, b"zen=x", SETTINGS) == Ignored("ping")


def intercom_event(topic: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "notification_event",
        "id": "notif_1",
        "topic": topic,
        "data": {"type": "notification_event_data", "item": item},
    }


CONVERSATION = {
    "type": "conversation",
    "id": "137324500000000",
    "source": {"body": "<p>it fails</p>"},
    "conversation_parts": {
        "conversation_parts": [{"body": f'<a href="{LINK}">x</a>'}, {"body": f"<p>{LINK[:-2]}7</p>"}]
    },
    "custom_attributes": {"plan": "free"},
}
TICKET = {"type": "ticket", "id": "494", "ticket_attributes": {"_default_title_": "It fails", "PostHog session id": ID}}


@pytest.mark.parametrize(
    ("topic", "item", "to", "at_ms"),
    [
        ("conversation.user.created", CONVERSATION, "intercom:137324500000000", 7000),
        ("conversation.admin.noted", CONVERSATION, "intercom:137324500000000", 7000),
        ("ticket.created", TICKET, "intercom:ticket/494", None),
        ("ticket.note.created", {"type": "ticket_part", "ticket": TICKET}, "intercom:ticket/494", None),
    ],
)
def test_topics_of_intercom(topic: str, item: dict[str, Any], to: str, at_ms: int | None) -> None:
    answer = read("intercom", intercom_event(topic, item))
    is_asked(answer, to, at_ms)
    assert isinstance(answer, Asked) and answer.id == "notif_1"


def test_other_topics_of_intercom_are_none_of_ours() -> None:
    assert read("intercom", intercom_event("ping", {"type": "ping"})) == Ignored("ping")
    for topic in ("contact.created", "conversation.deleted", ""):
        assert isinstance(read("intercom", intercom_event(topic, CONVERSATION)), Ignored)


def test_a_ticket_that_names_no_session_is_told_so() -> None:
    answer = read("zendesk", {"ticket_id": "1", "text": "it fails"})
    assert isinstance(answer, Ignored)
    assert "no session" in answer.why


GOOD: dict[SystemName, dict[str, Any]] = {
    "zendesk": {"ticket_id": "1", "session": ID},
    "jira": {"issue_key": "SUP-1", "session": ID},
    "github": comment(f"/clip {ID}"),
    "intercom": intercom_event("conversation.user.created", CONVERSATION),
}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'"x"',
        b"payload=%7B%7D",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_event(system: SystemName, body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        asked(system, COMMENT, body, SETTINGS)
    assert caught.value.code == "bad_event"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("system", "told"),
    [
        ("zendesk", {"session": ID}),
        ("zendesk", {"ticket_id": "1 2", "session": ID}),
        ("zendesk", {"ticket_id": "../1", "session": ID}),
        ("zendesk", {"ticket_id": {"id": 1}}),
        ("jira", {"session": ID}),
        ("jira", {"issue_key": "sup-1"}),
        ("jira", {"issue": {"key": "SUP-1/../../x"}}),
        ("github", comment(f"/clip {ID}") | {"repository": {"full_name": "a/b/c"}}),
        ("github", comment(f"/clip {ID}") | {"issue": {"number": "٣"}}),
        ("github", comment(f"/clip {ID}") | {"issue": None}),
        ("intercom", intercom_event("ticket.created", {"id": "a b"})),
        ("intercom", {"topic": "ticket.created", "data": []}),
    ],
)
def test_a_ticket_that_cannot_be_one_goes_nowhere(system: SystemName, told: Any) -> None:
    with pytest.raises(RequestError) as caught:
        read(system, told, COMMENT)
    assert caught.value.code == "bad_event"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([ID, LINK]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(
                sorted(
                    {
                        "issue",
                        "comment",
                        "body",
                        "fields",
                        "key",
                        "id",
                        "ticket",
                        "ticket_id",
                        "type",
                        "content",
                        "text",
                        "marks",
                        "attrs",
                        "data",
                        "item",
                        "topic",
                        "user",
                        "repository",
                        "detail",
                        "event",
                        "value",
                        "session",
                        "webhookEvent",
                        "action",
                    }
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(
    told=st.dictionaries(st.text(max_size=8), JSON, max_size=4), system=st.sampled_from(sorted(SYSTEMS)), change=JSON
)
def test_whatever_an_event_holds_it_is_asked_ignored_or_refused(
    told: dict[str, Any], system: SystemName, change: Any
) -> None:
    good = GOOD[system]
    for each in (told, good | told, *(good | {name: change} for name in good)):
        try:
            answer = read(system, each, COMMENT)
        except RequestError as error:
            assert error.code == "bad_event"
            continue
        if isinstance(answer, Asked):
            assert answer.to.startswith(f"{system}:")
            assert answer.to.isascii() and answer.to.isprintable() and " " not in answer.to


def test_a_body_with_very_many_parts_is_read_quickly() -> None:
    body = json.dumps({"ticket_id": "1", "x": [[["a"]]] * 80_000}).encode()
    assert len(body) < 1024 * 1024
    ticket = SYSTEMS["zendesk"].read(body, signing.zendesk(body))
    assert not isinstance(ticket, Ignored)
    assert isinstance(about(ticket, finder_of(SETTINGS)), Ignored)
    assert len(ticket.texts) <= 50_000
