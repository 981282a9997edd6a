"""`renderer clip` from a file to files: what they show, what is told of them, and where they are put."""

import hashlib
import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.painted import BLUE, GREEN, HEIGHT_PX, RED, WIDTH_PX, colours, page, paint, session
from tests.e2e.program import Program, clip
from tests.unit.recordings import Json, dump, meta, move, mutation

BESIDE = ("bug.png", "bug.json", "bug.vtt", "bug.md")


def write(program: Program, events: list[Json], name: str = "session.json") -> None:
    (program.folder / name).write_text(dump(events))


def runs(video: Path, fps: int = 25) -> list[tuple[tuple[int, int, int], int]]:
    """Colours in their order, each with the number of frames that show it."""
    return [(colour, len(list(frames))) for colour, frames in groupby(colours(video, fps))]


# Design, section 4, and what is promised beyond it; a type stands for itself, a list for a list of one kind.
MANIFEST: dict[str, Any] = {
    "schema_version": int,
    "clip": {"duration_ms": int, "width_px": int, "height_px": int, "fps": int},
    "files": [
        {
            "kind": str,
            "path": str,
            "bytes": int,
            "sha256": str,
            "given_up": [str],
        }
    ],
    "recording": {
        "id": str,
        "kind": str,
        "started_at_ms": int,
        "duration_ms": int,
        "events": int,
        "windows": [
            {
                "id": str,
                "events": int,
                "first_ms": int,
                "last_ms": int,
                "width_px": int,
                "height_px": int,
                "shown": bool,
            }
        ],
    },
    "range": {"from_ms": int, "to_ms": int},
    "time_map": [{"video_ms": int, "session_ms": int, "speed": float}],
    "frames": {"captured": int, "distinct": int, "total": int},
    "timeline": [{"at_ms": int, "kind": str, "level": str, "title": str, "properties": dict}],
    "llm_calls": [dict],
    "chapters": [{"start_ms": int, "end_ms": int, "title": str}],
    "environment": {"viewport_px": list},
    "clock_offsets": [dict],
    "redaction": {"policy": str, "digest": str, "counts": dict},
    "timings": {"reading": float, "filming": float, "encoding": float},
    "moments": [dict],
    "warnings": [{"code": str, "message": str, "count": int}],
    "versions": {"renderer": str, "rrweb": str, "chromium": str, "ffmpeg": str},
    "plan_digest": str,
}


def lacks(value: object, shape: Any, where: str = "manifest") -> list[str]:
    """What of `shape` is missing or of another type; more than `shape` may be there."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        return [
            lack
            for name, inner in shape.items()
            for lack in (
                lacks(value[name], inner, f"{where}.{name}") if name in value else [f"{where}.{name} is missing"]
            )
        ]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [lack for item in value for lack in lacks(item, shape[0], f"{where}[]")]
    return [] if type(value) is shape else [f"{where} is {type(value).__name__}, not {shape.__name__}"]


def test_three_formats_and_the_manifest(renderer: Program) -> None:
    write(renderer, session())
    outputs = ("-o", "bug.mp4", "-o", "bug.gif", "-o", "bug.webm")
    result = renderer(*clip("session.json", *outputs, "--json"))
    assert (result.code, result.err) == (0, "")
    manifest = json.loads(result.out)
    assert lacks(manifest, MANIFEST) == []

    assert renderer.files == {"session.json", "bug.mp4", "bug.gif", "bug.webm", *BESIDE}
    assert json.loads((renderer.folder / "bug.json").read_text()) == manifest
    assert renderer.left_over == []
    assert [(file["kind"], file["path"]) for file in manifest["files"]] == [
        ("mp4", "bug.mp4"),
        ("gif", "bug.gif"),
        ("webm", "bug.webm"),
        ("poster", "bug.png"),
        ("captions", "bug.vtt"),
        ("summary", "bug.md"),
    ]
    for file in manifest["files"]:
        content = (renderer.folder / file["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    for file in manifest["files"][:4]:
        assert (file["width_px"], file["height_px"]) == (320, 180)

    # 0 to 1200 ms at 25 fps, and one frame more for the session's last event.
    for file in manifest["files"][:3]:
        assert file["duration_ms"] == 1240
        assert runs(renderer.folder / file["path"]) == [(RED, 10), (GREEN, 10), (BLUE, 11)]
    assert manifest["clip"] == {"duration_ms": 1240, "width_px": 320, "height_px": 180, "fps": 25}
    assert manifest["frames"]["total"] == 31
    assert manifest["frames"]["distinct"] == 3
    assert 3 <= manifest["frames"]["captured"] <= 6
    assert manifest["range"] == {"from_ms": 0, "to_ms": 1200}
    assert manifest["time_map"] == [{"video_ms": 0, "session_ms": 0, "speed": 1.0}]
    assert manifest["recording"]["events"] == 5
    assert [window["id"] for window in manifest["recording"]["windows"] if window["shown"]] == ["main"]
    assert manifest["recording"]["windows"][0]["width_px"] == WIDTH_PX
    assert len(manifest["plan_digest"]) == 64


def test_a_range_to_the_frame_and_plain_lines(renderer: Program) -> None:
    write(renderer, session())
    result = renderer(*clip("session.json", "-o", "bug.mp4", "--from", "0.36", "--to", "0.840", "--fps", "50"))
    assert result.code == 0
    assert runs(renderer.folder / "bug.mp4", fps=50) == [(RED, 2), (GREEN, 20), (BLUE, 2)]
    told = [line.split("  ")[0] for line in result.out.splitlines()]
    assert told == ["bug.mp4", "bug.png", "bug.vtt", "bug.md"]
    lines = result.err.splitlines()
    assert lines[0] == "renderer: reading (0%)"
    assert any(line.startswith("renderer: filming: 24 of 24 frames (") for line in lines)
    assert all(line.startswith("renderer: ") for line in lines)
    assert "\x1b" not in result.out + result.err
    assert "\r" not in result.out + result.err


def test_what_is_odd_is_mended_and_counted(renderer: Program) -> None:
    start, first, green, blue, last = session()
    odd = [
        *(blue, start, green, first, last),  # out of order
        *(green, blue),  # again
        {"type": 9, "data": {}, "timestamp": green["timestamp"] + 10},
        {"type": 3, "data": {"source": 77}, "timestamp": green["timestamp"] + 20},
        paint(600, RED, node=9999),
        mutation(620, removes=[{"parentId": 3, "id": 9997}]),
        {**move(500), "timestamp": None},
    ]
    (renderer.folder / "session.json").write_text(dump([*odd, 17]))
    result = renderer(*clip("session.json", "-o", "bug.mp4", "--json"))
    assert result.code == 0
    warnings = {warning["code"]: warning["count"] for warning in json.loads(result.out)["warnings"]}
    assert warnings == {
        "out_of_order": 4,
        "duplicate_event": 2,
        "unknown_event_type": 1,
        "unknown_source": 1,
        "nodes_missing": 3,
        "bad_timestamp": 1,
        "not_an_event": 1,
    }
    assert runs(renderer.folder / "bug.mp4") == [(RED, 10), (GREEN, 10), (BLUE, 11)]


def test_what_was_there_is_replaced_when_all_is_well_and_kept_when_not(renderer: Program) -> None:
    write(renderer, session())
    names = ("bug.mp4", *BESIDE)
    for name in names:
        (renderer.folder / name).write_text("old")
    before = renderer.files
    failed = renderer(*clip("session.json", "-o", "bug.mp4", "--max-bytes", "100"))
    assert failed.code == 2
    assert [(renderer.folder / name).read_text() for name in names] == ["old"] * len(names)
    assert renderer.files == before

    assert renderer(*clip("session.json", "-o", "bug.mp4", "-q")).code == 0
    assert len(runs(renderer.folder / "bug.mp4")) == 3
    assert (renderer.folder / "bug.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((renderer.folder / "bug.json").read_text())["files"][0]["path"] == "bug.mp4"
    assert renderer.files == before


@pytest.mark.parametrize(
    ("recording", "output"),
    [("a session, ünï 漢字 🎬.json", "a clip % %d ' \" 漢字 🎬.mp4"), ("-dash.json", "-dash-clip.mp4")],
)
def test_names(recording: str, output: str, renderer: Program) -> None:
    write(renderer, [meta(0, WIDTH_PX, HEIGHT_PX), page(0), paint(200, GREEN)], recording)
    result = renderer("clip", "-o", output, "--size", "320x180", "--assets", "offline", "-q", "--", recording)
    assert (result.code, result.out, result.err) == (0, "", "")
    beside = Path(output)
    assert renderer.files == {recording, output, *(beside.with_suffix(Path(name).suffix).name for name in BESIDE)}
    assert runs(renderer.folder / output) == [(RED, 5), (GREEN, 1)]


def test_a_read_only_folder_elsewhere_does_not_matter(renderer: Program, tmp_path: Path) -> None:
    """Only the output's folder is written to: the recording may lie where nothing can be written."""
    place = tmp_path / "there"
    place.mkdir()
    write(renderer, [meta(0, WIDTH_PX, HEIGHT_PX), page(0), paint(200, GREEN)])
    source = renderer.folder / "session.json"
    source.chmod(0o444)
    assert renderer(*clip(source, "-o", place / "bug.mp4", "-q")).code == 0
    assert renderer.files == {"session.json"}
    assert {path.name for path in place.iterdir()} == {"bug.mp4", *BESIDE}
