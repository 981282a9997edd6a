"""A file in base64 inside of a JSON answer, however the answer is cut into pieces."""

import base64
import json
from collections.abc import Iterator

import pytest

from renderer.deliver.http.decoded import base64_field

FILE = bytes(range(256)) * 5
DECODE = base64_field("Content")


def cut(text: bytes, size: int) -> Iterator[bytes]:
    return iter([text[at : at + size] for at in range(0, len(text), size)])


def decoded(text: bytes, size: int) -> bytes:
    return b"".join(DECODE(cut(text, size)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_file_is_read_whole_wherever_pieces_end(size: int, is_first: bool) -> None:
    content = {"Content": base64.encodebytes(FILE).decode()}
    others = {"Headers": 'a "Content" : "AAAA"\n' * 30, "id": 7}
    answer = json.dumps({**content, **others} if is_first else {**others, **content}, indent=3).encode()
    assert decoded(answer, size) == FILE


def test_slashes_may_be_escaped() -> None:
    text = base64.b64encode(b"\xff" * 30).decode().replace("/", "\\/")
    assert decoded(b'{"Content":"%b"}' % text.encode(), 5) == b"\xff" * 30


@pytest.mark.parametrize("answer", [b"{}", b'{"Content": null}', b'{"Content": ""}', b'{"content": "AAAA"}', b""])
def test_where_there_is_nothing_nothing_comes(answer: bytes) -> None:
    assert decoded(answer, 4) == b""


@pytest.mark.parametrize("answer", [b'{"Content": "AAAA', b'{"Content": "AAA"}', b'{"Content": "A*AA"}'])
def test_what_is_cut_off_or_no_base64_is_no_file(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends within|cut off|base64"):
        decoded(answer, 4)
