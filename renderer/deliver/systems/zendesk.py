"""Zendesk Support: an internal comment with uploads (https://developer.zendesk.com/api-reference/ticketing/)."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http, content_of
from renderer.deliver.http.gone import gone_already
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import html
from renderer.deliver.note.document import Block, FileLink, Image, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"#?([1-9][0-9]{0,18})")
_SETTINGS: Final = "RENDERER_ZENDESK_URL, RENDERER_ZENDESK_EMAIL and RENDERER_ZENDESK_TOKEN"
_JSON: Final = {"Content-Type": "application/json"}
_AGENTS: Final = frozenset({"agent", "admin"})


class Settings(SystemSettings):
    """`email`: of the agent that an API token is used for; without one the token is an OAuth access token."""

    url: str
    token: SecretStr
    email: str | None = None


class Zendesk(System):
    name = "zendesk"
    title = "Zendesk"
    reference_says = "zendesk:48213"
    needs = "an agent who may see the ticket and comment on it"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 50 * MIB, "webm": 50 * MIB, "gif": 50 * MIB, "poster": 50 * MIB},
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="HTML",
        note_chars=60_000,
        withdraws=True,
    )
    settings_type = Settings
    # 60 min by Zendesk's documentation.
    uploads_keep_s = 50 * 60.0

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_ZENDESK_URL", "https://acme.zendesk.com")
        token = settings.token.get_secret_value()
        credentials = base64.b64encode(f"{settings.email}/token:{token}".encode()).decode()
        self._http = Http(
            self.title,
            self._base,
            headers={"Authorization": f"Basic {credentials}" if settings.email else f"Bearer {token}"},
            settings=_SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(pasted(reference, f"{self._base}/agent/tickets/"))
        if found is None:
            raise bad_reference(self)
        return found[1]

    def check(self) -> Iterator[Finding]:
        me = self._me()
        yield Finding(True, f"signed in as {shown(me.get('name'))}, role {shown(me.get('role'))}")
        if me.get("role") in _AGENTS:
            yield Finding(True, "may write internal notes")
        else:
            yield Finding(False, "is no agent: what it writes is public")
        settings = self._account()
        if not settings:
            yield Finding(None, "may not read the account's settings: whether files are private cannot be told")
        elif settings.get("tickets", {}).get("private_attachments"):
            yield Finding(True, "files can be opened only by who is signed in and sees the ticket")
        else:
            yield Finding(None, "private attachments are off: whoever has a file's address can open it")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        found = self._told(self._http.ask("GET", f"/api/v2/tickets/{ticket}", what=f"ticket {ticket}"), "ticket")
        if found.get("status") == "closed":
            raise failures.refused(self.title, f"ticket {ticket} is closed for good; take its follow-up ticket")
        me = self._me()
        if not parcel.is_public and me.get("role") not in _AGENTS:
            raise failures.not_internal("the account is no agent, and Zendesk makes what it writes public", "")
        if parcel.is_public and me.get("only_private_comments"):
            raise failures.forbidden(self.title, "the right to comment publicly, or an internal note to be asked for")
        if found.get("allow_attachments") is False:
            return {}
        limit = self._account().get("limits", {}).get("attachment_size")
        if not isinstance(limit, int):
            return self.capabilities.takes
        return dict.fromkeys(self.capabilities.takes, limit)

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        answer = self._http.ask(
            "POST",
            "/api/v2/uploads",
            what=file.name,
            params={"filename": file.name},
            headers={"Content-Type": file.content_type, "Content-Length": str(file.bytes)},
            content=content_of(file.path),
        ).object()
        upload = answer.get("upload", {})
        attachment = upload.get("attachment", {})
        if not upload.get("token") or not attachment.get("content_url"):
            raise failures.bad_answer(self.title, _SETTINGS)
        return {"token": upload["token"], "url": attachment["content_url"], "id": attachment.get("id")}

    def discard(self, upload: Mapping[str, Any]) -> None:
        self._http.ask("DELETE", f"/api/v2/uploads/{upload['token']}", what="such upload", headers=_JSON)

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Image(each.upload["url"], "The clip") if each.inline else FileLink(each.upload["url"], each.file.name)
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, html.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment = {"html_body": note, "public": parcel.is_public, "uploads": [each.upload["token"] for each in sent]}
        try:
            answer = self._http.ask(
                "PUT", f"/api/v2/tickets/{ticket}", what=f"ticket {ticket}", json={"ticket": {"comment": comment}}
            ).object()
        except DestinationError as error:
            # The ticket was there a moment ago, and Zendesk says the same of uploads that it has deleted.
            if error.code == "ticket_not_found" and sent:
                raise failures.upload_lost(self.title) from None
            raise
        events = answer.get("audit", {}).get("events", [])
        made = next((event for event in events if event.get("type") == "Comment"), None)
        if made is None:
            return Posted(id="", url=self._url(ticket))
        # It does not tell of pictures that stand in the text.
        uploads = [each.upload["id"] for each in sent if each.upload.get("id")]
        told = [each["id"] for each in made.get("attachments", []) if each["id"] not in uploads]
        return self._posted(ticket, {**made, "attachments": [{"id": each} for each in (*uploads, *told)]})

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        comment = self._comment(ticket, parcel.marker)
        return None if comment is None else self._posted(ticket, comment)

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment = self._comment(ticket, parcel.marker)
        if comment is None:
            raise failures.damaged(self.title, "the note", f"ticket {ticket} does not show it")
        if comment.get("public") and not parcel.is_public:
            path = f"/api/v2/tickets/{ticket}/comments/{comment['id']}/make_private"
            with hiding():
                self._http.ask("PUT", path, what="such comment", headers=_JSON)
            comment = self._comment(ticket, parcel.marker) or comment
            if comment.get("public"):
                raise DestinationError(
                    "not_internal", f"Zendesk made the note on ticket {ticket} public, and keeps it so"
                )
        there = {(each.get("file_name"), each.get("size")) for each in comment.get("attachments", [])}
        for each in sent:
            if (each.file.name, each.file.bytes) not in there:
                raise failures.damaged(self.title, each.file.name, "its size is another one, or it is not there")
        return self._posted(ticket, comment)

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        for attachment in facts["attachments"]:
            path = f"/api/v2/tickets/{ticket}/comments/{facts['comment']}/attachments/{attachment}/redact"
            with gone_already():
                self._http.ask("PUT", path, what="such attachment", headers=_JSON)

    def _me(self) -> dict[str, Any]:
        found = self._told(self._http.ask("GET", "/api/v2/users/me"), "user")
        if not found.get("id"):  # Zendesk answers 200 and nobody to credentials that it does not know
            raise failures.unauthorized(self.title, _SETTINGS)
        return found

    def _account(self) -> dict[str, Any]:
        """Empty where the account may not read them, as some custom roles."""
        answer = self._http.ask("GET", "/api/v2/account/settings", ok=frozenset({200, 403, 404}))
        return self._told(answer, "settings") if answer.status == 200 else {}

    def _told(self, answer: Answer, name: str) -> dict[str, Any]:
        """An object of an answer that has to have it."""
        found = answer.object().get(name)
        if not isinstance(found, dict):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _comment(self, ticket: str, marker: str) -> dict[str, Any] | None:
        """Of the newest hundred: a note that was just written is among them. Without being asked to, Zendesk leaves out files shown in the text."""
        answer = self._http.ask(
            "GET",
            f"/api/v2/tickets/{ticket}/comments",
            params={"sort_order": "desc", "per_page": 100, "include_inline_images": "true"},
            what=f"ticket {ticket}",
        )
        comments = answer.object().get("comments")
        if not isinstance(comments, list):
            raise failures.bad_answer(self.title, _SETTINGS)
        return next((each for each in comments if marker in str(each.get("html_body") or each.get("body"))), None)

    def _posted(self, ticket: str, comment: Mapping[str, Any]) -> Posted:
        attachments = [each["id"] for each in comment.get("attachments", [])]
        return Posted(
            id=str(comment["id"]),
            url=self._url(ticket),
            facts={"comment": comment["id"], "attachments": attachments},
        )

    def _url(self, ticket: str) -> str:
        return f"{self._base}/agent/tickets/{ticket}"


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {400, 403, 404, 413, 422}:
        return None
    said = answer.object()
    words = f"{said.get('error')} {said.get('description')} {said.get('details')}".lower()
    if answer.status == 404:
        return failures.upload_lost("Zendesk") if "upload" in words else None
    if "too large" in words or "too big" in words:
        return failures.too_large("Zendesk", "this one")
    if "token" in words and ("upload" in words or "attachment" in words):
        return failures.upload_lost("Zendesk")
    if "attachment" in words or "file type" in words or "content_type" in words:
        return failures.type_refused("Zendesk", "this one")
    if answer.status == 422:
        return failures.refused("Zendesk", shown(said.get("description") or answer.text()))
    return None
