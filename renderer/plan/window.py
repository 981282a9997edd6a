"""One browser window or tab: the one that was asked for, or the one with most activity where nothing tells of a user."""

from renderer.errors import RecordingError, RequestError
from renderer.recording.activity import is_user_activity
from renderer.recording.model import Recording, Window

_LISTED = 8


def choose_window(recording: Recording, window_id: str | None, from_ms: int = 0, to_ms: int | None = None) -> Window:
    """The window of that id, else the one with most activity in `from_ms` ≤ t ≤ `to_ms` (then the last active one).

    RequestError `unknown_window` lists the ids; RecordingError `no_windows` when there is nothing to choose from.
    """
    if not recording.windows:
        raise RecordingError("no_windows", "the recording has no window with a full snapshot: there is nothing to show")
    if window_id is not None:
        for window in recording.windows:
            if window.id == window_id:
                return window
        raise RequestError("unknown_window", f"there is no window {window_id!r}; the recording has {_ids(recording)}")
    end_ms = recording.duration_ms if to_ms is None else to_ms
    return max(recording.windows, key=lambda window: _weight(window, from_ms, end_ms))


def _weight(window: Window, from_ms: int, to_ms: int) -> tuple[int, int]:
    count, last_ms = 0, -1
    for event in window.events:
        if event.at_ms > to_ms:
            break
        if is_user_activity(event):
            last_ms = event.at_ms
            count += event.at_ms >= from_ms
    return count, last_ms


def _ids(recording: Recording) -> str:
    ids = [window.id for window in recording.windows]
    listed = ", ".join(ids[:_LISTED])
    return listed if len(ids) <= _LISTED else f"{listed} and {len(ids) - _LISTED} more"
