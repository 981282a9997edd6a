"""A file is a clip only after it was measured: length, times, size, colours, and the pictures themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from renderer.encode import look
from renderer.encode.graphs import sample
from renderer.encode.probe import Probe, box_order, probe
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown
from renderer.errors import EncodeError

SAMPLES = 8
# A picture may look this much more like another sampled one than like itself before it counts as the wrong one.
_SWAP_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must be. `shown` ticks and `end` are in units of 1 / `rate` s; `tolerance_s` is the format's own clock's
    rounding (0: exact). `floor_db` is the least likeness of a decoded picture to its source.
    """

    kind: str
    codec: str
    width_px: int
    height_px: int
    pix_fmt: str | None
    shown: Sequence[Shown]
    end: int
    rate: int
    tolerance_s: Fraction
    floor_db: float


def verify(runner: Runner, path: Path, expected: Expected, telling: Shown) -> Probe:
    """Measure `path` against `expected`; `telling` is the picture with the most in it (its `at` is not used).

    Raises EncodeError: `verification_failed` names the first thing that is wrong, `flat_video` says that nothing but one
    colour would be seen.
    """
    found = probe(runner, path)
    wrong = _wrong(found, path, expected)
    if wrong:
        raise EncodeError("verification_failed", f"the {expected.kind} file is not right and was not kept: {wrong}")
    _look_at_samples(runner, path, expected, telling)
    return found


def _wrong(found: Probe, path: Path, expected: Expected) -> str | None:
    if found.streams != 1 or found.codec != expected.codec:
        return f"it holds {found.streams} streams, the first {found.codec}, instead of one {expected.codec} stream"
    if (found.width_px, found.height_px) != (expected.width_px, expected.height_px):
        return f"{found.width_px}x{found.height_px} instead of {expected.width_px}x{expected.height_px} pixels"
    if expected.pix_fmt is not None:
        if found.pix_fmt != expected.pix_fmt:
            return f"pixels are {found.pix_fmt} instead of {expected.pix_fmt}"
        if found.colours != ("tv", "bt709", "bt709", "bt709"):
            return f"colours are tagged {'/'.join(found.colours)} instead of tv/bt709/bt709/bt709"
    if len(found.pts) != len(expected.shown):
        return f"{len(found.pts)} pictures instead of {len(expected.shown)}"
    for number, (pts, picture) in enumerate(zip(found.pts, expected.shown, strict=True)):
        due = Fraction(picture.at, expected.rate)
        if abs(pts - due) > expected.tolerance_s:
            return f"picture {number} is shown at {float(pts):.4f} s instead of {float(due):.4f} s"
    due = Fraction(expected.end, expected.rate)
    if abs(found.end - due) > expected.tolerance_s or abs(found.container_s - float(due)) > 0.0011:
        return (
            f"it lasts {float(found.end):.4f} s ({found.container_s:.4f} s by its header) instead of {float(due):.4f} s"
        )
    if expected.kind == "mp4":
        boxes = box_order(path)
        if "moov" not in boxes or "mdat" not in boxes or boxes.index("moov") > boxes.index("mdat"):
            return "its index does not stand at the front"
        if found.b_frames:
            return "it holds B-frames"
    return None


def _look_at_samples(runner: Runner, path: Path, expected: Expected, telling: Shown) -> None:
    numbers = sample_numbers(expected.shown, telling)
    size = look.look_size(expected.width_px, expected.height_px)
    argv = sample(runner.tools.ffmpeg, path.name, numbers, size, runner.threads)
    raw = runner.run(argv, what=f"the check of {path.name}", timeout_s=120 + len(expected.shown) * 0.5)
    length = size[0] * size[1] * 3
    if len(raw) != length * len(numbers):
        raise EncodeError(
            "verification_failed",
            f"the {expected.kind} file is not right and was not kept: {len(raw) // length} of {len(numbers)} sampled pictures "
            "could be decoded",
        )
    decoded = [Image.frombytes("RGB", size, raw[at : at + length]) for at in range(0, len(raw), length)]
    if all(look.is_flat(image) for image in decoded):
        raise EncodeError(
            "flat_video",
            f"every picture of the {expected.kind} file is one flat colour: the recording shows nothing in this range; "
            "choose another range",
        )
    sources = [
        look.read(expected.shown[number].path).resize(size, Image.Resampling.BOX, reducing_gap=None)
        for number in numbers
    ]
    for place, number in enumerate(numbers):
        apart = [look.difference(decoded[place], source) for source in sources]
        likeness_db = look.psnr_db(apart[place])
        if likeness_db < expected.floor_db or apart[place] > min(apart) + _SWAP_MARGIN:
            raise EncodeError(
                "verification_failed",
                f"the {expected.kind} file is not right and was not kept: picture {number} does not look like what was "
                f"captured ({likeness_db:.0f} dB)",
            )


def sample_numbers(shown: Sequence[Shown], telling: Shown) -> list[int]:
    """Both ends, places spread evenly between, and the most telling picture, or the one shown in its stead."""
    last = len(shown) - 1
    spread = {round(place * last / (SAMPLES - 1)) for place in range(SAMPLES)}
    stead = max((number for number, picture in enumerate(shown) if picture.index <= telling.index), default=0)
    return sorted(spread | {stead})
