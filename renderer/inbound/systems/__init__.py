"""The ticket systems that call: each checks that a body is from it (`verify`) and says which ticket it is about (`read`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from renderer.inbound.model import Ignored, Ticket
from renderer.inbound.signatures import Headers
from renderer.inbound.systems import github, intercom, jira, zendesk

SystemName = Literal["zendesk", "jira", "github", "intercom"]


@dataclass(frozen=True, slots=True)
class System:
    """`verify(headers, body, secret, now_s)`: raises AccessError `bad_signature`, `stale_signature`. `read(body, headers)`: raises RequestError
    `bad_event`; its body was verified.
    """

    verify: Callable[[Headers, bytes, str, float], None]
    read: Callable[[bytes, Headers], Ticket | Ignored]


SYSTEMS: Final[Mapping[SystemName, System]] = {
    "zendesk": System(zendesk.verify, zendesk.read),
    "jira": System(jira.verify, jira.read),
    "github": System(github.verify, github.read),
    "intercom": System(intercom.verify, intercom.read),
}
