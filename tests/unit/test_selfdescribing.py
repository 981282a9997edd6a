"""The clock face that other tests read: every time survives painting and reading, and a damaged row is never taken for a time."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.selfdescribing.dom import document, el, frame
from tests.selfdescribing.reader import Eye, frames_of, pictures_of
from tests.selfdescribing.session import START_MS, Session
from tests.selfdescribing.timecode import BITS, CELLS, UnreadableError, cells_of, read_cells, read_time

TIMES = st.integers(0, (1 << BITS) - 1)


def row(time_ms: int, cell_px: int = 10) -> Image.Image:
    picture = Image.new("RGB", (CELLS * cell_px, cell_px), "white")
    pen = ImageDraw.Draw(picture)
    for number, black in enumerate(cells_of(time_ms)):
        if black:
            pen.rectangle((number * cell_px, 0, (number + 1) * cell_px - 1, cell_px - 1), fill="black")
    return picture


@given(TIMES)
def test_every_time_is_read_back(time_ms: int) -> None:
    assert read_time(row(time_ms), 10, 10) == time_ms


@given(TIMES, st.integers(2, CELLS - 1))
def test_one_wrong_cell_is_noticed(time_ms: int, wrong: int) -> None:
    cells = cells_of(time_ms)
    cells[wrong] = not cells[wrong]
    with pytest.raises(UnreadableError):
        read_cells(cells)


@pytest.mark.parametrize("colour", ["white", "black", "#808080"])
def test_a_flat_picture_is_no_time(colour: str) -> None:
    with pytest.raises(UnreadableError):
        read_time(Image.new("RGB", (300, 10), colour), 10, 10)


@pytest.mark.parametrize("width", [200, 450, 800])
def test_scaled_pictures_can_be_read(width: int) -> None:
    scaled = row(123_456).resize((width, round(10 * width / 300)), Image.Resampling.BILINEAR)
    assert read_time(scaled, width / CELLS, scaled.height) == 123_456


def test_times_survive_strong_compression(tmp_path: Path) -> None:
    times = [0, 40, 1_000, 65_535, 9_999_999]
    raw = b"".join(row(time).resize((304, 16)).tobytes() for time in times)
    how = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "304x16", "-r", "5", "-i", "-"]
    out = tmp_path / "times.mp4"
    codec = ["-c:v", "libx264", "-crf", "35", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", *how, *codec, str(out)], input=raw, check=True)
    assert [float(shown.at_s) for shown in pictures_of(out)] == [0.0, 0.2, 0.4, 0.6, 0.8]
    eye_px = (304 / CELLS, 16.0)
    assert [read_time(picture, *eye_px) for picture in frames_of(out, 10, 10)] == [t for t in times for _ in range(2)]


def test_a_session_knows_what_it_painted() -> None:
    session = Session(every_ms=40).end(1000)
    assert session.painted == list(range(0, 1001, 40))
    assert (session.shown_at(0), session.shown_at(39), session.shown_at(40), session.shown_at(1000)) == (0, 0, 40, 1000)
    assert session.duration_ms == 1000


def test_snapshots_hold_the_page_as_it_is_then() -> None:
    session = Session(el("p", None, "old"), every_ms=None)
    paragraph = session.body.children[1]
    session.say(100, paragraph.children[0], "new")
    session.add(200, el("b", None, "more"))
    session.checkout(300)
    session.remove(400, paragraph)
    events = json.loads(session.json())
    first, second = (json.dumps(event["data"]["node"]) for event in events if event["type"] == 2)
    assert '"old"' in first
    assert '"new"' in second
    assert '"more"' in second
    assert '"more"' not in first


def test_pointer_positions_come_in_batches_that_reach_back() -> None:
    session = Session(every_ms=None)
    session.moves([(at, at / 10, 20) for at in range(100, 1101, 100)])
    batches = [event for event in json.loads(session.json()) if event.get("data", {}).get("source") == 1]
    assert [event["timestamp"] - START_MS for event in batches] == [600, 1100]
    assert [[p["timeOffset"] for p in event["data"]["positions"]] for event in batches] == [
        [-500, -400, -300, -200, -100, 0],
        [-400, -300, -200, -100, 0],
    ]


def test_every_node_has_its_own_id_embedded_documents_included() -> None:
    inner = document(el("p", None, "inside"))
    session = Session(frame(inner), el("div").with_shadow(el("b", None, "shadow")), every_ms=None)
    session.add(100, frame(document(el("i", None, "later"))))
    ids: list[int] = []

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if "id" in node and "type" in node and "positions" not in node:
                ids.append(node["id"])
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect([event["data"] for event in json.loads(session.json()) if event["type"] != 3 or event["data"].get("adds")])
    assert len(ids) == len(set(ids))
    assert inner.id in ids


def test_the_eye_follows_letterboxing() -> None:
    session = Session(width=640, height=160, every_ms=None)
    assert Eye.of(session, 320, 180) == Eye(session.face.cell_px / 2, session.face.row_px / 2, 0, 50)
