"""The text that a person marked, from rrweb's selection ranges."""

from typing import Any, Final

from renderer.recording.dom.mirror import Mirror, Node, NodeType

_CHARACTERS: Final = 300
_NODES: Final = 500


def marked_text(mirror: Mirror, ranges: object) -> str:
    """The beginning of the first range's text; "" when it is empty, or its nodes are not there."""
    if not isinstance(ranges, list) or not ranges or not isinstance(ranges[0], dict):
        return ""
    told: dict[str, Any] = ranges[0]
    start, end = mirror.get(told.get("start")), mirror.get(told.get("end"))
    from_index, to_index = _index(told.get("startOffset")), _index(told.get("endOffset"))
    if start is None or end is None:
        return ""
    if start is end:
        return start.text[from_index:to_index][:_CHARACTERS] if start.type == NodeType.TEXT else ""
    parts = [start.text[from_index:]] if start.type == NodeType.TEXT else []
    here: Node | None = start
    for _ in range(_NODES):
        here = (here.first or here.following()) if here is not None else None
        if here is None or here is end:
            break
        if here.type == NodeType.TEXT:
            parts.append(here.text)
    else:
        return "".join(parts)[:_CHARACTERS]
    if here is end and end.type == NodeType.TEXT:
        parts.append(end.text[:to_index])
    return "".join(parts)[:_CHARACTERS]


def _index(value: object) -> int:
    return value if type(value) is int and value >= 0 else 0
