"""A file is a clip only after it was measured: length, times, size, colours, and the pictures themselves."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image

from renderer.encode import look
from renderer.encode.formats import Format
from renderer.encode.graphs import sample
from renderer.encode.maker import Made
from renderer.encode.probe import Probe, box_order, probe
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown
from renderer.errors import EncodeError
from renderer.plan.model import ClipPlan
from renderer.story.model import Chapter

SAMPLES = 8
# A picture may look this much (root mean square, of 255) more like another sampled one than like its own before it counts as
# the wrong one: two pictures may differ by a single letter.
SWAP_MARGIN = 1.0
BT709_LIMITED = ("tv", "bt709", "bt709", "bt709")


def verify(runner: Runner, made: Made, form: Format, plan: ClipPlan, telling: Shown) -> Probe:
    """Measure what was made; `telling` is the picture with the most in it.

    Raises EncodeError: `verification_failed` names the first thing that is wrong, `flat_video` says that nothing but one
    colour would be seen.
    """
    found = probe(runner, made.path)
    wrong = (
        _wrong_stream(found, made, form)
        or wrong_times(found, made.shown, made.end, form.ticks_per_s(plan), exact=form.kind != "webm")
        or _wrong_file(found, made.path, form)
        or _wrong_chapters(found, made.chapters)
        or _wrong_pictures(runner, made, form, plan, telling)
    )
    if wrong:
        raise EncodeError("verification_failed", f"the {form.kind} file is not right and was not kept: {wrong}")
    return found


def _wrong_stream(found: Probe, made: Made, form: Format) -> str | None:
    quality = made.quality
    if found.streams != 1 or found.codec != form.codec:
        return f"it holds {found.streams} streams, the first {found.codec}, instead of one {form.codec} stream"
    if (found.width_px, found.height_px) != (quality.width_px, quality.height_px):
        return f"{found.width_px}x{found.height_px} instead of {quality.width_px}x{quality.height_px} pixels"
    if found.pix_fmt != form.pix_fmt:
        return f"pixels are {found.pix_fmt} instead of {form.pix_fmt}"
    if form.kind != "gif" and found.colours != BT709_LIMITED:
        return f"colours are tagged {'/'.join(found.colours)} instead of {'/'.join(BT709_LIMITED)}"
    if found.b_frames:
        return "it holds B-frames"
    return None


def wrong_times(found: Probe, shown: Sequence[Shown], end: int, hz: int, *, exact: bool) -> str | None:
    """Compare with ticks of `hz`; not `exact` leaves room for WebM's whole milliseconds."""
    tolerance = Fraction(0) if exact else Fraction(1, 2000)
    if len(found.pts) != len(shown):
        return f"{len(found.pts)} pictures instead of {len(shown)}"
    for number, (pts, picture) in enumerate(zip(found.pts, shown, strict=True)):
        due = Fraction(picture.at, hz)
        if abs(pts - due) > tolerance:
            return f"picture {number} is shown at {float(pts):.4f} s instead of {float(due):.4f} s"
    due = Fraction(end, hz)
    # The header's length is shown to people; MP4's movie header counts whole milliseconds.
    if abs(found.end - due) > tolerance or abs(found.container_s - due) > Fraction(1, 1000):
        return f"it lasts {float(found.end):.4f} s ({float(found.container_s):.4f} s by its header) instead of {float(due):.4f} s"
    return None


def _wrong_file(found: Probe, path: Path, form: Format) -> str | None:
    if form.kind != "mp4":
        return None
    boxes = box_order(path)
    if "moov" not in boxes or "mdat" not in boxes or boxes.index("moov") > boxes.index("mdat"):
        return "its index does not stand at the front"
    return None


def _wrong_chapters(found: Probe, due: Sequence[Chapter]) -> str | None:
    if found.chapters == tuple((Fraction(one.start_ms), Fraction(one.end_ms), one.title) for one in due):
        return None
    return f"its {len(found.chapters)} chapters are not the {len(due)} that were written"


def _wrong_pictures(runner: Runner, made: Made, form: Format, plan: ClipPlan, telling: Shown) -> str | None:
    shown = made.shown
    numbers = sample_numbers(shown, telling)
    size = look.look_size(made.quality.width_px, made.quality.height_px)
    argv = sample(runner.tools.ffmpeg, name=made.path.name, numbers=numbers, size_px=size, threads=runner.threads)
    raw = runner.run(argv, what=f"the check of {made.path.name}", timeout_s=120 + len(shown) * 0.5)
    length = size[0] * size[1] * 3
    if len(raw) != length * len(numbers):
        return f"{len(raw) // length} of {len(numbers)} sampled pictures could be decoded"
    decoded = [Image.frombytes("RGB", size, raw[at : at + length]) for at in range(0, len(raw), length)]
    sources = [look.seen(shown[number]) for number in numbers]
    if form.kind != "gif":
        sources = [look.padded_to_even(source) for source in sources]
    sources = [source.resize(size, Image.Resampling.BOX) for source in sources]
    # That the captured pictures are not flat was seen at full size (see `poster`); here fine stripes may average out.
    if all(look.is_flat(image) for image in decoded) and not all(look.is_flat(source) for source in sources):
        raise EncodeError(
            "flat_video",
            f"every picture of the {form.kind} file is one flat colour although the captured ones are not: ffmpeg lost them",
        )
    floor_db = form.floor_db if made.quality == form.best(plan) else form.floor_db / 2
    for place, number in enumerate(numbers):
        apart = [look.difference(decoded[place], source) for source in sources]
        likeness_db = look.psnr_db(apart[place])
        if likeness_db < floor_db or apart[place] > min(apart) + SWAP_MARGIN:
            return f"picture {number} does not look like what was captured ({likeness_db:.0f} dB)"
    return None


def sample_numbers(shown: Sequence[Shown], telling: Shown) -> list[int]:
    """Both ends, places spread evenly between, and the most telling picture, or the one shown in its stead."""
    last = len(shown) - 1
    spread = {round(place * last / (SAMPLES - 1)) for place in range(SAMPLES)}
    stead = max((number for number, picture in enumerate(shown) if picture.index <= telling.index), default=0)
    return sorted(spread | {stead})
