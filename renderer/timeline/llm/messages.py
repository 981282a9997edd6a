"""What was asked and what was answered, out of the many shapes in which messages are told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from renderer.timeline.values import parsed, text

_MAX_LETTERS = 4000
_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
_ANSWERERS = frozenset({"assistant", "model", "ai"})
_ASKERS = frozenset({"user", "human"})
_MAX_DEPTH = 12


def prompt_of(messages: Any) -> str | None:
    """The text of the last user message; a bare string is one. None when there is none."""
    messages = parsed(messages)
    if isinstance(messages, str):
        return _cut(messages)
    listed = list(_messages(messages))
    asked = [each for each in listed if _role(each) in _ASKERS] or [each for each in listed if _role(each) is None]
    for message in reversed(asked):
        if found := _cut(_text(message)):
            return found
    return None


def answer_of(choices: Any) -> str | None:
    """The text of the first choice; a bare string is one."""
    choices = parsed(choices)
    if isinstance(choices, str):
        return _cut(choices)
    for message in _messages(choices):
        if (_role(message) or "assistant") in _ANSWERERS and (found := _cut(_text(message))):
            return found
    return None


def finish_of(choices: Any) -> str | None:
    for choice in _items(parsed(choices)):
        if isinstance(choice, Mapping):
            for name in ("finish_reason", "stop_reason", "finishReason"):
                if found := text(choice.get(name)):
                    return found
    return None


def tools_of(choices: Any) -> tuple[str, ...]:
    """The names of the tools that an answer calls, each once, in their order."""
    return tuple(dict.fromkeys(_tools(parsed(choices), _MAX_DEPTH)))


def tool_names(value: Any) -> tuple[str, ...]:
    """`"search, fetch"`, `["search"]` or `[{"name": "search"}]` as names."""
    value = parsed(value)
    if isinstance(value, str):
        value = value.split(",")
    names: list[str] = []
    for each in _items(value):
        named = each
        if isinstance(each, Mapping):
            function = each.get("function")
            named = each.get("name") or (function.get("name") if isinstance(function, Mapping) else function)
        if isinstance(named, str) and named.strip():
            names.append(named.strip()[:100])
    return tuple(dict.fromkeys(names))[:50]


def _tools(value: Any, depth: int) -> Iterator[str]:
    if depth <= 0:
        return
    if isinstance(value, list):
        for each in value:
            yield from _tools(each, depth - 1)
    if not isinstance(value, Mapping):
        return
    yield from tool_names(value.get("tool_calls"))
    if value.get("type") in {"function", "tool_use", "tool_call", "function_call", "tool-call"}:
        named = value.get("toolName") or value
        yield from tool_names([named])
    for name in ("message", "content", "parts", "choices", "output"):
        inner = parsed(value.get(name))
        if isinstance(inner, list | Mapping):
            yield from _tools(inner, depth - 1)


def _messages(value: Any) -> Iterator[Mapping[str, Any]]:
    """The messages in a list, in {"messages": […]} or {"choices": […]}, out of {"message": {…}}; strings are messages too."""
    for each in _items(value):
        if isinstance(each, str):
            yield {"content": each}
        elif isinstance(each, Mapping):
            message = each.get("message") or each.get("delta")
            inside = each.get("messages") or each.get("choices")
            if isinstance(message, Mapping):
                yield message
            elif isinstance(message, str):
                yield {"content": message}
            elif isinstance(inside, list):
                yield from _messages(inside)
            else:
                yield each


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _role(message: Mapping[str, Any]) -> str | None:
    role = message.get("role")
    return role.lower() if isinstance(role, str) else None


def _text(message: Any, depth: int = _MAX_DEPTH) -> str:
    """Text of a message or of its content: a string, parts ({"type": "text", "text" or "content"}), or both nested."""
    if depth <= 0:
        return ""
    if isinstance(message, str):
        return message
    if isinstance(message, list):
        return "\n".join(found for each in message if (found := _text(each, depth - 1)))
    if not isinstance(message, Mapping):
        return ""
    kind = message.get("type")
    if isinstance(kind, str) and kind not in _TEXT_TYPES and "role" not in message and kind != "message":
        return ""  # a picture, a tool's call or its result, reasoning
    for name in ("content", "parts", "text", "output_text"):
        inner = message.get(name)
        if inner:
            return _text(inner, depth - 1)
    return ""


def _cut(found: str) -> str | None:
    found = found.strip()
    if not found:
        return None
    return found if len(found) <= _MAX_LETTERS else found[: _MAX_LETTERS - 1] + "…"
