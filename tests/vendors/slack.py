"""Slack's Web API, as far as a delivery asks it; arguments as its reference lists them."""

import html
import json
import time
from typing import Any, ClassVar

from renderer.deliver.systems.slack import Slack
from tests.vendors.base import Asked, BadRequestError, NoteSeen, Reply, Vendor

_TYPES = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif", "png": "image/png"}
# Method: what it needs, what it takes besides, and the scope of a bot.
_METHODS: dict[str, tuple[set[str], set[str], str | None]] = {
    "auth.test": (set(), set(), None),
    "chat.delete": ({"channel", "ts"}, set(), "chat:write"),
    "chat.getPermalink": ({"channel", "message_ts"}, set(), None),
    "chat.postMessage": (
        {"channel"},
        {"text", "blocks", "thread_ts", "unfurl_links", "unfurl_media", "mrkdwn"},
        "chat:write",
    ),
    "conversations.history": (
        {"channel"},
        {"cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"},
        "channels:history",
    ),
    "conversations.info": ({"channel"}, {"include_locale", "include_num_members"}, "channels:read"),
    "conversations.replies": (
        {"channel", "ts"},
        {"cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"},
        "channels:history",
    ),
    "files.completeUploadExternal": (
        {"files"},
        {"blocks", "channel_id", "channels", "initial_comment", "thread_ts"},
        "files:write",
    ),
    "files.delete": ({"file"}, set(), "files:write"),
    "files.getUploadURLExternal": ({"filename", "length"}, {"alt_txt", "snippet_type"}, "files:write"),
    "files.info": ({"file"}, {"count", "cursor", "limit", "page"}, "files:read"),
}
_LOOKS = ("auth.test", "chat.getPermalink", "files.info")
_THREAD = "1700000000.000100"


class SlackVendor(Vendor):
    system: ClassVar = Slack
    post: ClassVar = ("POST", r"/api/(files\.completeUploadExternal|chat\.postMessage)$")
    reference: ClassVar = "slack:C0123ABCD"
    missing: ClassVar = "slack:C0404ABCD"
    bad_references: ClassVar = (
        "slack:general",
        "slack:#general",
        "slack:c0123abcd",
        "slack:C0123ABCD/17000",
        "slack:C0123ABCD/../x",
        "slack:https://acme.slack.com/messages/C0123ABCD",
    )
    # A message is read by whoever is in the channel: it has no readers of its own.
    cannot: ClassVar = frozenset({"test_a_public_note_is_public"})

    def __init__(self) -> None:
        super().__init__()
        self.scopes = {
            "chat:write",
            "files:read",
            "files:write",
            "channels:read",
            "channels:history",
            "groups:read",
            "groups:history",
        }
        self.channel: dict[str, Any] = {
            "id": "C0123ABCD",
            "name": "support",
            "is_archived": False,
            "is_member": True,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
        }
        self.most_per_page = 15
        """Of apps that are not of the workspace's own; other ones get more."""
        self.looks_until_shared = 0
        """How often a file is asked for before its message is told."""
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self._tickets: dict[str, dict[str, Any]] = {}
        self._given_out = 0

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret}

    def notes(self) -> list[NoteSeen]:
        """Text as Slack derives it of blocks for those who cannot show them."""
        return [
            NoteSeen(
                _text(each["blocks"]),
                False,
                {self.files[number]["name"]: self.files[number]["content"] for number in self._there(each)},
            )
            for each in self.messages
        ]

    def is_look(self, asked: Asked) -> bool:
        return asked.path.removeprefix("/api/").startswith(("conversations.", *_LOOKS))

    def _there(self, message: dict[str, Any]) -> list[str]:
        return [number for number in message["files"] if number in self.files]

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/upload/v1/"):
            return self._take(asked)
        method = asked.path.removeprefix("/api/")
        if asked.method != "POST" or method not in _METHODS:
            return _error("unknown_method")
        needed, taken, scope = _METHODS[method]
        if asked.headers.get("authorization") != f"Bearer {self.secret}":
            return _error("invalid_auth")
        if scope is not None and scope not in self.scopes:
            return _error("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))
        if asked.body and asked.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise BadRequestError("invalid_post_type")
        form = asked.form()
        if needed - set(form) or set(form) - needed - taken:
            raise BadRequestError(f"{method} does not take {set(form) - needed - taken}, or lacks {needed - set(form)}")
        channel = form.get("channel") or form.get("channel_id") or self.channel["id"]
        if channel != self.channel["id"]:
            return _error("channel_not_found")
        reply: Reply = getattr(self, f"_{method.replace('.', '_').lower()}")(form)
        return reply

    def refuse(self, error: BadRequestError) -> Reply:
        return _error("invalid_arguments", response_metadata={"messages": [str(error)]})

    def _auth_test(self, form: dict[str, str]) -> Reply:
        told = {"url": "https://acme.slack.com/", "team": "Acme", "user": "renderer", "team_id": "T1", "user_id": "U1"}
        return Reply(200, {"ok": True, **told}, {"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    def _conversations_info(self, form: dict[str, str]) -> Reply:
        return _ok(channel=self.channel)

    def _conversations_history(self, form: dict[str, str]) -> Reply:
        return self._newest([each for each in self.messages if each.get("thread_ts") is None], form)

    def _conversations_replies(self, form: dict[str, str]) -> Reply:
        if form["ts"] != _THREAD:
            return _error("thread_not_found")
        return self._newest([each for each in self.messages if each.get("thread_ts") == _THREAD], form)

    def _newest(self, messages: list[dict[str, Any]], form: dict[str, str]) -> Reply:
        found = [each for each in messages if float(each["ts"]) > float(form.get("oldest", 0))]
        if "ts" not in form:
            found.reverse()
        start = int(form.get("cursor") or 0)
        end = start + min(int(form.get("limit", 100)), self.most_per_page)
        more = len(found) > end
        told = {"response_metadata": {"next_cursor": str(end)}} if more else {}
        shown = [each | {"files": [{"id": number} for number in each["files"]]} for each in found[start:end]]
        return _ok(messages=shown, has_more=more, **told)

    def _files_getuploadurlexternal(self, form: dict[str, str]) -> Reply:
        size = int(form["length"])
        if _TYPES.get(form["filename"].rpartition(".")[2]) in self.refused_types:
            return _error("file_type_not_allowed")
        if self.most_bytes is not None and size > self.most_bytes:
            return _error("file_upload_size_restricted")
        self._given_out += 1
        number = f"F{self._given_out:08d}"
        self._tickets[number] = {"id": number, "name": form["filename"], "size": size}
        return _ok(upload_url=f"{self.url}/upload/v1/{number}", file_id=number)

    def _take(self, asked: Asked) -> Reply:
        if "authorization" in asked.headers:
            raise BadRequestError("the upload's address is the key to it: no token belongs there")
        ticket = self._tickets[asked.path.rpartition("/")[2]]
        if len(asked.body) != ticket["size"]:
            return Reply(500, b"size mismatch")
        ticket["content"] = asked.body
        return Reply(200, f"OK - {len(asked.body)}".encode())

    def _files_completeuploadexternal(self, form: dict[str, str]) -> Reply:
        if not self.may_post:
            return _error("posting_to_channel_denied")
        wanted = json.loads(form["files"])
        blocks = json.loads(form["blocks"])
        if any(block["type"] not in {"rich_text", "section"} for block in blocks) or len(blocks) > 50:
            return _error("invalid_blocks")
        if any("content" not in self._tickets.get(each["id"], {}) for each in wanted):
            return _error("file_not_found")
        for each in wanted:
            self.files[each["id"]] = {**self._tickets.pop(each["id"]), "title": each["title"]}
        message = self._write(blocks, form.get("thread_ts"), [each["id"] for each in wanted])
        for each in wanted:
            self.files[each["id"]].update(message=message, looks=self.looks_until_shared)
        return _ok(files=[{"id": each["id"], "title": each["title"]} for each in wanted])

    def _chat_postmessage(self, form: dict[str, str]) -> Reply:
        if not self.may_post:
            return _error("restricted_action")
        message = self._write(json.loads(form["blocks"]), form.get("thread_ts"), [])
        return _ok(channel=self.channel["id"], ts=message["ts"], message=message)

    def _write(self, blocks: list[dict[str, Any]], thread: str | None, files: list[str]) -> dict[str, Any]:
        ts = f"{int(time.time())}.{len(self.messages) + 1:06d}"
        message = {"type": "message", "ts": ts, "blocks": blocks, "files": files}
        if thread is not None:
            message["thread_ts"] = thread
        self.messages.append(message)
        return message

    def _files_info(self, form: dict[str, str]) -> Reply:
        file = self.files.get(form["file"])
        if file is None:
            return _error("file_not_found")
        told = {name: file[name] for name in ("id", "name", "title", "size")}
        file["looks"] -= 1
        if file["looks"] >= 0:
            return _ok(file={**told, "shares": {}})
        share = {name: file["message"][name] for name in ("ts", "thread_ts") if name in file["message"]}
        return _ok(file={**told, "shares": {"public": {self.channel["id"]: [share]}}})

    def _chat_getpermalink(self, form: dict[str, str]) -> Reply:
        if all(each["ts"] != form["message_ts"] for each in self.messages):
            return _error("message_not_found")
        link = f"https://acme.slack.com/archives/{form['channel']}/p{form['message_ts'].replace('.', '')}"
        return _ok(channel=form["channel"], permalink=link)

    def _chat_delete(self, form: dict[str, str]) -> Reply:
        found = next((each for each in self.messages if each["ts"] == form["ts"]), None)
        if found is None:
            return _error("message_not_found")
        self.messages.remove(found)
        return _ok(channel=form["channel"], ts=form["ts"])

    def _files_delete(self, form: dict[str, str]) -> Reply:
        return _ok() if self.files.pop(form["file"], None) else _error("file_not_found")


def _ok(**told: Any) -> Reply:
    return Reply(200, {"ok": True, **told})


def _error(word: str, **told: Any) -> Reply:
    return Reply(200, {"ok": False, "error": word, **told})


def _text(node: Any) -> str:
    if isinstance(node, list):
        return " ".join(map(_text, node))
    if node.get("type") == "link":
        return f"<{html.escape(node['url'], quote=False)}|{html.escape(node['text'], quote=False)}>"
    if isinstance(node.get("text"), str):
        return html.escape(str(node["text"]), quote=False)
    return _text(node.get("elements", []))
