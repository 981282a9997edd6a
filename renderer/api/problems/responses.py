"""The problems that an endpoint may answer with, for the OpenAPI document."""

from typing import Any, Final

from renderer.api.problems.codes import TITLES
from renderer.api.problems.model import MEDIA_TYPE, Problem, problem_type

_MEANS: Final = {
    400: "The request cannot be read.",
    401: "The key is missing, unknown, revoked or expired.",
    403: "The key lacks a scope; `detail` names it.",
    404: "There is no such thing, or it is another tenant's.",
    409: "It is not in a state for that.",
    410: "It was deleted.",
    413: "The body, or what it decompresses to, is too large.",
    415: "The body is of a kind or a compression that is not taken.",
    416: "The file has nothing in the range that was asked for.",
    422: "A field will not do; `errors` names each.",
    429: "Too many requests, clips or clips that wait; Retry-After says when to ask again.",
    500: "A fault of the service; nothing was done.",
    502: "Somebody else's server failed.",
    503: "The database or the store is away, or the server is about to end; Retry-After says when to ask again.",
}
_EXAMPLES: Final = {
    400: ("malformed_json", "the body is not JSON; check its commas, quotes and encoding"),
    401: ("bad_key", "this is no API key of this service: check that it was copied whole"),
    403: ("scope_missing", "this needs a key with the scope clips:write"),
    404: ("clip_not_found", "there is no such clip; check its id"),
    409: ("clip_ended", "the clip has succeeded already: there is nothing to cancel"),
    410: ("clip_gone", "the clip was deleted"),
    413: ("body_too_large", "the body is larger than 1 MiB; send less"),
    415: ("unsupported_encoding", "bodies are plain, gzip or zstd"),
    416: ("bad_range", "there is nothing of the file in the range that was asked for"),
    422: ("invalid_request", "#/fps: input should be less than or equal to 60"),
    429: ("queue_full", "1000 clips are waiting and 1000 may: try again later"),
    500: ("internal_error", "this is a fault of the service; name the request_id when you report it"),
    502: ("posthog_unreachable", "PostHog cannot be reached now"),
    503: ("database_unreachable", "the database cannot be used now: check that it runs"),
}
_ALWAYS: Final = (400, 401, 403, 422, 429, 500, 503)
_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}


def problems(*statuses: int, always: tuple[int, ...] = _ALWAYS) -> dict[int | str, dict[str, Any]]:
    """As FastAPI's `responses`: these, and those that every endpoint behind a key may answer with."""
    return {status: response(status) for status in sorted({*always, *statuses})}


def response(status: int) -> dict[str, Any]:
    code, detail = _EXAMPLES[status]
    example = Problem(
        type=problem_type(code),
        title=TITLES[status],
        status=status,
        detail=detail,
        instance="/v1/clips",
        code=code,
        request_id="req_01kb1w3r9v5x2e8y7n6m4t0qhs",
    )
    told: dict[str, Any] = {
        "description": _MEANS[status],
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example.model_dump(exclude_none=True),
            }
        },
    }
    if status in {429, 503}:
        told["headers"] = _RETRY_AFTER
    if status == 401:
        told["headers"] = {"WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}}
    return told
