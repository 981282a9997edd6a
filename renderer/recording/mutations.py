"""Rewriting single events: huge mutations are split, what browser extensions load is taken out."""

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from renderer.recording.decode import headers

MAX_ADDS = 5_000  # as PostHog's player splits them: one event must not block the page for seconds
_EMPTY = Raw(b"[]")

_EXTENSION = re.compile(rb"(?:chrome|moz|safari-web|ms-browser)-extension://")
_ADDRESSES = frozenset({"src", "href", "xlink:href", "srcset", "poster", "data", "rr_src", "_cssText", "style"})


def split(raw: bytes | memoryview, adds: Sequence[Raw]) -> list[bytes]:
    """A mutation of more than MAX_ADDS `adds` as several, to be applied one after another.

    Removes go with the first and texts and attributes with the last, in which order the player applies them within one
    event. The player drops an add whose parent or next sibling has not come by the end of its event, so adds are put
    after the ones they need, otherwise in the order given.
    """
    event = headers.decode_object(raw)
    data = headers.decode_object(event["data"])
    ordered = _after_what_they_need(adds)
    starts = range(0, len(ordered), MAX_ADDS)
    parts = []
    for start in starts:
        part = data | {"adds": Raw(msgspec.json.encode(ordered[start : start + MAX_ADDS]))}
        if start != starts[0]:
            part["removes"] = _EMPTY
        if start != starts[-1]:
            part |= {"texts": _EMPTY, "attributes": _EMPTY}
        parts.append(msgspec.json.encode(event | {"data": part}))
    return parts


def _after_what_they_need(adds: Sequence[Raw]) -> list[Raw]:
    """The player's own order: what can be placed as it comes, then what had to wait, each as soon as it can be."""
    own_ids = []
    needs = []
    for add in adds:
        header = _add(add)
        node = header.node or headers.Node()
        own_ids.append(_key(node.id))
        needs.append({_key(need) for need in (header.parentId, header.nextId, node.rootId)} - {own_ids[-1], None})
    to_come = {own for own in own_ids if own is not None}
    waiting_for: dict[object, list[int]] = {}
    missing = []
    for index, needed in enumerate(needs):
        missing.append(len(needed & to_come))
        for need in needed & to_come:
            waiting_for.setdefault(need, []).append(index)

    placed: list[int] = []
    freed: deque[int] = deque()

    def place(index: int) -> None:
        placed.append(index)
        for waiter in waiting_for.pop(own_ids[index], ()):
            missing[waiter] -= 1
            if missing[waiter] == 0 and waiter < reached:
                freed.append(waiter)

    reached = 0
    for index in range(len(adds)):
        reached = index + 1
        if missing[index] == 0:
            place(index)
    while freed:
        place(freed.popleft())
    stuck = sorted(set(range(len(adds))) - set(placed))  # they need each other: the player will drop them
    return [adds[index] for index in (*placed, *stuck)]


def _add(raw: Raw) -> headers.Add:
    try:
        return headers.decode_add(raw)
    except msgspec.ValidationError:
        return headers.Add()


def _key(node_id: object) -> int | None:
    return headers.integer(node_id)


def without_extensions(raw: bytes | memoryview) -> tuple[bytes | memoryview, int]:
    """The event without the addresses of browser extensions' own files, and how many there were.

    Nobody but that browser could load them. The nodes stay, because later events name their ids.
    """
    if b"-extension://" not in bytes(raw):  # the copy costs a tenth of what a search of the view does
        return raw, 0
    event = parse(raw)
    count = 0
    for attributes in _attributes(event):
        for name in _ADDRESSES & attributes.keys():
            value = attributes[name]
            if isinstance(value, str) and _EXTENSION.search(value.encode("utf-8", "replace")):
                attributes[name] = _EXTENSION_URL.sub("about:blank", value) if name in {"_cssText", "style"} else ""
                count += 1
    return (encode(event), count) if count else (raw, 0)


_EXTENSION_URL = re.compile(r"(?:chrome|moz|safari-web|ms-browser)-extension://[^\s\"')]*")


def _attributes(event: Any) -> Iterator[dict[str, Any]]:
    """Every `attributes` object in an event; without recursion, as documents nest deep."""
    todo = [event]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if isinstance(found := value.get("attributes"), dict):
                yield found
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)


def parse(raw: bytes | memoryview) -> Any:
    """JSON to Python values; `json` takes the numbers that msgspec refuses (1e999)."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return json.loads(bytes(raw))


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)
