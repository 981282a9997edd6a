"""The OpenAPI document: committed as it is, complete, and true, as far as schemathesis can find out."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from scripts.openapi import document

ROOT = Path(__file__).parents[3]
COMMITTED: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in COMMITTED["paths"].items()
    for method, operation in operations.items()
]


def test_what_is_committed_is_what_there_is() -> None:
    assert document() == COMMITTED, "run `make openapi`"


@pytest.mark.parametrize("operation", [each for _, each in OPERATIONS], ids=[name for name, _ in OPERATIONS])
def test_every_operation_is_told_of_completely(operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert operation["tags"]
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description") or parameter["schema"], parameter["name"]
    answers = operation["responses"]
    assert any(status.startswith("2") for status in answers)
    if operation.get("security"):
        assert {"401", "403", "429", "500", "503"} <= set(answers)
        assert all(scopes for each in operation["security"] for scopes in each.values())
    for status, answer in answers.items():
        if status >= "400" and "$ref" in answer:
            shared = COMMITTED["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert shared["content"]["application/problem+json"]["example"]["status"] == int(status)


def test_every_endpoint_behind_a_key_says_so() -> None:
    open_to_all = {name for name, operation in OPERATIONS if not operation.get("security")}
    assert open_to_all == {
        "GET /s/{token}",
        "GET /s/{token}/{name}",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "POST /v1/inbound/{system}",
    }


def test_examples_are_what_their_schemas_ask_for() -> None:
    schemas = COMMITTED["components"]["schemas"]
    tried = 0
    for name, schema in schemas.items():
        for example in schema.get("examples", ()):
            whole = {"$ref": f"#/components/schemas/{name}", "components": COMMITTED["components"]}
            jsonschema_rs.validator_for(whole).validate(example)
            tried += 1
        for field, told in schema.get("properties", {}).items():
            for example in told.get("examples", ()):
                validator = jsonschema_rs.validator_for({**told, "components": COMMITTED["components"]})
                assert validator.is_valid(example), f"{name}.{field}"
                tried += 1
    assert tried > 30
