"""Where ffmpeg and ffprobe are, and which version they have."""

import functools
import re
import shutil
import subprocess
from dataclasses import dataclass

from renderer.errors import SetupError, passes
from renderer.settings import Settings

# `-fps_mode` came with 5.1 and its forerunner `-vsync` leaves in later releases.
OLDEST_VERSION = (5, 1)


@dataclass(frozen=True, slots=True)
class Tools:
    """Paths of the two programs and ffmpeg's own version, for example "5.1.9-0+deb12u1"."""

    ffmpeg: str
    ffprobe: str
    version: str


def find_tools(settings: Settings) -> Tools:
    """Raises SetupError when a program is missing, does not start, or is too old."""
    ffmpeg = _find(settings.ffmpeg, "RENDERER_FFMPEG")
    ffprobe = _find(settings.ffprobe, "RENDERER_FFPROBE")
    return Tools(ffmpeg=ffmpeg, ffprobe=ffprobe, version=_version(ffmpeg))


def _find(program: str, variable: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise SetupError(
            "ffmpeg_missing",
            f"{program} was not found: install it (Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg) "
            f"or set {variable} to its path",
        )
    return path


@functools.cache
def _version(ffmpeg: str) -> str:
    try:
        shown = subprocess.run(
            [ffmpeg, "-hide_banner", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=True,
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(
            "ffmpeg_broken",
            f"{ffmpeg} does not start ({type(error).__name__}): reinstall ffmpeg or set RENDERER_FFMPEG",
            retryable=passes(error),
        ) from error
    match = re.match(r"ffmpeg version (\S+)", shown)
    version = match[1] if match else "unknown"
    # Builds from git call themselves N-12345-gabcdef: those are taken as new enough.
    release = re.match(r"n?(\d+)\.(\d+)", version)
    if release and (int(release[1]), int(release[2])) < OLDEST_VERSION:
        raise SetupError("ffmpeg_too_old", f"ffmpeg {version} is too old: 5.1 or newer is needed; install a newer one")
    return version
