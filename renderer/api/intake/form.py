"""`multipart/form-data` (RFC 7578) as a stream: each field with its blocks, while the rest is still on its way."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from renderer.api.problems import ProblemError

_BEGIN: Final = object()
_END: Final = object()
_LONGEST_NAME: Final = 100


@dataclass(slots=True)
class Field:
    """`blocks` have to be read before the next field is asked for; what is left of them is passed over."""

    name: str
    blocks: Iterator[bytes]


@dataclass(slots=True)
class _Heard:
    queue: deque[object] = field(default_factory=deque)
    header: list[bytes] = field(default_factory=lambda: [b"", b""])
    disposition: bytes = b""
    over: bool = False

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": lambda: self.queue.append(_BEGIN),
            "on_part_data": lambda data, start, end: self.queue.append(data[start:end]),
            "on_part_end": lambda: self.queue.append(_END),
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self.disposition, self.header = b"", [b"", b""]

    def _add(self, place: int, data: bytes) -> None:
        self.header[place] += data

    def _header_end(self) -> None:
        if self.header[0].lower() == b"content-disposition":
            self.disposition = self.header[1]
            # Told in order: a part's name goes before its data.
            self.queue.append(self.disposition)
        self.header = [b"", b""]

    def _finish(self) -> None:
        self.over = True


class Form:
    """Raises ProblemError 400 `malformed_form` for what is none."""

    def __init__(self, blocks: Iterator[bytes], content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise _malformed("its Content-Type names no boundary")
        self._blocks = blocks
        self._heard = _Heard()
        try:
            self._parser = MultipartParser(boundary, self._heard.callbacks())  # type: ignore[arg-type]
        except FormParserError:
            raise _malformed("its boundary is too long") from None

    def __iter__(self) -> Iterator[Field]:
        name = b""
        while (heard := self._next()) is not None:
            if heard is _BEGIN:
                part = self._part()
                yield Field(_name(name), part)
                for _ in part:
                    pass
                name = b""
            elif isinstance(heard, bytes):
                name = heard

    def _part(self) -> Iterator[bytes]:
        while (heard := self._next()) is not _END:
            if heard is None:
                raise _malformed("it ends in the middle of a field")
            assert isinstance(heard, bytes)
            yield heard

    def _next(self) -> object | None:
        while not self._heard.queue:
            block = next(self._blocks, None)
            if block is None:
                if not self._heard.over:
                    raise _malformed("it ends before its last boundary")
                return None
            try:
                self._parser.write(block)
            except FormParserError:
                raise _malformed("its boundaries and headers are not where they should be") from None
        return self._heard.queue.popleft()


def _name(disposition: bytes) -> str:
    kind, options = parse_options_header(disposition)
    name = options.get(b"name", b"")
    if kind != b"form-data" or not name:
        raise _malformed("a field in it has no name")
    return name.decode("utf-8", "replace")[:_LONGEST_NAME]


def _malformed(why: str) -> ProblemError:
    return ProblemError(400, "malformed_form", f"this is no multipart/form-data: {why}")
