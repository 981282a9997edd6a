"""`renderer doctor`: is everything there that a render needs, and if not, what to do."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from renderer.check import Check
from renderer.cli.terminal import human_bytes, one_line
from renderer.errors import RendererError
from renderer.settings import Settings

LEAST_SHM_BYTES = 256_000_000
"""Chromium keeps its pictures there; Docker's default of 64 MB makes it crash on large pages."""

LEAST_FREE_BYTES = 1_000_000_000

_ENCODERS = {"libx264": "MP4", "libvpx-vp9": "WebM", "gif": "GIF", "png": "posters"}
_FONTS = {
    "Liberation Sans": ("text in Arial, Helvetica and Times", "fonts-liberation"),
    "Noto Sans CJK": ("Chinese, Japanese and Korean", "fonts-noto-cjk"),
    "Noto Color Emoji": ("emoji", "fonts-noto-color-emoji"),
}
_TIMEOUT_S = 30


def examine(settings: Settings) -> list[Check]:
    """All checks, in the order in which a render meets them. A check that fails itself is reported, not raised."""
    checks: list[Check] = []
    for look in LOOKS:
        try:
            checks.extend(look(settings))
        except RendererError as error:
            name = look.__name__.removeprefix("_").replace("_", " ")
            what, _, mend = error.message.partition(": ")
            checks.append(Check(name, False, what, mend))
    return checks


def _chromium(settings: Settings) -> Iterable[Check]:
    from renderer.capture.check import check_chromium  # late: nothing else here needs Playwright

    return check_chromium(settings)


def _ffmpeg(settings: Settings) -> Iterator[Check]:
    from renderer.encode.tools import find_tools

    tools = find_tools(settings)
    yield Check("ffmpeg", True, f"{tools.ffmpeg}, version {tools.version}")
    yield Check("ffprobe", True, tools.ffprobe)
    there = {
        line.split()[1] for line in _ask(tools.ffmpeg, "-hide_banner", "-encoders").splitlines() if " " in line.strip()
    }
    for encoder, purpose in _ENCODERS.items():
        found = encoder in there
        yield Check(
            f"encoder {encoder}",
            found,
            f"writes {purpose}" if found else f"missing: no {purpose}",
            "install the full ffmpeg package of your system",
        )


def _fonts(settings: Settings) -> Iterator[Check]:
    if shutil.which("fc-list") is None:
        yield Check("fonts", False, "fc-list was not found, so fonts are not known", "install fontconfig", needed=False)
        return
    families = _ask("fc-list", ":", "family")
    for family, (purpose, package) in _FONTS.items():
        found = family in families
        yield Check(
            f"font {family}",
            found,
            f"draws {purpose}" if found else f"missing: {purpose} may be drawn as boxes, lines may break elsewhere",
            f"install the font (Debian and Ubuntu: {package})",
            needed=False,
        )


def _player_page(settings: Settings) -> Iterator[Check]:
    from renderer.player.bundle import page

    yield Check("player page", True, f"built, {human_bytes(len(page().body))}")


def _folders(settings: Settings) -> Iterator[Check]:
    folders = {
        "RENDERER_DATA_DIR": settings.data_dir,
        "RENDERER_CACHE_DIR": settings.asset_cache_dir,
        "RENDERER_WORK_DIR": settings.work_dir or Path(tempfile.gettempdir()),
    }
    for variable, folder in folders.items():
        name = variable.removeprefix("RENDERER_").lower().replace("_", " ")
        trouble = _write_trouble(folder)
        if trouble:
            yield Check(name, False, f"{folder}: {trouble}", f"make it writable or set {variable} to a folder that is")
            continue
        free = shutil.disk_usage(folder if folder.exists() else _nearest(folder)).free
        yield Check(
            name,
            free >= LEAST_FREE_BYTES,
            f"{folder}, {human_bytes(free)} free",
            f"free some space or set {variable} to a folder on a larger disk",
            needed=False,
        )


def _nearest(folder: Path) -> Path:
    """The folder, or the closest one above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _write_trouble(folder: Path) -> str:
    """Empty when files can be made in `folder`, or when it is not there yet and could be made. Leaves nothing behind."""
    try:
        nearest = _nearest(folder)
        if not nearest.is_dir():
            return f"{nearest} is not a folder"
        with tempfile.TemporaryFile(dir=nearest) as probe:
            probe.write(b"x")
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _shared_memory(settings: Settings) -> Iterator[Check]:
    shm = Path("/dev/shm")  # noqa: S108 - its size is looked at; nothing is written there
    if not shm.is_dir():
        return  # not Linux: Chromium uses something else
    size = shutil.disk_usage(shm).total
    yield Check(
        "shared memory",
        size >= LEAST_SHM_BYTES,
        f"{shm}, {human_bytes(size)}",
        "start the container with --shm-size=1g, or large pages may crash the browser",
        needed=False,
    )


def _sandbox(settings: Settings) -> Iterator[Check]:
    if os.geteuid() == 0:
        yield Check(
            "sandbox",
            False,
            "running as root: Chromium runs without its sandbox",
            "run renderer as an ordinary user when the recordings come from others",
            needed=False,
        )
    elif settings.chromium_sandbox is False:
        yield Check(
            "sandbox",
            False,
            "RENDERER_CHROMIUM_SANDBOX=0: Chromium runs without its sandbox",
            "leave it on where user namespaces are allowed",
            needed=False,
        )
    else:
        yield Check("sandbox", True, "Chromium uses its sandbox")


def _ask(*argv: str) -> str:
    """What a program says; empty when it fails."""
    try:
        return subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=True
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return ""


LOOKS: tuple[Callable[[Settings], Iterable[Check]], ...] = (
    _chromium,
    _ffmpeg,
    _fonts,
    _player_page,
    _folders,
    _shared_memory,
    _sandbox,
)


def tell(checks: Iterable[Check]) -> str:
    """For people: a line per check, and below what is amiss what to do."""
    lines = []
    for check in checks:
        mark = "ok  " if check.ok else "FAIL" if check.needed else "warn"
        lines.append(f"{mark}  {one_line(check.name)}: {one_line(check.detail)}")
        if not check.ok and check.mend:
            lines.append(f"      -> {one_line(check.mend)}")
    return "\n".join(lines)
