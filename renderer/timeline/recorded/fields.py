"""Typing and choosing: that it was done and where, never what."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from renderer.recording.dom.mirror import Change, Mirror, Node
from renderer.timeline.model import Entry, Value
from renderer.timeline.recorded import roles
from renderer.timeline.recorded.gestures import Gestures
from renderer.timeline.recorded.lookup import Lookup
from renderer.timeline.recorded.names import Target, target_of

BURST_MS: Final = 3000
"""A longer pause, or another field, begins a new entry."""

_AT_ONCE: Final = 5
"""So many characters from one event were pasted, filled in by the browser or dictated."""

_DEPTH: Final = 40


@dataclass(slots=True)
class _Burst:
    node: Node
    target: Target
    from_ms: int
    until_ms: int
    characters: int
    keys: int = 1
    at_once: bool = False


class Fields:
    """Input events and edited documents of one window, folded into an entry per field and burst."""

    def __init__(
        self, window_id: str, mirror: Mirror, lookup: Lookup, gestures: Gestures, tell: Callable[[Entry], None]
    ) -> None:
        self._window_id = window_id
        self._mirror = mirror
        self._lookup = lookup
        self._gestures = gestures
        self._tell = tell
        self._burst: _Burst | None = None
        self._lengths: dict[Node, int] = {}

    def input(self, at_ms: int, data: dict[str, Any]) -> bool:
        """Whether the user did it; pages set values too."""
        node = self._mirror.get(data.get("id"))
        if node is None or data.get("userTriggered") is False:
            return False
        kind = roles.input_type(node) if node.tag == "input" else node.tag
        if kind in {"checkbox", "radio"}:
            return self._ticked(at_ms, node, kind, data)
        if not self._is_users(node):
            return False
        if kind in {"select", "range", "color", "file", "date", "time", "datetime-local", "month", "week"}:
            self._chosen(at_ms, node, kind)
        else:
            text = data.get("text")
            self._typed(at_ms, node, len(text) if isinstance(text, str) else 0)
        return True

    def edited(self, at_ms: int, change: Change) -> None:
        """Editors without form fields (contenteditable) show in mutations alone, while they have the focus."""
        host = self._gestures.focused
        if host is None or not roles.is_editable(host):
            return
        nodes = [*change.texts[:20], *change.added[:20]]
        if any(host is above for node in nodes for above in islice(node.ancestors(), _DEPTH)):
            self._typed(at_ms, host, len(host.text_content(1000, nodes=100).strip()))

    def finish(self) -> None:
        burst, self._burst = self._burst, None
        if burst is None or (burst.keys == 1 and burst.characters == 0):
            return  # a single event that empties the field is the page's, after sending
        facts: dict[str, Value] = _facts(burst.target, burst.node)
        if roles.input_type(burst.node) != "password":
            facts["characters"] = burst.characters
        facts["pasted"] = burst.keys == 1 and burst.at_once
        verb = "Filled in" if facts["pasted"] else "Typed in"
        self._tell(
            Entry(
                at_ms=burst.from_ms,
                until_ms=burst.until_ms if burst.until_ms > burst.from_ms else None,
                kind="input",
                title=f"{verb} {burst.target.phrase}",
                window_id=self._window_id,
                properties=facts,
            )
        )

    def _is_users(self, node: Node) -> bool:
        """What happens to a field without the focus is a script's, if the recording tells of focus at all.

        Safari gives lists and buttons that are clicked no focus: being pressed last counts as much.
        """
        return not self._gestures.saw_focus or node in (self._gestures.focused, self._gestures.pressed)

    def _typed(self, at_ms: int, node: Node, length: int) -> None:
        before = self._lengths.get(node, 0)
        if len(self._lengths) > 1000:
            self._lengths.clear()
        self._lengths[node] = length
        at_once = length - before >= _AT_ONCE
        burst = self._burst
        if burst is not None and burst.node is node and at_ms - burst.until_ms < BURST_MS:
            if length == 0 and burst.characters > 1:  # the page empties it when it is sent; a person deletes one by one
                return
            burst.until_ms, burst.characters, burst.keys = at_ms, length, burst.keys + 1
            return
        self.finish()
        self._burst = _Burst(node, target_of(node, self._lookup), at_ms, at_ms, length, at_once=at_once)

    def _ticked(self, at_ms: int, node: Node, kind: str, data: dict[str, Any]) -> bool:
        checked = data.get("isChecked")
        if not isinstance(checked, bool) or (kind == "radio" and not checked):  # rrweb tells of the group's others too
            return False
        if not self._gestures.take_click(at_ms):  # "select all": the boxes that a script ticks after the one clicked
            return False
        verb = "Chose" if kind == "radio" else "Ticked" if checked else "Unticked"
        self._done(at_ms, node, verb, kind, checked=checked)
        return True

    def _chosen(self, at_ms: int, node: Node, kind: str) -> None:
        verb = {"select": "Chose in", "range": "Moved", "file": "Chose a file in"}.get(kind, "Set")
        burst = self._burst
        if kind == "range" and burst is not None and burst.node is node and at_ms - burst.until_ms < BURST_MS:
            burst.until_ms = at_ms
            return
        self._done(at_ms, node, verb, kind)

    def _done(self, at_ms: int, node: Node, verb: str, kind: str, **facts: Value) -> None:
        self.finish()
        target = target_of(node, self._lookup)
        self._tell(
            Entry(
                at_ms=at_ms,
                kind="input",
                title=f"{verb} {target.phrase}",
                window_id=self._window_id,
                properties={**_facts(target, node), "type": kind, **facts},
            )
        )


def _facts(target: Target, node: Node) -> dict[str, Value]:
    kind = roles.input_type(node) if node.tag == "input" else node.tag
    return {"target": target.phrase, "name": target.name, "role": target.role, "type": kind[:30], "node_id": node.id}
