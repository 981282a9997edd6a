"""Zammad's API, as far as a delivery asks it. It publishes no schema: requests are checked as its source does (app/controllers)."""

import base64
import binascii
import re
from typing import Any, ClassVar

from renderer.deliver.systems.zammad import Zammad
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_ARTICLE_FIELDS = {"ticket_id", "body", "content_type", "type", "internal", "subject", "to", "cc", "attachments"}
# config/initializers/html_sanitizer.rb: other tags are taken out of an article.
_OTHER_TAG = re.compile(
    r"<(?!(?:a|blockquote|br|code|details|em|h[1-6]|img|li|ol|p|pre|strong|summary|table|tbody|td|th|tr|ul)\b)(\w+)"
)


class ZammadVendor(Vendor):
    system: ClassVar = Zammad
    post: ClassVar = ("POST", r"/ticket_articles$")
    reference: ClassVar = "zammad:123"
    missing: ClassVar = "zammad:404"
    bad_references: ClassVar = (
        "zammad:",
        "zammad:Ticket",
        "zammad:0",
        "zammad:##1",
        "zammad:1/articles",
        "zammad:https://other.example/#ticket/zoom/123",
    )

    def __init__(self) -> None:
        super().__init__()
        self.ticket: dict[str, Any] = {"id": 123, "number": "67001", "title": "Billing", "state": "open"}
        self.is_agent = True
        self.articles: list[dict[str, Any]] = []
        self.keeps_notes_s = 600
        """How old a note may be to be deleted; what is posted here is a second old."""
        self._files: dict[int, bytes] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                each["body"],
                not each["internal"],
                {file["filename"]: self._files[file["id"]] for file in each["attachments"]},
            )
            for each in self.articles
        ]

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Token token={self.secret}":
            return _error(401, "Can't find User for Token")
        route = f"{asked.method} {asked.path.removeprefix('/api/v1')}"
        if route == "GET /users/me":
            return Reply(200, {"id": 3, "login": "agent@example.com"})
        if route == "GET /ticket_recent":
            return Reply(200, {"assets": {}, "ticket_ids_recent_viewed": []}) if self.is_agent else _NOT_AUTHORIZED
        if route == "GET /tickets/search":
            return self._search(asked)
        if match := re.fullmatch(r"GET /(tickets|ticket_articles/by_ticket)/(\d+)", route):
            if match[2] != "123":
                return _error(404, f"Couldn't find Ticket with 'id'={match[2]}")
            if match[1] == "tickets":
                return Reply(200, self.ticket | {"article_ids": [each["id"] for each in reversed(self.articles)]})
            return Reply(200, self.articles)
        if route == "POST /ticket_articles":
            return self._create(asked.json())
        if match := re.fullmatch(r"(GET|PUT|DELETE) /ticket_articles/(\d+)", route):
            return self._one(asked, int(match[2]))
        if match := re.fullmatch(r"GET /ticket_attachment/123/(\d+)/(\d+)", route):
            return self._attachment(int(match[1]), int(match[2]))
        raise BadRequestError("there is no such route")

    def _search(self, asked: Asked) -> Reply:
        if asked.query.get("expand") != "true" or int(asked.query["limit"]) > 200:
            raise BadRequestError("without expand there are only ids, and at most 200 are told")
        query = asked.query["query"]
        others = {"id": 9, "number": "167001", "title": "67001 was wrong"}
        return Reply(200, [each for each in (others, self.ticket) if query in f"{each['number']} {each['title']}"])

    def _create(self, given: dict[str, Any]) -> Reply:
        if given.get("ticket_id") != 123:
            return _error(404, f"Couldn't find Ticket with 'id'={given.get('ticket_id')}")
        if not self.may_post:
            return _NOT_AUTHORIZED
        if set(given) - _ARTICLE_FIELDS or given.get("type") != "note" or given.get("content_type") != "text/html":
            raise BadRequestError(f"an article has no {set(given) - _ARTICLE_FIELDS}")
        if unknown := _OTHER_TAG.search(given["body"]):
            raise BadRequestError(f"this tag would be taken out: {unknown[1]}")
        made = {
            "id": len(self.articles) + 500,
            "ticket_id": 123,
            "body": given["body"],
            "content_type": "text/html",
            "type": "note",
            # CreatesTicketArticles: of who is no agent nothing is internal.
            "internal": bool(given.get("internal")) and self.is_agent,
            "attachments": [],
        }
        for at, file in enumerate(given.get("attachments", [])):
            for key in ("mime-type", "filename", "data"):
                if not file.get(key):
                    raise BadRequestError(f"Attachment needs '{key}' param for attachment with index '{at}'")
            try:
                content = base64.b64decode(file["data"], validate=True)
            except binascii.Error:
                raise BadRequestError(f"Invalid base64 for attachment with index '{at}'") from None
            if self.most_bytes is not None and len(content) > self.most_bytes:
                return Reply(413, b"<html><head><title>413 Request Entity Too Large</title></head></html>")
            if file["mime-type"] in self.refused_types:
                return Reply(415, b"<html>what stands before Zammad takes no such thing</html>")
            number = 9000 + len(self._files)
            self._files[number] = content
            about = {"Mime-Type": file["mime-type"]}
            told = {"id": number, "filename": file["filename"], "size": str(len(content)), "preferences": about}
            made["attachments"].append(told)
        self.articles.append(made)
        return Reply(201, made)

    def _one(self, asked: Asked, number: int) -> Reply:
        article = next((each for each in self.articles if each["id"] == number), None)
        if article is None:
            return _error(404, f"Couldn't find Ticket::Article with 'id'={number}")
        if asked.method == "PUT":
            if not self.is_agent:
                return _NOT_AUTHORIZED
            article["internal"] = asked.json()["internal"]
        if asked.method == "DELETE":
            if self.keeps_notes_s < 1:
                return _error(403, "note is too old to be deleted")
            self.articles.remove(article)
            return Reply(200, {})
        return Reply(200, article)

    def _attachment(self, article: int, number: int) -> Reply:
        of = next((each for each in self.articles if each["id"] == article), None)
        if of is None or number not in {file["id"] for file in of["attachments"]}:
            return _error(403, "The file does not belong to the specified article.")
        return Reply(200, self._files[number], {"Content-Type": "application/octet-stream"})

    def damage(self) -> None:
        """The storage loses the end of what was stored last."""
        last = max(self._files)
        self._files[last] = self._files[last][:-1] + b"?"


def _error(status: int, said: str) -> Reply:
    return Reply(status, {"error": said, "error_human": said})


_NOT_AUTHORIZED = _error(403, "Not authorized")
