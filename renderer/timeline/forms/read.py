"""From the text of an events file to its events, whichever of the known forms it has, told from the content alone."""

import codecs
import hashlib

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import text
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.forms.limits import MAX_EVENT_BYTES, MAX_FILE_BYTES
from renderer.timeline.forms.rows import Rows

_BLANK = b" \t\r\n"
_FORMS = (
    "give PostHog events (JSON or JSON lines), llm_call_started/_completed events, or OpenTelemetry spans (OTLP JSON)"
)
_SAMPLE_LINES = 100


def read_events(data: bytes, name: str) -> AnalyticsEvents:
    """The events in `data`: decompressed UTF-8 JSON, one document or one value a line (docs/llm-events.md lists forms).

    `name` is the file's, printable, for messages. What can be passed over is, and counted in `notices`. Raises
    RecordingError: events_too_large, empty_file, not_utf8, not_json, truncated_json, json_too_deep, not_events,
    too_many_events.
    """
    notices = Notices()
    if len(data) > MAX_FILE_BYTES:
        raise too_large(name)
    body = data.removeprefix(codecs.BOM_UTF8).strip(_BLANK)
    if not body:
        raise RecordingError("empty_file", f"{name} is empty; export the session's events again")
    text.refuse_other_encodings(data[:4], name)
    if body[0] not in b"[{":
        raise _not_json(name)
    body = text.well_formed_utf8(body, notices)
    try:
        rows = _document(body, name, notices)
    except RecursionError:
        raise RecordingError(
            "json_too_deep", f"the JSON of {name} nests too deep to be events of a session; {_FORMS}"
        ) from None
    if rows.rows == 0 and rows.others:
        raise RecordingError("not_events", f"{name} is JSON but holds no events; {_FORMS}")
    notices.add("not_an_event", "values in the events file that are not events were passed over", rows.others)
    if rows.rows == 0:
        notices.add("no_events", f"{name} holds no events")
    return AnalyticsEvents(events=tuple(rows.events), digest=hashlib.sha256(data).hexdigest(), notices=tuple(notices))


def too_large(name: str) -> RecordingError:
    return RecordingError(
        "events_too_large",
        f"{name} is larger than {MAX_FILE_BYTES >> 20} MiB; keep the events of the session alone",
    )


def _document(body: bytes, name: str, notices: Notices) -> Rows:
    """One JSON document; failing that, lines; failing that, what V8 and Python write and strict parsers refuse."""
    try:
        return _open(body, name, notices)
    except msgspec.DecodeError as error:
        first = body.split(b"\n", 1)[0]
        if b"\n" in body and (_is_json(first) or _is_mostly_lines(body)):
            return _lines(body, name, notices)
        mended = text.mend(bytearray(body), notices)
        if mended is not None:
            try:
                return _open(bytes(mended), name, notices)
            except msgspec.DecodeError:
                pass
        if "truncated" in str(error):
            raise RecordingError(
                "truncated_json", f"{name} ends in the middle of its JSON; copy or download it again"
            ) from None
        raise _not_json(name) from None


def _open(body: bytes, name: str, notices: Notices) -> Rows:
    found = Notices()
    rows = Rows(name, found)
    rows.open(body)
    notices.extend(found)
    return rows


def _lines(body: bytes, name: str, notices: Notices) -> Rows:
    rows = Rows(name, notices)
    start, end, bad, is_cut = 0, 0, 0, False
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].strip(_BLANK)
        start = end + 1
        if not line:
            continue
        is_cut = False
        try:
            _line(line, rows, notices)
        except (msgspec.DecodeError, RecursionError):
            bad += 1
            is_cut = start > len(body)
    if is_cut:
        bad -= 1
        notices.add("cut_last_line", "the last line of the events file is cut, and its event is missing")
    notices.add("bad_lines", "lines of the events file that are not JSON were skipped", bad)
    return rows


def _line(line: bytes, rows: Rows, notices: Notices) -> None:
    try:
        rows.open(line)
    except msgspec.DecodeError:
        mended = text.mend(bytearray(line), notices) if len(line) <= MAX_EVENT_BYTES else None
        if mended is None:
            raise
        rows.open(bytes(mended))


def _is_json(line: bytes) -> bool:
    return text.parseable(line, Notices()) is not None


def _is_mostly_lines(body: bytes) -> bool:
    """JSON lines whose first is damaged, and not a pretty-printed document that is."""
    lines = [line.strip(_BLANK) for line in body.split(b"\n", _SAMPLE_LINES)[1:_SAMPLE_LINES]]
    objects = [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]
    return bool(objects) and 2 * sum(_is_json(line) for line in objects) > len([line for line in lines if line])


def _not_json(name: str) -> RecordingError:
    return RecordingError("not_json", f"{name} is not JSON; {_FORMS}")
