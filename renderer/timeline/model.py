"""What happened in a session: typed entries on the session's clock, and its LLM calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from renderer.notices import Notice

Kind = Literal[
    "page_load",
    "navigation",
    "click",
    "rage_click",
    "dead_click",
    "input",
    "scroll",
    "viewport",
    "tab",
    "visibility",
    "console",
    "request",
    "exception",
    "custom",
    "idle",
    "blank_page",
    "llm_call",
    "llm_span",
    "feedback",
]
Level = Literal["info", "warning", "error"]
Value = str | int | float | bool | None | tuple["Value", ...] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened, at session time `at_ms`, to `until_ms` when it lasted.

    `title` is one line for a person, in the past tense, without a time: `Clicked “Send”`. `name` is the event's own name
    where it has one (`$exception`, `llm_call_started`, `window hidden`), for rules. `window_id` is None for what has no
    window (events from a server). `properties` are the kind's own facts (docs/timeline.md), plain JSON values.
    """

    at_ms: int
    kind: Kind
    title: str
    name: str = ""
    until_ms: int | None = None
    level: Level = "info"
    window_id: str | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)


CallStatus = Literal["answered", "failed", "unanswered"]
CallForm = Literal["llm_call", "$ai_generation", "$ai_embedding", "gen_ai"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmCall:
    """One call of a model, put together from all events that tell of it. Session times in ms, costs in US dollars.

    `start_ms` is what was told, or `end_ms` less the latency (`start_is_told` is False then). `unanswered`: nobody told of
    an end, `end_ms` is None. `satisfied` is the user's thumb, None for none, `rated_at_ms` when it was given.
    `prompt` is the last user message, `answer` the first choice's text: both plain text, redacted, None when not recorded
    or not allowed.
    """

    id: str
    status: CallStatus
    forms: tuple[CallForm, ...]
    start_ms: int
    end_ms: int | None = None
    start_is_told: bool = True
    latency_ms: int | None = None
    time_to_first_token_ms: int | None = None
    operation: str = "chat"
    model: str | None = None
    provider: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cost_usd: float | None = None
    finish_reason: str | None = None
    tools_called: tuple[str, ...] = ()
    error: str | None = None
    http_status: int | None = None
    trace_id: str | None = None
    prompt: str | None = None
    prompt_length: int | None = None
    answer: str | None = None
    satisfied: bool | None = None
    rated_at_ms: int | None = None
    feedback_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """So many ms were added to the times of `source` ("server") to put them on the session's clock, and why."""

    source: str
    offset_ms: int
    evidence: int
    """How many things both clocks saw; 0 when the clocks were taken to agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """An event that was told beside the recording, at session time `at_ms`; names and ids as the redaction shows them."""

    at_ms: int
    name: str
    uuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlace:
    """Window `window_id` shows `url` (scrubbed) with `title` from `at_ms` on, until its next PagePlace."""

    at_ms: int
    window_id: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The user's side, as far as the recording or the events tell."""

    browser: str | None = None
    os: str | None = None
    device: str | None = None
    viewport_px: tuple[int, int] | None = None
    language: str | None = None
    app: str | None = None
    person: str | None = None
    """As the redaction policy shows it: None when hidden."""


SUDDEN_MS: Final = 2000
"""An end so soon after something happened is in the middle of it."""

USED_MS: Final = 30_000
"""A page that changes by itself is used by somebody who did something so short a time ago."""

LEAST_MS: Final = 10_000
"""Shorter recordings are of pages that were opened and left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is known of the recording's end, at session time `at_ms`, in any window.

    `last_action_ms` is when the user last clicked, typed, touched, scrolled or moved the mouse, `last_activity_ms` when the
    page last changed; None where it never happened. `was_hidden`: the window that the user was in was hidden at the end, or
    left: a `$pageleave`, another address, or a click on what leads elsewhere came just before. `was_stopped`: the recorder
    told that it stops or sleeps, the browser was offline, or the page told of more after the recording's end.
    `request_open`: an LLM call or a streamed answer of the last minute had no end yet. `is_witnessed`: had the user left, it
    would have been told, as it was for a page of this session.
    """

    at_ms: int
    last_action_ms: int | None = None
    last_activity_ms: int | None = None
    was_hidden: bool = False
    was_stopped: bool = False
    request_open: bool = False
    is_witnessed: bool = False

    @property
    def abrupt(self) -> bool:
        """It breaks off while the page is used, with no sign of leaving where there would be one: as in a crash.

        Says nothing of a session that was still going on when its recording was fetched.
        """
        if not self.is_witnessed or self.was_hidden or self.was_stopped or self.at_ms <= LEAST_MS:
            return False
        if self.last_action_ms is None or self.at_ms - self.last_action_ms > USED_MS:
            return False
        last_ms = max(self.last_action_ms, self.last_activity_ms or 0)
        return self.at_ms - last_ms <= SUDDEN_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Entries sorted by `at_ms`; every LlmCall also has an entry of kind `llm_call` with `properties["call_id"]`.

    `told`: every event of the session that was told beside it, by time, whatever became of it among the entries. `person`: what is told of
    who it is, as far as the redaction shows it, for rules.
    """

    duration_ms: int
    entries: tuple[Entry, ...]
    calls: tuple[LlmCall, ...]
    places: tuple[PagePlace, ...] = ()
    environment: Environment = Environment()
    clock_offsets: tuple[ClockOffset, ...] = ()
    notices: tuple[Notice, ...] = ()
    told: tuple[ToldEvent, ...] = ()
    person: Mapping[str, Value] = field(default_factory=dict)
    ending: Ending | None = None
