"""What rules look at: entries of the timeline, and the signs that are read from several of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from renderer.rules.vocabulary import SignKind
from renderer.timeline.model import Level, Value


class Happening(Protocol):
    """An entry or a sign; the fields are those of `renderer.timeline.model.Entry`."""

    @property
    def at_ms(self) -> int: ...
    @property
    def until_ms(self) -> int | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def window_id(self) -> str | None: ...
    @property
    def properties(self) -> Mapping[str, Value]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something that several entries show together, such as a question that was asked again. Fields as in Entry."""

    at_ms: int
    kind: SignKind
    title: str
    name: str = ""
    until_ms: int | None = None
    level: Level = "info"
    window_id: str | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)


def over_ms(thing: Happening) -> int:
    """When it had ended."""
    return thing.at_ms if thing.until_ms is None else thing.until_ms


def when_ms(thing: Happening) -> int:
    """When it counts as having happened. A request does when it ends: what became of it is what rules ask for."""
    return over_ms(thing) if thing.kind == "request" else thing.at_ms


def value_of(thing: Happening, name: str) -> Any:
    """A property by its name or by its path (`payload.plan`), None when there is none."""
    properties = thing.properties
    if name in properties:
        return properties[name]
    match name:
        case "title":
            return thing.title
        case "at_ms":
            return thing.at_ms
        case "duration_ms":
            return None if thing.until_ms is None else thing.until_ms - thing.at_ms
        case "window":
            return thing.window_id
    head, dot, rest = name.partition(".")
    value: Any = properties.get(head) if dot else None
    while dot and isinstance(value, Mapping):
        if rest in value:
            return value[rest]
        head, dot, rest = rest.partition(".")
        value = value.get(head)
    return value if not dot and rest == "" else None
