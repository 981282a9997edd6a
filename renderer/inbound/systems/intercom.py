"""Intercom: webhook topics of conversations and tickets, signed with the app's client secret.

https://developers.intercom.com/docs/webhooks/webhook-notifications
"""

import re
from typing import Any, Final

from renderer.errors import RequestError
from renderer.inbound.body import inside, named_texts, read_object, word
from renderer.inbound.model import Ignored, Ticket
from renderer.inbound.signatures import Headers, check_same, hex_digest

SIGNATURE: Final = "X-Hub-Signature"

TOPICS: Final = frozenset(
    {
        "conversation.user.created",
        "conversation.user.replied",
        "conversation.admin.noted",
        "conversation.admin.replied",
        "ticket.created",
        "ticket.note.created",
        "ticket.contact.replied",
        "ticket.attribute.updated",
    }
)
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


def verify(headers: Headers, body: bytes, secret: str, now_s: float) -> None:
    """SHA-1 is Intercom's choice; as an HMAC it is not known to be broken. Raises AccessError `bad_signature`."""
    check_same(headers.get(SIGNATURE.lower()), f"sha1={hex_digest(secret, body, 'sha1')}", SIGNATURE)


def read(body: bytes, headers: Headers) -> Ticket | Ignored:
    """Raises RequestError `bad_event`."""
    told = read_object(body)
    topic = word(told.get("topic"))
    if topic == "ping":
        return Ignored("ping")
    if topic not in TOPICS:
        return Ignored("not a topic that clips are asked for with")
    item = _item(told)
    fields = tuple(named_texts(item))
    return Ticket(
        to=_destination(item),
        fields=fields,
        texts=tuple(text for _, text in reversed(fields)),  # parts come oldest first
        id=word(told.get("id")) or None,
    )


def _item(told: dict[str, Any]) -> dict[str, Any]:
    """Of some topics the conversation or ticket is inside of what they are about."""
    item = inside(told, "data", "item")
    for name in ("conversation", "ticket"):
        if isinstance(inner := inside(item, name), dict):
            return {"type": name, **inner}
    if not isinstance(item, dict):
        raise RequestError("bad_event", "the body holds no data.item; this is for Intercom's webhook notifications")
    return item


def _destination(item: dict[str, Any]) -> str:
    item_id = word(item.get("id"))
    if not _ID.fullmatch(item_id):
        raise RequestError("bad_event", "the body names no conversation and no ticket")
    return f"intercom:ticket/{item_id}" if item.get("type") == "ticket" else f"intercom:{item_id}"
