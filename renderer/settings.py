"""The only reader of the environment: `RENDERER_*` variables, each with its default."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from renderer.errors import SetupError

_ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
_SQLITE: Final = "sqlite:///"
# An empty one would let everybody sign.
InboundSecret = Annotated[SecretStr, Field(min_length=16)]
_REROUTED: Final = "(zendesk|jira|github|intercom)=[a-z][a-z0-9_-]{0,31}"
INBOUND_DESTINATIONS: Final = f"^{_REROUTED}(,{_REROUTED})*$"


class Settings(BaseSettings):
    """Defaults suit one person on a laptop. Every field is documented in docs/settings.md (a test sees to it)."""

    model_config = SettingsConfigDict(env_prefix="RENDERER_", frozen=True)

    data_dir: Path = Path.home() / ".local" / "share" / "renderer"
    cache_dir: Path | None = None
    work_dir: Path | None = None
    chromium: str | None = None
    chromium_sandbox: bool | None = None
    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    browsers: Annotated[int, Field(ge=1, le=16)] | None = None
    ffmpeg_threads: Annotated[int, Field(ge=1, le=64)] = min(4, os.cpu_count() or 1)
    capture_method: Literal["auto", "beginframe", "screenshot"] = "auto"
    frame_timeout_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    asset_wait_s: Annotated[float, Field(ge=0, le=120)] = 10.0
    asset_budget_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    posthog_host: str = "https://us.posthog.com"
    posthog_project: str | None = None
    posthog_api_key: SecretStr | None = None
    posthog_snappy: bool = False
    database_url: SecretStr | None = None
    broker_url: SecretStr | None = None
    store_url: str | None = None
    secret_key: SecretStr | None = None
    secrets_file: Path | None = None
    public_url: str | None = None
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    lease_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    max_queue: Annotated[int, Field(ge=1)] = 1000
    clip_timeout_s: Annotated[float, Field(ge=10, le=86_400)] = 1800.0
    clip_memory_bytes: Annotated[int, Field(ge=256 * 1024**2)] = 6 * 1024**3
    shared_from_segments: Annotated[int, Field(ge=2)] = 8
    allowed_recordings: str = "recording:,posthog:"
    policies_dir: Path | None = None
    rules_dir: Path | None = None
    webhook_hosts: str | None = None
    inbound_zendesk_secret: InboundSecret | None = None
    inbound_jira_secret: InboundSecret | None = None
    inbound_github_secret: InboundSecret | None = None
    inbound_intercom_secret: InboundSecret | None = None
    inbound_destinations: Annotated[str, Field(pattern=INBOUND_DESTINATIONS)] | None = None
    inbound_tenant: Annotated[str, Field(min_length=1, max_length=100)] = "default"
    inbound_fields: str = (
        "posthog_session_id,session_id,posthog_session,session,posthog_replay,replay,latestPosthogReplayURL"
    )
    max_upload_bytes: Annotated[int, Field(ge=1024)] = 256 * 1024**2
    requests_per_minute: Annotated[int, Field(ge=1)] = 1200
    concurrent_clips: Annotated[int, Field(ge=1)] = 500
    clips_per_day: Annotated[int, Field(ge=1)] = 10_000
    clip_days: Annotated[float, Field(gt=0)] = 30.0
    recording_days: Annotated[float, Field(gt=0)] = 30.0
    debug: bool = False

    @field_validator("data_dir", "cache_dir", "work_dir", "policies_dir", "rules_dir", "secrets_file")
    @classmethod
    def _from_here(cls, path: Path | None) -> Path | None:
        """A render process works in a folder of its own, where a relative path would be another one."""
        return path.absolute() if path is not None else None

    @field_validator("database_url")
    @classmethod
    def _file_from_here(cls, url: SecretStr | None) -> SecretStr | None:
        text = url.get_secret_value() if url is not None else ""
        file = text.removeprefix(_SQLITE)
        if not text.startswith(_SQLITE) or file in {"", ":memory:"}:
            return url
        return SecretStr(f"{_SQLITE}{Path(file).absolute()}")

    @property
    def database(self) -> str:
        """The URL of the SQL database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'renderer.db'}"

    @property
    def broker(self) -> str | None:
        """The URL of the Celery broker, None when workers find their work in the database alone."""
        return self.broker_url.get_secret_value() if self.broker_url is not None else None

    @property
    def slots(self) -> int:
        """Clips that one machine makes at once: each keeps two cores busy."""
        return self.workers or max(1, (os.cpu_count() or 1) // 2)

    @property
    def asset_cache_dir(self) -> Path:
        return (self.cache_dir or self.data_dir / "cache") / "assets"

    def object_endpoint(self, scheme: str) -> str | None:
        """Of an object store that is not the cloud's own: from the variables of the clouds' tools, the most particular first."""
        return next((value for name in _ENDPOINTS[scheme] if (value := os.environ.get(name))), None)

    @property
    def recording_cache_dir(self) -> Path:
        return (self.cache_dir or self.data_dir / "cache") / "recordings"

    def destination(self, name: str, fields: Iterable[str]) -> dict[str, str]:
        """What is set for a ticket system: `RENDERER_ZENDESK_TOKEN`, or `token` below `[zendesk]` in the secrets file; variables win.

        Raises SetupError `bad_secrets_file`, which may pass: the file is read each time, and somebody may be writing it.
        """
        prefix = f"RENDERER_{name.replace('-', '_')}_".upper()
        given = {field: os.environ.get(f"{prefix}{field.upper()}", "") for field in fields}
        kept = {field: value for field, value in self._secrets().get(name, {}).items() if field != "system"}
        return kept | {field: value for field, value in given.items() if value}

    def other_destinations(self) -> dict[str, str]:
        """Sections of the secrets file with a name of their own: name -> the system that they are of."""
        return {name: section["system"] for name, section in self._secrets().items() if section.get("system")}

    def _secrets(self) -> dict[str, dict[str, str]]:
        if self.secrets_file is None:
            return {}
        try:
            found = tomllib.loads(self.secrets_file.read_text("utf-8"))
        except OSError as error:
            raise SetupError(
                "bad_secrets_file",
                f"RENDERER_SECRETS_FILE cannot be read: {error.strerror}; check its path and rights",
                retryable=True,
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # what it says may quote a secret
            raise SetupError(
                "bad_secrets_file",
                'RENDERER_SECRETS_FILE is no TOML: write [zendesk] and token = "…" below it',
                retryable=True,
            ) from None
        if not all(isinstance(section, dict) for section in found.values()):
            raise SetupError(
                "bad_secrets_file",
                "RENDERER_SECRETS_FILE has values outside of a section: write [zendesk] above them",
                retryable=True,
            )
        return {name: {field: str(value) for field, value in section.items()} for name, section in found.items()}
