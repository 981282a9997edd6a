"""A webhook tried out: one signed message, now."""

import json
from typing import Final

from renderer.api.models.base import instant
from renderer.api.models.webhook import WebhookTest
from renderer.database.engine import now_ms
from renderer.database.ids import new_id
from renderer.database.tables import Webhook
from renderer.deliver.webhooks.webhook import Webhook as Sender
from renderer.errors import DestinationError
from renderer.jobs.webhooks import Webhooks

TEST_EVENT: Final = "webhook.test"


def send_test(sender: Sender, webhooks: Webhooks, row: Webhook) -> WebhookTest:
    """Takes as long as the endpoint does, 20 s at the most."""
    told = {"type": TEST_EVENT, "timestamp": instant(now_ms()), "data": {"id": row.id, "object": "webhook"}}
    body = json.dumps(told, separators=(",", ":")).encode()
    try:
        receipt = sender.send(row.url, new_id("dlv"), body, webhooks.signing_secrets(row))
    except DestinationError as error:
        return WebhookTest(delivered=False, code=error.code, detail=error.message)
    return WebhookTest(delivered=True, status=receipt.status)
