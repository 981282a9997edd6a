"""Titles and labels with places to fill in: `{answer.model} answered, then {error.title}`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from renderer.rules.language.durations import told
from renderer.timeline.text import plain

_PLACE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIELD: Final = re.compile(r"(?:([A-Za-z_][\w-]*)\.)?([A-Za-z_$][\w$.-]*)", re.ASCII)
_LETTERS: Final = 80
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Field:
    """`step`: a step's name, `session`, or None for the moment itself."""

    step: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    def fill(self, value_of: Callable[[Field], Any]) -> str:
        return "".join(part if isinstance(part, str) else shown(part.name, value_of(part)) for part in self.parts)


def parse_template(text: str) -> Template:
    """Raises ValueError. `{{` and `}}` stand for braces."""
    parts: list[str | Field] = []
    end = 0
    for match in _PLACE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] in {"{{", "}}"}:
            parts.append(match[0][0])
            continue
        named = _FIELD.fullmatch((match[1] or "").strip())
        if named is None:
            raise ValueError(f"{match[0][:40]!r} is no field; write {{step.property}}, or {{{{ for a brace")
        parts.append(Field(named[1], named[2]))
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def shown(name: str, value: Any) -> str:
    """A value as a person reads it: lengths of time by their names' ending, lists with commas."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return told(value) if name.endswith("_ms") or name == "duration" else f"{value:.10g}"
    if isinstance(value, tuple | list):
        return ", ".join(shown(name, each) for each in value[:5]) or UNKNOWN
    if isinstance(value, Mapping):
        return UNKNOWN
    return plain(str(value), _LETTERS) or UNKNOWN
