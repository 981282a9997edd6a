"""GitHub's REST API, as far as a delivery asks it, and the uploads of `gh --attach`, which no document describes."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from renderer.deliver.systems.github import GitHub
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor
from tests.vendors.schema import check

_ENDINGS = {"video/mp4": ".mp4", "video/webm": ".webm", "image/gif": ".gif", "image/png": ".png"}
_DOCS = "https://docs.github.com/rest"


class GitHubVendor(Vendor):
    system: ClassVar = GitHub
    post: ClassVar = ("POST", r"/issues/\d+/comments$")
    reference: ClassVar = "github:acme/shop#12"
    missing: ClassVar = "github:acme/shop#404"
    bad_references: ClassVar = (
        "github:12",
        "github:acme#12",
        "github:acme/shop#0",
        "github:acme/..#12",
        "github:../shop#12",
        "github:acme/shop/x#12",
        "github:acme/shop#12?x",
        "github:https://github.com/acme/shop/pulls/12",
    )
    # A comment has no readers of its own: whoever sees the issue reads it.
    cannot: ClassVar = frozenset({"test_a_public_note_is_public"})

    def __init__(self) -> None:
        super().__init__()
        self.repository: dict[str, Any] = {
            "id": 4711,
            "name": "shop",
            "full_name": "acme/shop",
            "private": True,
            "visibility": "private",
            "archived": False,
            "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
        }
        self.issue: dict[str, Any] = {"number": 12, "title": "No answer", "state": "open", "locked": False}
        self.comments: list[dict[str, Any]] = []
        self.takes_files = True
        self.scopes = "repo"
        self._assets: dict[str, tuple[str, bytes]] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "uploads_url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                False,
                {name: content for url, (name, content) in self._assets.items() if url in each["body"]},
            )
            for each in self.comments
        ]

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.secret}":
            return Reply(401, {"message": "Bad credentials", "documentation_url": _DOCS, "status": "401"})
        if asked.path == "/user-attachments/assets":
            return self._upload(asked)
        if asked.headers.get("accept") != "application/vnd.github+json":
            raise BadRequestError("GitHub recommends to accept application/vnd.github+json")
        given = check("github", asked)
        if asked.path == "/user":
            return Reply(200, {"login": "support-bot", "id": 7}, {"X-OAuth-Scopes": self.scopes})
        if f"{given['owner']}/{given['repo']}" != self.repository["full_name"]:
            return _missing()
        if "comment_id" in given:
            return self._comment(asked, int(given["comment_id"]))
        if "issue_number" not in given:
            return Reply(200, self.repository)
        if given["issue_number"] != "12":
            return _missing()
        if not asked.path.endswith("/comments"):
            return Reply(200, self.issue)
        return self._add(asked) if asked.method == "POST" else self._list(asked)

    def refuse(self, error: BadRequestError) -> Reply:
        return Reply(422, {"message": "Validation Failed", "errors": [str(error)], "documentation_url": _DOCS})

    def _upload(self, asked: Asked) -> Reply:
        name, kind = asked.query.get("name", ""), asked.query.get("content_type", "")
        if asked.method != "POST" or set(asked.query) != {"name", "content_type", "repository_id"}:
            raise BadRequestError("an upload has name, content_type and repository_id")
        if asked.headers.get("content-type") != "application/octet-stream":
            raise BadRequestError("an upload's body is application/octet-stream")
        if not self.takes_files or asked.query["repository_id"] != "4711" or not self.repository["permissions"]["push"]:
            return _missing()
        if kind in self.refused_types or not name.endswith(_ENDINGS.get(kind, "?")):
            return Reply(422, {"message": "Validation Failed", "errors": [{"message": "content_type is not included"}]})
        if self.most_bytes is not None and len(asked.body) > self.most_bytes:
            return Reply(422, {"message": "Validation Failed", "errors": [{"message": "size is too big"}]})
        url = f"{self.url}/user-attachments/assets/{uuid.uuid4()}"
        self._assets[url] = (name, asked.body)
        return Reply(201, {"url": url})

    def _add(self, asked: Asked) -> Reply:
        if not self.may_post:
            said = "Resource not accessible by personal access token"
            return Reply(403, {"message": said, "documentation_url": _DOCS, "status": "403"})
        body = json.loads(asked.body)["body"]
        if not body.strip() or len(body) > 65_536:
            raise BadRequestError("body is blank or too long (maximum is 65536 characters)")
        number = len(self.comments) + 1
        made = {
            "id": number,
            "body": body,
            "html_url": f"https://github.com/acme/shop/issues/12#issuecomment-{number}",
            "updated_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        self.comments.append(made)
        return Reply(201, made)

    def _list(self, asked: Asked) -> Reply:
        """Ascending, as GitHub lists them; there is no way to turn that around."""
        since, page = asked.query.get("since", ""), int(asked.query.get("page", 1))
        size = min(100, int(asked.query.get("per_page", 30)))
        found = [each for each in self.comments if each["updated_at"] >= since]
        last = max(1, -(-len(found) // size))
        link = f'<{self.url}{asked.path}?since={since}&per_page={size}&page={last}>; rel="last"'
        return Reply(200, found[(page - 1) * size : page * size], {"Link": link} if page < last else {})

    def _comment(self, asked: Asked, number: int) -> Reply:
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return _missing()
        if asked.method == "DELETE":
            self.comments.remove(found)
            return Reply(204)
        return Reply(200, found)


def _missing() -> Reply:
    return Reply(404, {"message": "Not Found", "documentation_url": _DOCS, "status": "404"})
