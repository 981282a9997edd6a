"""From bytes to a Recording: decompress, find the events, mend or drop, order, split by window, put on one clock."""

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording import windows
from renderer.recording.decode.depth import json_depth
from renderer.recording.decode.envelopes import Envelopes
from renderer.recording.decode.inflate import Text
from renderer.recording.decode.shapes import Reader
from renderer.recording.events import Drafts
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording

_DEFAULT = Limits()


def read_recording(raw: RawRecording, *, limits: Limits = _DEFAULT) -> Recording:
    """Reads a recording in any of the shapes and compressions that are known, told from its content alone.

    What can be mended is, and counted in `notices`. Raises RecordingError with one of these codes (and those listed in
    `inflate.Text`, `shapes.Reader`, `windows`): single_event, no_usable_events, no_full_snapshot,
    too_many_events, json_too_deep, session_too_long, bad_viewport.
    """
    try:
        with json_depth(limits.json_depth):
            return _read(raw, limits)
    except RecursionError:
        raise RecordingError(
            "json_too_deep",
            f"the JSON of {raw.name} nests more than {limits.json_depth} levels deep, which no page does; "
            "check that it is an rrweb recording",
        ) from None


def _read(raw: RawRecording, limits: Limits) -> Recording:
    notices = Notices()
    text = Text(raw, limits, notices)
    drafts = Drafts(raw.name, limits, notices)
    envelopes = Envelopes(drafts.add, raw.name, limits, notices)
    reader = Reader(iter(text), raw.name, limits, notices)
    reader.read_into(envelopes)
    _refuse_empty(drafts, notices, raw.name)
    shown = windows.by_window(drafts.windows, limits, notices)
    drafts.windows.clear()
    if not shown:
        raise RecordingError(
            "no_full_snapshot",
            f"{raw.name} has no full snapshot to start from; record from the page's load, or export the whole session",
        )
    shown = windows.without_strays(shown, raw.name, limits, notices)
    placed, started_at_ms, duration_ms = windows.on_one_clock(shown, envelopes.sizes, raw.name, limits, notices)
    return Recording(
        id=raw.id or text.sha256(),
        kind=reader.kind(envelopes),
        started_at_ms=started_at_ms,
        duration_ms=duration_ms,
        windows=placed,
        notices=tuple(notices),
        privacy=drafts.privacy.privacy(),
        mobile=drafts.mobile > 0,
    )


def _refuse_empty(drafts: Drafts, notices: Notices, name: str) -> None:
    count = drafts.seen
    usable = sum(len(own) for own in drafts.windows.values())
    if count == 0:
        raise RecordingError(
            "not_a_recording",
            f"{name} is JSON but holds no rrweb events; give an event array, JSON lines, or an export from PostHog",
        )
    if usable == 0:
        timeless = sum(notice.count for notice in notices if notice.code == "bad_timestamp")
        why = "; check that it is an rrweb recording"
        if timeless == count:
            why = ": their times are not milliseconds since 1970; export it again without changing them"
        raise RecordingError("no_usable_events", f"none of the {count:,} events in {name} can be used{why}")
    if count == 1:
        raise RecordingError(
            "single_event", f"{name} holds a single event, which shows nothing happening; export the whole session"
        )
