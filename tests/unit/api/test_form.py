"""multipart/form-data as a stream: the same fields, however the bytes are cut."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.api.intake.form import Form
from renderer.api.problems import ProblemError

BOUNDARY = "----b0undary"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def form(*fields: tuple[str, bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\nContent-Type: a/b\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in fields
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in itertools.pairwise(edges):
        yield data[start:end]


def read(blocks: Iterator[bytes], kind: str = KIND) -> list[tuple[str, bytes]]:
    return [(field.name, b"".join(field.blocks)) for field in Form(blocks, kind)]


CONTENT = st.binary(max_size=300) | st.sampled_from([b"", b"\r\n--", f"\r\n--{BOUNDARY[:-1]}".encode(), b"--\r\n" * 9])


@given(
    st.lists(st.tuples(st.sampled_from(["file", "events", "ünï"]), CONTENT), max_size=4), st.lists(st.integers(0, 2000))
)
def test_fields_come_out_as_they_were_put_in(fields: list[tuple[str, bytes]], places: list[int]) -> None:
    if fields:
        assert read(cut(form(*fields), places)) == fields


def test_what_nobody_reads_of_a_field_is_passed_over() -> None:
    names = [field.name for field in Form(iter([form(("file", b"x" * 1000), ("events", b"y"))]), KIND)]
    assert names == ["file", "events"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form(("file", b"x")), "multipart/form-data"),
        (form(("file", b"x")), "multipart/form-data; boundary=" + "b" * 1000),
        (form(("file", b"x")), "multipart/form-data; boundary=other"),
        (form(("file", b"x"))[:-4], KIND),
        (form(("file", b"x" * 100))[:120], KIND),
        (form(("", b"x")), KIND),
        (b"", KIND),
        (b"\x00" * 100, KIND),
        (f"--{BOUNDARY}\r\n\r\nno header\r\n--{BOUNDARY}--\r\n".encode(), KIND),
        (f"--{BOUNDARY}\r\nContent-Disposition: attachment; name=file\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), KIND),
        (f"--{BOUNDARY}\r\n".encode() + b"a" * 100_000, KIND),
    ],
)
def test_what_is_no_form_is_a_problem(body: bytes, kind: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(iter([body]), kind)
    assert (caught.value.status_code, caught.value.code) == (400, "malformed_form")


@given(st.binary(max_size=400))
def test_hostile_bytes_are_a_form_or_a_problem(body: bytes) -> None:
    try:
        read(iter([f"--{BOUNDARY}\r\n".encode() + body]))
    except ProblemError as error:
        assert error.code == "malformed_form"
