"""What one source tells of one LLM call, before the tellings of several sources become one LlmCall."""

import re
from dataclasses import dataclass, field, fields
from typing import Self

from renderer.timeline.analytics import Origin
from renderer.timeline.model import CallForm

# What providers add to a model's name for one state of it; `gpt-4o-mini` is another model.
_SNAPSHOT = re.compile(r"[-@:_](?:\d{4,}[\d-]*|latest|preview|\d\d-\d\d|\d{3})(?:-v\d+(?::\d+)?)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The fields of LlmCall that are no times; None for what was not told."""

    operation: str | None = None
    model: str | None = None
    provider: str | None = None
    time_to_first_token_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cost_usd: float | None = None
    finish_reason: str | None = None
    tools_called: tuple[str, ...] | None = None
    error: str | None = None
    http_status: int | None = None
    prompt: str | None = None
    prompt_length: int | None = None
    answer: str | None = None
    feedback_text: str | None = None

    def or_else(self, other: Self) -> Self:
        """These facts, and those of `other` where there are none."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return type(self)(**{
            name: getattr(other, name) if value is None else value for name, value in mine.items()
        })  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Times in Unix ms by the clock of `origin`; `end_ms` None when no end was told. `ids` name this call alone."""

    form: CallForm
    origin: Origin
    start_ms: float
    end_ms: float | None
    start_is_told: bool
    latency_ms: float | None = None
    id: str | None = None
    ids: frozenset[str] = frozenset()
    trace_id: str | None = None
    failed: bool = False
    facts: Facts = field(default_factory=Facts)
    satisfied: bool | None = None
    rated_at_ms: float | None = None
    window_id: str | None = None

    @property
    def length_ms(self) -> float:
        return 0.0 if self.end_ms is None else self.end_ms - self.start_ms


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two names can mean one model: `gpt-4o` answers as `gpt-4o-2024-08-06`, routers write `openai/gpt-4o`."""
    return one is None or other is None or _family(one) == _family(other)


def _family(model: str) -> str:
    return _SNAPSHOT.sub("", model.lower().rsplit("/", 1)[-1])
