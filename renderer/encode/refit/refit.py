"""A finished clip made to fit where only so many bytes may be attached: a smaller MP4, or a GIF of it."""

import hashlib
import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renderer.encode.disk import disk_errors
from renderer.encode.encoder import THREADS_PER_PROCESS
from renderer.encode.formats import FORMATS
from renderer.encode.ladder import compromises, fit, ladder
from renderer.encode.probe import Probe
from renderer.encode.refit.check import check
from renderer.encode.refit.film import check_whole, read_film
from renderer.encode.refit.make import Attempt, Refitter
from renderer.encode.refit.work import refit_folder
from renderer.encode.runner import Runner
from renderer.encode.tools import find_tools
from renderer.errors import EncodeError
from renderer.settings import Settings


@dataclass(frozen=True, slots=True)
class Refitted:
    """A verified file. `bytes`, size and length were measured in it; `given_up` are plain words for what was given up to
    keep the limit, empty when nothing was.
    """

    path: Path
    kind: Literal["mp4", "gif"]
    bytes: int
    sha256: str
    width_px: int
    height_px: int
    duration_ms: int
    given_up: tuple[str, ...]


def refit(
    source: Path,
    target: Path,
    *,
    kind: Literal["mp4", "gif"],
    max_bytes: int,
    settings: Settings,
    max_side_px: int | None = None,
) -> Refitted:
    """Write `target`: what `source`, a finished MP4 or WebM of ours, shows, in at most `max_bytes` and of the same length.

    Quality is given up first, then rate, then size; at most six files are encoded. An MP4 that fits is copied as it is; an
    MP4 keeps the chapters. No side is longer than `max_side_px`; in a GIF none is longer than 800 pixels. `target` appears
    when the file is whole; an older one is replaced.

    Raises EncodeError: `cannot_fit` names the smallest size that was reached; `not_a_film`; `disk_full`, `disk_failed`; as
    ffmpeg fails (`encoder_failed` …); `verification_failed`, `flat_video`. SetupError when ffmpeg is missing or too old.
    """
    tools = find_tools(settings)
    threads = min(THREADS_PER_PROCESS, settings.ffmpeg_threads)
    with refit_folder(settings) as folder, closing(Runner(tools, folder, threads)) as runner:
        film = read_film(runner, source)
        refitter = Refitter(runner, film, FORMATS[kind], film.plan(max_side_px))
        attempt = _fitting(runner, refitter, max_bytes)
        found = check(runner, refitter, attempt)
        with disk_errors():
            return _published(attempt, found, target, kind, _given_up(refitter, attempt))


def _fitting(runner: Runner, refitter: Refitter, max_bytes: int) -> Attempt:
    check_whole(runner, refitter.film)
    fitted = fit(
        ladder(refitter.form, refitter.plan),
        max_bytes,
        make=refitter.make,
        size_of=lambda attempt: attempt.bytes,
        discard=refitter.discard,
    )
    if fitted.made is None:
        raise EncodeError(
            "cannot_fit",
            f"the {refitter.form.kind} file cannot be made as small as the limit of {max_bytes:,} bytes: the smallest that "
            f"was reached is {fitted.smallest_bytes:,} bytes; allow that much, or make a shorter clip",
        )
    return fitted.made


def _given_up(refitter: Refitter, attempt: Attempt) -> tuple[str, ...]:
    return compromises(refitter.best, attempt.quality, refitter.form, refitter.plan)


def _published(
    attempt: Attempt, found: Probe, target: Path, kind: Literal["mp4", "gif"], given_up: tuple[str, ...]
) -> Refitted:
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(attempt.path, beside)
        with beside.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        size_bytes = beside.stat().st_size
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return Refitted(
        path=target,
        kind=kind,
        bytes=size_bytes,
        sha256=digest,
        width_px=found.width_px,
        height_px=found.height_px,
        duration_ms=round(found.end * 1000),
        given_up=given_up,
    )
