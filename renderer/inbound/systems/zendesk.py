"""Zendesk: a webhook that a trigger or automation calls with a body of one's own, or one that is subscribed to ticket events.

https://developer.zendesk.com/documentation/webhooks/verifying/
"""

import re
from typing import Any, Final

from renderer.errors import RequestError
from renderer.inbound.body import inside, named_texts, read_object, word
from renderer.inbound.model import Ignored, Ticket
from renderer.inbound.signatures import Headers, base64_digest, check_fresh, check_same

SIGNATURE: Final = "X-Zendesk-Webhook-Signature"
TIMESTAMP: Final = "X-Zendesk-Webhook-Signature-Timestamp"
INVOCATION: Final = "X-Zendesk-Webhook-Invocation-Id"

_TICKET: Final = re.compile(r"#?([0-9]{1,19})")
_EVENTS: Final = frozenset({"ticket.created", "ticket.comment_added", "ticket.custom_field_changed"})
_EVENT_TYPE: Final = "zen:event-type:"


def verify(headers: Headers, body: bytes, secret: str, now_s: float) -> None:
    """The timestamp is signed with the body. Raises AccessError: bad_signature, stale_signature."""
    signed_at = headers.get(TIMESTAMP.lower(), "")
    check_same(
        headers.get(SIGNATURE.lower()), base64_digest(secret, signed_at.encode("latin-1", "replace") + body), SIGNATURE
    )
    check_fresh(signed_at, now_s, TIMESTAMP)


def read(body: bytes, headers: Headers) -> Ticket | Ignored:
    """Raises RequestError `bad_event`."""
    told = read_object(body)
    kind = word(told.get("type"))
    if kind.startswith(_EVENT_TYPE):
        return _event(told, kind.removeprefix(_EVENT_TYPE), headers)
    ticket_id = word(told.get("ticket_id")) or word(inside(told, "ticket", "id")) or word(told.get("id"))
    return _ticket(ticket_id, told, headers)


def _event(told: dict[str, Any], kind: str, headers: Headers) -> Ticket | Ignored:
    if kind not in _EVENTS:
        return Ignored("not an event of a new ticket, comment or field")
    # The comment before the description: it is the newer one.
    parts = {"event": told.get("event"), "detail": told.get("detail")}
    return _ticket(word(inside(told, "detail", "id")), parts, headers)


def _ticket(ticket_id: str, told: dict[str, Any], headers: Headers) -> Ticket:
    match = _TICKET.fullmatch(ticket_id.strip())
    if match is None:
        raise RequestError(
            "bad_event",
            'the body names no ticket: let the trigger send {"ticket_id": "{{ticket.id}}", …}; see docs/inbound.md',
        )
    fields = tuple(named_texts(told))
    return Ticket(
        to=f"zendesk:{match[1]}",
        fields=fields,
        texts=tuple(text for _, text in fields),
        id=headers.get(INVOCATION.lower()),
    )
