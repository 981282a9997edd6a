"""What is given up for a byte limit, in which order, and how few encodes it takes to find out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.encode.formats import FORMATS, GIF, MP4, Format, Quality
from renderer.encode.ladder import MAX_TRIES, Fitted, Rung, compromises, fit, ladder
from renderer.plan.model import ClipPlan


def plan_of(fps: int = 25, width_px: int = 1280, height_px: int = 720) -> ClipPlan:
    return ClipPlan("r", 0, 1000, (), (), (), 1, (), fps, fps, width_px, height_px, frozenset(), "d")


class Bench:
    """Makes "files" whose sizes are told beforehand, and keeps account of them."""

    def __init__(self, rungs: list[Rung], sizes: list[int]) -> None:
        self.sizes = dict(zip((rung.quality for rung in rungs), sizes, strict=True))
        self.made: list[Quality] = []
        self.alive: set[Quality] = set()

    def make(self, quality: Quality) -> Quality:
        assert quality not in self.made, "the same encode twice"
        self.made.append(quality)
        self.alive.add(quality)
        return quality

    def fit(self, rungs: list[Rung], max_bytes: int) -> Fitted[Quality]:
        return fit(rungs, max_bytes, self.make, self.sizes.__getitem__, self.alive.remove)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("fps", [1, 5, 25, 60])
def test_quality_then_rate_then_size(form: Format, fps: int) -> None:
    rungs = ladder(form, plan_of(fps))
    assert rungs[0].quality == form.best(plan_of(fps))
    given_up = []
    for before, after in pairwise(rungs):
        changed = [
            before.quality.level != after.quality.level,
            before.quality.gap != after.quality.gap,
            before.quality.width_px != after.quality.width_px,
        ]
        assert sum(changed) == 1
        assert after.share < before.share
        assert after.quality.gap >= before.quality.gap
        assert after.quality.width_px <= before.quality.width_px
        given_up.append(changed.index(True))
    assert given_up == sorted(given_up)
    assert {0, 2} <= set(given_up)


def test_a_file_that_fits_is_encoded_once() -> None:
    rungs = ladder(MP4, plan_of())
    bench = Bench(rungs, [1000] * len(rungs))
    fitted = bench.fit(rungs, 1000)
    assert (fitted.made, bench.made) == (rungs[0].quality, [rungs[0].quality])


@given(st.lists(st.integers(1, 10_000), min_size=18, max_size=18), st.integers(1, 10_000))
def test_the_limit_is_kept_or_refused_in_few_tries_whatever_the_sizes(sizes: list[int], max_bytes: int) -> None:
    rungs = ladder(MP4, plan_of())
    assert len(rungs) == 18
    bench = Bench(rungs, sizes)
    fitted = bench.fit(rungs, max_bytes)
    assert len(bench.made) <= MAX_TRIES
    assert fitted.smallest_bytes == min(bench.sizes[quality] for quality in bench.made)
    if fitted.made is None:
        assert bench.made[-1] == rungs[-1].quality, "refused only after the smallest was tried"
        assert not bench.alive
    else:
        assert bench.sizes[fitted.made] <= max_bytes
        assert bench.alive == {fitted.made} == {fitted.quality}


@pytest.mark.parametrize("max_bytes", [90_000, 50_000, 20_000, 9_000])
def test_no_more_is_given_up_than_needed_when_sizes_are_as_expected(max_bytes: int) -> None:
    rungs = ladder(GIF, plan_of())
    sizes = [round(100_000 * rung.share) for rung in rungs]
    bench = Bench(rungs, sizes)
    fitted = bench.fit(rungs, max_bytes)
    best = next(number for number, size in enumerate(sizes) if size <= max_bytes)
    assert fitted.made is not None
    assert bench.sizes[fitted.made] >= min(0.8 * max_bytes, sizes[best])


def test_an_absurd_limit_costs_two_encodes() -> None:
    rungs = ladder(MP4, plan_of())
    bench = Bench(rungs, [round(1_000_000 * rung.share) for rung in rungs])
    fitted = bench.fit(rungs, 10)
    assert (fitted.made, len(bench.made)) == (None, 2)
    assert fitted.smallest_bytes == bench.sizes[rungs[-1].quality]


def test_compromises_are_told_in_plain_words() -> None:
    plan = plan_of()
    best = MP4.best(plan)
    assert compromises(best, best, MP4, plan) == ()
    assert compromises(best, Quality(44, 2, 960, 540), MP4, plan) == (
        "quality lowered (crf 44 instead of 20)",
        "at most 12.5 pictures a second instead of 25",
        "960x540 instead of 1280x720 pixels",
    )
    small = GIF.best(plan)
    assert (small.width_px, small.height_px) == (800, 450)
    assert compromises(small, Quality(64, 20, 800, 450), GIF, plan) == (
        "quality lowered (colours 64 instead of 256)",
        "at most 5 pictures a second instead of 12.5",
    )


@pytest.mark.parametrize(
    ("size", "expected"), [((390, 844), (370, 800)), ((640, 360), (640, 360)), ((1081, 721), (800, 534))]
)
def test_a_gif_fits_into_800_pixels_and_is_never_enlarged(size: tuple[int, int], expected: tuple[int, int]) -> None:
    best = GIF.best(plan_of(width_px=size[0], height_px=size[1]))
    assert (best.width_px, best.height_px) == expected


def test_odd_sizes_become_even_in_films() -> None:
    best = MP4.best(plan_of(width_px=641, height_px=359))
    assert (best.width_px, best.height_px) == (642, 360)
