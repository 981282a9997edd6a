"""What Slack's errors mean: it answers 200, and a word."""

import time
from typing import Final

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.waits import wait_s
from renderer.errors import DestinationError

_SETTINGS: Final = "RENDERER_SLACK_TOKEN"
_CREDENTIALS: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
)
_FORBIDDEN: Final = frozenset(
    {
        "access_denied",
        "cant_delete_file",
        "cant_delete_message",
        "ekm_access_denied",
        "file_deleting_disabled",
        "no_permission",
        "not_allowed_token_type",
        "not_in_channel",
        "not_visible",
        "posting_to_channel_denied",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "user_is_external_guest",
    }
)
_MISSING: Final = frozenset({"channel_not_found", "invalid_channel", "thread_not_found", "message_not_found"})
_TYPE: Final = frozenset(
    {"file_type_not_allowed", "file_uploads_disabled", "file_uploads_except_images_disabled", "storage_limit_reached"}
)
_LIMITED: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_FAILED: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
_LONG: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
_LOST: Final = frozenset({"file_not_found", "file_deleted"})


def judge(answer: Answer) -> DestinationError | None:
    told = answer.object()
    if told.get("ok") is not False:
        return None
    word = str(told.get("error") or "")
    if word in _CREDENTIALS:
        return failures.unauthorized("Slack", _SETTINGS)
    if word == "missing_scope":
        return DestinationError(
            "destination_forbidden",
            f"Slack does not allow this: give the app the scope {shown(told.get('needed'))}, and install it anew",
        )
    if word in _FORBIDDEN:
        return failures.forbidden("Slack", "to be in the channel, and to be let post there")
    if word in _MISSING:
        return failures.not_found("Slack", "such channel or thread")
    if word == "file_upload_size_restricted":
        return failures.too_large("Slack", "this one")
    if word in _TYPE:
        return failures.type_refused("Slack", "this one")
    if word in _LIMITED:
        return failures.limited("Slack", wait_s(answer.headers, time.time()))
    if word in _FAILED:
        return failures.failed("Slack", answer.status, wait_s(answer.headers, time.time()))
    if word in _LOST:
        return failures.upload_lost("Slack")
    if word in _LONG:
        return DestinationError("note_too_long", "Slack finds the message too long")
    if word == "is_archived":
        return failures.refused("Slack", "the channel is archived")
    return failures.refused("Slack", f"it says {shown(word)}")
