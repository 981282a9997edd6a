"""Attributes of elements: each holds another language, and any of them may hold what is to be hidden."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from renderer.redact.policy import form_fields
from renderer.redact.text import markup
from renderer.redact.text.masks import Span
from renderer.redact.text.same_signs import Key, key
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values

# What a reader sees, or has read out, of an element besides its text.
_READ: Final = frozenset(
    {
        "title",
        "alt",
        "placeholder",
        "label",
        "content",
        "summary",
        "download",
        "value",
        "abbr",
        "cite",
        "headers",
        "text",
        "prompt",
    }
)
_LOADED: Final = frozenset({"src", "poster", "background", "xlink:href", "lowsrc", "dynsrc"})
_SETS: Final = frozenset({"srcset", "imagesrcset"})
_FOLLOWED: Final = frozenset(
    {"href", "action", "formaction", "cite", "ping", "longdesc", "manifest", "rr_src", "codebase", "profile"}
)
_DOCUMENTS: Final = frozenset({"iframe", "frame", "script", "embed"})
_LOADING_LINKS: Final = frozenset(
    {"stylesheet", "icon", "preload", "apple-touch-icon", "mask-icon", "shortcut", "image_src"}
)
_HREF_LOADS: Final = frozenset(
    {"image", "use", "feimage", "pattern", "lineargradient", "radialgradient", "textpath", "mpath", "filter"}
)
_PICTURES: Final = frozenset(
    {"src", "srcset", "poster", "background", "rr_dataurl", "data", "imagesrcset", "xlink:href", "href"}
)
_BOX: Final = frozenset(
    {
        "class",
        "id",
        "style",
        "width",
        "height",
        "rr_width",
        "rr_height",
        "type",
        "colspan",
        "rowspan",
        "hidden",
        "dir",
        "rows",
        "cols",
        "size",
    }
)
_RR_PLACE: Final = ("rr_position", "rr_left", "rr_top", "rr_scroll")
_LENGTH = re.compile(r"\d{1,5}(?:\.\d+)?(?:px)?\Z")
_PICTURE_IN_STYLE = re.compile(r"(?i)(?:url|image|image-set|cross-fade|element|paint)\s*\(")
_TOKEN = re.compile(r"\S+")


class Attributes:
    """`spans`: parts of values that patterns alone do not find, by their state."""

    def __init__(
        self,
        scrub: Scrub,
        urls: Urls,
        values: Values,
        masked_names: frozenset[str],
        spans: Mapping[Key, Sequence[Span]],
    ) -> None:
        self._scrub = scrub
        self._urls = urls
        self._values = values
        self._masked_names = masked_names
        self.spans = spans

    def of(
        self, node_id: int, tag: str, told: dict[str, Any], *, masked: bool, field: bool, pictures: bool = True
    ) -> dict[str, Any]:
        """The attributes as they may be seen; `told` itself when there was nothing to hide.

        `masked`: what is read of the element is hidden; `field`: what was typed into it is; without `pictures` neither
        its pictures stay.
        """
        new: dict[str, Any] = {}
        changed = False
        for name, value in told.items():
            if self._scrub.finder.matches(name):
                self._scrub.counts["attributes"] += 1
                changed = True
                continue
            lower = name.lower()
            if isinstance(value, str):
                if not value:
                    result: Any = value
                elif not pictures and (lower in _PICTURES or (lower == "style" and _PICTURE_IN_STYLE.search(value))):
                    result = ""
                else:
                    result = self._text(node_id, tag, lower, name, value, told, masked, field)
            elif lower == "style" and isinstance(value, dict):
                result = self._style_changes(value, pictures)
            elif isinstance(value, int | float) and not isinstance(value, bool) and not lower.startswith("rr_"):
                plain = str(value)  # recorders write texts, but nothing makes them
                result = self._text(node_id, tag, lower, name, plain, told, masked, field)
                result = value if result == plain else result
            else:
                result = self._values.walk(value)
            changed |= result is not value and result != value
            new[name] = result
        return new if changed else told

    def boxed(self, tag: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """What is left of a blocked element: its place and its size."""
        box: dict[str, Any] = {}
        for name, value in told.items():
            lower = name.lower()
            if (lower not in _BOX and not lower.startswith(_RR_PLACE)) or self._scrub.finder.matches(name):
                continue
            if lower == "style":
                box[name] = self._plain_style(value)
            else:
                box[name] = self._scrub.text(value) if isinstance(value, str) else self._values.walk(value)
        for name in ("width", "height"):
            size = box.get(name)
            if isinstance(size, str | int) and _LENGTH.match(str(size)) and f"rr_{name}" not in box:
                box[f"rr_{name}"] = f"{str(size).removesuffix('px')}px"
        return box

    def boxed_change(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """A change of a blocked element's attributes, as far as it is of its place and size."""
        box = self.boxed("", told)
        return {name: value for name, value in box.items() if name in told}

    def _text(
        self,
        node_id: int,
        tag: str,
        lower: str,
        name: str,
        value: str,
        told: Mapping[str, Any],
        masked: bool,
        field: bool,
    ) -> str:
        if lower in self._masked_names:
            return self._scrub.whole(value, "attributes")
        if lower == "style" or name == "_cssText":
            return markup.style(value, self._scrub, self._urls.loaded)
        if lower == "srcdoc":
            # The frame's document is recorded as one; this text of it is only what it began as.
            self._scrub.counts["attributes"] += 1
            return ""
        if lower == "value":
            return self._value(node_id, tag, value, told, masked, field)
        if masked and (lower in _READ or lower.startswith(("aria-", "data-"))):
            return self._scrub.whole(value, "masked_attributes")
        if lower in _SETS:
            words = _TOKEN.sub(lambda match: self._candidate(match[0]), value)
            return words if not self._scrub.finder.matches(words) else ""
        if lower in _LOADED or lower == "href" or (lower == "data" and tag == "object") or lower == "rr_dataurl":
            if tag in _DOCUMENTS or (lower == "href" and not self._href_loads(tag, told)):
                return "" if masked and value[:1] != "#" else self._urls.shown(value)
            return self._urls.loaded(value)
        if lower in _FOLLOWED:
            return "" if masked else self._urls.shown(value)
        if markup.is_drawing(name, value):
            return value
        if "://" in value[:40] and not any(sign.isspace() for sign in value):
            return self._urls.shown(value)
        if "<" in value or "&" in value:
            value = markup.scrubbed(value, self._scrub)
        return self._scrub.text(value, [*self.spans.get(key(node_id, name, value), ())])

    def _value(self, node_id: int, tag: str, value: str, told: Mapping[str, Any], masked: bool, field: bool) -> str:
        own = str(told.get("type", "")).lower() if tag == "input" else ""
        if own in {"checkbox", "radio", "range", "color"}:
            return self._scrub.text(value)
        if field or masked:
            return self._scrub.whole(value, "masked_inputs" if tag in form_fields.FIELD_TAGS else "masked_attributes")
        return self._scrub.text(value, [*self.spans.get(key(node_id, "value", value), ())])

    def _candidate(self, token: str) -> str:
        """One word of a srcset: an address, perhaps with a comma after it, or how dense it is."""
        plain = token.rstrip(",")
        return self._urls.loaded(plain) + token[len(plain) :]

    def _href_loads(self, tag: str, told: Mapping[str, Any]) -> bool:
        if tag == "link":
            rel = told.get("rel")
            return not isinstance(rel, str) or not _LOADING_LINKS.isdisjoint(rel.lower().split())
        return tag in _HREF_LOADS

    def _style_changes(self, told: dict[str, Any], pictures: bool) -> dict[str, Any]:
        """rrweb's short form of a style change: {property: text | [text, priority] | false}."""

        def one(value: Any) -> Any:
            if isinstance(value, str):
                if not pictures and _PICTURE_IN_STYLE.search(value):
                    return "none"
                return markup.style(value, self._scrub, self._urls.loaded)
            return [one(part) for part in value] if isinstance(value, list) else value

        new = {markup.style(name, self._scrub, self._urls.loaded): one(value) for name, value in told.items()}
        return new if new != told else told

    def _plain_style(self, told: Any) -> Any:
        if isinstance(told, dict):
            return self._style_changes(told, pictures=False)
        if not isinstance(told, str):
            return told
        kept = [one for one in told.split(";") if not _PICTURE_IN_STYLE.search(one)]
        return markup.style(
            ";".join(kept) if len(kept) < len(told.split(";")) else told, self._scrub, self._urls.loaded
        )
