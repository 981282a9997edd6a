"""When each picture is shown, in whole ticks: nothing early, nothing lost at the end, no drift."""

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.encode.pictures import parts
from renderer.encode.timing import (
    Shown,
    ffconcat,
    limit_rate,
    place_expression,
    pts_expression,
    repeat_long,
    timescale,
    to_ticks,
)
from renderer.frames import CapturedSegment, Frame, Sprite

PNG = Path("picture.png")
ticks = st.lists(st.integers(0, 4000), min_size=1, max_size=60, unique=True).map(sorted)


def shown_at(at: list[int]) -> list[Shown]:
    return [Shown(tick, PNG, tick) for tick in at]


def evaluate(expression: str, **variables: float) -> int:
    """ffmpeg's expression in Python: `if(lt(PTS,k),a,b)` and sums only."""
    python = expression.replace("if(", "IF(")
    assert re.fullmatch(r"(IF\(|lt\(|PTS|t|[),\d.+-])+", python)
    return int(eval(python, {"IF": lambda c, a, b: a if c else b, "lt": lambda a, b: a < b, **variables}))


@given(ticks)
def test_the_expression_gives_every_frame_its_tick(at: list[int]) -> None:
    expression = pts_expression(at)
    assert [evaluate(expression, PTS=number) for number in range(len(at))] == at


@given(st.lists(st.integers(-90, 4096), min_size=1, max_size=60), st.sampled_from([7, 24, 25, 30, 60, 100]))
def test_the_expression_gives_every_sprite_its_place(places: list[int], hz: int) -> None:
    """A time is a number of ticks times what a tick is as a double, as ffmpeg reckons it."""
    expression = place_expression(places, hz)
    assert [evaluate(expression, t=number * (1 / hz)) for number in range(len(places))] == places


def test_what_ffmpeg_is_told_of_a_segment_fits_on_a_command_line() -> None:
    frames = [
        Frame(3 * n, 0, PNG, "", tuple(Sprite("ring", -n, 4000 + n, 1.0, place) for place in range(4)))
        for n in range(2000)
    ]
    cut = parts(CapturedSegment(7, 0, 6001, tuple(frames)))
    assert [frame for part in cut for frame in part.frames] == frames
    assert [(part.number, part.first) for part in cut] == [(7, part.frames[0].index) for part in cut]
    assert [part.end for part in cut] == [*(part.first for part in cut[1:]), 6001]
    for part in cut:
        told = pts_expression([frame.index - part.first for frame in part.frames])
        for layer in range(4):
            told += place_expression([frame.sprites[layer].x_px for frame in part.frames], 100)
            told += place_expression([frame.sprites[layer].y_px for frame in part.frames], 100)
        assert len(told.replace(",", "\\,")) < 110_000
    quiet = [replace(frame, index=n, sprites=frames[0].sprites) for n, frame in enumerate(frames)]
    assert len(parts(CapturedSegment(0, 0, 2000, tuple(quiet)))) == 1, "nothing to tell"


def test_the_expression_stays_short_and_flat_for_a_long_busy_segment() -> None:
    at = [number * 3 for number in range(2000)]
    expression = pts_expression(at)
    # Linux takes 128 KiB for one argument, and ffmpeg-python escapes each comma.
    assert len(expression.replace(",", "\\,")) < 100_000
    depth = deepest = 0
    for letter in expression:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    assert deepest < 30


@given(ticks, st.integers(1, 40), st.integers(1, 300), st.integers(1, 2))
def test_rate_limit_keeps_distance_order_and_both_ends(at: list[int], gap: int, tail: int, last_gap: int) -> None:
    last_gap = min(last_gap, gap)
    end = at[-1] + tail
    kept = limit_rate(shown_at(at), end, gap, last_gap)
    assert (kept[0].at, kept[-1].index) == (at[0], at[-1])
    distances = [after.at - before.at for before, after in pairwise(kept)]
    assert all(distance >= gap for distance in distances[:-1])
    assert all(distance >= last_gap for distance in distances[-1:])
    assert all(picture.index <= picture.at for picture in kept[1:-1]), "a picture is never shown before its time"
    if len(kept) > 1:
        assert kept[-1].at + last_gap <= end


@given(ticks, st.integers(1, 40))
def test_rate_limit_is_never_more_than_a_gap_behind(at: list[int], gap: int) -> None:
    end = at[-1] + gap + 1
    kept = limit_rate(shown_at(at), end, gap)
    for tick in range(at[0], end):
        due = max(index for index in at if index <= tick)
        on_screen = [picture for picture in kept if picture.at <= tick][-1]
        behind = [index for index in at if on_screen.index < index <= due]
        assert not behind or tick - behind[0] < gap


def test_a_change_after_a_quiet_time_keeps_its_own_tick() -> None:
    assert [picture.at for picture in limit_rate(shown_at([0, 3, 50, 51, 52, 90]), 100, 8)] == [0, 8, 50, 58, 90]


def test_the_last_picture_takes_the_place_of_its_forerunner_when_nothing_else_is_left() -> None:
    kept = limit_rate(shown_at([0, 8, 9]), 10, 8, last_gap=2)
    assert [(picture.at, picture.index) for picture in kept] == [(0, 0), (8, 9)]


def test_long_stills_are_shown_again() -> None:
    repeated = repeat_long(shown_at([0, 10]), 25, 6)
    assert [(picture.at, picture.index) for picture in repeated] == [(0, 0), (6, 0), (10, 10), (16, 10), (22, 10)]


@pytest.mark.parametrize("fps", range(1, 61))
def test_every_frame_of_every_rate_begins_on_a_whole_tick(fps: int) -> None:
    hz = timescale(fps)
    assert hz % fps == 0
    assert hz * 3600 < 2**32, "an hour fits into 32 bits"


@given(st.integers(1, 60), st.lists(st.integers(1, 2000), min_size=1, max_size=400))
def test_joined_durations_never_drift(fps: int, lengths: list[int]) -> None:
    pieces, first = [], 0
    for length in lengths:
        pieces.append((f"{first}.mp4", first, first + length))
        first += length
    durations = re.findall(r"duration (\d+\.\d{6})", ffconcat(pieces, fps))
    assert len(durations) == len(lengths)
    at = Fraction(0)
    for duration, (_, _, end) in zip(durations, pieces, strict=True):
        at += Fraction(duration)
        assert abs(at - Fraction(end, fps)) <= Fraction(1, 2_000_000)


@given(st.integers(0, 100_000), st.integers(1, 60))
def test_hundredths_are_rounded_once(index: int, fps: int) -> None:
    assert abs(Fraction(to_ticks(index, fps, 100), 100) - Fraction(index, fps)) <= Fraction(1, 200)
