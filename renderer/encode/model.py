"""What encoding gives: files, each measured after it was written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renderer.notices import Notice

FileKind = Literal["mp4", "webm", "gif", "poster"]


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A verified file in the encoder's work directory.

    `duration_ms`, `frames` (pictures in the file) and `pts_ms` (when each of them is first shown) were measured with
    ffprobe, not planned; a poster has `duration_ms` 0 and one frame. `compromises` are plain words for what was given
    up to keep `max_bytes`; empty when nothing was.
    """

    kind: FileKind
    path: Path
    bytes: int
    sha256: str
    width_px: int
    height_px: int
    duration_ms: int
    frames: int
    pts_ms: tuple[float, ...]
    compromises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """`files` are in the order of the outputs that were asked for; `poster` is not among them.

    `poster_frame` is the output frame (index into the clip at its fps) from which the poster's picture was taken.
    """

    files: tuple[EncodedFile, ...]
    poster: EncodedFile
    poster_frame: int
    notices: tuple[Notice, ...]
    ffmpeg_version: str
