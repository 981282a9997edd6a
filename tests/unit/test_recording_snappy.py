"""Files of snappy blocks, as `curl …?decompress=false` saves them from PostHog."""

import codecs
import gzip
import struct
from pathlib import Path

import cramjam
import pytest

from renderer.errors import RecordingError
from renderer.recording.decode import snappy
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording

TEXT = gzip.decompress(Path("examples/chat/session.jsonl.gz").read_bytes())
LINES = TEXT.splitlines()
PIECES = [b"\n".join(LINES[start : start + 150]) for start in range(0, len(LINES), 150)]


def block(text: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(text))


def row(*blocks: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(each)) + each for each in blocks)


def read(content: bytes, folder: Path, limits: Limits | None = None) -> Recording:
    path = folder / "saved"
    path.write_bytes(content)
    return read_recording(RawRecording("saved", path, len(content)), limits=limits or Limits())


def refused(content: bytes, folder: Path, limits: Limits | None = None) -> str:
    with pytest.raises(RecordingError) as caught:
        read(content, folder, limits)
    return caught.value.code


BLOCKS = [block(piece) for piece in PIECES]
FORMS = {
    "row": row(*BLOCKS),
    "row, line ends between": b"\n".join(row(each) for each in BLOCKS),
    "row in gzip": gzip.compress(row(*BLOCKS)),
    "one block": block(TEXT),
    "one block in gzip": gzip.compress(block(TEXT)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_recording(form: str, tmp_path: Path) -> None:
    made, plain = read(FORMS[form], tmp_path), read(TEXT, tmp_path)
    assert made.kind == plain.kind == "posthog-jsonl"
    assert made.notices == plain.notices == ()
    assert [(event.at_ms, bytes(event.raw)) for event in made.windows[0].events] == [
        (event.at_ms, bytes(event.raw)) for event in plain.windows[0].events
    ]


def test_a_damaged_block_costs_no_other(tmp_path: Path) -> None:
    made = read(row(BLOCKS[0], b"\xff" * 50, b"\xff\xff\xff\x7f" + BLOCKS[1][3:], *BLOCKS[2:]), tmp_path)
    assert {notice.code: notice.count for notice in made.notices} == {"damaged_blocks": 2}
    assert made.event_count == read(b"\n".join([PIECES[0], *PIECES[2:]]), tmp_path).event_count


@pytest.mark.parametrize("cut_bytes", [1, len(BLOCKS[-1]) + 2])
def test_a_file_that_is_cut(cut_bytes: int, tmp_path: Path) -> None:
    made = read(row(*BLOCKS)[:-cut_bytes], tmp_path)
    assert [notice.code for notice in made.notices] == ["cut_last_block"]
    assert made.event_count == read(b"\n".join(PIECES[:-1]), tmp_path).event_count


@pytest.mark.parametrize(
    "content", [row(BLOCKS[0])[:-1], block(TEXT)[:-1], block(TEXT)[:400], block(TEXT) + b"\0" * 200_000]
)
def test_nothing_that_can_be_read(content: bytes, tmp_path: Path) -> None:
    assert refused(content, tmp_path) == "corrupt_snappy"


@pytest.mark.parametrize("content", [row(*BLOCKS), block(TEXT)])
def test_more_text_than_is_allowed(content: bytes, tmp_path: Path) -> None:
    assert refused(content, tmp_path, Limits(text_bytes=len(TEXT) - 1000)) == "recording_too_large"


def test_a_length_is_believed_only_as_far_as_the_block_can_make_it() -> None:
    """No memory is taken for it: snappy makes at most 64 bytes of 3."""
    claims = b"\xff\xff\xff\xff\x0f" + BLOCKS[0][3:]
    with pytest.raises(snappy.DamagedBlockError):
        snappy.inflate(claims, 1 << 40)
    with pytest.raises(snappy.TooLargeError):
        snappy.inflate(BLOCKS[0], len(PIECES[0]) - 1)


@pytest.mark.parametrize(
    "head",
    [TEXT, b"[ {\"type\": 4}, {", b'[0,{"type":4,"data"', b"\n \t[{\"type\": 4, \"d", codecs.BOM_UTF8 + b"[ {\"type\": 4, \"d",
     '[{"type":4,"data":'.encode("utf-16"), '[{"type":4,"data":'.encode("utf-16-be"), '[{"type":4,"data":'.encode("utf-32-be"), b"\x1f\x8b\x08\x00" + b"\0" * 20, b""],
)  # fmt: skip
def test_nothing_else_is_taken_for_snappy(head: bytes) -> None:
    assert not snappy.holds_blocks(head[:16])
    assert not snappy.is_block(head[:16])
