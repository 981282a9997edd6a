"""Bodies of events: JSON that anybody may have had a hand in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from renderer.errors import RequestError

_MOST_PARTS: Final = 50_000
"""Of one body. Events have hundreds."""
_NAMES: Final = ("id", "key", "name", "title", "field")


def read_object(body: bytes) -> dict[str, Any]:
    """Raises RequestError `bad_event`."""
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise RequestError("bad_event", "the body is no JSON object; let the other side send JSON (application/json)")
    return told


def inside(value: Any, *path: str) -> Any:
    """What is at the end of a path of names; None where one is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def word(value: Any) -> str:
    """A text or a whole number as text, "" for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20 else ""


def named_texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text inside, with the name that it has: of `{"id": 360, "value": "x"}` that is 360. In their order, however deep they lie."""
    open_ends: list[tuple[str, Any]] = [("", value)]
    for _ in range(_MOST_PARTS):
        if not open_ends:
            return
        name, part = open_ends.pop()
        if isinstance(part, str):
            yield name, part
        elif isinstance(part, Mapping):
            open_ends.extend((_name_of(part, key), part[key]) for key in reversed(part))
        elif isinstance(part, list):
            open_ends.extend((name, each) for each in reversed(part[:_MOST_PARTS]))


def _name_of(part: Mapping[str, Any], key: str) -> str:
    if key != "value":
        return key
    return next((found for name in _NAMES if (found := word(part.get(name)))), key)


def document_text(value: Any) -> str:
    """A text as it is; of Atlassian's document format what is read, links included."""
    if isinstance(value, str):
        return value
    said: list[str] = []
    open_ends: list[Any] = [value]
    for _ in range(_MOST_PARTS):
        if not open_ends:
            break
        part = open_ends.pop()
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, list):
            open_ends.extend(reversed(part[:_MOST_PARTS]))
        elif isinstance(part, dict):
            open_ends.extend(reversed(_read_parts(part)))
    return "".join(said)


def _read_parts(node: dict[str, Any]) -> list[Any]:
    """What a node says, as texts and nodes: what is no line of text begins a new one."""
    marks = node.get("marks")
    links = [
        f" {link} "
        for each in [node, *(marks if isinstance(marks, list) else ())]
        for name in ("href", "url")
        if isinstance(link := inside(each, "attrs", name), str)
    ]
    text = node.get("text")
    if isinstance(text, str):
        return [text, *links]
    content = node.get("content")
    return [*links, "\n", *(content if isinstance(content, list) else ())]
