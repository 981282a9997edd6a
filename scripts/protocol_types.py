"""Prints player_assets/src/protocol.gen.ts: the TypeScript side of renderer/player/protocol.py.

A flat set of messages needs no schema compiler: numbers, booleans, strings, literals, lists and `| null`.
"""

import sys
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from renderer.player.protocol import MESSAGES

HEADER = (
    "// Generated from renderer/player/protocol.py by `make protocol`. Do not edit: a test fails when the two differ.\n"
)
SIMPLE = {int: "number", float: "number", bool: "boolean", str: "string", NoneType: "null"}


def typescript(annotation: object) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return typescript(arguments[0])
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in (Union, UnionType):
        return " | ".join(typescript(argument) for argument in arguments)
    if origin is list:
        inner = typescript(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if isinstance(annotation, type) and annotation in SIMPLE:
        return SIMPLE[annotation]
    if annotation in MESSAGES:
        return annotation.__name__
    raise TypeError(f"no TypeScript for {annotation!r}")


def generate() -> str:
    parts = [HEADER]
    for message in MESSAGES:
        fields = "".join(f"  {name}: {typescript(field.annotation)};\n" for name, field in message.model_fields.items())
        parts.append(f"export interface {message.__name__} {{\n{fields}}}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(generate())
