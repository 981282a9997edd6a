"""Requests checked against what a vendor publishes of its API: slices of OpenAPI documents in `schemas`, each with where it is from."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import jsonschema_rs

from tests.vendors.base import Asked, BadRequestError

_FOLDER: Final = Path(__file__).parent / "schemas"
_TRUTHS: Final = {"true": True, "false": False}


def check(name: str, asked: Asked, base: str = "") -> dict[str, str]:
    """The path's parameters, decoded. `base`: what stands before the paths of the schema.

    Raises BadRequestError: there is no such operation, a parameter or a field that it does not have, one that is missing or wrong.
    """
    path = asked.path.removeprefix(base)
    for operation, pattern in _operations(name):
        match = pattern.fullmatch(path)
        if operation["method"] == asked.method and match is not None:
            given = {key: unquote(value) for key, value in match.groupdict().items()}
            _demand_all(operation["path_schemas"], given)
            _demand_all(operation["query"], asked.query)
            _check_body(operation.get("body"), asked)
            return given
    raise BadRequestError(f"there is no {asked.method} {path}")


def _check_body(body: dict[str, Any] | None, asked: Asked) -> None:
    if body is None:
        if asked.body:
            raise BadRequestError("this takes no body")
        return
    kind = asked.headers.get("content-type", "").partition(";")[0]
    if body["content_type"] == "*/*":
        if not kind or not asked.body:
            raise BadRequestError("the body has to be a file, and its type to be told")
        return
    if kind != body["content_type"]:
        raise BadRequestError(f"the body has to be {body['content_type']}, not {kind!r}")
    if kind == "multipart/form-data":
        _demand(body["schema"], {part.name: part.filename or "" for part in asked.parts()})
    elif kind == "application/x-www-form-urlencoded":
        _demand(body["schema"], dict(asked.form()))
    else:
        _demand(body["schema"], asked.json())


def _demand(schema: dict[str, Any], given: Any) -> None:
    # Published schemas leave objects open, but what they do not name does nothing.
    closed = {"additionalProperties": False, **schema}
    error = next(jsonschema_rs.validator_for(closed).iter_errors(given), None)
    if error is not None:
        raise BadRequestError(error.message)


def _demand_all(schemas: dict[str, Any], given: dict[str, str]) -> None:
    """Of a path or a query, where everything is text."""
    _demand({"properties": schemas}, {key: _typed(value, schemas.get(key, {})) for key, value in given.items()})


def _typed(value: str, schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    return _TRUTHS.get(value, value) if kind == "boolean" else value


@cache
def _operations(name: str) -> list[tuple[dict[str, Any], re.Pattern[str]]]:
    told = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return [(each, _pattern(each["path"])) for each in told["operations"]]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))
