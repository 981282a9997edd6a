"""ffmpeg command lines: built as graphs by ffmpeg-python, run elsewhere. All names are relative to the work directory."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import ffmpeg

from renderer.encode.formats import Format, Quality
from renderer.encode.overlay import Layer
from renderer.encode.timing import place_expression, pts_expression, timescale

Graph: TypeAlias = Any  # ffmpeg-python has no types

# The same pictures must give the same bytes: no encoder tag, no dates, nothing copied from the input.
_BITEXACT: dict[str, Any] = {"fflags": "+bitexact", "flags": "+bitexact", "map_metadata": -1}
# Without a specifier, `map_metadata` takes the titles of the chapters away too.
_BITEXACT_BUT_CHAPTERS: dict[str, Any] = {
    **{name: value for name, value in _BITEXACT.items() if name != "map_metadata"},
    "map_metadata:g": -1,
    "map_metadata:s": -1,
}
# Only files are ever read; whatever a file's content says, ffmpeg follows it nowhere else.
_FILES_ONLY: dict[str, Any] = {"protocol_whitelist": "file"}
PICTURES = "%06d.png"
_SCALER = "lanczos+accurate_rnd+full_chroma_int"


def encode_pictures(
    program: str,
    *,
    folder: str,
    layers: Sequence[Layer] = (),
    ticks: Sequence[int],
    hz: int,
    form: Format,
    quality: Quality,
    picture_px: tuple[int, int],
    threads: int,
    target: str,
) -> list[str]:
    """A piece. `folder` holds 000000.png, 000001.png … of `picture_px` and the small pictures of `layers`, which lie over them;
    picture n is shown from `ticks[n]` / `hz` seconds.
    """
    graph = _numbered(folder, PICTURES, hz, threads)
    for layer in layers:
        graph = ffmpeg.filter(
            [graph, _numbered(folder, layer.pattern, hz, 1)],
            "overlay",
            place_expression([x for x, _ in layer.corners], hz),
            place_expression([y for _, y in layer.corners], hz),
            format="rgb",
        ).filter("settb", f"1/{hz}")
    graph = graph.filter("setpts", pts_expression(ticks))
    options = dict(form.piece_options)
    if form.kind == "gif":
        if picture_px != (quality.width_px, quality.height_px):
            graph = graph.filter("scale", quality.width_px, quality.height_px, flags=_SCALER)
        graph = graph.filter("format", "rgb24")
    else:
        options["crf"] = quality.level
        if any(side % 2 for side in picture_px):  # yuv420p halves both sides
            graph = graph.filter("pad", "ceil(iw/2)*2", "ceil(ih/2)*2")
        graph = _to_bt709(graph, quality)
    output = graph.output(
        target,
        f="mp4",
        threads=threads,
        fps_mode="passthrough",
        enc_time_base=f"1:{hz}",
        video_track_timescale=timescale(hz),
        # ffmpeg 7.0 gives the last picture no duration, and a picture of no duration is not read again.
        **{"bsf:v": "setts=duration=max(DURATION\\,1)"},
        **options,
        **_BITEXACT,
    )
    return _compiled(output, program)


def join(
    program: str, *, listed: str, hz: int, frames: int, last_ticks: int, target: str, chapters: str | None = None
) -> list[str]:
    """Join the pieces of the ffconcat `listed` into an MP4 without encoding. `chapters` is an ffmetadata file.

    The demuxer does not know how long the very last picture is shown, and the file would end one frame after it began:
    `setts` says it, `last_ticks` of `hz`. The pieces count in the same clock; where input and output differ, releases of
    ffmpeg disagree about the clock that `setts` sees (5.1 gives it WebM's packets in milliseconds and names another).
    """
    output = _with_chapters(
        ffmpeg.input(listed, f="concat", **_FILES_ONLY),
        chapters,
        target,
        f="mp4",
        c="copy",
        movflags="+faststart",
        video_track_timescale=hz,
        **{"bsf:v": f"setts=duration=if(eq(N\\,{frames - 1})\\,{last_ticks}\\,DURATION)"},
    )
    return _compiled(output, program)


def remux(program: str, *, name: str, muxer: str, target: str, chapters: str | None = None) -> list[str]:
    """The same packets in another container."""
    output = _with_chapters(ffmpeg.input(name, **_FILES_ONLY), chapters, target, f=muxer, c="copy")
    return _compiled(output, program)


def _with_chapters(film: Graph, chapters: str | None, target: str, **options: Any) -> Graph:
    if chapters is None:
        return film.output(target, **options, **_BITEXACT)
    # The file has no streams, and ffmpeg-python names no input of which nothing is asked: `1:v?` asks in vain.
    told = ffmpeg.input(chapters, f="ffmetadata", **_FILES_ONLY)
    return ffmpeg.output(film, told["v?"], target, map_chapters=1, **options, **_BITEXACT_BUT_CHAPTERS)


def gif(program: str, *, listed: str, quality: Quality, last_ticks: int, threads: int, target: str) -> list[str]:
    """One graph from the pieces of the ffconcat `listed` to a GIF that loops for ever; its last picture stays for
    `last_ticks` hundredths of a second.

    The list is read twice in the one graph. With one input and `split`, the graph holds every picture until the palette is
    ready: 375 MB instead of 130 for 180 pictures of 800x450.
    """
    # ffmpeg-python takes equal inputs for one, so the second has another name.
    for_palette = ffmpeg.input(listed, f="concat", threads=threads, **_FILES_ONLY).video
    for_pictures = ffmpeg.input(f"./{listed}", f="concat", threads=threads, **_FILES_ONLY).video
    # `diff` counts the pixels that go, so what comes last and stays would have no colours: one more picture makes it go too.
    counted = for_palette.filter("tpad", stop=1, color="0x3b1f77")
    palette = counted.filter("palettegen", max_colors=quality.level, stats_mode="diff")
    # Ordered dithering: it does not crawl from picture to picture, and costs 3% over none.
    dither = {"dither": "bayer", "bayer_scale": 5} if quality.level == 256 else {"dither": "none"}
    output = ffmpeg.filter(
        [for_pictures.filter("settb", "1/100"), palette], "paletteuse", diff_mode="rectangle", **dither
    ).output(
        target,
        f="gif",
        fps_mode="passthrough",
        enc_time_base="1:100",
        loop=0,
        final_delay=last_ticks,
        **_BITEXACT,
    )
    return _compiled(output, program)


def sample(program: str, *, name: str, numbers: Sequence[int], size_px: tuple[int, int], threads: int) -> list[str]:
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


def _numbered(folder: str, pattern: str, hz: int, threads: int) -> Graph:
    """Picture n at n / `hz` seconds. Named demuxer and decoder: nothing is guessed from what Chromium drew."""
    source = ffmpeg.input(
        f"{folder.replace('%', '%%')}/{pattern}",
        f="image2",
        vcodec="png",
        framerate=hz,
        threads=threads,
        **_FILES_ONLY,
    )
    return source.video.filter("settb", f"1/{hz}")


def _to_bt709(graph: Graph, quality: Quality) -> Graph:
    """Full-range sRGB to limited-range bt709; left to itself ffmpeg takes bt601's matrix, and text turns grey.

    With newer releases (9.0, not 7.0) a file's tags are the pictures', whatever the options say: `setparams` tags those.
    """
    converted = graph.filter(
        "scale",
        quality.width_px,
        quality.height_px,
        flags=_SCALER,
        in_range="pc",
        out_range="tv",
        out_color_matrix="bt709",
    ).filter("format", "yuv420p")
    return converted.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")


def _compiled(output: Graph, program: str) -> list[str]:
    start = [program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-xerror", "-y"]
    argv: list[str] = ffmpeg.compile(output, cmd=start)
    return argv
