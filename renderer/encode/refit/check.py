"""A film that was made to fit is measured against the film that it was made from."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from PIL import Image

from renderer.encode import look
from renderer.encode.graphs import sample
from renderer.encode.probe import Probe, box_order, probe
from renderer.encode.refit.film import Film
from renderer.encode.refit.make import Attempt, Refitter
from renderer.encode.runner import Runner
from renderer.encode.verify import BT709_LIMITED, SAMPLES, SWAP_MARGIN
from renderer.errors import EncodeError


def check(runner: Runner, refitter: Refitter, attempt: Attempt) -> Probe:
    """Raises EncodeError: `verification_failed` names the first thing that is wrong, `flat_video` says that nothing but one
    colour would be seen.
    """
    found = probe(runner, attempt.path)
    wrong = (
        _wrong_stream(found, refitter, attempt)
        or _wrong_times(found, refitter.film, attempt)
        or _wrong_chapters(found, attempt)
        or _wrong_pictures(runner, found, refitter, attempt)
    )
    if wrong:
        raise EncodeError(
            "verification_failed", f"the smaller {refitter.form.kind} file is not right and was not kept: {wrong}"
        )
    return found


def _wrong_stream(found: Probe, refitter: Refitter, attempt: Attempt) -> str | None:
    form, quality = refitter.form, attempt.quality
    if (found.streams, found.codec, found.pix_fmt) != (1, form.codec, form.pix_fmt):
        return f"it holds {found.streams} streams, the first {found.codec} with {found.pix_fmt} pixels"
    if (found.width_px, found.height_px) != (quality.width_px, quality.height_px):
        return f"{found.width_px}x{found.height_px} instead of {quality.width_px}x{quality.height_px} pixels"
    if form.kind == "gif":
        return None
    if found.colours != BT709_LIMITED or found.b_frames:
        return f"colours are tagged {'/'.join(found.colours)}, or it holds B-frames"
    boxes = box_order(attempt.path)
    if "moov" not in boxes or "mdat" not in boxes or boxes.index("moov") > boxes.index("mdat"):
        return "its index does not stand at the front"
    return None


def _wrong_times(found: Probe, film: Film, attempt: Attempt) -> str | None:
    slots = attempt.slots
    if slots is None:
        due = [Fraction(at, film.hz) for at in film.at]
        if len(found.pts) != len(due):
            return f"{len(found.pts)} pictures instead of {len(due)}"
        # A film that is not ours may count in a clock of its own.
        if any(abs(pts - at) > Fraction(1, film.hz) for pts, at in zip(found.pts, due, strict=True)):
            return "a picture is not shown when the film shows it"
    else:
        places = {pts * slots.hz / slots.gap for pts in found.pts}
        if len(places) != len(found.pts) or any(place.denominator > 1 for place in places) or found.pts[0] != 0:
            return "a picture is not shown when it should be"
    end = Fraction(attempt.end, attempt.hz)
    if abs(found.end - end) > Fraction(1, attempt.hz) or abs(found.container_s - end) > Fraction(1, 1000):
        return f"it lasts {float(found.end):.4f} s ({float(found.container_s):.4f} s by its header) instead of {float(end):.4f} s"
    return None


def _wrong_chapters(found: Probe, attempt: Attempt) -> str | None:
    due = tuple((Fraction(one.start_ms), Fraction(one.end_ms), one.title) for one in attempt.chapters)
    return None if found.chapters == due else f"its {len(found.chapters)} chapters are not the {len(due)} of the film"


def _wrong_pictures(runner: Runner, found: Probe, refitter: Refitter, attempt: Attempt) -> str | None:
    last = len(found.pts) - 1
    numbers = sorted({round(place * last / (SAMPLES - 1)) for place in range(SAMPLES)})
    originals = [_original(refitter.film, attempt, found.pts[number], number) for number in numbers]
    size = look.look_size(attempt.quality.width_px, attempt.quality.height_px)
    film = refitter.film
    made = _pictures(runner, attempt.path.name, numbers, size, film.time_limit_s)
    wanted = sorted(set(originals))
    seen = dict(zip(wanted, _pictures(runner, film.name, wanted, size, film.time_limit_s), strict=False))
    if len(made) != len(numbers) or len(seen) != len(wanted):
        return "not all of its pictures, or of the film's, could be decoded"
    if all(look.is_flat(image) for image in made) and not all(look.is_flat(image) for image in seen.values()):
        raise EncodeError(
            "flat_video",
            f"every picture of the smaller {refitter.form.kind} file is one flat colour although the film's are not",
        )
    floor_db = refitter.form.floor_db if attempt.quality == refitter.best else refitter.form.floor_db / 2
    for number, original, image in zip(numbers, originals, made, strict=True):
        apart = {wanted_number: look.difference(image, other) for wanted_number, other in seen.items()}
        likeness_db = look.psnr_db(apart[original])
        if likeness_db < floor_db or apart[original] > min(apart.values()) + SWAP_MARGIN:
            return f"picture {number} does not look like the film's ({likeness_db:.0f} dB)"
    return None


def _original(film: Film, attempt: Attempt, pts: Fraction, number: int) -> int:
    """The number of the film's picture that is shown at `pts`."""
    if attempt.slots is None:
        return number
    placed = [min(at, attempt.slots.latest) for at in film.at]
    return bisect_right(placed, pts * film.hz) - 1


def _pictures(
    runner: Runner, name: str, numbers: Sequence[int], size_px: tuple[int, int], timeout_s: float
) -> list[Image.Image]:
    argv = sample(runner.tools.ffmpeg, name=name, numbers=numbers, size_px=size_px, threads=runner.threads)
    raw = runner.run(argv, what=f"the check of {name}", timeout_s=timeout_s)
    length = size_px[0] * size_px[1] * 3
    return [Image.frombytes("RGB", size_px, raw[at : at + length]) for at in range(0, len(raw) - length + 1, length)]
