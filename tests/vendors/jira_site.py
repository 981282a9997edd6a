"""What the three kinds of Jira have in common: one issue with attachments and comments, on the platform's API."""

import html
import json
import re
import uuid
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor
from tests.vendors.schema import check

_LIMIT = 1024 * 1024 * 1024
_TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


class JiraSite(Vendor):
    """`api`: the platform's path. `schema`: its slice. `key`: of the issue."""

    api: ClassVar[str]
    schema: ClassVar[str]
    key: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.project_type = "software"
        self.is_open = False
        """To people without an account."""
        self.attachments_on = True
        self.lacks: set[str] = set()
        """Permissions."""
        self.may_delete = True
        self.roles = {"Developers"}
        self.ignores_visibility = False
        self.damages = ""
        """Files of this type are stored wrong."""
        self.comments: list[dict[str, Any]] = []
        self.files: dict[int, dict[str, Any]] = {}
        self.gateway = ""
        """A path that stands before all others, as at api.atlassian.com."""
        self._number = 10_000

    @property
    @abstractmethod
    def authorization(self) -> str: ...

    @abstractmethod
    def files_of(self, comment: Mapping[str, Any]) -> list[dict[str, Any]]:
        """That the note shows."""

    def unauthorized(self) -> Reply:
        return Reply(
            401,
            {"message": "Client must be authenticated to access this resource.", "status-code": 401},
            {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"},
        )

    def notes(self) -> list[NoteSeen]:
        """As a browser gets their text: neither wiki markup nor Atlassian Document Format knows HTML, and Jira escapes it."""
        return [
            NoteSeen(
                html.escape(text_of(each["body"]), quote=False),
                self.is_public(each),
                {file["filename"]: file["bytes"] for file in self.files_of(each)},
            )
            for each in self.comments
        ]

    def is_public(self, comment: Mapping[str, Any]) -> bool:
        return comment.get("visibility") is None

    def answer(self, asked: Asked) -> Reply:
        is_stranger = "authorization" not in asked.headers
        asked = replace(asked, path=asked.path if is_stranger else asked.path.removeprefix(self.gateway))
        given = check(self.schema, asked)
        if is_stranger:
            is_issue = asked.path == f"{self.api}/issue/{self.key}"
            return self._issue(asked) if is_issue and self.is_open else self._missing()
        if asked.headers["authorization"] != self.authorization:
            return self.unauthorized()
        if given.get("issueIdOrKey", self.key) != self.key:
            return self._missing()
        return self.platform(asked, given)

    def platform(self, asked: Asked, given: Mapping[str, str]) -> Reply:
        rest = asked.path.removeprefix(self.api)
        if rest == "/myself":
            return Reply(200, {"displayName": "Support Bot", "active": True})
        if rest == "/attachment/meta":
            return Reply(200, {"enabled": self.attachments_on, "uploadLimit": self.most_bytes or _LIMIT})
        if rest == "/mypermissions":
            return self._permissions(asked)
        if rest == f"/issue/{self.key}":
            return self._issue(asked)
        if rest == f"/issue/{self.key}/attachments":
            return self._attach(asked)
        if rest == f"/issue/{self.key}/comment":
            return self._comment(asked) if asked.method == "POST" else self._list(asked)
        if "issueIdOrKey" in given and "id" in given:
            return self._one_comment(asked, given["id"])
        return self._file(asked, int(given["id"]))

    def store(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        number = self.next_number()
        if kind == self.damages:
            content = content[:-1] + bytes([content[-1] ^ 1])
        made = {"id": number, "filename": name, "mimeType": kind, "bytes": content, "media": str(uuid.uuid4())}
        self.files[number] = made
        return made

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def refusal(self, asked: Asked, kind: str, size: int) -> Reply | None:
        if asked.headers.get("x-atlassian-token") != "no-check":
            return Reply(403, b"XSRF check failed")
        if kind in self.refused_types:
            return Reply(400, {"errorMessages": [f"The file type {kind} is not allowed."], "errors": {}})
        if size > (self.most_bytes or _LIMIT):
            return Reply(413, {"errorMessages": ["The attachment exceeds the maximum size."], "errors": {}})
        return None

    def refuse_note(self, body: Any) -> Reply | None:
        if isinstance(body, str) and len(body) > 32_767:
            return Reply(400, {"errorMessages": [], "errors": {"comment": _TOO_LONG}})
        return None

    def content_path(self, file: Mapping[str, Any]) -> str:
        return f"{self.api}/attachment/content/{file['id']}"

    def shown(self, file: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "self": f"{self.url}{self.api}/attachment/{file['id']}",
            "id": str(file["id"]),
            "filename": file["filename"],
            "size": len(file["bytes"]),
            "mimeType": file["mimeType"],
            "content": f"{self.url}{self.content_path(file)}",
        }

    def refuse(self, error: BadRequestError) -> Reply:
        return Reply(400, {"errorMessages": [str(error)], "errors": {}})

    def _missing(self) -> Reply:
        said = "Issue does not exist or you do not have permission to see it."
        return Reply(404, {"errorMessages": [said], "errors": {}})

    def _permissions(self, asked: Asked) -> Reply:
        if "permissions" not in asked.query:
            raise BadRequestError("permissions are needed")
        if asked.query.get("issueKey", self.key) != self.key:
            return self._missing()
        lacks = self.lacks if self.may_post else {"ADD_COMMENTS"}
        told = {
            name: {"key": name, "type": "PROJECT", "havePermission": name not in lacks}
            for name in asked.query["permissions"].split(",")
        }
        return Reply(200, {"permissions": told})

    def _issue(self, asked: Asked) -> Reply:
        wanted = set(asked.query.get("fields", "*all").split(","))
        fields = {
            "project": {"key": "PROJ", "projectTypeKey": self.project_type},
            "attachment": [self.shown(file) for file in self.files.values()],
        }
        told = {name: value for name, value in fields.items() if name in wanted}
        return Reply(200, {"id": "10002", "key": self.key, "fields": told})

    def _attach(self, asked: Asked) -> Reply:
        made = []
        for part in asked.parts():
            refusal = self.refusal(asked, part.content_type, len(part.content))
            if refusal is not None:
                return refusal
            made.append(self.store(part.filename or "", part.content_type, part.content))
        return Reply(200, [self.shown(each) for each in made])

    def _comment(self, asked: Asked) -> Reply:
        given = asked.json()
        refusal = self.refuse_note(given["body"])
        if refusal is not None:
            return refusal
        visibility = given.get("visibility")
        if visibility is not None and visibility["value"] not in self.roles:
            said = f"The role {visibility['value']} does not exist."
            return Reply(400, {"errorMessages": [], "errors": {"commentLevel": said}})
        made = {"id": str(self.next_number()), "body": given["body"]}
        if visibility is not None and not self.ignores_visibility:
            made["visibility"] = visibility
        self.comments.append(made)
        return Reply(201, made)

    def _list(self, asked: Asked) -> Reply:
        if asked.query.get("orderBy") != "-created":
            raise BadRequestError("the newest comments are wanted first")
        start = int(asked.query["startAt"])
        page = list(reversed(self.comments))[start : start + int(asked.query["maxResults"])]
        return Reply(200, {"startAt": start, "total": len(self.comments), "comments": page})

    def _one_comment(self, asked: Asked, number: str) -> Reply:
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return Reply(404, {"errorMessages": [f"Can not find a comment for the id: {number}."], "errors": {}})
        if asked.method == "DELETE":
            if not self.may_delete:
                return Reply(403, {"errorMessages": ["You cannot delete this comment."], "errors": {}})
            self.comments.remove(found)
            self.forgotten(found)
            return Reply(204)
        return Reply(200, found)

    def forgotten(self, comment: Mapping[str, Any]) -> None:
        """What goes with a comment that is deleted."""

    def _file(self, asked: Asked, number: int) -> Reply:
        file = self.files.get(number)
        if file is None:
            return Reply(404, {"errorMessages": [f"The attachment with id '{number}' does not exist"], "errors": {}})
        if asked.method == "DELETE":
            del self.files[number]
            return Reply(204)
        if asked.query.get("redirect") == "false" or "/secure/" in asked.path:
            return Reply(200, file["bytes"])
        to = f"https://api.media.atlassian.com/file/{file['media']}/binary?token=eyJ&client=1&name={file['filename']}"
        return Reply(303, b"", {"Location": to})


def text_of(body: Any) -> str:
    """A comment's, links among it."""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def named_in(markup: str) -> set[str]:
    """Of attachments that wiki markup shows or links."""
    return set(re.findall(r"!([^!|\n]+)(?:\|[^!\n]*)?!", markup)) | set(re.findall(r"\[\^([^\]]+)\]", markup))
