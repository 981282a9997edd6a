"""Jira: "Send web request" of an automation rule, with a header that holds the secret, or a webhook with a secret, which signs its bodies.

https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks (Cloud),
https://confluence.atlassian.com/adminjiraserver/managing-webhooks-938846912.html (Data Center).
"""

import re
from typing import Any, Final

from renderer.errors import RequestError
from renderer.inbound.body import document_text, inside, named_texts, read_object, word
from renderer.inbound.model import Ignored, Ticket
from renderer.inbound.signatures import Headers, bad_signature, check_same, hex_digest, same

SIGNATURE: Final = "X-Hub-Signature"
AUTOMATION: Final = "X-Automation-Webhook-Token"
IDENTIFIER: Final = "X-Atlassian-Webhook-Identifier"

_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]{0,49}-[0-9]{1,12}")
_EVENTS: Final = frozenset({"", "jira:issue_created", "jira:issue_updated", "comment_created", "comment_updated"})
_BEARER: Final = "bearer "


def verify(headers: Headers, body: bytes, secret: str, now_s: float) -> None:
    """A signature goes before a token: a bad one is not made good by the other. Raises AccessError `bad_signature`."""
    signature = headers.get(SIGNATURE.lower())
    if signature is not None:
        check_same(signature, f"sha256={hex_digest(secret, body, 'sha256')}", SIGNATURE)
        return
    told = headers.get(AUTOMATION.lower())
    if told is None:
        told = headers.get("authorization", "")
        told = told[len(_BEARER) :].strip() if told.lower().startswith(_BEARER) else told
    if not same(told, secret):
        raise bad_signature(f"{SIGNATURE}, {AUTOMATION} or Authorization")


def read(body: bytes, headers: Headers) -> Ticket | Ignored:
    """Of a webhook, `{"issue": …, "comment": …}`; of a rule also the issue alone, or a body of one's own with `issue` or `issue_key`.

    Raises RequestError `bad_event`.
    """
    told = read_object(body)
    if word(told.get("webhookEvent")) not in _EVENTS:
        return Ignored("not an event of a new or changed issue or comment")
    key = _key(told)
    if not _KEY.fullmatch(key):
        raise RequestError(
            "bad_event",
            'the body names no issue: let the rule send its issue data, or {"issue_key": "{{issue.key}}", …}',
        )
    return Ticket(
        to=f"jira:{key}",
        fields=tuple(named_texts(told)),
        texts=_texts(told),
        id=headers.get(IDENTIFIER.lower()),
    )


def _key(told: dict[str, Any]) -> str:
    named = (told.get("issue_key"), inside(told, "issue", "key"), told.get("issue"), told.get("key"))
    return next((found for each in named if (found := word(each).strip())), "")


def _texts(told: dict[str, Any]) -> tuple[str, ...]:
    """Comment and description first, as they are read; then every text by itself."""
    issue = told["issue"] if isinstance(told.get("issue"), dict) else told
    documents = [inside(told, "comment", "body"), inside(issue, "fields", "description")]
    read_first = (document_text(each) for each in documents if isinstance(each, str | dict))
    return (*read_first, *(text for _, text in named_texts(told)))
