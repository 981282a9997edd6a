"""One event of a recording with what is hidden hidden, by its kind."""

import re
from collections.abc import Set
from typing import Any, Final

from renderer.recording.model import EventType, Source
from renderer.redact.document.document import Document
from renderer.redact.text import data_urls, markup
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values

# rrweb/console@1 and rrweb/network@1 have had numbers since.
_CONSOLE = re.compile(r"rrweb/console@\d+\Z")
_NETWORK = re.compile(r"rrweb/network@\d+\Z")
_STYLES: Final = frozenset({Source.STYLE_SHEET_RULE, Source.STYLE_DECLARATION, Source.ADOPTED_STYLE_SHEET})
_HEADERS = re.compile(r"(?i)headers\Z|cookies?\Z")
# A font that a script made is recorded as a list of its bytes.
_BYTES = re.compile(r"\[[\d,\s]*\]")
_BODIES = re.compile(r"(?i)(?:body|postdata|payload|params|formdata)\Z")
_ENVELOPE: Final = frozenset({"data", "windowId", "window_id"})
_ENVELOPE_NUMBERS: Final = frozenset({"type", "timestamp", "delay"})
_SOURCE: Final = frozenset({"source"})
_SIZE: Final = frozenset({"width", "height"})


class Events:
    """Rewrites parsed events in place; `event` says whether anything is left of it."""

    def __init__(self, scrub: Scrub, urls: Urls, values: Values, document: Document) -> None:
        self._scrub = scrub
        self._urls = urls
        self._values = values
        self._document = document

    def event(self, event: dict[str, Any], event_type: int, source: int | None) -> bool:
        self._values.others(event, _ENVELOPE, _ENVELOPE_NUMBERS)
        data = event.get("data")
        if not isinstance(data, dict):
            event["data"] = self._values.walk(data)
            return True
        if event_type == EventType.INCREMENTAL:
            return self._incremental(data, source)
        if event_type == EventType.FULL_SNAPSHOT:
            if isinstance(data.get("node"), dict):
                self._document.tree(data["node"])
            self._values.others(data, {"node"})
        elif event_type == EventType.META:
            self._values.others(data, set(), _SIZE)  # its href is an address by its name
        elif event_type == EventType.PLUGIN:
            return self._plugin(data)
        elif event_type == EventType.CUSTOM and data.get("tag") in ("breadcrumb", "performanceSpan"):
            return self._sentry(data)
        else:
            self._values.others(data, set())
        return True

    def _incremental(self, data: dict[str, Any], source: int | None) -> bool:
        if source == Source.MUTATION:
            self._document.mutation(data)
            self._values.others(data, {"adds", "removes", "texts", "attributes"}, {"source", "isAttachIframe"})
        elif source == Source.INPUT:
            return self._document.input(data)
        elif source in _STYLES:
            self._replace(data, self._style(dict(data)))
        elif source == Source.FONT:
            self._font(data)
        elif source == Source.CANVAS_MUTATION:
            if self._document.is_hidden(data.get("id")):
                return False
            self._replace(data, self._drawn(dict(data)))
        elif source == Source.LOG:
            return self._console(data, _SOURCE)
        else:
            self._values.others(data, set(), _SOURCE)
        return True

    def _replace(self, data: dict[str, Any], new: dict[str, Any]) -> None:
        data.clear()
        data |= new

    def _style(self, value: Any) -> Any:
        if isinstance(value, str):
            return markup.style(value, self._scrub, self._urls.loaded)
        if isinstance(value, list):
            return [self._style(one) for one in value]
        return (
            {self._scrub.text(name): self._style(one) for name, one in value.items()}
            if isinstance(value, dict)
            else value
        )

    def _font(self, data: dict[str, Any]) -> None:
        source = data.get("fontSource")
        if isinstance(source, str) and not _BYTES.fullmatch(source):
            data["fontSource"] = (
                markup.style(source, self._scrub, self._urls.loaded) if "(" in source else self._urls.loaded(source)
            )
        self._values.others(data, {"fontSource"} if isinstance(source, str) else set(), {"source", "buffer"})

    def _drawn(self, value: Any) -> Any:
        """Commands to a canvas: their texts are drawn; pictures stay, and load."""
        if isinstance(value, str):
            return data_urls.scrubbed(value, self._scrub) if data_urls.is_data(value) else self._scrub.text(value)
        if isinstance(value, list):
            return [self._drawn(one) for one in value]
        if isinstance(value, dict):
            return {self._scrub.text(name): self._drawn_with(name, one) for name, one in value.items()}
        return value

    def _drawn_with(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and name == "base64":
            return value
        if isinstance(value, str) and name == "src" and not data_urls.is_data(value):
            return self._urls.loaded(value)
        return self._drawn(value)

    def _plugin(self, data: dict[str, Any]) -> bool:
        plugin, payload = data.get("plugin"), data.get("payload")
        known = set()
        if isinstance(plugin, str) and _CONSOLE.match(plugin) and isinstance(payload, dict):
            if not self._console(payload):
                return False
            known.add("payload")
        elif isinstance(plugin, str) and _NETWORK.match(plugin):
            data["payload"] = self._network(payload)
            known.add("payload")
        self._values.others(data, known)
        return True

    def _sentry(self, data: dict[str, Any]) -> bool:
        """Sentry's custom events: console messages, requests, and what was clicked or typed in."""
        payload = data.get("payload")
        category = payload.get("category") if isinstance(payload, dict) else None
        if category == "console" and self._scrub.policy.console == "drop":
            self._scrub.counts["console"] += 1
            return False
        if isinstance(payload, dict) and isinstance(category, str) and category.startswith("ui."):
            # They tell of an element's text and attributes, whatever is hidden of it in the page; rrweb's own events tell which it is.
            told = payload.get("data")
            node = told.get("nodeId") if isinstance(told, dict) else None
            kept = {name: payload[name] for name in ("timestamp", "type", "category") if name in payload}
            data["payload"] = payload = kept | {"data": {"nodeId": node}}
        elif isinstance(payload, dict) and data.get("tag") == "performanceSpan":
            address = payload.get("description")
            data["payload"] = payload = self._network(
                {name: one for name, one in payload.items() if name != "description"}
            )
            if isinstance(address, str):
                payload["description"] = self._urls.shown(address)
            self._values.others(data, {"payload"})
            return True
        self._values.others(data, set())
        return True

    def _console(self, payload: dict[str, Any], numbers: Set[str] = frozenset()) -> bool:
        counts = self._scrub.counts
        if self._scrub.policy.console == "drop":
            counts["console"] += 1
            return False
        done: set[str] = set()
        before = repr((payload.get("payload"), payload.get("trace")))
        for name, each in (("payload", self._values.packed), ("trace", self._values.line)):
            told = payload.get(name)
            if isinstance(told, list):
                payload[name] = [each(one) if isinstance(one, str) else self._values.walk(one) for one in told]
                done.add(name)
        counts["console"] += before != repr((payload.get("payload"), payload.get("trace")))
        self._values.others(payload, done, numbers)
        return True

    def _network(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._network(one) for one in value]
        if not isinstance(value, dict):
            return self._values.walk(value)
        policy, counts = self._scrub.policy.network, self._scrub.counts
        new: dict[str, Any] = {}
        for name, told in value.items():
            if told is not None and policy.headers == "drop" and _HEADERS.search(name):
                counts["network_headers"] += 1
            elif told is not None and policy.bodies == "drop" and _BODIES.search(name):
                counts["network_bodies"] += 1
            elif name in {"name", "url"} and isinstance(told, str):
                new[name] = self._urls.shown(told)
            elif name in {"requests", "request", "response", "data"} and isinstance(told, list | dict):
                new[name] = self._network(told)
            elif name in {"serverTiming", "toJSON"}:
                new[name] = self._values.walk(told)
            else:
                new |= self._values.walk({name: told})
        return new
