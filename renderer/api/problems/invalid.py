"""From pydantic's errors to ours: where, and what would be right; never what was given."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from renderer.api.problems.model import FieldError, Place, pointer_to

MOST: Final = 20
_PLACES: Final[dict[str, Place]] = {
    "body": "body",
    "query": "query",
    "path": "path",
    "header": "header",
    "form": "form",
}
_NO_OBJECT: Final = ("model_type", "model_attributes_type")
_OWN_WORDS: Final = {
    "extra_forbidden": "there is no such field; check its spelling",
    "missing": "it is missing",
    **dict.fromkeys(_NO_OBJECT, "it is no object"),
    "string_unicode": "it is no text: half of a surrogate pair stands for nothing",
    "string_pattern_mismatch": "it is not written as this field is; see /docs",
}


def field_errors(errors: Iterable[Mapping[str, Any]]) -> tuple[list[FieldError], bool]:
    """At most MOST of them, and whether the body is no JSON at all."""
    found: dict[FieldError, None] = {}
    for error in errors:
        if error["type"] == "json_invalid":
            return [], True
        found.setdefault(_field_error(error))
    # A list that lost its bad items is called too short as well: that is no mistake of its own.
    inside = [each.pointer or "" for each in found]
    told = [
        each
        for each in found
        if each.code != "too_short" or not any(other.startswith(f"{each.pointer}/") for other in inside)
    ]
    return told[:MOST], False


def _field_error(error: Mapping[str, Any]) -> FieldError:
    first, *rest = error["loc"] or ("body",)
    location = _PLACES.get(str(first), "body")
    kind = str(error["type"])
    said = _OWN_WORDS.get(kind) or str(error["msg"]).removeprefix("Value error, ")
    if kind in _NO_OBJECT and not rest:
        said = "the body is no JSON object; send one, with Content-Type: application/json"
    detail = f"{said[:1].lower()}{said[1:]}"
    if location == "body":
        return FieldError(detail=detail, code=kind, location=location, pointer=pointer_to(tuple(rest)))
    return FieldError(detail=detail, code=kind, location=location, parameter=str(rest[0])[:100] if rest else None)
