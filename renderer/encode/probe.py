"""What a file really holds, measured with ffprobe and by its boxes."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from renderer.encode.runner import Runner
from renderer.errors import EncodeError


@dataclass(frozen=True, slots=True)
class Probe:
    """One video stream: `pts` and `end` are exact seconds; `end` is when the last picture stops being shown.

    `streams` counts all but the text track in which an MP4 keeps the titles of its chapters. `chapters` are start, end (ms)
    and title.
    """

    streams: int
    codec: str
    width_px: int
    height_px: int
    pix_fmt: str
    colours: tuple[str, ...]
    b_frames: int
    pts: tuple[Fraction, ...]
    key_frames: int
    end: Fraction
    container_s: Fraction
    chapters: tuple[tuple[Fraction, Fraction, str], ...]


def probe(runner: Runner, path: Path) -> Probe:
    """Raises EncodeError when ffprobe cannot read the file or finds no video in it."""
    entries = (
        "stream=index,codec_type,codec_tag_string,codec_name,width,height,pix_fmt,color_range,color_space,color_transfer,color_primaries,has_b_frames,time_base"
        ":packet=stream_index,pts,duration,flags:format=duration,nb_streams:chapter=start,end,time_base:chapter_tags=title"
    )
    argv = [runner.tools.ffprobe, "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file"]
    argv += ["-show_entries", entries, "-of", "json", path.name]
    shown = json.loads(runner.run(argv, what=f"the measurement of {path.name}", timeout_s=120))
    streams = shown.get("streams", [])
    titles = [one for one in streams if one["codec_type"] != "video" and one.get("codec_tag_string") == "text"]
    stream: dict[str, Any] = next((stream for stream in streams if stream["codec_type"] == "video"), {})
    packets = [packet for packet in shown.get("packets", []) if packet["stream_index"] == stream.get("index")]
    if not packets or any("pts" not in packet for packet in packets):
        raise EncodeError("verification_failed", f"{path.name} holds no video, or pictures without a time")
    tick = Fraction(stream["time_base"])
    container = shown["format"].get("duration", "0")
    # WebM keeps no duration for a picture; ffprobe makes one up from those before. Its header's length is what players use.
    own_duration = stream["codec_name"] not in {"vp8", "vp9"}
    return Probe(
        streams=int(shown["format"]["nb_streams"]) - len(titles),
        codec=stream["codec_name"],
        width_px=stream["width"],
        height_px=stream["height"],
        pix_fmt=stream.get("pix_fmt", ""),
        colours=tuple(
            stream.get(name, "unknown") for name in ("color_range", "color_space", "color_transfer", "color_primaries")
        ),
        b_frames=int(stream.get("has_b_frames", 0)),
        pts=tuple(packet["pts"] * tick for packet in packets),
        key_frames=sum("K" in packet["flags"] for packet in packets),
        end=(packets[-1]["pts"] + packets[-1].get("duration", 0)) * tick if own_duration else Fraction(container),
        container_s=Fraction(container),
        chapters=tuple(_chapter(chapter) for chapter in shown.get("chapters", [])),
    )


def _chapter(chapter: dict[str, Any]) -> tuple[Fraction, Fraction, str]:
    tick_ms = Fraction(chapter["time_base"]) * 1000
    return chapter["start"] * tick_ms, chapter["end"] * tick_ms, chapter.get("tags", {}).get("title", "")


def box_order(path: Path) -> list[str]:
    """The names of an MP4's top-level boxes, in order (ISO/IEC 14496-12, 4.2)."""
    names = []
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size_bytes:
            file.seek(at)
            length, name = int.from_bytes(file.read(4), "big"), file.read(4)
            names.append(name.decode("latin-1"))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            if length < 8:
                break
            at += length
    return names
