"""What an answer that is no success means, in one line for the person who can do something about it."""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from renderer.errors import RequestError, SourceError
from renderer.sources.posthog.api.patience import AgainError

_SCOPE = re.compile(r"\b[a-z_]+:(?:read|write)\b")
_TRANSIENT = frozenset({408, 425, 500, 502, 503, 504, 520, 522, 524})
_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `what`: its subject, for messages. `scope`: which a key needs for it."""

    path: str
    what: str
    scope: str
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None


def raise_failure(question: Question, status: int, body: bytes, after_s: float | None, project: str) -> None:
    """Raises RequestError for the caller's faults, SourceError for the server's, AgainError when it may pass."""
    told = _json(body)
    what = question.what
    if status == 401:
        raise RequestError(
            "posthog_key_refused",
            "PostHog does not accept the key in RENDERER_POSTHOG_API_KEY: it has expired, was revoked, or is of another"
            " PostHog (US and EU have their own); make a new personal API key",
        )
    if status == 403:
        raise _forbidden(question, str(told.get("detail", "")), project)
    if status == 404:
        raise RequestError(
            "posthog_not_found",
            f"PostHog has no {what} in project {project}: check the id and RENDERER_POSTHOG_PROJECT; recordings also end with"
            " their retention period",
        )
    if status == 410:
        day = str(told.get("deleted_at", ""))[:10]
        when = f" on {day}" if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else ""
        raise RequestError("posthog_deleted", f"the {what} was deleted from PostHog{when}: there is nothing to show")
    if status == 429:
        raise AgainError(
            SourceError(
                "posthog_rate_limited",
                "PostHog limits how often a key may ask, and the wait is longer than a render waits: try again"
                + (f" in {_minutes(after_s)}" if after_s else " later"),
                retryable=True,
            ),
            limited=True,
            after_s=after_s,
        )
    # Servers of 2025 have no code for it, but these words.
    if told.get("code") == "recording_blocks_unavailable" or "load recording block" in str(told.get("detail")):
        raise AgainError(
            SourceError(
                "posthog_blocks_unavailable",
                "PostHog cannot read the recording's blocks now: try later",
                retryable=True,
            ),
            after_s=after_s,
        )
    if status in _TRANSIENT:
        raise AgainError(
            SourceError(
                "posthog_unavailable",
                f"PostHog answered {status} to a request for the {what}, several times: try again later",
                retryable=True,
            ),
            after_s=after_s,
        )
    if status == 400:
        detail = "".join(letter for letter in str(told.get("detail", "")) if letter.isprintable())[:_LETTERS]
        raise RequestError(
            "posthog_bad_request", f"PostHog refuses the request for the {what}" + (f": {detail}" if detail else "")
        )
    raise SourceError("posthog_refused", f"PostHog answered {status} to a request for the {what}, which is no answer")


def _forbidden(question: Question, detail: str, project: str) -> RequestError:
    if "scope" in detail or not detail:
        found = _SCOPE.search(detail)
        return RequestError(
            "posthog_scope_missing",
            f"the key in RENDERER_POSTHOG_API_KEY lacks the scope {found[0] if found else question.scope}: add it to the key"
            " in PostHog's settings, or make a new one",
        )
    return RequestError(
        "posthog_forbidden",
        f"the key in RENDERER_POSTHOG_API_KEY may not read project {project}: check RENDERER_POSTHOG_PROJECT, and the key's"
        f" projects and its scope {question.scope}",
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
