"""Roundup's REST interface, as far as a delivery asks it, as version 2.6 was seen to answer."""

import base64
import hashlib
import html
import re
from typing import Any, ClassVar

from renderer.deliver.systems.roundup import Roundup
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_LOCKED_AFTER = 4
_MESSAGE_FIELDS = {"content", "type", "messageid", "date", "author"}


class RoundupVendor(Vendor):
    """A tracker that shows nothing to strangers. Items are kept by class and number."""

    system: ClassVar = Roundup
    # Files and messages are made before; they are seen when the issue has them.
    post: ClassVar = ("PATCH", r"/issue/\d+$")
    reference: ClassVar = "roundup:12"
    missing: ClassVar = "roundup:404"
    bad_references: ClassVar = (
        "roundup:",
        "roundup:HELP-1",
        "roundup:0",
        "roundup:msg12",
        "roundup:12/files",
        "roundup:https://other.example.com/demo/issue12",
    )
    cannot: ClassVar = frozenset(
        {
            # A message has no readers of its own: whoever sees the issue reads it.
            "test_a_public_note_is_public",
            # It takes files of any type.
            "test_where_films_are_refused_a_picture_goes",
            "test_where_no_file_is_taken_a_link_goes_and_the_receipt_says_so",
            "test_without_files_and_links_nothing_is_posted",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False
        """Strangers see issues, too."""
        self.own_address: str | None = None
        """What its configuration says, if that is not where it is."""
        self.may_search_users = True
        self.changes = 0
        """So often somebody else changes the issue just before we do."""
        self.wrong_passwords = 0
        self.items: dict[str, dict[int, dict[str, Any]]] = {
            "issue": {12: {"title": "No answer", "messages": [], "files": [], "revision": 0}},
            "msg": {},
            "file": {},
            "user": {3: {"username": "agent"}},
        }

    def settings(self) -> dict[str, str]:
        return {"url": f"{self.url}/demo", "user": "agent", "password": self.secret}

    def notes(self) -> list[NoteSeen]:
        """As its page shows them. Files of an issue do not say with which message they came: they were made right before it."""
        issue, found, before = self.items["issue"][12], [], 0
        for number in sorted(issue["messages"]):
            message = self.items["msg"][number]
            files = [each for each in issue["files"] if before < self.items["file"][each]["made"] < message["made"]]
            found.append(
                NoteSeen(
                    html.escape(message["content"].decode(), quote=False),
                    False,
                    {self.items["file"][each]["name"]: self.items["file"][each]["content"] for each in files},
                )
            )
            before = message["made"]
        return found

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/demo/issue12" and "authorization" not in asked.headers:
            return Reply(200, b"<html>Issue 12</html>") if self.is_open else Reply(403, b"<html>Log in</html>")
        refused = self._refusal(asked)
        if refused is not None:
            return refused
        match = re.fullmatch(r"/demo/rest/data/(issue|msg|file|user)(?:/(\d+)(?:/(\w+))?)?", asked.path)
        if match is None:
            raise BadRequestError("there is no such operation")
        kind, number, attribute = match[1], int(match[2] or 0), match[3]
        if number == 0:
            return self._create(kind, asked) if asked.method == "POST" else self._search(kind, asked)
        if number not in self.items[kind]:
            return _error(404, f"no such {kind} {number}")
        if asked.method == "GET":
            return self._show(kind, number, attribute, asked)
        return self._edit(kind, number, attribute, asked)

    def _refusal(self, asked: Asked) -> Reply | None:
        wanted = base64.b64encode(f"agent:{self.secret}".encode()).decode()
        if self.wrong_passwords >= _LOCKED_AFTER:
            return Reply(429, b"Logins occurring too fast. Please wait: 150 seconds.", {"Retry-After": "150"})
        if asked.headers.get("authorization") != f"Basic {wanted}":
            self.wrong_passwords += 1
            return Reply(401, b"Invalid Login - Invalid login")
        if asked.headers.get("origin") != (self.own_address or self.url):
            return _error(400, "Client is not allowed to use Rest Interface.")
        if asked.method != "GET" and asked.headers.get("x-requested-with") is None:
            return _error(400, "Required Header Missing")
        return None

    def _search(self, kind: str, asked: Asked) -> Reply:
        wanted = {name.removesuffix(":"): value for name, value in asked.query.items() if not name.startswith("@")}
        if kind == "user" and not self.may_search_users:
            return _error(403, 'User does not have search permission on "user.username"')
        if any(not name.endswith(":") and not name.startswith("@") for name in asked.query):
            raise BadRequestError("without a colon it finds what merely contains the words")
        found = [
            {"id": str(number), "link": f"{self.url}/demo/rest/data/{kind}/{number}"}
            for number, item in self.items[kind].items()
            if all(item.get(name) == value for name, value in wanted.items())
        ]
        return Reply(200, {"data": {"collection": found, "@total_size": len(found)}})

    def _create(self, kind: str, asked: Asked) -> Reply:
        if kind == "file":
            parts = {part.name: part for part in asked.parts()}
            if self.most_bytes is not None and len(parts["content"].content) > self.most_bytes:
                return Reply(413, b"<html><h1>413 Request Entity Too Large</h1><hr>nginx</html>")
            item = {
                "name": parts["name"].content.decode(),
                "type": parts["type"].content.decode(),
                "content": parts["content"].content,
            }
        else:
            item = asked.json()
            if kind != "msg" or set(item) - _MESSAGE_FIELDS:
                raise BadRequestError(f"no delivery makes such a {kind}")
            item["content"] = item["content"].encode()
        number = len(self.items[kind]) + 1
        self.items[kind][number] = item | {"made": len(self.items["file"]) + len(self.items["msg"]) + 1, "revision": 0}
        return Reply(201, {"data": {"id": str(number), "link": f"{self.url}/demo/rest/data/{kind}/{number}"}})

    def _show(self, kind: str, number: int, attribute: str | None, asked: Asked) -> Reply:
        item = self.items[kind][number]
        if attribute == "binary_content":
            if asked.headers.get("accept") != "*/*":
                return _error(406, "Requested content type(s) not available.")
            return Reply(200, item["content"])
        if attribute == "content":
            return Reply(200, {"data": {"id": str(number), "data": item["content"].decode()}})
        links = {name: [{"id": str(each)} for each in item.get(name, [])] for name in ("messages", "files")}
        etag = _etag(kind, number, item)
        return Reply(200, {"data": {"id": str(number), "attributes": links, "@etag": etag}}, {"ETag": etag})

    def _edit(self, kind: str, number: int, attribute: str | None, asked: Asked) -> Reply:
        item, given = self.items[kind][number], asked.json()
        if asked.path.endswith(f"/issue/{number}") and self.changes > 0:
            self.changes -= 1
            item["revision"] += 1
        if asked.headers.get("if-match") != _etag(kind, number, item):
            return _error(412, "If-Match is missing or does not match. Retrieve asset and retry modification if valid.")
        if not self.may_post:
            return _error(403, f"Permission to edit messages of {kind}{number} denied")
        if asked.method == "PUT" and attribute == "content":
            item["content"] = given["data"].encode()
        elif asked.method == "PATCH" and given["@op"] in {"add", "remove"}:
            changes = {attribute: given["data"]} if attribute else {k: v for k, v in given.items() if k != "@op"}
            for name, ids in changes.items():
                numbers = {int(each) for each in ids}
                there = set(item[name])
                item[name] = sorted(there | numbers if given["@op"] == "add" else there - numbers)
        else:
            raise BadRequestError("no delivery changes this")
        item["revision"] += 1
        return Reply(200, {"data": {"id": str(number), "type": kind, "attribute": {}}})


def _etag(kind: str, number: int, item: dict[str, Any]) -> str:
    state = f"{kind}{number} {item.get('revision')}".encode()
    return f'"{hashlib.sha256(state).hexdigest()[:32]}"'


def _error(status: int, said: str) -> Reply:
    return Reply(status, {"error": {"status": status, "msg": said}})
