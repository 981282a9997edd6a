"""What a person has at hand: a session's id, or the address of its replay copied from a browser."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from renderer.errors import RequestError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}")
_PATH = re.compile(r"(?:/project/([^/]+))?/(?:replay|recordings)(?:/(.*))?")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Pages of PostHog's own below /replay; a session is named in their query.
_PAGES = frozenset({"home", "recent", "playlists", "templates", "settings", "file-playback", "heatmap"})


@dataclass(frozen=True, slots=True)
class Reference:
    """`at_ms`: session time, from `?t=`. `project`: its number, when the address has one (addresses made by posthog-js
    have the project's token there)."""

    session_id: str
    at_ms: int | None = None
    project: str | None = None


def parse_reference(name: str, base: str) -> Reference:
    """`name`: an id, `ID?t=90`, or an address whole. `base`: the configured host.

    Raises RequestError: posthog_bad_id, posthog_not_a_replay, posthog_other_host, bad_time.
    """
    if name.lower().startswith(("http://", "https://")):
        return _address(name, base)
    session_id, _, query = name.partition("?")
    return Reference(_checked(session_id), _at_ms(parse_qs(query)))


def _address(url: str, base: str) -> Reference:
    parts = urlsplit(url.strip())
    own = urlsplit(base)
    query = parse_qs(parts.query)
    match = _PATH.fullmatch(parts.path.rstrip("/").removeprefix(own.path))
    named = (query.get("sessionRecordingId") or parse_qs(parts.fragment).get("sessionRecordingId") or [""])[0]
    if match is None and not named:
        raise _not_a_replay()
    rest = (match[2] or "") if match else ""
    session_id = named or ("" if rest in _PAGES or "/" in rest else rest)
    if not session_id:
        raise _not_a_replay()
    try:
        same = (parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)) == (
            own.hostname,
            own.port or _DEFAULT_PORTS[own.scheme],
        )
    except ValueError:
        raise _not_a_replay() from None
    if not same:
        raise RequestError(
            "posthog_other_host",
            f"the address is not of {own.netloc}, which is the PostHog that RENDERER_POSTHOG_HOST names: change the setting"
            " if you trust that host with your key",
        )
    project = match[1] if match and match[1] and match[1].isdigit() else None
    return Reference(_checked(session_id), _at_ms(query), project)


def _checked(session_id: str) -> str:
    if not _ID.fullmatch(session_id):
        raise RequestError(
            "posthog_bad_id",
            "the id of a PostHog session is letters, digits and dashes: copy it from the replay's address, …/replay/ID",
        )
    return session_id


def _at_ms(query: dict[str, list[str]]) -> int | None:
    told = query.get("t")
    if not told:
        return None
    if not _SECONDS.fullmatch(told[0]):
        raise RequestError("bad_time", "?t= of a replay's address is not a number of seconds: leave it out or mend it")
    return int(float(told[0]) * 1000)


def _not_a_replay() -> RequestError:
    return RequestError(
        "posthog_not_a_replay",
        "the address is not that of a replay in PostHog (…/project/1/replay/ID): copy it again, or download the recording"
        " and give the file",
    )
