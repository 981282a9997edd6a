"""ffmpeg command lines for a film that becomes another film or a GIF: from its own pictures, not from captured ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import ffmpeg

from renderer.encode.formats import Format, Quality
from renderer.encode.timing import timescale

Graph: TypeAlias = Any  # ffmpeg-python has no types

_BITEXACT: dict[str, Any] = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": -1, "map_chapters": -1}
# A film is made to fit once and seen often. At the same bytes text is far clearer than with `veryfast` (docs/encoding.md); a
# whole picture costs as much as seconds of changes; more references would ask too much of some decoders at 1920x1080.
_PATIENT: dict[str, Any] = {"preset": "slow", "refs": 4, "g": 1000}
_SCALER = "lanczos+accurate_rnd+full_chroma_int"


@dataclass(frozen=True, slots=True)
class Slots:
    """`count` places for a picture, `gap` ticks of 1 / `hz` s from one to the next, the first at 0. What comes after
    `latest` (ticks of the film's own clock) is shown in the last one. No picture stays for more than `longest` ticks.
    """

    hz: int
    gap: int
    count: int
    latest: int
    longest: int | None = None


def piece(
    program: str,
    *,
    name: str,
    demuxer: str,
    film_hz: int,
    film_px: tuple[int, int],
    slots: Slots | None,
    form: Format,
    quality: Quality,
    threads: int,
    target: str,
) -> list[str]:
    """All pictures of `name`, or the newest in each of `slots`, encoded as a piece of `form`."""
    # Only files are ever read, and the demuxer is named: no list of other files is taken for a film.
    source = ffmpeg.input(name, f=demuxer, threads=threads, protocol_whitelist="file").video
    graph = source.filter("settb", f"1/{film_hz}")
    hz = film_hz
    if slots is not None:
        graph, hz = _in_slots(graph, slots), slots.hz
    options = dict(form.piece_options)
    if form.kind == "gif":
        graph = _scaled(graph, quality, out_range="pc").filter("format", "rgb24")
    else:
        options |= {"crf": quality.level, **_PATIENT}
        if film_px != (quality.width_px, quality.height_px):
            graph = _scaled(graph, quality, out_range="tv", out_color_matrix="bt709")
        graph = graph.filter("format", "yuv420p")
        graph = graph.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
    output = graph.output(
        target,
        f="mp4",
        threads=threads,
        fps_mode="passthrough",
        enc_time_base=f"1:{hz}",
        video_track_timescale=hz if slots is None else timescale(hz),
        **{"bsf:v": "setts=duration=max(DURATION\\,1)"},
        **options,
        **_BITEXACT,
    )
    return _compiled(output, program)


def _in_slots(graph: Graph, slots: Slots) -> Graph:
    """`fps` fills every slot, and `mpdecimate` takes out those in which nothing is new: two equal pictures, to the bit.

    Formulas over times and numbers, as the pieces of captured pictures have, would be too long for a command line.
    """
    kept: dict[str, Any] = {"hi": 0, "lo": 0, "frac": 0}
    if slots.longest is not None:
        kept["max"] = max(1, slots.longest // slots.gap - 1)
    return (
        graph.filter("setpts", f"min(PTS,{slots.latest})")
        # Without another one after it, `fps` may lose the very last picture.
        .filter("tpad", stop_duration=1, stop_mode="clone")
        .filter("fps", fps=f"{slots.hz}/{slots.gap}", start_time=0, round="up", eof_action="pass")
        # How far `fps` goes on after the last picture is not the same in all releases.
        .filter("tpad", stop=-1, stop_mode="clone")
        .filter("trim", end_frame=slots.count)
        .filter("mpdecimate", **kept)
        .filter("settb", f"1/{slots.hz}")
    )


def _scaled(graph: Graph, quality: Quality, **colours: str) -> Graph:
    return graph.filter("scale", quality.width_px, quality.height_px, flags=_SCALER, **colours)


def _compiled(output: Graph, program: str) -> list[str]:
    start: Sequence[str] = [program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-xerror", "-y"]
    argv: list[str] = ffmpeg.compile(output, cmd=list(start))
    return argv
