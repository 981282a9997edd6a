"""One measured render, in a process of its own so that its memory is its alone. Prints a JSON object on stdout.

python -m scripts.benchmark.render OPTIONS, where OPTIONS is JSON: {"recording", "output", "to_ms", "looked"}. `looked` is "changed"
(as the program does it), "every" (one picture a frame; one that is equal to the one before is not stored, as always), or
"encoded" (one picture a frame, and all of them go to the encoder, as in renderers with a constant frame rate).
"""

import json
import resource
import struct
import sys
import time
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from renderer import pipeline
from renderer.capture.capture import Capture
from renderer.capture.film import Script
from renderer.capture.spool import SegmentSpool
from renderer.frames import Sprite
from renderer.manifest import write as manifest
from renderer.manifest.model import Manifest
from renderer.request import ClipRequest
from renderer.settings import Settings


def main() -> None:
    options = json.loads(sys.argv[1])
    times: dict[str, float] = {}
    made: list[manifest.Made] = []
    png_bytes = 0

    def enter(self: Capture) -> Capture:
        times["capture"] = time.perf_counter()
        return real_enter(self)

    def add(self: SegmentSpool, index: int, session_ms: int, png: bytes | None, sprites: tuple[Sprite, ...]) -> None:
        times.setdefault("first_picture", time.perf_counter())
        if png and options["looked"] == "encoded":
            png = _made_unique(png, index)
        real_add(self, index, session_ms, png, sprites)

    def write_manifest(what: manifest.Made, targets: Any) -> Manifest:
        nonlocal png_bytes
        made.append(what)
        paths = {frame.path for segment in what.segments for frame in segment.frames}
        png_bytes = sum(path.stat().st_size for path in paths)
        return real_write(what, targets)

    real_enter, real_add, real_write = Capture.__enter__, SegmentSpool.add, manifest.write_manifest
    with ExitStack() as hooks:
        hooks.enter_context(patch.object(Capture, "__enter__", enter))
        hooks.enter_context(patch.object(SegmentSpool, "add", add))
        hooks.enter_context(patch.object(pipeline, "write_manifest", write_manifest))
        if options["looked"] != "changed":  # the rest is the same: camera, page, plan, encoder
            hooks.enter_context(patch.object(Script, "next_look", _look_at_every_frame))
            hooks.enter_context(patch.object(Script, "wants", return_value=True))
        request = ClipRequest.model_validate(
            {
                "recording": options["recording"],
                "range": {"to_ms": options["to_ms"]},
                "idle": "keep",
                "assets": "offline",
            }
        )
        clip = pipeline.make_clip(request, {"mp4": Path(options["output"])}, Settings())
    frames = [frame for segment in made[0].segments for frame in segment.frames]
    print(
        json.dumps(
            {
                "frames": clip.frames.model_dump(),
                "video_ms": clip.clip.duration_ms,
                "session_ms": clip.range.to_ms - clip.range.from_ms,
                "timings": clip.timings,
                "start_up_s": times["first_picture"] - times["capture"],
                "own_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                * (1 if sys.platform == "darwin" else 1024),
                "segments": len(made[0].segments),
                "restarts": sum(w.count for w in clip.warnings if w.code == "browser_restarted"),
                "video_bytes": clip.files[0].bytes,
                "png_bytes": png_bytes,
                "pictures": {frame.index: repr(frame.looks) for frame in frames},
                "versions": clip.versions.model_dump(),
            }
        )
    )


def _look_at_every_frame(self: Script, frame: int, next_ms: int | None, end: int) -> int:
    return min(frame + 1, end)


def _made_unique(png: bytes, index: int) -> bytes:
    """The same picture with a comment before its end, so that it counts as another one."""
    comment = b"tEXt" + f"frame\0{index}".encode()
    chunk = struct.pack(">I", len(comment) - 4) + comment + struct.pack(">I", zlib.crc32(comment))
    return png[:-12] + chunk + png[-12:]


if __name__ == "__main__":
    main()
