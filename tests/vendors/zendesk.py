"""Zendesk Support, as far as a delivery asks it: requests are those of its OpenAPI document."""

import base64
from collections.abc import Callable
from typing import Any, ClassVar

from renderer.deliver.model import MIB
from renderer.deliver.systems.zendesk import Zendesk
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor
from tests.vendors.schema import check

_NOT_FOUND = Reply(404, {"error": "RecordNotFound", "description": "Not found"})
_FORBIDDEN = Reply(403, {"error": "Forbidden", "description": "You do not have access to this page."})


class ZendeskVendor(Vendor):
    """A picture whose address stands in a comment's text is inline: it is not among the comment's attachments unless those are asked for."""

    system: ClassVar = Zendesk
    post: ClassVar = ("PUT", r"/tickets/\d+$")
    reference: ClassVar = "zendesk:48213"
    missing: ClassVar = "zendesk:404"
    bad_references: ClassVar = (
        "zendesk:",
        "zendesk:HELP-1",
        "zendesk:0",
        "zendesk:12 13",
        "zendesk:12/../13",
        "zendesk:https://other.zendesk.com/agent/tickets/48213",
    )

    def __init__(self) -> None:
        super().__init__()
        self.ticket: dict[str, Any] = {"id": 48213, "status": "open", "allow_attachments": True}
        self.me: dict[str, Any] = {"id": 7, "name": "Agent Smith", "role": "agent", "only_private_comments": False}
        self.account: dict[str, Any] | None = {
            "tickets": {"private_attachments": True},
            "limits": {"attachment_size": 50 * MIB},
        }
        """None: the account may not read it."""
        self.comments: list[dict[str, Any]] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self._files: dict[int, bytes] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "email": "agent@example.com", "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["html_body"],
                each["public"],
                {file["file_name"]: self._files[file["id"]] for file in each["attachments"]},
            )
            for each in self.comments
        ]

    def answer(self, asked: Asked) -> Reply:
        wanted = base64.b64encode(f"agent@example.com/token:{self.secret}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}":
            return Reply(401, {"error": "Couldn't authenticate you"})
        given = check("zendesk", asked, "/api/v2")
        if asked.method != "GET" and "content-type" not in asked.headers:
            raise BadRequestError("Content-Type has to be set for everything that changes something")
        if given.get("ticket_id", "48213") != "48213":
            return _NOT_FOUND
        return self._operation(asked)(asked, given)

    def _operation(self, asked: Asked) -> Callable[[Asked, dict[str, str]], Reply]:
        last = asked.path.rsplit("/", 1)[-1]
        if asked.method == "DELETE":
            return self._delete
        if asked.method == "GET":
            return {"me": self._who, "settings": self._settings, "comments": self._list}.get(last, self._show)
        return {"uploads": self._upload, "make_private": self._hide, "redact": self._redact}.get(last, self._comment)

    def _who(self, asked: Asked, given: dict[str, str]) -> Reply:
        return Reply(200, {"user": self.me})

    def _settings(self, asked: Asked, given: dict[str, str]) -> Reply:
        return _FORBIDDEN if self.account is None else Reply(200, {"settings": self.account})

    def _show(self, asked: Asked, given: dict[str, str]) -> Reply:
        return Reply(200, {"ticket": self.ticket})

    def _list(self, asked: Asked, given: dict[str, str]) -> Reply:
        with_inline = asked.query.get("include_inline_images") == "true"
        told = [_told(each, with_inline=with_inline) for each in self.comments]
        if asked.query.get("sort_order") == "desc":
            told.reverse()
        return Reply(200, {"comments": told[: int(asked.query.get("per_page", 100))], "count": len(told)})

    def _upload(self, asked: Asked, given: dict[str, str]) -> Reply:
        name = asked.query.get("filename", "")
        kind = asked.headers.get("content-type", "")
        if kind in self.refused_types:
            return Reply(422, {"error": "AttachmentUnprocessable", "description": "Attachment cannot be processed."})
        if self.most_bytes is not None and len(asked.body) > self.most_bytes:
            return Reply(413, {"error": "AttachmentTooBig", "description": "File is too large"})
        number = len(self._files) + 1
        self._files[number] = asked.body
        attachment = {
            "id": number,
            "file_name": name,
            "size": len(asked.body),
            "content_type": kind,
            "content_url": f"{self.url}/attachments/token/{number}/?name={name}",
            "inline": False,
        }
        token = f"tok{number}"
        self.uploads[token] = attachment
        return Reply(201, {"upload": {"token": token, "attachment": attachment, "attachments": [attachment]}})

    def _delete(self, asked: Asked, given: dict[str, str]) -> Reply:
        return _NOT_FOUND if self.uploads.pop(given["token"], None) is None else Reply(204)

    def _hide(self, asked: Asked, given: dict[str, str]) -> Reply:
        self.comments[int(given["ticket_comment_id"]) - 1]["public"] = False
        return Reply(200)

    def _redact(self, asked: Asked, given: dict[str, str]) -> Reply:
        for each in self.comments[int(given["comment_id"]) - 1]["attachments"]:
            if each["id"] == int(given["attachment_id"]) and each["file_name"] != "redacted.txt":
                self._files[each["id"]] = b""
                each["file_name"] = "redacted.txt"
                return Reply(200, {"attachment": each})
        return _NOT_FOUND

    def _comment(self, asked: Asked, given: dict[str, str]) -> Reply:
        if not self.may_post:
            return _FORBIDDEN
        comment = asked.json()["ticket"]["comment"]
        if any(token not in self.uploads for token in comment["uploads"]):
            return _NOT_FOUND
        files = [self.uploads.pop(token) for token in comment["uploads"]]
        for each in files:
            each["inline"] = f'src="{each["content_url"]}"' in comment["html_body"]
        made = {
            "type": "Comment",
            "id": len(self.comments) + 1,
            "html_body": comment["html_body"],
            "public": comment["public"] or self.me["role"] == "end-user",
            "attachments": files,
        }
        self.comments.append(made)
        return Reply(200, {"ticket": self.ticket, "audit": {"id": 1, "events": [_told(made, with_inline=False)]}})


def _told(comment: dict[str, Any], *, with_inline: bool) -> dict[str, Any]:
    return comment | {"attachments": [each for each in comment["attachments"] if with_inline or not each["inline"]]}
