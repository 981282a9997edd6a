"""What PostHog knows of one recording: `GET …/session_recordings/:id`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from renderer.errors import SourceError
from renderer.timeline.forms.instants import unix_ms
from renderer.timeline.values import mapping, text

DAY_MS: Final = 24 * 3600 * 1000
# Without a word about it, a session counts as ended when PostHog would end it: after half an hour of nothing.
_QUIET_MS: Final = 30 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """Times in Unix ms. `is_settled`: a session lasts a day at most, so nothing will be added to this one."""

    start_ms: float
    end_ms: float
    is_ongoing: bool
    is_settled: bool
    person_id: str | None
    distinct_id: str | None


def read_facts(answer: Mapping[str, Any], now_ms: float) -> Facts:
    """Raises SourceError `posthog_bad_facts`."""
    start_ms, end_ms = unix_ms(answer.get("start_time")), unix_ms(answer.get("end_time"))
    if start_ms is None:
        raise SourceError(
            "posthog_bad_facts",
            "PostHog tells of the recording in a form that is not known: it is newer than this program, or a proxy is in the way",
        )
    end_ms = max(start_ms, end_ms if end_ms is not None else start_ms)
    told = answer.get("ongoing")
    is_ongoing = told if isinstance(told, bool) else now_ms - end_ms < _QUIET_MS
    person = mapping(answer.get("person"))
    return Facts(
        start_ms=start_ms,
        end_ms=end_ms,
        is_ongoing=is_ongoing,
        is_settled=not is_ongoing and now_ms - start_ms > DAY_MS,
        person_id=text(person.get("uuid")) or text(person.get("id")),
        distinct_id=text(answer.get("distinct_id")),
    )
