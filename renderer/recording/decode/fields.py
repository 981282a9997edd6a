"""PostHog's field-level compression, `cv: "2024-10"`: a field is a string whose characters are the bytes of a gzip."""

from typing import Final

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording.decode import headers, text
from renderer.recording.decode.inflater import DamagedError, Inflater
from renderer.recording.limits import Limits
from renderer.recording.model import EventType, Source

KNOWN: Final = "2024-10"
_MUTATION_FIELDS = ("texts", "attributes", "removes", "adds")
_STYLE_SHEET_FIELDS = ("adds", "removes")


class BadFieldError(ValueError):
    """A field of an event is not what its `cv` says."""


class Fields:
    """Inflates the compressed fields of one recording's events."""

    def __init__(self, name: str, limits: Limits, notices: Notices) -> None:
        self._notices = notices
        self._inflater = Inflater(name, "fields", limits)

    def inflate(self, raw: bytes | memoryview, event_type: int | None) -> bytes:
        """The same event without `cv`. Raises BadFieldError, and RecordingError as `Inflater` does."""
        event = headers.decode_object(raw)
        event.pop("cv", None)
        data = event.get("data", headers.NOTHING)
        if event_type == EventType.FULL_SNAPSHOT:
            event["data"] = self._field(data)
        elif event_type == EventType.INCREMENTAL and headers.first_byte(data) == b"{"[0]:
            fields = headers.decode_object(data)
            source = headers.integer(headers.decode_incremental(data).source)
            for name in _names(source):
                if name in fields:
                    fields[name] = self._field(fields[name])
            event["data"] = Raw(msgspec.json.encode(fields))
        return msgspec.json.encode(event)

    def _field(self, value: Raw) -> Raw:
        if headers.first_byte(value) != b'"'[0]:
            return value  # small fields are left as they are
        try:
            compressed = msgspec.json.decode(value, type=str).encode("latin-1")
            inflated, _ = self._inflater.inflate((compressed,))
        except (msgspec.DecodeError, UnicodeEncodeError, DamagedError) as error:
            raise BadFieldError from error
        json = text.parseable(text.well_formed_utf8(inflated, self._notices), self._notices)
        if json is None:
            raise BadFieldError
        return Raw(json)


def _names(source: int | None) -> tuple[str, ...]:
    if source == Source.MUTATION:
        return _MUTATION_FIELDS
    return _STYLE_SHEET_FIELDS if source == Source.STYLE_SHEET_RULE else ()
