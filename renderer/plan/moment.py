"""A clip around something that happened: which event is meant, and what range that makes."""

import re
from dataclasses import dataclass

from renderer.errors import RequestError
from renderer.plan.timecode import format_timecode
from renderer.request import Moment, Range
from renderer.timeline.model import Timeline, ToldEvent

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERED = re.compile(r"(.+):([1-9][0-9]{0,5})", re.DOTALL)
# To be picked by rules, which there are none of yet.
_RULES = re.compile(r"first|[0-9]+", re.IGNORECASE)
# Lengths are shown rounded to seconds wherever addresses are copied.
_TOLERANCE_MS = 1000


@dataclass(frozen=True, slots=True)
class Picked:
    """`name` and `uuid` as the redaction shows them; None for a place that the recording's own address points to."""

    at_ms: int
    range: Range
    name: str | None = None
    uuid: str | None = None


def pick_moment(moment: Moment | None, at_ms: int | None, asked: Range, timeline: Timeline) -> Picked | None:
    """The moment that a request names, else the one at `at_ms` that the recording's reference points to, else None.

    A range that was asked for goes before `at_ms`. RequestError: unknown_moment, no_moment, moment_outside,
    moment_needs_rules.
    """
    if moment is not None and moment.name is not None:
        found = _find(moment.name, timeline)
        return Picked(found.at_ms, _around(found.at_ms, moment, timeline.duration_ms), found.name, found.uuid)
    if at_ms is None:
        if moment is None:
            return None
        raise RequestError(
            "no_moment", "--before and --after lie around a moment: name one with --moment, or give an address with ?t="
        )
    if asked.model_fields_set:
        return None
    if at_ms > timeline.duration_ms + _TOLERANCE_MS:
        raise RequestError(
            "moment_outside",
            f"?t= points to {format_timecode(at_ms)}, but the session is {format_timecode(timeline.duration_ms)} long: leave"
            " it out or mend it",
        )
    at_ms = min(at_ms, timeline.duration_ms)
    return Picked(at_ms, _around(at_ms, moment or Moment(), timeline.duration_ms))


def _find(wanted: str, timeline: Timeline) -> ToldEvent:
    """By uuid, by name, or by name and number; what events tell goes before what was recorded."""
    if _RULES.fullmatch(wanted):
        raise RequestError(
            "moment_needs_rules",
            "moments cannot be picked by number yet: name an event (--moment '$exception', --moment 'upgrade:2') or its uuid",
        )
    if _UUID.fullmatch(wanted):
        for each in timeline.told:
            if each.uuid is not None and each.uuid.lower() == wanted.lower():
                return each
        raise RequestError(
            "unknown_moment", "no event of the session has that uuid: `renderer inspect` lists what happened"
        )
    if named := _named(wanted, timeline):
        return named[0]
    numbered = _NUMBERED.fullmatch(wanted)
    named = _named(numbered[1], timeline) if numbered else []
    if numbered and named:
        number = int(numbered[2])
        if number <= len(named):
            return named[number - 1]
        times = "once" if len(named) == 1 else f"{len(named)} times"
        raise RequestError("unknown_moment", f"that event happened {times}, not {number} times: name an earlier one")
    raise RequestError(
        "unknown_moment", "no event of the session has that name: `renderer inspect` lists what happened"
    )


def _named(name: str, timeline: Timeline) -> list[ToldEvent]:
    return [each for each in timeline.told if each.name == name] or [
        ToldEvent(at_ms=entry.at_ms, name=entry.name) for entry in timeline.entries if entry.name == name
    ]


def _around(at_ms: int, moment: Moment, duration_ms: int) -> Range:
    """An end beyond the session's is left out: it means all of it."""
    told = {}
    if at_ms > moment.before_ms:
        told["from_ms"] = at_ms - moment.before_ms
    if at_ms + moment.after_ms < duration_ms:
        told["to_ms"] = max(1, at_ms + moment.after_ms)
    return Range(**told)
