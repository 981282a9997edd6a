"""Which HTTP status the codes of our errors have. What is not listed goes by its kind."""

from typing import Final

from renderer.errors import (
    AccessError,
    DestinationError,
    InputError,
    RendererError,
    SourceError,
    TryLaterError,
)

_NOT_FOUND = (
    "batch_not_found clip_not_found delivery_not_found file_not_found link_not_found recording_not_found upload_not_found"
    " schedule_not_found webhook_not_found"
)
_CONFLICT = (
    "cannot_withdraw clip_ended clip_not_finished delivery_ended delivery_exists delivery_not_failed clip_not_deliverable not_delivered"
    " mixed_parts part_conflict too_many_schedules too_many_webhooks upload_finished"
)
_GONE = "clip_gone link_expired link_gone link_revoked"
_TOO_LARGE = "body_too_large events_too_large part_too_large recording_too_large too_many_parts compression_bomb"

STATUS: Final[dict[str, int]] = {
    **dict.fromkeys(_NOT_FOUND.split(), 404),
    **dict.fromkeys(_CONFLICT.split(), 409),
    **dict.fromkeys(_TOO_LARGE.split(), 413),
    **dict.fromkeys(_GONE.split(), 410),
    "scope_missing": 403,
    "bad_range": 416,
}

TITLES: Final[dict[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def status_of(error: RendererError) -> int:
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, TryLaterError):
        return 429
    if isinstance(error, AccessError):
        return 401
    if isinstance(error, InputError):
        return 422
    if isinstance(error, SourceError | DestinationError):
        return 502
    return 503 if error.retryable else 500
