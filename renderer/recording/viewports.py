"""The size of a window over time: read from Meta and resize events, repaired where absurd, made up where missing."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import headers
from renderer.recording.events import Draft
from renderer.recording.model import EventType, Source
from renderer.recording.sizes import Size, sane

# What PostHog's exporter and most laptops show; only for recordings that nowhere say how large their page was.
DEFAULT = (1280, 720)
NO_ADDRESS = "about:blank"


class Told(NamedTuple):
    """The window's size (None where absurd) and address (None where it is not told) from one event on."""

    timestamp_ms: float
    size: Size | None
    href: str | None


class Viewports:
    """Gives every full snapshot of a window a Meta event of a sane size."""

    def __init__(self, name: str, limit_px: int, notices: Notices) -> None:
        self._name = name
        self._limit_px = limit_px
        self._notices = notices

    def first_size(self, drafts: Sequence[Draft]) -> Size | None:
        """The first sane size that the events tell."""
        return next((told.size for told in self._all_told(drafts) if told.size), None)

    def place(self, drafts: Sequence[Draft], elsewhere: Size | None) -> tuple[list[Draft], list[Told]]:
        """The drafts with Metas before full snapshots, and what they tell of the window, with sizes throughout.

        A resize to an absurd size is dropped, an absurd Meta mended. `elsewhere` is a size known from outside these
        events, for when they tell none. Raises RecordingError `bad_viewport` when only absurd sizes were given.
        """
        every = list(self._all_told(drafts))
        absurd = any(told.size is None for told in every)
        nearest = next((told.size for told in every if told.size), None) or elsewhere
        href = next((told.href for told in every if told.href is not None), NO_ADDRESS)
        out: list[Draft] = []
        viewports: list[Told] = []
        described = False  # whether there was a Meta since the full snapshot before
        for draft in _meta_first(drafts):
            if draft.type == EventType.FULL_SNAPSHOT:
                if not described:
                    nearest = nearest or self._fallback(absurd)
                    out.append(self._made_up(draft.timestamp_ms, nearest, href))
                    viewports.append(Told(draft.timestamp_ms, nearest, href))
                described = False
            elif _is_size(draft):
                told = self._told(draft)
                is_meta = draft.type == EventType.META
                described = described or is_meta
                href = told.href or href
                if told.size is None:
                    self._notices.add("bad_viewport", "absurd window sizes were replaced by the nearest good one")
                    if not is_meta:
                        continue
                    nearest = nearest or self._fallback(absurd)
                    draft = _with_size(draft, nearest)  # noqa: PLW2901  (the mended one takes its place)
                nearest = told.size or nearest
                viewports.append(Told(draft.timestamp_ms, nearest, href))
            out.append(draft)
        return out, viewports

    def _all_told(self, drafts: Sequence[Draft]) -> Iterator[Told]:
        return (self._told(draft) for draft in drafts if _is_size(draft))

    def _told(self, draft: Draft) -> Told:
        decode = headers.decode_meta if draft.type == EventType.META else headers.decode_resize
        try:
            data = decode(headers.decode_header(draft.raw).data)
        except msgspec.ValidationError:  # a number in it is too large for a float
            return Told(draft.timestamp_ms, None, None)
        href = data.href if isinstance(data, headers.MetaData) and isinstance(data.href, str) else None
        return Told(draft.timestamp_ms, sane(data.width, data.height, self._limit_px), href)

    def _fallback(self, absurd: bool) -> Size:
        if absurd:
            raise RecordingError(
                "bad_viewport",
                f"{self._name} gives its page no size between 1x1 and {self._limit_px}x{self._limit_px} pixels; "
                "record it again in a visible window",
            )
        self._notices.add(
            "default_viewport", f"the recording does not say its page's size; {DEFAULT[0]}x{DEFAULT[1]} was taken"
        )
        return Size(*DEFAULT)

    def _made_up(self, timestamp_ms: float, size: Size, href: str) -> Draft:
        self._notices.add("missing_meta", "full snapshots without a size were given the nearest known one")
        data = {"href": href, "width": size.width_px, "height": size.height_px}
        raw = msgspec.json.encode({"type": EventType.META, "timestamp": timestamp_ms, "data": data})
        return Draft(timestamp_ms, EventType.META, None, raw)


def _with_size(meta: Draft, size: Size) -> Draft:
    event = headers.decode_object(meta.raw)
    data = headers.decode_object(event["data"])
    sized = data | {"width": size.width_px, "height": size.height_px}
    return meta._replace(raw=msgspec.json.encode(event | {"data": sized}))


def _meta_first(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Recorders write Meta, then the full snapshot, often in one millisecond: the order of a shuffled file is lost."""
    waiting: list[Draft] = []
    for draft in drafts:
        if waiting and draft.timestamp_ms == waiting[0].timestamp_ms and draft.type != EventType.FULL_SNAPSHOT:
            if draft.type == EventType.META:
                yield draft
                yield from waiting
                waiting = []
            else:
                waiting.append(draft)
            continue
        yield from waiting
        waiting = []
        if draft.type == EventType.FULL_SNAPSHOT:
            waiting = [draft]
        else:
            yield draft
    yield from waiting


def _is_size(draft: Draft) -> bool:
    return draft.type == EventType.META or draft.source == Source.VIEWPORT_RESIZE
