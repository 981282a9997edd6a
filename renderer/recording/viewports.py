"""The size of a window over time: read from Meta and resize events, repaired where absurd, made up where missing."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording import headers
from renderer.recording.events import Draft
from renderer.recording.model import EventType, Source
from renderer.recording.sizes import Size, sane

# What PostHog's exporter and most laptops show; only for recordings that nowhere say how large their page was.
DEFAULT = (1280, 720)
NO_ADDRESS = "about:blank"
_BAD_VIEWPORT = "absurd window sizes were replaced by the nearest good one"


class Placed(NamedTuple):
    """A draft and, where it tells one, the window's size and address from then on."""

    draft: Draft
    size: Size | None = None
    href: str | None = None


class Viewports:
    """Gives every full snapshot of a window a Meta event of a sane size."""

    def __init__(self, name: str, limit_px: int, notices: Notices) -> None:
        self._name = name
        self._limit_px = limit_px
        self._notices = notices

    def first_size(self, drafts: Sequence[Draft]) -> Size | None:
        """The first sane size that the events tell."""
        return next((size for draft in drafts if _is_size(draft) and (size := self._told(draft).size)), None)

    def place(self, drafts: Sequence[Draft], elsewhere: Size | None) -> list[Placed]:
        """The drafts with Metas before full snapshots. A resize to an absurd size is dropped, an absurd Meta mended.

        `elsewhere` is a size known from outside these events, for when they tell none. Raises RecordingError
        `bad_viewport` when only absurd sizes were given.
        """
        told = [self._told(draft) for draft in _meta_first(drafts)]
        absurd = any(_is_size(placed.draft) and placed.size is None for placed in told)
        sizes_later = [placed.size for placed in told if placed.size is not None]
        hrefs_later = [placed.href for placed in told if placed.href is not None]
        nearest: Size | None = sizes_later[0] if sizes_later else None
        href = hrefs_later[0] if hrefs_later else NO_ADDRESS
        out: list[Placed] = []
        described = False  # whether there was a Meta since the full snapshot before
        for draft, size, told_href in told:
            if draft.type == EventType.FULL_SNAPSHOT:
                if not described:
                    nearest = nearest or elsewhere or self._fallback(absurd)
                    out.append(self._made_up(draft.timestamp_ms, nearest, href))
                described = False
            elif draft.type == EventType.META:
                described = True
                href = told_href or href
                if size is None:
                    nearest = nearest or elsewhere or self._fallback(absurd)
                    out.append(self._mended(draft, nearest, told_href))
                    continue
            elif draft.source == Source.VIEWPORT_RESIZE and size is None:
                self._notices.add("bad_viewport", _BAD_VIEWPORT)
                continue
            nearest = size or nearest
            out.append(Placed(draft, size, told_href))
        return out

    def _told(self, draft: Draft) -> Placed:
        if draft.type == EventType.META:
            meta = _read(headers.decode_meta, draft)
            if meta is None:
                return Placed(draft)
            return Placed(
                draft, sane(meta.width, meta.height, self._limit_px), meta.href if isinstance(meta.href, str) else None
            )
        if draft.source == Source.VIEWPORT_RESIZE:
            resize = _read(headers.decode_incremental, draft)
            return Placed(draft, resize and sane(resize.width, resize.height, self._limit_px))
        return Placed(draft)

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

    def _mended(self, draft: Draft, size: Size, href: str | None) -> Placed:
        self._notices.add("bad_viewport", _BAD_VIEWPORT)
        event = headers.decode_object(draft.raw)
        data = headers.decode_object(event["data"])
        href_raw = data.get("href", Raw(msgspec.json.encode(NO_ADDRESS)))
        sized = data | {"href": href_raw, "width": size.width_px, "height": size.height_px}
        return Placed(draft._replace(raw=msgspec.json.encode(event | {"data": sized})), size, href)

    def _made_up(self, timestamp_ms: float, size: Size, href: str) -> Placed:
        self._notices.add("missing_meta", "full snapshots without a size were given the nearest known one")
        data = {"href": href, "width": size.width_px, "height": size.height_px}
        raw = msgspec.json.encode({"type": EventType.META, "timestamp": timestamp_ms, "data": data})
        return Placed(Draft(timestamp_ms, EventType.META, None, raw), size, href)


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


def _read(decode: Any, draft: Draft) -> Any:
    """The `data` of an event; None where a number in it is too large for a float."""
    try:
        return decode(headers.decode_header(draft.raw).data)
    except msgspec.DecodeError:
        return None
