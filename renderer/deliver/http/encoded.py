"""A JSON body in which files stand in base64: read as it is sent, so that no film is in memory three times."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# A multiple of three, so that no padding stands in the middle.
_BLOCK: Final = 48 * 1024


@dataclass(frozen=True, slots=True)
class Base64File:
    """Takes the place of a string in what becomes JSON."""

    path: Path
    bytes: int


@dataclass(frozen=True, slots=True)
class EncodedJson:
    """`parts`: of the body, one after the other."""

    parts: tuple[bytes | Base64File, ...]

    def headers(self) -> Mapping[str, str]:
        length = sum(len(part) if isinstance(part, bytes) else -(-part.bytes // 3) * 4 for part in self.parts)
        return {"Content-Type": "application/json", "Content-Length": str(length)}

    def content(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            with part.path.open("rb") as file:
                while block := file.read(_BLOCK):
                    yield base64.b64encode(block)


def encoded_json(value: Any) -> EncodedJson:
    """`value`: what JSON has, and Base64File where a string may stand."""
    parts: list[bytes | Base64File] = []
    _write(value, parts)
    return EncodedJson(tuple(_joined(parts)))


def _write(value: Any, parts: list[bytes | Base64File]) -> None:
    match value:
        case Base64File():
            parts += [b'"', value, b'"']
        case dict():
            for at, (name, inner) in enumerate(value.items()):
                parts.append((b", " if at else b"{") + json.dumps(name).encode() + b": ")
                _write(inner, parts)
            parts.append(b"}" if value else b"{}")
        case list():
            for at, inner in enumerate(value):
                parts.append(b", " if at else b"[")
                _write(inner, parts)
            parts.append(b"]" if value else b"[]")
        case _:
            parts.append(json.dumps(value).encode())


def _joined(parts: list[bytes | Base64File]) -> Iterator[bytes | Base64File]:
    text = b""
    for part in parts:
        if isinstance(part, bytes):
            text += part
        else:
            yield text
            yield part
            text = b""
    yield text
