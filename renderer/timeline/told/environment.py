"""The user's side, as the browser's events tell it."""

from collections.abc import Mapping, Sequence
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.model import Environment, Value
from renderer.timeline.text import plain
from renderer.timeline.told.entries import plain_values
from renderer.timeline.values import count, first, mapping, text

_LIBRARIES = {"web": "posthog-js", "js": "posthog-js-lite"}


def environment(events: Sequence[AnalyticsEvent]) -> Environment:
    """Each fact as the first event of the browser tells it that does; the person as the last one does."""
    browsers = [each for each in events if each.origin == "browser"]
    told: dict[str, Any] = {}
    for each in browsers:
        for name, value in each.properties.items():
            told.setdefault(name, value)
    width, height = count(told.get("$viewport_width")), count(told.get("$viewport_height"))
    return Environment(
        browser=_with_version(told, "$browser", "$browser_version"),
        os=_with_version(told, "$os", "$os_version"),
        device=_line(first(told, "$device", "$device_type")),
        viewport_px=(width, height) if width and height else None,
        language=_line(first(told, "$browser_language", "$locale", "$browser_language_prefix")),
        app=_app(told),
        person=_person(browsers) or _person(events),
    )


def person_properties(events: Sequence[AnalyticsEvent]) -> Mapping[str, Value]:
    """What is told of the person, as the last event has it: what was set last, and what was set once where nothing else was."""
    once: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for each in events:
        for name, value in mapping(each.properties.get("$set_once")).items():
            once.setdefault(name, value)
        about = mapping(each.person.get("properties")) or each.person
        last |= {**about, **mapping(each.properties.get("$set"))}
    return plain_values(once | last)


def _with_version(told: Mapping[str, Any], name: str, version: str) -> str | None:
    named = _line(told.get(name))
    if named is None:
        return None
    numbered = _line(told.get(version))
    return f"{named} {numbered}" if numbered and numbered not in named else named


def _app(told: Mapping[str, Any]) -> str | None:
    if named := _with_version(told, "$app_name", "$app_version"):
        return named
    library = _line(told.get("$lib"))
    return (
        None
        if library is None
        else _with_version({**told, "$lib": _LIBRARIES.get(library, library)}, "$lib", "$lib_version")
    )


def _person(events: Sequence[AnalyticsEvent]) -> str | None:
    """An e-mail address, a name, or the id under which the product knows them."""
    for each in reversed(events):
        about = mapping(each.person.get("properties")) or each.person
        for place in (about, mapping(each.properties.get("$set")), mapping(each.properties.get("$set_once"))):
            if found := _line(first(place, "email", "$email", "name", "username")):
                return found
    for each in reversed(events):
        if found := _line(each.distinct_id):
            return found
    return None


def _line(value: Any) -> str | None:
    found = text(value)
    return (plain(found, 80) or None) if found else None
