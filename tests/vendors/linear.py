"""Linear's GraphQL API and its storage, as far as a delivery asks them."""

import base64
import hashlib
import uuid
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from graphql import GraphQLError, GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language import FieldNode, OperationDefinitionNode

from renderer.deliver.systems.linear import Linear
from tests.vendors.base import Asked, BadRequestError, Fault, NoteSeen, Reply, Vendor

_SCHEMA = Path(__file__).parent / "schemas" / "linear.graphql"


class LinearVendor(Vendor):
    system: ClassVar = Linear
    post: ClassVar = ("POST", r"^/graphql$")
    reference: ClassVar = "linear:ENG-123"
    missing: ClassVar = "linear:ENG-404"
    bad_references: ClassVar = (
        "linear:123",
        "linear:ENG",
        "linear:ENG-0",
        "linear:ENG-1/x",
        "linear:ENG-1?x",
        "linear:https://linear.app/acme/issue/ENG-1/x/y",
        "linear:https://elsewhere.example/acme/issue/ENG-123",
    )
    secret: ClassVar = "lin_api_4f1d9b7c20"
    # A comment has no readers of its own: whoever sees the team reads it.
    cannot: ClassVar = frozenset({"test_a_public_note_is_public"})

    def __init__(self) -> None:
        super().__init__()
        self.is_trashed = False
        self.token = self.secret
        self.comments: list[dict[str, Any]] = []
        self.used_ids: set[str] = set()
        self.damages = False
        """What is stored."""
        self.loses = ""
        """The file of this name, out of notes."""
        self.assets: dict[str, dict[str, Any]] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.token}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                False,
                {asset["name"]: asset["bytes"] for url, asset in self.assets.items() if url in each["body"]},
            )
            for each in self.comments
        ]

    def posts(self) -> list[Asked]:
        return [each for each in super().posts() if "commentCreate" in each.json()["query"]]

    def is_look(self, asked: Asked) -> bool:
        return asked.path == "/graphql" and asked.json()["query"].startswith("query")

    def fail(self, how: Literal["instead", "after"], reply: Reply | None = None, times: int = 1) -> None:
        self.faults.append(_Creating(*self.post, how=how, reply=reply or Reply(), times=times))

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/storage/"):
            return self._store(asked)
        if asked.path != "/graphql" or asked.method != "POST":
            return Reply(404, b"Not found")
        wanted = self.token if self.token.startswith("lin_api_") else f"Bearer {self.token}"
        if asked.headers.get("authorization") != wanted:
            return failed("AUTHENTICATION_ERROR", "Authentication required, not authenticated", status=400)
        field, variables = _read(asked.json())
        return {
            "viewer": self._viewer,
            "issue": self._issue,
            "fileUpload": self._upload,
            "commentCreate": self._create,
            "commentDelete": self._delete,
        }[field](variables)

    def refuse(self, error: BadRequestError) -> Reply:
        return failed("GRAPHQL_VALIDATION_FAILED", str(error), status=400)

    def _viewer(self, _: dict[str, Any]) -> Reply:
        return _done({"viewer": {"name": "Support Bot", "organization": {"name": "Acme"}}})

    def _issue(self, variables: dict[str, Any]) -> Reply:
        if variables["id"] != "ENG-123":
            return failed("INPUT_ERROR", "Entity not found: Issue", said="Could not find referenced Issue.")
        if "ids" in variables:
            nodes = [each for each in self.comments if each["id"] in variables["ids"]]
            return _done({"issue": {"comments": {"nodes": nodes}}})
        url = "https://linear.app/acme/issue/ENG-123/no-answer"
        return _done(
            {"issue": {"id": str(uuid.uuid4()), "url": url, "trashed": self.is_trashed or None, "archivedAt": None}}
        )

    def _upload(self, variables: dict[str, Any]) -> Reply:
        if not self.may_post:
            return failed("FORBIDDEN", "Forbidden")
        if variables["contentType"] in self.refused_types:
            return failed("INPUT_ERROR", f"Content type {variables['contentType']} is not allowed")
        if self.most_bytes is not None and variables["size"] > self.most_bytes:
            return failed("INPUT_ERROR", "File size exceeds the limit")
        url = f"https://uploads.linear.app/{uuid.uuid4()}/{uuid.uuid4()}"
        number = len(self.assets) + 1
        self.assets[url] = {"name": variables["filename"], "kind": variables["contentType"], "size": variables["size"]}
        headers = {
            "x-goog-content-length-range": f"{variables['size']},{variables['size']}",
            "Content-Disposition": f'attachment; filename="{variables["filename"]}"',
        }
        to = {
            "uploadUrl": f"{self.url}/storage/{number}?X-Goog-Signature=abc",
            "assetUrl": url,
            "headers": [{"key": key, "value": value} for key, value in headers.items()],
        }
        return _done({"fileUpload": {"success": True, "uploadFile": to}})

    def _store(self, asked: Asked) -> Reply:
        if "authorization" in asked.headers:
            raise BadRequestError("the credentials went to the storage")
        asset = list(self.assets.values())[int(asked.path.removeprefix("/storage/")) - 1]
        size = asset["size"]
        if asked.method != "PUT" or asked.headers.get("x-goog-content-length-range") != f"{size},{size}":
            return Reply(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if asked.headers.get("content-type") != asset["kind"] or "cache-control" not in asked.headers:
            raise BadRequestError("a stored file needs its type, and how long it may be kept")
        if len(asked.body) != size:
            return Reply(400, b"<Error><Code>EntityTooLarge</Code></Error>")
        asset["bytes"] = b"damaged" + asked.body[7:] if self.damages else asked.body
        digest = base64.b64encode(hashlib.md5(asset["bytes"], usedforsecurity=False).digest()).decode()
        return Reply(200, b"", {"x-goog-hash": f"crc32c=AAAAAA==,md5={digest}"})

    def _create(self, variables: dict[str, Any]) -> Reply:
        if not self.may_post:
            return failed("FORBIDDEN", "Forbidden")
        given = variables["input"]
        if given["issueId"] != "ENG-123":
            return failed("INPUT_ERROR", "Entity not found: Issue")
        if uuid.UUID(given["id"]).version != 4:
            raise BadRequestError("id must be a UUID of version 4")
        if given["id"] in self.used_ids:
            return failed("INPUT_ERROR", "A record with this id exists already")
        self.used_ids.add(given["id"])
        made = {
            "id": given["id"],
            "url": f"https://linear.app/acme/issue/ENG-123/no-answer#comment-{given['id'][:8]}",
            "body": given["body"],
        }
        for url, asset in self.assets.items():
            if asset["name"] == self.loses:
                made["body"] = made["body"].replace(url, "")
        self.comments.append(made)
        return _done({"commentCreate": {"success": True, "comment": {"id": made["id"], "url": made["url"]}}})

    def _delete(self, variables: dict[str, Any]) -> Reply:
        left = [each for each in self.comments if each["id"] != variables["id"]]
        if len(left) == len(self.comments):
            return failed("INPUT_ERROR", "Entity not found: Comment")
        self.comments = left
        return _done({"commentDelete": {"success": True}})


class _Creating(Fault):
    """Everything is asked at one path: what is asked tells apart."""

    def matches(self, asked: Asked) -> bool:
        return super().matches(asked) and b"commentCreate" in asked.body


def failed(code: str, message: str, *, status: int = 200, said: str = "") -> Reply:
    about = {
        "code": code,
        "type": code.lower().replace("_", " "),
        "userError": True,
        "userPresentableMessage": said or message,
    }
    return Reply(status, {"data": None, "errors": [{"message": message, "extensions": about}]})


def _done(data: dict[str, Any]) -> Reply:
    return Reply(200, {"data": data})


def _read(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The field that is asked for, and the variables; checked against what Linear publishes."""
    try:
        document = parse(given["query"])
    except GraphQLError as error:
        raise BadRequestError(error.message) from None
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    errors = list(validate(_schema(), document))
    variables = get_variable_values(_schema(), operation.variable_definitions or (), given["variables"])
    if isinstance(variables, list):
        errors += variables
    if errors:
        raise BadRequestError(errors[0].message)
    field = operation.selection_set.selections[0]
    assert isinstance(field, FieldNode)
    return field.name.value, given["variables"]


@cache
def _schema() -> GraphQLSchema:
    return build_schema(_SCHEMA.read_text("utf-8"))
