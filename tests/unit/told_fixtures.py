"""Events of a session of a minute that began at T0, in session milliseconds."""

from typing import Any

from renderer.timeline.analytics import AnalyticsEvent, Origin
from renderer.timeline.model import Entry
from renderer.timeline.told.read import Told, read_told

T0 = 1_795_452_600_000
MINUTE = 60_000


def event(name: str, at_ms: float, **properties: Any) -> AnalyticsEvent:
    """`origin` and `session` are the event's own, everything else its properties."""
    origin: Origin = properties.pop("origin", "browser")
    session = properties.pop("session", "s1")
    return AnalyticsEvent(name=name, at_unix_ms=T0 + at_ms, origin=origin, session_id=session, properties=properties)


def started(at_ms: float, call: str | None = None, model: str | None = "nova", **more: Any) -> AnalyticsEvent:
    return event("llm_call_started", at_ms, **_named(call, model), **more)


def completed(at_ms: float, call: str | None = None, model: str | None = "nova", **more: Any) -> AnalyticsEvent:
    return event("llm_call_completed", at_ms, **_named(call, model), **more)


def generation(end_ms: float, latency_ms: float, **more: Any) -> AnalyticsEvent:
    """By a server; `more` are properties without `$ai_`."""
    session = more.pop("session", "s1")
    told = {"$ai_model": "nova", "$ai_latency": latency_ms / 1000, "$lib": "posthog-python"}
    return event(
        "$ai_generation", end_ms, origin="server", session=session,
        **told, **{f"$ai_{name}": value for name, value in more.items()},
    )  # fmt: skip


def span(end_ms: float, latency_ms: float, **attributes: Any) -> AnalyticsEvent:
    """An OpenTelemetry span; `attributes` have underscores for dots after `gen_ai`, `span_id` and `trace_id` as they are."""
    plain: dict[str, Any] = {
        name: attributes.pop(name)
        for name in ("trace_id", "span_id", "is_error", "status_message")
        if name in attributes
    }
    told = {
        "gen_ai.request.model": "nova",
        "gen_ai.operation.name": "chat",
        "latency_ms": latency_ms,
        **plain,
        **attributes,
    }
    return event("gen_ai", end_ms, origin="server", **told)


def request(at_ms: int, until_ms: int | None, status: int = 200, method: str = "POST") -> Entry:
    return Entry(
        at_ms=at_ms, until_ms=until_ms, kind="request", title="Sent a request",
        properties={"method": method, "status": status, "url": "https://x.example/api/chat"},
    )  # fmt: skip


def told(
    *events: AnalyticsEvent,
    recorded: tuple[Entry, ...] = (),
    duration_ms: int = MINUTE,
    session_id: str | None = None,
) -> Told:
    return read_told(events, started_at_ms=T0, duration_ms=duration_ms, recorded=recorded, session_id=session_id)


def notices(found: Told) -> dict[str, int]:
    return {each.code: each.count for each in found.notices}


def _named(call: str | None, model: str | None) -> dict[str, Any]:
    return {name: value for name, value in (("llm_call_id", call), ("model", model)) if value is not None}
