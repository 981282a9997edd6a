"""Freshdesk's API v2, as far as a delivery asks it. It publishes no schema: requests are checked against its documentation by hand."""

import base64
import re
from typing import Any, ClassVar

from renderer.deliver.systems.freshdesk import Freshdesk
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_CUMULATIVE = 20_000_000
_NOTE_FIELDS = {"body", "private", "incoming", "user_id", "notify_emails[]", "attachments[]"}


class FreshdeskVendor(Vendor):
    system: ClassVar = Freshdesk
    post: ClassVar = ("POST", r"/tickets/\d+/notes$")
    reference: ClassVar = "freshdesk:812"
    missing: ClassVar = "freshdesk:404"
    bad_references: ClassVar = (
        "freshdesk:",
        "freshdesk:INC-1",
        "freshdesk:0",
        "freshdesk:1/2",
        "freshdesk:https://other.freshdesk.com/a/tickets/812",
    )

    def __init__(self) -> None:
        super().__init__()
        self.ticket: dict[str, Any] = {"id": 812, "status": 2, "spam": False, "deleted": False, "attachments": []}
        self.ticket_scope = 1
        self.conversations: list[dict[str, Any]] = []
        self.shows_all = False
        """An automation of the account makes notes public."""
        self._number = 0
        self._files: dict[int, bytes] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                not each["private"],
                {file["name"]: self._files[file["id"]] for file in each["attachments"]},
            )
            for each in self.conversations
            if each["source"] == 2
        ]

    def reply_of_a_customer(self, text: str, *attached_bytes: int) -> None:
        attachments = [{"id": self._next(), "name": "photo.jpg", "size": size} for size in attached_bytes]
        self.conversations.append(
            {
                "id": self._next(),
                "source": 0,
                "body": text,
                "body_text": text,
                "private": False,
                "attachments": attachments,
            }
        )

    def answer(self, asked: Asked) -> Reply:
        wanted = base64.b64encode(f"{self.secret}:X".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {wanted}":
            return Reply(
                401, {"code": "invalid_credentials", "message": "You have to be logged in to perform this action."}
            )
        route = f"{asked.method} {asked.path}"
        if route == "GET /api/v2/agents/me":
            return Reply(200, {"id": 1, "ticket_scope": self.ticket_scope, "contact": {"name": "Agent Smith"}})
        if match := re.fullmatch(r"(GET|POST) /api/v2/tickets/(\d+)(/\w+)?", route):
            if match[2] != "812":
                return Reply(404, b"")
            return self._ticket(asked, match[3] or "")
        if match := re.fullmatch(r"DELETE /api/v2/(attachments|conversations)/(\d+)", route):
            return self._delete(match[1], int(match[2]))
        raise BadRequestError("there is no such operation")

    def _ticket(self, asked: Asked, rest: str) -> Reply:
        if asked.method == "GET" and not rest:
            return Reply(200, self.ticket)
        if asked.method == "GET" and rest == "/conversations":
            size, page = int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
            if not 1 <= size <= 100 or set(asked.query) - {"page", "per_page"}:
                raise BadRequestError("per_page is at most 100, and there is no other parameter but page")
            return Reply(200, self.conversations[(page - 1) * size : page * size])
        if asked.method == "POST" and rest == "/notes":
            return self._note(asked)
        return Reply(405, b"", {"Allow": "GET"})

    def _note(self, asked: Asked) -> Reply:
        if not self.may_post:
            return Reply(403, {"code": "access_denied", "message": "You are not authorized to perform this action."})
        attachments: list[tuple[str, str, bytes]] = []
        if asked.headers["content-type"].startswith("multipart/form-data"):
            parts = asked.parts()
            names = {part.name for part in parts}
            fields = {part.name: part.content.decode() for part in parts if part.filename is None}
            private: Any = {"true": True, "false": False}.get(fields.get("private", ""))
            attachments = [(part.filename, part.content_type, part.content) for part in parts if part.filename]
        else:
            fields = asked.json()
            names, private = set(fields), fields.get("private")
        if names - _NOTE_FIELDS or not fields.get("body") or not isinstance(private, bool):
            raise BadRequestError(f"a note has a body and may be private, and has no {names - _NOTE_FIELDS}")
        refused = self._refusal(attachments)
        if refused is not None:
            return refused
        made = {
            "id": self._next(),
            "source": 2,
            "body": fields["body"],
            "body_text": re.sub(r"<[^>]+>", " ", fields["body"]),
            "private": private and not self.shows_all,
            "attachments": [self._kept(*each) for each in attachments],
        }
        self.conversations.append(made)
        return Reply(201, made)

    def _refusal(self, attachments: list[tuple[str, str, bytes]]) -> Reply | None:
        there = sum(each["size"] for holder in (self.ticket, *self.conversations) for each in holder["attachments"])
        sizes = [len(content) for _, _, content in attachments]
        if any(kind in self.refused_types for _, kind, _ in attachments):
            return _invalid("invalid_value", "This file type is not allowed")
        if self.most_bytes is not None and any(size > self.most_bytes for size in sizes):
            return _invalid("invalid_size", "Has an invalid size")
        if there + sum(sizes) > _CUMULATIVE:
            return _invalid("invalid_size", "Invalid size: the cumulative size of attachments can be 20 MB")
        return None

    def _kept(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        number = self._next()
        self._files[number] = content
        url = f"https://s3.amazonaws.com/cdn.freshdesk.com/data/helpdesk/attachments/{number}/{name}"
        return {"id": number, "name": name, "size": len(content), "content_type": kind, "attachment_url": url}

    def _delete(self, kind: str, number: int) -> Reply:
        if kind == "conversations":
            left = [each for each in self.conversations if each["id"] != number]
            was_there, self.conversations = len(left) < len(self.conversations), left
            return Reply(204) if was_there else Reply(404, b"")
        for each in self.conversations:
            for file in each["attachments"]:
                if file["id"] == number:
                    each["attachments"].remove(file)
                    return Reply(204)
        return Reply(404, b"")

    def _next(self) -> int:
        self._number += 1
        return self._number


def _invalid(code: str, message: str) -> Reply:
    errors = [{"field": "attachments", "code": code, "message": message}]
    return Reply(400, {"description": "Validation failed", "errors": errors})
