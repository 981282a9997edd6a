"""ffmpeg command lines: built as graphs by ffmpeg-python, run elsewhere."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import ffmpeg

from renderer.encode.formats import Quality, Video
from renderer.encode.timing import pts_expression, timescale

Graph: TypeAlias = Any  # ffmpeg-python has no types

# The same pictures must give the same bytes: no encoder tag, no dates, nothing copied from the input.
_BITEXACT: dict[str, Any] = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": -1}
# Only files are ever read; whatever a file's content says, ffmpeg follows it nowhere else.
_FILES_ONLY: dict[str, Any] = {"protocol_whitelist": "file"}
PICTURES = "%06d.png"


def command(program: str) -> list[str]:
    return [program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-xerror", "-y"]


def encode_pictures(
    program: str,
    *,
    folder: str,
    ticks: Sequence[int],
    fps: int,
    video: Video,
    quality: Quality,
    picture_px: tuple[int, int],
    threads: int,
    target: str,
) -> list[str]:
    """`folder` holds 000000.png, 000001.png … of `picture_px`; picture n is shown from `ticks[n]` / fps seconds.

    The target is an MP4 whatever the codec: its clock holds every k / fps exactly, WebM's only whole milliseconds.
    """
    graph = _pictures(folder, fps, threads).filter("settb", f"1/{fps}").filter("setpts", pts_expression(ticks))
    if any(side % 2 for side in picture_px):  # yuv420p halves both sides
        graph = graph.filter("pad", "ceil(iw/2)*2", "ceil(ih/2)*2")
    output = _to_bt709(graph, quality).output(
        target,
        f="mp4",
        threads=threads,
        fps_mode="passthrough",
        enc_time_base=f"1:{fps}",
        video_track_timescale=timescale(fps),
        **video.output_options(quality),
        **_BITEXACT,
    )
    return _compiled(output, program)


def join(
    program: str, *, list_path: str, video: Video, fps: int, frames: int, last_ticks: int, target: str
) -> list[str]:
    """Join segments without encoding. The demuxer does not know how long the very last picture is shown, and the file
    would end one frame after it began: `setts` says it, `last_ticks` in ticks of the joined file.
    """
    segments = ffmpeg.input(list_path, f="concat", **_FILES_ONLY)
    layout: dict[str, Any] = (
        {"movflags": "+faststart", "video_track_timescale": video.ticks_per_s(fps)} if video.muxer == "mp4" else {}
    )
    output = segments.output(
        target,
        f=video.muxer,
        c="copy",
        **{"bsf:v": f"setts=duration=if(eq(N\\,{frames - 1})\\,{last_ticks}\\,DURATION)"},
        **layout,
        **_BITEXACT,
    )
    return _compiled(output, program)


def sample(program: str, name: str, numbers: Sequence[int], size_px: tuple[int, int], threads: int) -> list[str]:
    """Decode all of `name`, stopping at the first error, and print frames `numbers` (from 0) as RGB, `size_px` each."""
    decoded = ffmpeg.input(name, threads=threads, **_FILES_ONLY).video.split()
    wanted = "+".join(f"eq(n,{number})" for number in numbers)
    sampled = (
        decoded[1]
        .filter("select", wanted)
        .filter("scale", *size_px, flags="area+accurate_rnd+full_chroma_int", out_range="pc")
        .filter("format", "rgb24")
    )
    whole = ffmpeg.output(decoded[0], "-", f="null", fps_mode="passthrough")
    printed = ffmpeg.output(sampled, "pipe:1", f="rawvideo", fps_mode="passthrough")
    return _compiled(ffmpeg.merge_outputs(whole, printed), program)


def _pictures(folder: str, rate: int, threads: int) -> Graph:
    return ffmpeg.input(
        f"{folder.replace('%', '%%')}/{PICTURES}",
        f="image2",
        vcodec="png",
        framerate=rate,
        threads=threads,
        **_FILES_ONLY,
    ).video


def _to_bt709(graph: Graph, quality: Quality) -> Graph:
    """Full-range sRGB to limited-range bt709; left to itself ffmpeg takes bt601's matrix, and text turns grey."""
    return graph.filter(
        "scale",
        quality.width_px,
        quality.height_px,
        flags="lanczos+accurate_rnd+full_chroma_int",
        in_range="pc",
        out_range="tv",
        out_color_matrix="bt709",
    ).filter("format", "yuv420p")


def _compiled(output: Graph, program: str) -> list[str]:
    argv: list[str] = ffmpeg.compile(output, cmd=command(program))
    return argv
