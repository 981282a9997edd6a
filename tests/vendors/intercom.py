"""Intercom's API 2.16, as far as a delivery asks it: requests are those of its OpenAPI document."""

import base64
import binascii
import re
from typing import Any, ClassVar

from renderer.deliver.systems.intercom import Intercom
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor
from tests.vendors.schema import check

# Of what notes accept, by the examples of the document and by Intercom's list of HTML that it knows.
_TAGS = {"p", "b", "i", "a", "h1", "h2", "ul", "ol", "li", "code", "pre", "br", "img"}


class IntercomVendor(Vendor):
    system: ClassVar = Intercom
    post: ClassVar = ("POST", r"/(conversations|tickets)/\d+/reply$")
    reference: ClassVar = "intercom:215470"
    missing: ClassVar = "intercom:404"
    bad_references: ClassVar = (
        "intercom:",
        "intercom:abc",
        "intercom:0",
        "intercom:tickets/1",
        "intercom:ticket/",
        "intercom:last",
        "intercom:12/../13",
        "intercom:https://intercom.example/a/inbox/x1/conversation/215470",
    )

    def __init__(self) -> None:
        super().__init__()
        self.me: dict[str, Any] = {
            "type": "admin",
            "id": "991267459",
            "name": "Agent Smith",
            "app": {"type": "app", "id_code": "x1abc", "name": "Acme", "region": "EU"},
        }
        self.admins = {"991267459", "5017691"}
        self.conversation: dict[str, Any] = {"type": "conversation", "id": "215470", "open": True}
        self.ticket: dict[str, Any] = {
            "type": "ticket",
            "id": "631",
            "ticket_id": "38",
            "category": "Back-office",
            "is_shared": False,
        }
        self.parts: list[dict[str, Any]] = []
        self.sends_notes = False
        """To the customer, though they were notes."""
        self._files: dict[str, bytes] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                each["part_type"] == "comment",
                {file["name"]: self._files[file["url"]] for file in each["attachments"]},
            )
            for each in self.parts
            if not each["redacted"]
        ]

    def refuse(self, error: BadRequestError) -> Reply:
        return _error(400, "parameter_invalid", str(error))

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.secret}":
            return _error(401, "unauthorized", "Access Token Invalid")
        if asked.headers.get("intercom-version") != "2.16":
            return _error(400, "intercom_version_invalid", "The requested version could not be found")
        given = check("intercom", asked)
        if asked.path == "/me":
            return Reply(200, self.me)
        if asked.path == "/conversations/redact":
            return self._redact(asked.json())
        holder = self.conversation if "conversation_id" in given else self.ticket
        if next(iter(given.values())) != holder["id"]:
            return _error(404, "not_found", "Resource Not Found")
        if asked.method == "GET":
            return Reply(200, self._told(holder, asked.query.get("display_as") == "plaintext"))
        return self._reply(asked.json(), holder)

    def _told(self, holder: dict[str, Any], is_plain: bool = False) -> dict[str, Any]:
        kind = f"{holder['type']}_parts"
        parts = [each for each in self.parts if each["type"] == f"{holder['type']}_part"][-500:]
        if is_plain:
            parts = [each | {"body": re.sub(r"<[^>]+>", "", each["body"])} for each in parts]
        return holder | {kind: {"type": f"{holder['type']}_part.list", kind: parts, "total_count": len(parts)}}

    def _reply(self, given: dict[str, Any], holder: dict[str, Any]) -> Reply:
        if not self.may_post:
            return _error(401, "token_unauthorized", "Not authorized to access resource")
        if given["admin_id"] not in self.admins:
            return _error(404, "admin_not_found", "Admin not found")
        if given["message_type"] == "comment" and holder.get("category") and not holder["is_shared"]:
            return _error(400, "parameter_mismatch", "Comments are not allowed on Backoffice tickets")
        if not given.get("body"):
            raise BadRequestError("a body must be present for comment and note message types")
        if unknown := set(re.findall(r"<(\w+)", given["body"])) - _TAGS:
            raise BadRequestError(f"these tags would be flattened to text: {unknown}")
        attachments = []
        for file in given.get("attachment_files", []):
            try:
                content = base64.b64decode(file["data"], validate=True)
            except binascii.Error:
                raise BadRequestError("data is no base64") from None
            if file["content_type"] in self.refused_types:
                return _error(400, "parameter_invalid", "Attachment type is not supported")
            if self.most_bytes is not None and len(content) > self.most_bytes:
                return _error(400, "parameter_invalid", "Attachment is too large")
            url = f"https://downloads.intercomcdn.eu/i/o/x1abc/{len(self._files)}/{file['name']}?signature=0"
            self._files[url] = content
            told = {"type": "upload", "name": file["name"], "url": url, "content_type": file["content_type"]}
            attachments.append(told | {"filesize": len(content), "width": None, "height": None})
        made = {
            "type": f"{holder['type']}_part",
            "id": str(149 + len(self.parts)),
            "part_type": "comment" if self.sends_notes else given["message_type"],
            "body": given["body"],
            "author": {"type": "admin", "id": given["admin_id"]},
            "attachments": attachments,
            "redacted": False,
        }
        self.parts.append(made)
        return Reply(200, made if holder is self.ticket else self._told(holder))

    def _redact(self, given: dict[str, Any]) -> Reply:
        if given["conversation_id"] not in {self.conversation["id"], self.ticket["id"]}:
            return _error(404, "conversation_part_or_message_not_found", "Conversation part or message not found")
        for each in self.parts:
            if each["id"] == given["conversation_part_id"]:
                if each["redacted"]:
                    return _error(400, "conversation_part_not_redactable", "Part can't be redacted")
                each.update(body="<p><i>This message was deleted</i></p>", attachments=[], redacted=True)
                return Reply(200, self._told(self.conversation))
        return _error(404, "conversation_part_or_message_not_found", "Conversation part or message not found")


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(
        status, {"type": "error.list", "request_id": "9dc7c1a0", "errors": [{"code": code, "message": message}]}
    )
