"""Redmine's REST API, as far as a delivery asks it, as version 5 was seen to answer."""

import mimetypes
import re
from typing import Any, ClassVar
from urllib.parse import unquote

from renderer.deliver.systems.redmine import Redmine
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_ISSUE_FIELDS = {"notes", "private_notes", "uploads"}
_UPLOAD_FIELDS = {"token", "filename", "content_type", "description"}
_NOTHING = b""


class RedmineVendor(Vendor):
    """A private note's files stand in a public journal beside it, as Redmine puts them."""

    system: ClassVar = Redmine
    post: ClassVar = ("PUT", r"/issues/\d+\.json$")
    reference: ClassVar = "redmine:12"
    missing: ClassVar = "redmine:404"
    bad_references: ClassVar = (
        "redmine:",
        "redmine:HELP-1",
        "redmine:0",
        "redmine:12.json",
        "redmine:12/../13",
        "redmine:https://other.example.com/issues/12",
    )
    accepts: ClassVar = frozenset({"visible_files"})

    def __init__(self) -> None:
        super().__init__()
        self.permissions = ["view_issues", "add_issue_notes", "set_notes_private", "view_private_notes"]
        self.is_admin = False
        self.is_member = True
        self.can_edit_notes = True
        """Deletes notes that are made empty: version 5, and the permission to edit one's own."""
        self.makes_public = False
        """A plugin overrules private notes."""
        self.language_says = "This file cannot be uploaded because it exceeds the maximum allowed file size ({limit})"
        self.journals: list[dict[str, Any]] = []
        self._attachments: dict[int, dict[str, Any]] = {}
        self._number = 0

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["notes"],
                not each["private_notes"],
                {
                    self._attachments[number]["filename"]: self._attachments[number]["content"]
                    for number in each["files"]
                    if number in self._attachments
                },
            )
            for each in self.journals
            if each["notes"]
        ]

    def forget_uploads(self) -> None:
        """As its daily task does with what no issue took up."""
        self._attachments = {number: each for number, each in self._attachments.items() if each["is_taken"]}

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-redmine-api-key") != self.secret:
            return Reply(401, _NOTHING)
        if not self.may_post and _POSTS in self.permissions:
            self.permissions.remove(_POSTS)
        route = f"{asked.method} {unquote(asked.path)}"
        if route == "GET /users/current.json":
            return self._who()
        if route == "GET /roles/4.json":
            return Reply(200, {"role": {"id": 4, "name": "Agent", "permissions": self.permissions}})
        if route == "POST /uploads.json":
            return self._upload(asked)
        if match := re.fullmatch(r"(GET|PUT) /issues/(\d+)\.json", route):
            if match[2] != "12":
                return Reply(404, _NOTHING)
            return self._show(asked) if match[1] == "GET" else self._update(asked)
        if match := re.fullmatch(r"(GET|DELETE) /attachments/(?:download/)?(\d+)(\.json|/[^/]+)", route):
            return self._attachment(match[1], int(match[2]), match[3])
        if match := re.fullmatch(r"PUT /journals/(\d+)\.json", route):
            return self._edit(int(match[1]), asked)
        raise BadRequestError("there is no such operation")

    def _who(self) -> Reply:
        member = {"id": 1, "project": {"id": 1, "name": "Support"}, "roles": [{"id": 4, "name": "Agent"}]}
        memberships = [member] if self.is_member else []
        return Reply(200, {"user": {"id": 5, "login": "agent", "admin": self.is_admin, "memberships": memberships}})

    def _show(self, asked: Asked) -> Reply:
        wanted = set(filter(None, asked.query.get("include", "").split(",")))
        if wanted - {"attachments", "journals"}:
            raise BadRequestError(f"include knows no {wanted}")
        issue: dict[str, Any] = {"id": 12, "project": {"id": 1, "name": "Support"}, "subject": "No answer"}
        if "attachments" in wanted:
            issue["attachments"] = [_told(each) for each in self._attachments.values() if each["is_taken"]]
        if "journals" in wanted:
            issue["journals"] = [
                {
                    "id": each["id"],
                    "notes": each["notes"] or None,
                    "private_notes": each["private_notes"],
                    "details": [],
                }
                for each in self.journals
            ]
        return Reply(200, {"issue": issue})

    def _upload(self, asked: Asked) -> Reply:
        if asked.headers.get("content-type") != "application/octet-stream":
            return Reply(406, _NOTHING)
        name = asked.query["filename"]
        if mimetypes.guess_type(name)[0] in self.refused_types:
            extension = name[name.rindex(".") :]
            return _refused(f"This file cannot be uploaded because the extension ({extension}) is not allowed")
        if self.most_bytes is not None and len(asked.body) > self.most_bytes:
            return _refused(self.language_says.format(limit=self.most_bytes))
        number = self._next()
        token = f"{number}.{number:064x}"
        self._attachments[number] = {
            "id": number,
            "filename": name,
            "filesize": len(asked.body),
            "content": asked.body,
            "token": token,
            "is_taken": False,
        }
        return Reply(201, {"upload": {"id": number, "token": token}})

    def _update(self, asked: Asked) -> Reply:
        issue = asked.json()["issue"]
        if set(issue) - _ISSUE_FIELDS or any(set(each) - _UPLOAD_FIELDS for each in issue["uploads"]):
            raise BadRequestError(f"fields that no delivery needs: {set(issue)}")
        waiting = {each["token"]: each for each in self._attachments.values() if not each["is_taken"]}
        if any(each["token"] not in waiting for each in issue["uploads"]):
            return _refused(f"{len(issue['uploads'])} file(s) could not be saved.")
        if not {_POSTS, "edit_issues"} & set(self.permissions):
            return Reply(403, _NOTHING)
        numbers = []
        for each in issue["uploads"]:
            file = waiting[each["token"]]
            file |= {"is_taken": True, "filename": each["filename"], "content_type": each["content_type"]}
            numbers.append(file["id"])
        private = bool(issue["private_notes"]) and "set_notes_private" in self.permissions and not self.makes_public
        if private and numbers:
            self.journals.append({"id": self._next(), "notes": "", "private_notes": False, "files": []})
        self.journals.append({"id": self._next(), "notes": issue["notes"], "private_notes": private, "files": numbers})
        return Reply(204)

    def _attachment(self, method: str, number: int, rest: str) -> Reply:
        file = self._attachments.get(number)
        if file is None:
            return Reply(404, _NOTHING)
        if method == "DELETE":
            del self._attachments[number]
            return Reply(204)
        return Reply(200, {"attachment": _told(file)} if rest == ".json" else file["content"])

    def _edit(self, number: int, asked: Asked) -> Reply:
        if asked.json() != {"journal": {"notes": ""}}:
            raise BadRequestError("a note is made empty, or left alone")
        if not self.can_edit_notes:
            return Reply(403, _NOTHING)
        self.journals = [each for each in self.journals if each["id"] != number]
        return Reply(204)

    def _next(self) -> int:
        self._number += 1
        return self._number


_POSTS = "add_issue_notes"


def _told(file: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in file.items() if name in {"id", "filename", "filesize", "content_type"}}


def _refused(said: str) -> Reply:
    return Reply(422, {"errors": [said]})
