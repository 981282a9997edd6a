"""Messages of webhooks held against what the OpenAPI document promises of them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

_DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[1] / "docs" / "openapi.json").read_text("utf-8"))


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for({"$ref": "#/components/schemas/News", "components": _DOCUMENT["components"]})


def as_promised(message: dict[str, Any]) -> None:
    """Raises when it is not, or has a field that the document does not know."""
    _validator().validate(message)
    assert set(_DOCUMENT["webhooks"][message["type"]]) == {"post"}
    schemas = _DOCUMENT["components"]["schemas"]
    assert set(message["data"]) <= set(schemas["NewsClip"]["properties"])
    for file in message["data"].get("outputs", ()):
        assert set(file) <= set(schemas["NewsFile"]["properties"])
