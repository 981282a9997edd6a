"""From a request of a ticket system to what it asks for: first whether it is from there, then what it says."""

from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from renderer.inbound.model import Asked, Ignored, Ticket
from renderer.inbound.sessions import CLOUDS, Finder
from renderer.inbound.signatures import Headers
from renderer.inbound.systems import SYSTEMS, SystemName
from renderer.settings import Settings

_NOTHING: Final = Ignored("no session was found: name it in a field, or give the address of its replay")


def secret_of(settings: Settings, system: SystemName) -> str | None:
    """What the system signs with; None when it is not set up."""
    secrets = {
        "zendesk": settings.inbound_zendesk_secret,
        "jira": settings.inbound_jira_secret,
        "github": settings.inbound_github_secret,
        "intercom": settings.inbound_intercom_secret,
    }
    secret = secrets[system]
    return secret.get_secret_value() if secret is not None else None


def check_signature(system: SystemName, headers: Headers, body: bytes, secret: str, now_s: float) -> None:
    """Raises AccessError: bad_signature, stale_signature."""
    SYSTEMS[system].verify(headers, body, secret, now_s)


def asked(system: SystemName, headers: Headers, body: bytes, settings: Settings) -> Asked | Ignored:
    """Of a request whose signature is good. Raises RequestError `bad_event`."""
    ticket = SYSTEMS[system].read(body, headers)
    if isinstance(ticket, Ignored):
        return ticket
    to = destination_of(system, settings)
    return about(replace(ticket, to=f"{to}:{ticket.to.partition(':')[2]}"), finder_of(settings))


def destination_of(system: SystemName, settings: Settings) -> str:
    """The name of the destination that its clips go to: one Jira is called `jira`, another `jira-dc` or `jsm`."""
    pairs = (pair.split("=") for pair in (settings.inbound_destinations or "").split(",") if pair)
    return dict(pairs).get(system, system)


def about(ticket: Ticket, finder: Finder) -> Asked | Ignored:
    """Which session of PostHog it is."""
    found = finder.read(ticket.command) if ticket.command is not None else finder.find(ticket.texts, ticket.fields)
    if found is None:
        return _NOTHING
    return Asked(
        to=ticket.to,
        session=f"posthog:{found.session_id}",
        at_ms=found.at_ms,
        is_command=ticket.command is not None,
        id=ticket.id,
    )


def finder_of(settings: Settings) -> Finder:
    """Of RENDERER_INBOUND_FIELDS and RENDERER_POSTHOG_HOST."""
    return _finder(settings.inbound_fields, settings.posthog_host)


@lru_cache(maxsize=4)
def _finder(fields: str, posthog_host: str) -> Finder:
    return Finder(fields.split(","), (*_own(posthog_host), *CLOUDS))


def _own(posthog_host: str) -> tuple[str, ...]:
    """None when it is no address, which is told where recordings are fetched."""
    told = posthog_host.strip().rstrip("/")
    told = told if "://" in told else f"https://{told}"
    try:
        parts = urlsplit(told)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return ()
    return (told,) if is_address else ()
