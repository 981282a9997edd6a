"""Request Tracker's REST2, as far as a delivery asks it, as version 5.0 was seen to answer."""

import base64
import json
import re
from typing import Any, ClassVar

from renderer.deliver.systems.rt import RT
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_FIELDS = {"Subject", "Content", "ContentType"}
_API = "/REST/2.0"


class RtVendor(Vendor):
    system: ClassVar = RT
    post: ClassVar = ("POST", r"/ticket/\d+/(comment|correspond)$")
    reference: ClassVar = "rt:12"
    missing: ClassVar = "rt:404"
    bad_references: ClassVar = (
        "rt:",
        "rt:HELP-1",
        "rt:0",
        "rt:12/comment",
        "rt:https://other.example.com/Ticket/Display.html?id=12",
    )
    cannot: ClassVar = frozenset(
        {
            # It takes files of any type.
            "test_where_films_are_refused_a_picture_goes",
            "test_where_no_file_is_taken_a_link_goes_and_the_receipt_says_so",
            "test_without_files_and_links_nothing_is_posted",
            # What stands in a ticket's history stays there.
            "test_a_delivered_clip_can_be_taken_away",
            "test_a_withdrawal_whose_answer_was_lost_succeeds_the_second_time",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.keeps_bytes: int | None = None
        """Longer files are cut off, or dropped where `drops`: MaxAttachmentSize with TruncateLongAttachments or DropLongAttachments."""
        self.drops = False
        self.sees_comments = True
        self.tells_location = True
        """Of the note that was made; some proxies do not let that header through."""
        self.queues = 1
        self.transactions: list[dict[str, Any]] = [{"id": "1", "Type": "Create", "Data": "", "parts": []}]
        self._parts: dict[int, dict[str, Any]] = {}

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        return [
            NoteSeen(
                self._parts[each["parts"][0]]["content"].decode(),
                each["Type"] == "Correspond",
                {self._parts[part]["Filename"]: self._parts[part]["content"] for part in each["parts"][1:]},
            )
            for each in self.transactions
            if each["Type"] in {"Comment", "Correspond"}
        ]

    def answer(self, asked: Asked) -> Reply:
        basic = base64.b64encode(f"agent:{self.secret}".encode()).decode()
        if asked.headers.get("authorization") not in {f"token {self.secret}", f"Basic {basic}"}:
            return Reply(401, {"message": "Unauthorized"})
        route = f"{asked.method} {asked.path}".replace(_API, "")
        if route == "GET /rt":
            return Reply(200, {"Version": "5.0.3"})
        if route == "GET /queues/all":
            return Reply(200, {"items": [{"id": str(each), "type": "queue"} for each in range(self.queues)]})
        if match := re.fullmatch(r"(GET|POST) /ticket/(\d+)(?:/(\w+))?", route):
            if match[2] != "12":
                return Reply(404, {"message": "Not Found"})
            return self._ticket(asked, match[3])
        if match := re.fullmatch(r"GET /transaction/(\d+)/attachments", route):
            return self._listed(match[1])
        if match := re.fullmatch(r"GET /attachment/(\d+)", route):
            return self._attachment(int(match[1]))
        raise BadRequestError("there is no such operation")

    def _ticket(self, asked: Asked, rest: str | None) -> Reply:
        if asked.method == "POST" and rest in {"comment", "correspond"}:
            return self._message(asked, rest)
        if rest == "history":
            return self._history(asked)
        links = [{"ref": "self"}, {"ref": "history"}]
        if self.may_post:
            links += [{"ref": "comment"}, {"ref": "correspond"}]
        return Reply(200, {"id": 12, "Subject": "No answer", "_hyperlinks": links})

    def _history(self, asked: Asked) -> Reply:
        if asked.query.get("fields") != "Type,Data,NewValue" or int(asked.query["per_page"]) > 100:
            raise BadRequestError("fields that are not asked for are not told, and a page has a hundred at most")
        seen = [each for each in self.transactions if self.sees_comments or each["Type"] != "Comment"]
        if (asked.query.get("orderby"), asked.query.get("order")) == ("id", "DESC"):
            seen.reverse()
        size, page = int(asked.query["per_page"]), int(asked.query.get("page", 1))
        items = [{name: value for name, value in each.items() if name != "parts"} for each in seen]
        return Reply(200, {"items": items[(page - 1) * size : page * size], "page": page, "total": None})

    def _message(self, asked: Asked, way: str) -> Reply:
        if self.most_bytes is not None and len(asked.body) > self.most_bytes:
            return Reply(413, b"<html><h1>413 Request Entity Too Large</h1><hr>nginx</html>")
        parts = asked.parts()
        message = json.loads(next(part.content for part in parts if part.name == "JSON"))
        if set(message) != _FIELDS or {part.name for part in parts} - {"JSON", "Attachments"}:
            raise BadRequestError(f"fields that no delivery needs: {set(message)}")
        made: dict[str, Any] = {
            "id": self._next(),
            "Type": way.capitalize(),
            "Data": f"{message['Subject']}\n",
            "NewValue": "",
        }
        self.transactions.append(made)
        made["parts"] = [self._kept("", "text/html", message["Content"].encode())] + [
            self._kept(part.filename or "", part.content_type, part.content)
            for part in parts
            if part.name == "Attachments"
        ]
        where = {"Location": f"{_API}/transaction/{made['id']}"} if self.tells_location else {}
        return Reply(201, ["Comments added"], where)

    def _kept(self, name: str, kind: str, content: bytes) -> int:
        length = len(content)
        if self.keeps_bytes is not None and length > self.keeps_bytes:
            how = "AttachmentDrop" if self.drops else "AttachmentTruncate"
            note = {"id": self._next(), "Type": how, "Data": name, "NewValue": str(self.keeps_bytes), "parts": []}
            self.transactions.append(note)
            content = b"Large attachment dropped" if self.drops else content[: self.keeps_bytes]
            name = f"{name}.txt" if self.drops else name
        number = len(self._parts) + 1
        self._parts[number] = {"Filename": name, "ContentType": kind, "ContentLength": str(length), "content": content}
        return number

    def _listed(self, transaction: str) -> Reply:
        parts: list[int] = next((each["parts"] for each in self.transactions if each["id"] == transaction), [])
        items = [{"id": str(number), "Filename": self._parts[number]["Filename"]} for number in parts]
        return Reply(200, {"items": items, "count": len(items)})

    def _attachment(self, number: int) -> Reply:
        part = self._parts.get(number)
        if part is None:
            return Reply(404, {"message": "Not Found"})
        content = base64.encodebytes(part["content"]).decode()
        headers = f'Content-Disposition: inline; filename="{part["Filename"]}"\nX-Odd: "Content" : "AAAA"\n'
        return Reply(200, {"Headers": headers, "Filename": part["Filename"], "Content": content, "id": number})

    def _next(self) -> str:
        return str(len(self.transactions) + 1)
