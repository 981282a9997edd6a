"""A YAML or JSON text as plain values, with the line of every key.

Read from the parser's events rather than by its constructors: nothing recurses, nothing is built from tags, and anchors, by which a
kilobyte may stand for a gigabyte, are refused. Plain scalars are YAML 1.2's: `no` and `on` are words.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Place = tuple[str | int, ...]

MAX_BYTES: Final = 256 * 1024
_MAX_DEPTH: Final = 40
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


class DocumentError(Exception):
    """`line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True)
class Document:
    """`lines`: by place (keys and numbers in lists, from the top), the line on which it stands, from 1."""

    value: Any
    lines: Mapping[Place, int]

    def written(self, place: Place) -> Place:
        """The place, or the nearest one around it that stands in the document. Where one thing stands for a list of one, the number in
        the list is left out.
        """
        found: Place = ()
        for part in place:
            if (*found, part) in self.lines:
                found = (*found, part)
            elif isinstance(part, str):
                break
        return found


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read. `key`: of the value that comes next."""

    place: Place
    value: dict[str, Any] | list[Any]
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)


def read_document(text: str) -> Document:
    """Raises DocumentError."""
    try:
        return _read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(mark.line + 1 if mark else 1, f"is not YAML ({error.problem or error.context})") from None
    except yaml.YAMLError:  # a character that no YAML may hold
        raise DocumentError(1, "is not YAML (it holds a character that is not text)") from None


def _read(text: str) -> Document:
    lines: dict[Place, int] = {}
    stack: list[_Open] = []
    found: list[Any] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.DocumentStartEvent) and found:
            raise DocumentError(line, "holds a second document; give each a file of its own")
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise DocumentError(line, "has an anchor or an alias (& or *); name the pattern under patterns: instead")
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        if isinstance(event, yaml.ScalarEvent):
            top = stack[-1] if stack else None
            if top is not None and isinstance(top.value, dict) and top.key is None:
                top.key = _new_key(top, event.value, line)
                lines[(*top.place, top.key)] = line
                continue
            value = _scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        else:
            continue
        place = _put(stack, found, value, line)
        lines.setdefault(place, line)
        if isinstance(value, dict | list):
            if len(stack) >= _MAX_DEPTH:
                raise DocumentError(line, "is nested too deeply")
            stack.append(_Open(place, value))
    return Document(found[0] if found else None, lines)


def _put(stack: list[_Open], found: list[Any], value: Any, line: int) -> Place:
    if not stack:
        found.append(value)
        return ()
    top = stack[-1]
    if isinstance(top.value, list):
        top.value.append(value)
        return (*top.place, len(top.value) - 1)
    if top.key is None:
        raise DocumentError(line, "has a list or a mapping as a key")
    key, top.key = top.key, None
    top.value[key] = value
    return (*top.place, key)


def _new_key(top: _Open, key: str, line: int) -> str:
    before = top.lines.setdefault(key, line)
    if before != line or key in top.value:
        raise DocumentError(line, f"has the key {key[:60]!r} twice (first on line {before})")
    return key


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # in quotes, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
