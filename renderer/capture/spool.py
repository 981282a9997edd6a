"""Pictures on disk between the browser and the encoder."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from renderer.errors import CaptureError
from renderer.frames import CapturedSegment, Frame, Sprite
from renderer.plan.model import SegmentPlan


class SegmentSpool:
    """The frames of one segment, in a folder of their own. A frame that looks like the one before is left out, and a picture
    that equals the one before is not stored again for what lies over it.
    """

    def __init__(self, folder: Path, segment: SegmentPlan) -> None:
        self._folder = folder
        self._segment = segment
        self._frames: list[Frame] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, index: int, session_ms: int, png: bytes | None, sprites: tuple[Sprite, ...] = ()) -> None:
        """`png` None: the page looks as it did in the frame before. The first frame has a picture."""
        last = self._frames[-1] if self._frames else None
        digest = None if png is None else hashlib.sha256(png).hexdigest()
        if last and (digest is None or digest == last.sha256):
            if last.sprites != sprites:
                self._frames.append(replace(last, index=index, session_ms=session_ms, sprites=sprites))
        elif png is not None and digest is not None:
            self._frames.append(Frame(index, session_ms, self._write(index, png), digest, sprites))

    def _write(self, index: int, png: bytes) -> Path:
        path = self._folder / f"{index:08d}.png"
        try:
            path.write_bytes(png)
        except OSError as error:
            raise CaptureError(
                "spool_full",
                f"the pictures cannot be written to the work folder: {os.strerror(error.errno or 0)}; "
                "free some space or point RENDERER_WORK_DIR to another disk",
                retryable=True,
            ) from error
        return path

    def finish(self) -> CapturedSegment:
        return CapturedSegment(self._segment.number, self._segment.first, self._segment.end, tuple(self._frames))

    def discard(self) -> None:
        for frame in self._frames:
            frame.path.unlink(missing_ok=True)
        self._frames.clear()
