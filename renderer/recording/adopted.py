"""Constructed style sheets that a full snapshot holds in its nodes, as Amplitude's rrweb (2.1) writes them: rrweb's player knows
them from events alone (`AdoptedStyleSheet`), and later events name them by their ids.
"""

from collections.abc import Iterator
from typing import Any

from renderer.recording.decode import headers
from renderer.recording.model import EventType, Source
from renderer.recording.mutations import encode, parse

_NAME = "adoptedStyleSheets"
_MARK = b'"adoptedStyleSheets":'


def taken_out(raw: bytes | memoryview) -> tuple[bytes | memoryview, list[bytes]]:
    """The event without them, and an event for each node that has some."""
    if _MARK not in bytes(raw):
        return raw, []
    event = parse(raw)
    adopted = [
        encode({"type": EventType.INCREMENTAL, "timestamp": event.get("timestamp"), "data": data})
        for node in _holders(event)
        if (data := _data(node.get("id"), node.pop(_NAME))) is not None
    ]
    return encode(event), adopted


def _holders(event: Any) -> Iterator[dict[str, Any]]:
    """In the order of the document; without recursion, as documents nest deep."""
    todo = [event]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if _NAME in value:
                yield value
            todo.extend(reversed(value.values()))
        elif isinstance(value, list):
            todo.extend(reversed(value))


def _data(node_id: object, sheets: object) -> dict[str, Any] | None:
    if headers.integer(node_id) is None or not isinstance(sheets, list):
        return None
    styles = [
        sheet for sheet in sheets if isinstance(sheet, dict) and headers.integer(sheet.get("styleId")) is not None
    ]
    ids = [sheet["styleId"] for sheet in styles]
    return {"source": Source.ADOPTED_STYLE_SHEET, "id": node_id, "styleIds": ids, "styles": styles}
