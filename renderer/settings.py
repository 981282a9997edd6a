"""The only reader of the environment: `RENDERER_*` variables, each with its default."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    debug: bool = False

    @property
    def asset_cache_dir(self) -> Path:
        return (self.cache_dir or self.data_dir / "cache") / "assets"

    @property
    def s3_endpoint(self) -> str | None:
        """Of an S3 that is not Amazon's: the variables that its own tools read, the most particular first."""
        names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
        return next((value for name in names if (value := os.environ.get(name))), None)

    @property
    def recording_cache_dir(self) -> Path:
        return (self.cache_dir or self.data_dir / "cache") / "recordings"
