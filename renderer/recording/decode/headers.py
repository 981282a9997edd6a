"""The few fields of an event that reading needs; everything else is skipped over, not parsed.

The decoders raise msgspec.ValidationError where a field is not of its type, or a number is too large for a float.
"""

import math
from typing import Final

import msgspec
from msgspec import Raw

NOTHING: Final = Raw(b"")
# Not Any: a list of a hundred million empty objects in a field's place is refused before it is built.
Scalar = str | int | float | bool | None


class Header(msgspec.Struct, gc=False):
    """An event, or one of the envelopes that carry events. Absent fields are None or empty.

    Envelopes: PostHog's capture (`event`, `properties`), its request body (`batch`), its snapshot lines (`window_id`,
    `data` as a list), its exports (`version`, `data` as an object), wrappers (`events`, `snapshots`), and the lines of
    Sentry's envelopes (`sent_at`, `segment_id`), and Amplitude's requests (`version`, `events`).
    """

    type: Scalar = None
    timestamp: Scalar = None
    data: Raw = NOTHING
    windowId: Scalar = None  # noqa: N815  (PostHog's name)
    window_id: Scalar = None
    cv: Scalar = None
    event: Scalar = None
    properties: Raw = NOTHING
    batch: Raw = NOTHING
    events: Raw = NOTHING
    snapshots: Raw = NOTHING
    sent_at: Scalar = None
    segment_id: Scalar = None
    version: Scalar = None


class Export(msgspec.Struct, gc=False):
    """The `data` of PostHog's exported JSON: `snapshots` in V2, `snapshotsByWindowId` in V1."""

    snapshots: Raw = NOTHING
    snapshotsByWindowId: Raw = NOTHING  # noqa: N815  (PostHog's name)
    events: Raw = NOTHING


class Captured(msgspec.Struct, rename=lambda name: f"${name}", gc=False):
    """The `properties` of a captured `$snapshot` event: `$snapshot_data` and so on."""

    snapshot_data: Raw = NOTHING
    window_id: Scalar = None
    viewport_width: Scalar = None
    viewport_height: Scalar = None


class SnapshotData(msgspec.Struct, gc=False):
    """Full snapshot: `node` is the document; `wireframes` stand there instead in a mobile recording."""

    node: Raw = NOTHING
    wireframes: Raw = NOTHING


class IncrementalData(msgspec.Struct, gc=False):
    source: Scalar = None


class ResizeData(msgspec.Struct, gc=False):
    width: Scalar = None
    height: Scalar = None


class MutationData(msgspec.Struct, gc=False):
    """The four lists that the player walks; None where a recorder left one out. `updates` marks a mobile recording."""

    texts: list[Raw] | None = None
    attributes: list[Raw] | None = None
    removes: list[Raw] | None = None
    adds: list[Raw] | None = None
    updates: Raw = NOTHING


class MetaData(msgspec.Struct, gc=False):
    href: Scalar = None
    width: Scalar = None
    height: Scalar = None


class CustomData(msgspec.Struct, gc=False):
    """Of a custom event, or a plugin's."""

    tag: Scalar = None
    plugin: Scalar = None


class Node(msgspec.Struct, gc=False):
    id: Scalar = None
    rootId: Scalar = None  # noqa: N815  (rrweb's name)


class Add(msgspec.Struct, gc=False):
    """One entry of a mutation's `adds`: `node` goes into `parentId` before `nextId`; a `wireframe` is a mobile recording's."""

    parentId: Scalar = None  # noqa: N815  (rrweb's name)
    nextId: Scalar = None  # noqa: N815  (rrweb's name)
    node: Node | None = None
    wireframe: Raw = NOTHING


decode_header = msgspec.json.Decoder(Header).decode
decode_export = msgspec.json.Decoder(Export).decode
decode_captured = msgspec.json.Decoder(Captured).decode
decode_snapshot = msgspec.json.Decoder(SnapshotData).decode
decode_incremental = msgspec.json.Decoder(IncrementalData).decode
decode_resize = msgspec.json.Decoder(ResizeData).decode
decode_mutation = msgspec.json.Decoder(MutationData).decode
decode_meta = msgspec.json.Decoder(MetaData).decode
decode_custom = msgspec.json.Decoder(CustomData).decode
decode_add = msgspec.json.Decoder(Add).decode
decode_list = msgspec.json.Decoder(list[Raw]).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode

# The largest time that a JavaScript Date holds.
MAX_TIME_MS: Final = 8.64e15


def window_name(value: object) -> str | None:
    """A window's id as given, as text: PostHog writes UUIDs, and small numbers in newer exports."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def integer(value: object) -> int | None:
    """A JSON number that is a whole number (3 and 3.0), else None."""
    if type(value) is int:
        return value
    if not isinstance(value, float):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def time_ms(value: object) -> float | None:
    """A timestamp: a finite number from 0 to the largest Date, else None."""
    if type(value) is not int and not isinstance(value, float):
        return None
    return value if 0 <= value <= MAX_TIME_MS else None


def first_byte(value: bytes | memoryview | Raw) -> int:
    """The first byte of a JSON value without leading blanks; -1 for nothing."""
    view = memoryview(value)
    return view[0] if view else -1
