"""The messages that webhooks are sent, as the OpenAPI document tells of them. `renderer.deliver` sends them."""

from typing import Any, Final, get_args

from renderer.jobs.webhooks import WebhookEvent

_WHEN: Final[dict[WebhookEvent, str]] = {
    "clip.succeeded": "A clip is there: its files can be fetched.",
    "clip.failed": "A clip could not be made: `data.error` says why.",
    "clip.canceled": "A clip was called off.",
    "clip.expired": "A clip's files were deleted, as its time was over.",
}
_HEADERS: Final = {
    "webhook-id": "Of the delivery, and the same at every attempt.",
    "webhook-timestamp": "When it was sent, in Unix seconds: refuse what is older than five minutes.",
    "webhook-signature": "`v1,` and an HMAC-SHA256 of id, timestamp and body in base64; two of them while a secret is replaced.",
}
_ANSWERS: Final = {
    "2XX": {"description": "Taken; answer within 20 seconds."},
    "410": {"description": "No message is sent there any more: the webhook is disabled."},
    "default": {"description": "Sent again later, ten attempts over three days; `Retry-After` is kept to."},
}


def webhooks() -> dict[str, Any]:
    """By event; the bodies are the schema `News`."""
    return {event: {"post": _message(event)} for event in get_args(WebhookEvent)}


def _message(event: WebhookEvent) -> dict[str, Any]:
    return {
        "tags": ["webhooks"],
        "summary": _WHEN[event].partition(":")[0].rstrip("."),
        "description": f"{_WHEN[event]} Signed as [Standard Webhooks](https://www.standardwebhooks.com) asks.",
        "operationId": f"told_{event.replace('.', '_')}",
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": said, "schema": {"type": "string"}}
            for name, said in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/News"}}},
        },
        "responses": _ANSWERS,
    }
