"""`decompress=false`: a recording's blocks as PostHog stores them, in snappy, are the same recording."""

import struct
import time
from collections.abc import Callable
from pathlib import Path

import cramjam
import pytest

from renderer.errors import SourceError
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from tests.integration.filming import film_recording
from tests.integration.posthog_desk import Desk, asks, codes, lines_of
from tests.integration.posthog_server import (
    OCTETS,
    Answer,
    Asked,
    Block,
    PostHogServer,
    a_day_later,
    once,
    sample_lines,
    snappy,
)

GIB = 1 << 30


@pytest.fixture
def desk(server: PostHogServer, tmp_path: Path) -> Desk:
    asking = Desk(server, tmp_path)
    asking.changes["posthog_snappy"] = True
    return asking


def row(*blocks: bytes, between: bytes = b"") -> bytes:
    return between.join(struct.pack(">I", len(block)) + block for block in blocks)


def stored(desk: Desk, count: int) -> list[bytes]:
    return [snappy(block.lines) for block in desk.server.store_sample(count).blocks]


def answering(body: bytes) -> Callable[[Asked], Answer | None]:
    return lambda asked: (200, OCTETS, body) if asks("blob_v2")(asked) else None


def test_blocks_become_the_lines_that_they_hold(desk: Desk) -> None:
    desk.server.store_sample(45)
    fetched = desk.fetch()
    assert lines_of(fetched) == sample_lines()
    assert codes(fetched) == {}
    assert desk.server.count("decompress=false") == 3
    assert read_recording(fetched.raw).duration_ms == 72_864


def test_a_block_that_is_kept_for_long_is_one_without_a_length(desk: Desk) -> None:
    desk.server.store(Block("lts/team/2/a b", sample_lines(), "blob_v2_lts"))
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("decompress=false") == 1


def test_a_server_that_does_not_know_the_wish_sends_lines(desk: Desk) -> None:
    desk.server.store_sample(2)
    desk.server.faults = [answering(b"\n".join(sample_lines()))]
    assert lines_of(desk.fetch()) == sample_lines()


def test_blocks_are_read_whoever_asked_for_them(desk: Desk) -> None:
    desk.changes["posthog_snappy"] = False
    blocks = stored(desk, 3)
    desk.server.faults = [answering(row(*blocks))]
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("decompress") == 0


def test_line_ends_between_blocks_do_not_matter(desk: Desk) -> None:
    desk.server.faults = [answering(row(*stored(desk, 3), between=b"\n"))]
    assert lines_of(desk.fetch()) == sample_lines()


def test_it_makes_no_difference_on_disk(desk: Desk) -> None:
    """Parts that came one way are gone on with the other."""
    recording = desk.server.store_sample(45)
    down: Answer = (503, {}, b"{}")
    desk.server.faults = [lambda asked: down if asked.query.get("start_blob_key") == "19" else None]
    desk.refused()
    desk.server.faults, desk.changes["posthog_snappy"] = [], False
    desk.now_s = a_day_later(recording)
    assert lines_of(desk.fetch()) == sample_lines()
    assert desk.server.count("start_blob_key=0&") == 1


def test_a_damaged_block_costs_no_other(desk: Desk) -> None:
    for number in (0, 3):
        desk.root = desk.root / str(number)
        blocks = stored(desk, 6)
        kept = [block.lines for block in desk.server.recordings.popitem()[1].blocks]
        desk.server.store_sample(6)
        blocks[number] = b"\xff" * len(blocks[number])
        desk.server.faults = [answering(row(*blocks))]
        fetched = desk.fetch()
        assert lines_of(fetched) == [line for at, lines in enumerate(kept) if at != number for line in lines]
        assert codes(fetched) == {"posthog_cut_block": 1, "posthog_missing_blocks": 1}
        desk.server.faults = []
        assert lines_of(desk.fetch()) == sample_lines(), "it is asked for again"


@pytest.mark.parametrize("cut_bytes", [1, 40])
def test_an_answer_that_is_cut_is_asked_for_again_and_then_told(desk: Desk, cut_bytes: int) -> None:
    blocks = stored(desk, 4)
    cut = answering(row(*blocks)[:-cut_bytes])
    desk.server.faults = [once(cut)]
    assert lines_of(desk.fetch()) == sample_lines()
    desk.root = desk.root / "another"
    desk.server.faults = [cut]
    fetched = desk.fetch()
    assert codes(fetched) == {"posthog_cut_block": 1, "posthog_missing_blocks": 1}
    assert lines_of(fetched) == sample_lines()[: len(lines_of(fetched))]


def test_a_length_that_is_cut(desk: Desk) -> None:
    desk.server.faults = [answering(row(*stored(desk, 4)) + b"\0\0")]
    assert codes(desk.fetch()) == {"posthog_cut_block": 1}


def test_nothing_but_damaged_blocks(desk: Desk) -> None:
    desk.server.faults = [answering(row(*(b"\xff" * len(block) for block in stored(desk, 2))))]
    assert desk.refused().code == "posthog_blocks_unavailable"


@pytest.mark.parametrize("alone", [False, True])
def test_a_bomb_is_refused_before_it_is_inflated(desk: Desk, alone: bool) -> None:
    """A block of 50 MB that says, and holds, a gigabyte and four bytes: a literal, and copies of its last letter."""
    bomb = b"\x84\x80\x80\x80\x04" + b'\x0c["w"' + b"\xfe\x01\x00" * (GIB // 64)
    assert cramjam.snappy.decompress_raw_len(bomb) == GIB + 4
    desk.server.store(Block("0", sample_lines(), "blob_v2_lts" if alone else "blob_v2"))
    body = bomb if alone else row(bomb)
    desk.server.faults = [lambda asked: (200, OCTETS, body) if "source" in asked.query else None]
    began = time.process_time()
    error = desk.refused()
    assert error.code == "posthog_too_large"
    assert isinstance(error, SourceError)
    assert time.process_time() - began < 5


def test_a_length_that_cannot_be_is_damage(desk: Desk) -> None:
    """Snappy makes at most 64 bytes of 3."""
    blocks = stored(desk, 3)
    blocks[1] = b"\xff\xff\xff\x7f" + blocks[1][3:]
    desk.server.faults = [answering(row(*blocks))]
    assert codes(desk.fetch())["posthog_missing_blocks"] == 1


def test_what_curl_saved_is_a_recording_and_looks_like_the_one_that_was_fetched(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "saved.bin"
    path.write_bytes(row(*stored(desk, 4)))
    saved = read_recording(RawRecording(path.name, path, path.stat().st_size))
    assert (saved.kind, saved.duration_ms, saved.notices) == ("posthog-jsonl", 72_864, ())
    pictures = []
    for name, recording in (("saved", saved), ("fetched", read_recording(desk.fetch().raw))):
        folder = tmp_path / name
        folder.mkdir()
        made = film_recording(recording, folder, size="640x360", range={"from_ms": 53_000, "to_ms": 54_000}, fps=5)
        pictures.append([made.picture(number).tobytes() for number in range(made.plan.frame_count)])
    assert len(pictures[0]) == 5
    assert pictures[0] == pictures[1]
    assert len(set(pictures[0])) > 1, "something happens"
