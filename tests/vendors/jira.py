"""Jira Cloud, as far as a delivery asks it."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import jsonschema_rs

from renderer.deliver.systems.jira import Jira
from tests.unit.deliver.note.adf_schema import ADF
from tests.vendors.base import BadRequestError, Reply
from tests.vendors.jira_site import JiraSite

_ADF = jsonschema_rs.validator_for(ADF)
_LONGEST = 32_767


class JiraVendor(JiraSite):
    system: ClassVar = Jira
    api: ClassVar = "/rest/api/3"
    schema: ClassVar = "jira"
    key: ClassVar = "PROJ-123"
    post: ClassVar = ("POST", r"/issue/[A-Z0-9-]+/comment$")
    reference: ClassVar = "jira:PROJ-123"
    missing: ClassVar = "jira:PROJ-404"
    bad_references: ClassVar = (
        "jira:123",
        "jira:PROJ",
        "jira:PROJ-0",
        "jira:PROJ-1/comment",
        "jira:PROJ-1?x=1",
        "jira:../PROJ-1",
        "jira:https://elsewhere.example/browse/PROJ-1",
    )

    # Its notes are for developers; files are for whoever sees the issue.
    accepts: ClassVar = frozenset({"visible_files"})

    def __init__(self) -> None:
        super().__init__()
        self.shows_media = True

    def settings(self) -> dict[str, str]:
        return {
            "url": self.url,
            "email": "bot@example.com",
            "token": self.secret,
            "visibility": "role:Developers",
        }

    @property
    def authorization(self) -> str:
        return f"Basic {base64.b64encode(f'bot@example.com:{self.secret}'.encode()).decode()}"

    def files_of(self, comment: Mapping[str, Any]) -> list[dict[str, Any]]:
        text = json.dumps(comment["body"])
        return [
            file
            for file in self.files.values()
            if file["media"] in text or f'"{self.url}{self.content_path(file)}"' in text
        ]

    def refuse_note(self, body: Any) -> Reply | None:
        error = next(_ADF.iter_errors(body), None)
        if error is not None:
            raise BadRequestError(f"that is no Atlassian Document Format: {error.message}")
        known = {file["media"] for file in self.files.values()} if self.shows_media else set()
        if not _media(body) <= known:
            return Reply(400, {"errorMessages": ["ATTACHMENT_VALIDATION_ERROR"], "errors": {}})
        if len("".join(_texts(body))) > _LONGEST:
            return Reply(400, {"errorMessages": [], "errors": {"comment": "CONTENT_LIMIT_EXCEEDED"}})
        return None

    def forgotten(self, comment: Mapping[str, Any]) -> None:
        """Jira deletes files whose media node goes (mcp-atlassian#1678)."""
        gone = _media(comment["body"])
        self.files = {number: file for number, file in self.files.items() if file["media"] not in gone}


def _nodes(node: Any) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("content", []) for inner in _nodes(child))]


def _media(body: Any) -> set[str]:
    return {node["attrs"]["id"] for node in _nodes(body) if node["type"] == "media"}


def _texts(body: Any) -> list[str]:
    return [node["text"] for node in _nodes(body) if node["type"] == "text"]
