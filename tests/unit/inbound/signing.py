"""Requests as ticket systems sign them, written from their documentation and not from our code."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

SECRET = "It's a Secret to Everybody"
NOW_S = 1_795_000_000.0


def packed(told: Any) -> bytes:
    return json.dumps(told).encode()


def zendesk(body: bytes, *, secret: str = SECRET, at_s: float = NOW_S, invocation: str | None = None) -> dict[str, str]:
    at = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), at.encode() + body, hashlib.sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": at,
    }
    return headers | ({"x-zendesk-webhook-invocation-id": invocation} if invocation else {})


def jira(body: bytes, *, secret: str = SECRET, identifier: str | None = None) -> dict[str, str]:
    headers = {"x-hub-signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    return headers | ({"x-atlassian-webhook-identifier": identifier} if identifier else {})


def github(
    body: bytes, *, secret: str = SECRET, event: str = "issue_comment", delivery: str = "72d3162e-cc78-11e3-81ab"
) -> dict[str, str]:
    return {
        "x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "x-github-event": event,
        "x-github-delivery": delivery,
    }


def intercom(body: bytes, *, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


def comment(text: str, *, association: str = "MEMBER", action: str = "created", **more: Any) -> dict[str, Any]:
    """GitHub's event of a comment, as far as it matters."""
    return {
        "action": action,
        "issue": {"number": 12, "title": "It fails", "body": more.pop("issue", "")},
        "comment": {
            "id": 1,
            "body": text,
            "author_association": association,
            "user": {"login": "someone", "type": "User"} | more,
        },
        "repository": {"full_name": "octo-org/desk.app"},
    }
