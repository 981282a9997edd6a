"""A clip around something that happened: which event or which rule's moment is meant, and what range that makes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from renderer.errors import RequestError
from renderer.plan.timecode import format_timecode
from renderer.request import Moment as Asked
from renderer.request import Range
from renderer.rules.clips import span
from renderer.rules.model import Moment
from renderer.timeline.model import Timeline, ToldEvent

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERED = re.compile(r"(.+):([1-9][0-9]{0,5})", re.DOTALL)
_NUMBER = re.compile(r"first|[0-9]{1,6}", re.IGNORECASE)
# Lengths are shown rounded to seconds wherever addresses are copied.
_TOLERANCE_MS = 1000
_LAST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Picked:
    """`name` and `uuid` of an event, as the redaction shows them; None for a place that the recording's own address points to, and
    for a moment that a `rule` found.
    """

    at_ms: int
    range: Range
    name: str | None = None
    uuid: str | None = None
    rule: str | None = None


def _no_moments() -> Sequence[Moment]:
    return ()


def pick_moment(
    moment: Asked | None,
    at_ms: int | None,
    asked: Range,
    timeline: Timeline,
    find: Callable[[], Sequence[Moment]] = _no_moments,
) -> Picked | None:
    """The moment that a request names, else the one at `at_ms` that the recording's reference points to, else None.

    A range that was asked for goes before `at_ms`. `find`: what rules find in the session, asked when no event is meant.
    RequestError: unknown_moment, no_moment, moment_outside, nothing_found.
    """
    if moment is not None and moment.name is not None:
        event = None if _NUMBER.fullmatch(moment.name) else _event(moment.name, timeline)
        if event is None:
            return _by_rule_or_end(moment, timeline, find())
        return Picked(event.at_ms, _around(event.at_ms, moment, timeline.duration_ms), event.name, event.uuid)
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
    return Picked(at_ms, _around(at_ms, moment or Asked(), timeline.duration_ms))


def _by_rule_or_end(moment: Asked, timeline: Timeline, found: Sequence[Moment]) -> Picked:
    try:
        return _by_rule(_numbered_moment(moment.name or "", found), moment, timeline)
    except RequestError as error:
        if not moment.or_end or error.code != "nothing_found":
            raise
    # Who complains does so right after what went wrong, and mostly leaves then.
    end_ms = timeline.duration_ms
    return Picked(end_ms, _around(end_ms, moment.model_copy(update={"before_ms": _LAST_MS}), end_ms))


def _event(wanted: str, timeline: Timeline) -> ToldEvent | None:
    """By uuid, by name, or by name and number; what events tell goes before what was recorded."""
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
        return named[_place(int(numbered[2]), len(named), "that event happened")]
    return None


def _numbered_moment(wanted: str, found: Sequence[Moment]) -> Moment:
    """`first`, the number in `renderer rules`' list, a rule's name, or that and a number."""
    if _NUMBER.fullmatch(wanted):
        if not found:
            raise RequestError(
                "nothing_found",
                "no rule finds a moment in this session: name an event (--moment '$exception'), or give --from and --to",
            )
        return found[_place(1 if wanted.lower() == "first" else int(wanted), len(found), "rules find a moment here")]
    numbered = _NUMBERED.fullmatch(wanted)
    name, number = (numbered[1], int(numbered[2])) if numbered else (wanted, 1)
    if of_rule := [each for each in found if each.rule == name]:
        return of_rule[_place(number, len(of_rule), "that rule finds a moment here")]
    raise RequestError(
        "unknown_moment",
        "no event of the session has that name, and no rule of that name finds anything: `renderer inspect` lists what happened,"
        " `renderer rules` what rules find",
    )


def _place(number: int, count: int, what: str) -> int:
    if 1 <= number <= count:
        return number - 1
    times = "once" if count == 1 else f"{count} times"
    raise RequestError("unknown_moment", f"{what} {times}, not {number} times: ask for an earlier one")


def _by_rule(found: Moment, asked: Asked, timeline: Timeline) -> Picked:
    """As the rule says, but for what the request says itself."""
    given = asked.model_fields_set
    start, end = span(
        replace(
            found,
            before_ms=asked.before_ms if "before_ms" in given else found.before_ms,
            after_ms=asked.after_ms if "after_ms" in given else found.after_ms,
        ),
        timeline,
    )
    return Picked(found.at_ms, Range.inside(start, end, timeline.duration_ms), rule=found.rule)


def _named(name: str, timeline: Timeline) -> list[ToldEvent]:
    return [each for each in timeline.told if each.name == name] or [
        ToldEvent(at_ms=entry.at_ms, name=entry.name) for entry in timeline.entries if entry.name == name
    ]


def _around(at_ms: int, moment: Asked, duration_ms: int) -> Range:
    """An end beyond the session's is left out: it means all of it."""
    return Range.inside(at_ms - moment.before_ms, at_ms + moment.after_ms, duration_ms)
