"""Pictures on disk between the browser and the encoder."""

import hashlib
import os
from pathlib import Path

from renderer.errors import CaptureError
from renderer.frames import CapturedSegment, Frame
from renderer.plan.model import SegmentPlan


class SegmentSpool:
    """The frames of one segment, in a folder of their own. A picture equal to the one before is not stored."""

    def __init__(self, folder: Path, segment: SegmentPlan) -> None:
        self._folder = folder
        self._segment = segment
        self._frames: list[Frame] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, index: int, session_ms: int, png: bytes) -> None:
        digest = hashlib.sha256(png).hexdigest()
        if self._frames and self._frames[-1].sha256 == digest:
            return
        path = self._folder / f"{index:08d}.png"
        try:
            path.write_bytes(png)
        except OSError as error:
            raise CaptureError(
                "spool_full",
                f"the pictures cannot be written to the work folder: {os.strerror(error.errno or 0)}; "
                "free some space or point RENDERER_WORK_DIR to another disk",
            ) from error
        self._frames.append(Frame(index, session_ms, path, digest))

    def finish(self) -> CapturedSegment:
        return CapturedSegment(self._segment.number, self._segment.first, self._segment.end, tuple(self._frames))

    def discard(self) -> None:
        for frame in self._frames:
            frame.path.unlink(missing_ok=True)
        self._frames.clear()
