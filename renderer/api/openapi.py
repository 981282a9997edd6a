"""The OpenAPI document: what FastAPI knows of the routes, and what it cannot know."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from renderer.api.hooks import webhooks
from renderer.api.models.examples import EXAMPLES
from renderer.api.models.news import News
from renderer.api.problems import Problem
from renderer.api.problems.model import MEDIA_TYPE
from renderer.api.problems.responses import response

DESCRIPTION: Final = """\
Clips of recorded browser sessions, asked for by name, made by a queue.

Send a key as `Authorization: Bearer KEY`. Ask for a clip, and look at its `Location`, or listen to its events, until its status is
`succeeded`, `failed` or `canceled`. Whatever goes wrong is answered with a problem (RFC 9457): `code` is for programs, `detail` for
people, and `errors` names each field that will not do. Times are RFC 3339 in UTC, session times are milliseconds from the
recording's start."""
TAGS: Final[list[dict[str, Any]]] = [
    {"name": "clips", "description": "Asked for, watched, fetched, deleted."},
    {"name": "deliveries", "description": "Where a clip, or the news of it, goes."},
    {"name": "share links", "description": "Clips for people without a key."},
    {"name": "recordings", "description": "Uploaded sessions, and what happened in them."},
    {"name": "batches", "description": "Many clips asked for together, or many sessions looked through for clips."},
    {"name": "schedules", "description": "Batches that are made again and again."},
    {"name": "webhooks", "description": "Endpoints of yours that hear how clips end."},
    {"name": "ticket systems", "description": "Events of theirs that ask for clips. Their signature stands for a key."},
    {"name": "operation", "description": "For load balancers and monitoring."},
]
_FASTAPIS_WORDS: Final = "Successful Response"
_FASTAPIS: Final = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way of extending it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas = document["components"]["schemas"]
    for name in _FASTAPIS:
        schemas.pop(name, None)
    for model in (Problem, News):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs").items():
            schemas.setdefault(name, part)
        schemas[model.__name__] = schema
    document["webhooks"] = webhooks()
    for name, examples in EXAMPLES.items():  # not by the models: FastAPI leaves out what is null in them
        schemas[name]["examples"] = examples
    for operations in document["paths"].values():
        for operation in operations.values():
            _mend(operation)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    document["components"]["responses"] = dict(sorted(_hoist(document).items()))
    return document


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter may be left out, and cannot be null."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: value for name, value in schema.items() if name != "anyOf"}}


def _hoist(document: dict[str, Any]) -> dict[str, Any]:
    """Problems are told once and pointed to: there are hundreds."""
    hoisted: dict[str, Any] = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if MEDIA_TYPE in answer.get("content", {}):
                    hoisted[f"Problem{status}"] = answer
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    return hoisted


def _mend(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _given(parameter["schema"])
    answers = operation["responses"]
    if "application/json" in answers.get("422", {}).get("content", {}):  # as FastAPI would tell it
        answers["422"] = response(422)
    if "204" in answers:
        answers["204"].pop("content", None)
    for answer in answers.values():
        if answer["description"] == _FASTAPIS_WORDS:
            answer["description"] = "The answer."
        answer.setdefault("headers", {})["X-Request-Id"] = {
            "description": "Of this request: name it when you ask for help.",
            "schema": {"type": "string"},
        }
    operation["responses"] = dict(sorted(answers.items()))
