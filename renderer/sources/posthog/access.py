"""Which PostHog, which project, and by which right: the settings, checked before anything is asked."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from renderer.assets.resolve import is_public_host
from renderer.errors import RequestError
from renderer.settings import Settings

_PROJECT = re.compile(r"[A-Za-z0-9_@-]{1,64}")
# What takes events in is not what gives recordings out.
_INGESTION = re.compile(r"(us|eu)(-assets)?\.i\.posthog\.com")
_KEY = re.compile(r"[!-~]{8,500}")


@dataclass(frozen=True, slots=True)
class Access:
    """`base`: scheme, host and perhaps a path, without a slash at the end."""

    base: str
    project: str
    key: SecretStr

    @property
    def api(self) -> str:
        return f"{self.base}/api/projects/{self.project}"


def access_of(settings: Settings, project: str | None = None) -> Access:
    """`project`: of a pasted address, used when the settings have none.

    Raises RequestError: posthog_not_configured, posthog_bad_host, posthog_bad_project, posthog_bad_key,
    posthog_other_project, posthog_insecure.
    """
    base = base_of(settings)
    key = settings.posthog_api_key
    if key is None or not key.get_secret_value().strip():
        raise RequestError(
            "posthog_not_configured",
            "reading from PostHog needs a personal API key: set RENDERER_POSTHOG_API_KEY (and RENDERER_POSTHOG_PROJECT)",
        )
    key = SecretStr(key.get_secret_value().strip())
    if key.get_secret_value().startswith("phc_"):
        raise RequestError(
            "posthog_bad_key",
            "RENDERER_POSTHOG_API_KEY holds a project's public token (phc_…), which may only send events: make a personal"
            " API key (phx_…) with the scopes session_recording:read and query:read",
        )
    if not _KEY.fullmatch(key.get_secret_value()):
        raise RequestError(
            "posthog_bad_key", "RENDERER_POSTHOG_API_KEY is not a key: copy it again, without blanks or quotes"
        )
    return Access(base, _project(settings.posthog_project, project), key)


def base_of(settings: Settings) -> str:
    """The host as configured, with its scheme. RequestError `posthog_bad_host` and `posthog_insecure`."""
    told = settings.posthog_host.strip().rstrip("/")
    if "://" not in told:
        told = f"https://{told}"
    parts = urlsplit(told)
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username is not None:
        raise RequestError(
            "posthog_bad_host", "RENDERER_POSTHOG_HOST is not the address of a PostHog: write https://us.posthog.com"
        )
    if match := _INGESTION.fullmatch(host):
        raise RequestError(
            "posthog_bad_host",
            f"RENDERER_POSTHOG_HOST is where events are sent to; recordings are read from https://{match[1]}.posthog.com",
        )
    if parts.scheme == "http" and is_public_host(host):
        raise RequestError(
            "posthog_insecure",
            "RENDERER_POSTHOG_HOST has http: over a public network anybody could read the key; write https",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"


def _project(told: str | None, pasted: str | None) -> str:
    told = told.strip() if told else None
    if told and told.startswith("phc_"):
        raise RequestError(
            "posthog_bad_project",
            "RENDERER_POSTHOG_PROJECT holds the project's token; write its number, as in /project/12345",
        )
    if told and not _PROJECT.fullmatch(told):
        raise RequestError("posthog_bad_project", "RENDERER_POSTHOG_PROJECT is not the number of a project")
    if told and pasted and told.isdigit() and told != pasted:
        raise RequestError(
            "posthog_other_project",
            f"the address is of project {pasted}, but RENDERER_POSTHOG_PROJECT is {told}: change one of them",
        )
    project = told or pasted
    if project is None:
        raise RequestError(
            "posthog_not_configured",
            "reading from PostHog needs the number of a project: set RENDERER_POSTHOG_PROJECT, as in /project/12345",
        )
    return project
