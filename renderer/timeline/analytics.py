"""Events that were told beside the recording: PostHog's analytics, an application's own, OpenTelemetry spans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from renderer.notices import Notice

Origin = Literal["browser", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsEvent:
    """One event as it was told, before it is put on the session's clock.

    `at_unix_ms` is by the clock of `origin`. `properties` are parsed JSON, PostHog's names kept (`$session_id`, `$ai_model`).
    An OpenTelemetry span becomes one event named `gen_ai` that ends at `at_unix_ms`, with its attributes as properties and
    `latency_ms`.
    """

    name: str
    at_unix_ms: float
    origin: Origin
    properties: Mapping[str, Any] = field(default_factory=dict)
    uuid: str | None = None
    session_id: str | None = None
    window_id: str | None = None
    distinct_id: str | None = None
    person: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsEvents:
    """`digest`: SHA-256 (hex) of what was read, for the plan's digest; "" for none. `session_id`: the recording's, where its source knows it."""

    events: tuple[AnalyticsEvent, ...] = ()
    digest: str = ""
    notices: tuple[Notice, ...] = ()
    session_id: str | None = None
