"""GitLab's REST API, as far as a delivery asks it."""

import json
import secrets
from typing import Any, ClassVar

from renderer.deliver.systems.gitlab import GitLab
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor
from tests.vendors.schema import check

_MAINTAINER = 40
_REPORTER = 20
_PLANNER = 15


class GitLabVendor(Vendor):
    system: ClassVar = GitLab
    post: ClassVar = ("POST", r"/notes$")
    reference: ClassVar = "gitlab:acme/support/shop#12"
    missing: ClassVar = "gitlab:acme/support/shop#404"
    bad_references: ClassVar = (
        "gitlab:12",
        "gitlab:shop#12",
        "gitlab:acme/shop#0",
        "gitlab:acme/../shop#12",
        "gitlab:acme/..#12",
        "gitlab:acme/shop%2Fx#12",
        "gitlab:acme/shop#12?x",
        "gitlab:https://gitlab.com/acme/shop/-/commits/12",
        "gitlab:acme/shop/-/issues/12",
    )
    # GitLab takes files of every type.
    cannot: ClassVar = frozenset(
        {
            "test_where_films_are_refused_a_picture_goes",
            "test_where_no_file_is_taken_a_link_goes_and_the_receipt_says_so",
            "test_without_files_and_links_nothing_is_posted",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.role = _MAINTAINER
        self.is_direct_member = True
        """False: by a group further up, of which the project says nothing."""
        self.project: dict[str, Any] = {
            "id": 4711,
            "path_with_namespace": "acme/support/shop",
            "visibility": "private",
            "archived": False,
            "enforce_auth_checks_on_uploads": True,
        }
        self.is_admin = False
        self.scopes = ["api"]
        self.ignores_internal = False
        """As versions that do not know internal notes."""
        self.written: list[dict[str, Any]] = []
        self.uploads: dict[int, tuple[str, str, bytes]] = {}
        """Number -> secret, name, content."""

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                not each["internal"],
                {name: content for secret, name, content in self.uploads.values() if secret in each["body"]},
            )
            for each in self.written
        ]

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.secret}":
            return Reply(401, {"message": "401 Unauthorized"})
        given = check("gitlab", asked, base="/api/v4")
        if asked.path == "/api/v4/user":
            admin = {"is_admin": True} if self.is_admin else {}
            return Reply(200, {"id": 7, "username": "support-bot", "name": "Support"} | admin)
        if asked.path == "/api/v4/personal_access_tokens/self":
            return Reply(200, {"id": 1, "scopes": self.scopes, "expires_at": "2027-05-01"})
        if given["id"] != self.project["path_with_namespace"]:
            return Reply(404, {"message": "404 Project Not Found"})
        if "user_id" in given:
            member = {"id": 7, "access_level": self.role}
            return Reply(200, member) if self.role else Reply(404, {"message": "404 Not found"})
        if "upload_id" in given or "secret" in given or asked.path.endswith("/uploads"):
            return self._upload(asked, given)
        number = given.get("noteable_id") or given.get("issue_iid") or given.get("merge_request_iid")
        if number is None:
            access = {"access_level": self.role, "notification_level": 3} if self.is_direct_member else None
            return Reply(200, self.project | {"permissions": {"project_access": access, "group_access": None}})
        if number != "12":
            return Reply(404, {"message": "404 Not found"})
        if "/notes" in asked.path:
            return self._notes(asked, given)
        return Reply(200, {"id": 900, "iid": 12, "state": "opened", "confidential": False, "discussion_locked": None})

    def refuse(self, error: BadRequestError) -> Reply:
        return Reply(400, {"error": str(error)})

    def _upload(self, asked: Asked, given: dict[str, str]) -> Reply:
        if asked.method == "POST":
            part = asked.parts()[0]
            if not part.filename:
                raise BadRequestError("file is invalid")
            if self.most_bytes is not None and len(part.content) > self.most_bytes:
                return Reply(413, b"<html><head><title>413 Request Entity Too Large</title></head></html>")
            number, secret = len(self.uploads) + 1, secrets.token_hex(16)
            self.uploads[number] = (secret, part.filename, part.content)
            path = f"/uploads/{secret}/{part.filename}"
            alt = part.filename.rpartition(".")[0]
            made = {"id": number, "alt": alt, "url": path, "full_path": f"/-/project/4711{path}"}
            return Reply(201, made | {"markdown": f"![{alt}]({path})"})
        if "secret" in given:
            wanted = (given["secret"], given["filename"])
            found = next((each[2] for each in self.uploads.values() if each[:2] == wanted), None)
            return Reply(200, found) if found is not None else Reply(404, {"message": "404 Not found"})
        if self.role < _MAINTAINER:
            return Reply(403, {"message": "403 Forbidden"})
        gone = self.uploads.pop(int(given["upload_id"]), None)
        return Reply(204) if gone else Reply(404, {"message": "404 Not found"})

    def _notes(self, asked: Asked, given: dict[str, str]) -> Reply:
        if asked.method == "POST":
            return self._write(asked)
        if "note_id" not in given:
            page, size = int(asked.query.get("page", 1)), min(100, int(asked.query.get("per_page", 20)))
            newest = sorted(self.written, key=lambda each: -int(each["id"]))
            ordered = newest if asked.query.get("sort", "desc") == "desc" else newest[::-1]
            return Reply(200, ordered[(page - 1) * size : page * size])
        found = next((each for each in self.written if str(each["id"]) == given["note_id"]), None)
        if found is None:
            return Reply(404, {"message": "404 Not found"})
        if asked.method == "DELETE":
            self.written.remove(found)
            return Reply(204)
        return Reply(200, found)

    def _write(self, asked: Asked) -> Reply:
        if not self.may_post:
            return Reply(403, {"message": "403 Forbidden"})
        told = json.loads(asked.body)
        if len(told["body"]) > 1_000_000:
            return Reply(400, {"message": "400 Bad request - Note is too long"})
        enough = _REPORTER if "/merge_requests/" in asked.path else _PLANNER
        may = (self.role >= enough or self.is_admin) and not self.ignores_internal
        internal = bool(told.get("internal")) and may
        number = max((int(each["id"]) for each in self.written), default=300) + 1
        made = {"id": number, "body": told["body"], "internal": internal, "confidential": internal, "system": False}
        self.written.append(made)
        return Reply(201, made)
