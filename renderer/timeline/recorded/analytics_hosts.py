"""The recorder's own requests, which are no part of what happened."""

import re
from typing import Final

from renderer.timeline.recorded.addresses import Address

# posthog-js: events, snapshots, flags, configuration and its own scripts, through a proxy's prefix or not. The SDK leaves
# out requests to the host that it was given; older ones, and those behind two hosts, do not.
_PATHS: Final = re.compile(
    r"(?:/[\w-]{1,40})?/(?:e|s|i/v0/e|i/v1/[\w/-]{1,40}|flags|decide|engage|array/[^/]{1,80}/config(?:\.js)?"
    r"|static/(?:[\d.]{1,20}/)?(?:lazy-recorder|posthog-recorder|recorder|recorder-v2|array|surveys|exception-autocapture"
    r"|dead-clicks-autocapture|web-vitals|tracing-headers|toolbar)\.js)/?"
)
_HOSTS: Final = re.compile(r"(?:[\w-]+\.)*(?:i\.)?posthog\.com(?::\d+)?")


def is_analytics(place: Address) -> bool:
    return bool(_HOSTS.fullmatch(place.host) or _PATHS.fullmatch(place.path[:200]))
