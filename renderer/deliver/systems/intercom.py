"""Intercom: a note on a conversation or a ticket, with its files in the request (https://developers.intercom.com/docs/references/rest-api/)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final

from pydantic import Field, SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.http.encoded import Base64File, encoded_json
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import html
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_VERSION: Final = "2.16"
_ID: Final = r"[1-9][0-9]{0,19}"
_REFERENCE: Final = re.compile(rf"(ticket/)?({_ID})")
_PASTED: Final = re.compile(
    rf"https://(app(?:\.eu|\.au)?\.intercom\.com)/a/(?:inbox|apps)/([\w-]+)/(?:[\w-]+/){{0,7}}conversations?/({_ID})(?:[/?#][!-~]*)?"
)
_SETTINGS: Final = "RENDERER_INTERCOM_TOKEN and RENDERER_INTERCOM_URL"
_NEEDS: Final = "the permissions to read and write conversations, and for tickets to read and write those"
# Intercom documents none for its API. Its own apps take 40 MB, which would be more in base64.
_MOST_BYTES: Final = 20 * MIB
_KINDS: Final = ("conversation_parts", "ticket_parts")
_APPS: Final = {"EU": "app.eu.intercom.com", "AU": "app.au.intercom.com"}


class Settings(SystemSettings):
    """`url`: of the region's API. `admin`: the id of the teammate who writes the note, by default whose token it is. `workspace`: its code in
    addresses; with it those are references too, and without it nobody could tell whose conversation they mean.
    """

    token: SecretStr
    url: str = "https://api.intercom.io"
    admin: str | None = Field(default=None, pattern=rf"^{_ID}$")
    workspace: str | None = Field(default=None, pattern=r"^[\w-]{1,40}$")


class Intercom(System):
    name = "intercom"
    title = "Intercom"
    reference_says = "intercom:215470 or intercom:ticket/631"
    needs = _NEEDS
    capabilities: ClassVar = Capabilities(
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), _MOST_BYTES),
        # Attached pictures are shown below the text.
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="HTML",
        note_chars=20_000,
        total_bytes=_MOST_BYTES,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._admin = settings.admin
        self._workspace = settings.workspace
        self._http = Http(
            self.title,
            checked_base(settings.url, "RENDERER_INTERCOM_URL", "https://api.eu.intercom.io"),
            headers={
                "Authorization": f"Bearer {settings.token.get_secret_value()}",
                "Intercom-Version": _VERSION,
            },
            settings=_SETTINGS,
            needs=_NEEDS,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        address = _PASTED.fullmatch(reference)
        if address is not None and address[2] == self._workspace:
            return address[3]
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise bad_reference(self)
        return f"{found[1] or ''}{found[2]}"

    def check(self) -> Iterator[Finding]:
        me = self._me
        app = me.get("app") or {}
        yield Finding(True, f"signed in as {shown(me.get('name'))}, workspace {shown(app.get('name'))}")
        yield Finding(None, f"that it has {_NEEDS} cannot be told without a conversation")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        found = self._read(ticket)
        is_ours_alone = found.get("category") in {"Back-office", "Tracker"} and not found.get("is_shared")
        if parcel.is_public and is_ours_alone:
            raise failures.refused(self.title, f"{ticket} is not shared with the customer: ask for an internal note")
        self._author()
        return self.capabilities.takes

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [FileLink(each.file.name, each.file.name) for each in sent if not each.inline]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, lambda some: html.write(some, html.INTERCOM), self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        files = [
            {
                "content_type": each.file.content_type,
                "data": Base64File(each.file.path, each.file.bytes),
                "name": each.file.name,
            }
            for each in sent
        ]
        body = encoded_json(
            {
                "message_type": "comment" if parcel.is_public else "note",
                "type": "admin",
                "admin_id": self._author(),
                "body": note,
                **({"attachment_files": files} if files else {}),
            }
        )
        answer = self._http.ask(
            "POST", f"{_path(ticket)}/reply", what=_said(ticket), headers=body.headers(), content=body.content()
        ).object()
        made = answer if answer.get("type") == "ticket_part" else _newest(answer, parcel.marker)
        return self._posted(ticket, made) if made is not None else Posted(id="")

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        part = _newest(self._read(ticket), parcel.marker)
        return None if part is None else self._posted(ticket, part)

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        part = _newest(self._read(ticket), parcel.marker)
        if part is None:
            raise failures.damaged(self.title, "the note", f"{_said(ticket)} does not show it")
        posted = self._posted(ticket, part)
        if not parcel.is_public and part.get("part_type") != "note":
            with hiding():
                self.withdraw(ticket, posted.facts)
            raise DestinationError("not_internal", "Intercom sent the note to the customer")
        there = {(each.get("name"), each.get("filesize")) for each in part.get("attachments") or []}
        for each in sent:
            if (each.file.name, each.file.bytes) not in there:
                raise failures.damaged(self.title, each.file.name, "its size is another one, or it is not there")
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        # A ticket is a conversation too, by the same id.
        given = {
            "type": "conversation_part",
            "conversation_id": ticket.removeprefix("ticket/"),
            "conversation_part_id": str(facts["part"]),
        }
        try:
            self._http.ask("POST", "/conversations/redact", what="such note", json=given)
        except DestinationError as error:
            # What has no text any more cannot be redacted, as after a lost answer.
            if error.code not in {"ticket_not_found", "destination_refused"} or self._is_there(ticket, facts["part"]):
                raise

    def _is_there(self, ticket: str, part: str) -> bool:
        parts = _parts(self._read(ticket))
        return any(str(each.get("id")) == str(part) and each.get("redacted") is not True for each in parts)

    def _author(self) -> str:
        # Asked for in any case: the note's address needs it, and an error once the note is there would say that it is not.
        me = self._me
        return self._admin or str(me["id"])

    @cached_property
    def _me(self) -> dict[str, Any]:
        found = self._http.ask("GET", "/me", what="such teammate").object()
        if not found.get("id"):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _read(self, ticket: str) -> dict[str, Any]:
        """With its parts: the newest 500 of a conversation."""
        # Only what was written matters here, and markup can make an answer many times as long.
        params = {} if ticket.startswith("ticket/") else {"display_as": "plaintext"}
        found = self._http.ask("GET", _path(ticket), params=params, what=_said(ticket)).object()
        if not found.get("id") or not any(kind in found for kind in _KINDS):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _posted(self, ticket: str, part: Mapping[str, Any]) -> Posted:
        return Posted(id=str(part["id"]), url=self._page(ticket), facts={"part": str(part["id"])})

    def _page(self, ticket: str) -> str | None:
        app = self._me.get("app") or {}
        code = app.get("id_code")
        host = _APPS.get(str(app.get("region")), "app.intercom.com")
        return f"https://{host}/a/inbox/{code}/inbox/conversation/{ticket.removeprefix('ticket/')}" if code else None


def _path(ticket: str) -> str:
    return f"/tickets/{ticket.removeprefix('ticket/')}" if ticket.startswith("ticket/") else f"/conversations/{ticket}"


def _said(ticket: str) -> str:
    return ticket.replace("/", " ") if ticket.startswith("ticket/") else f"conversation {ticket}"


def _newest(found: Mapping[str, Any], marker: str) -> dict[str, Any] | None:
    """The part with the marker. `found`: a conversation or a ticket."""
    return next((dict(each) for each in reversed(_parts(found)) if marker in str(each.get("body"))), None)


def _parts(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for kind in _KINDS for each in (found.get(kind) or {}).get(kind, [])]


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {400, 401, 403, 404, 413, 422}:
        return None
    errors = answer.object().get("errors") or [{}]
    code, message = str(errors[0].get("code")), str(errors[0].get("message"))
    words = message.lower()
    if code in {"token_unauthorized", "forbidden"}:
        return failures.forbidden("Intercom", _NEEDS)
    if code == "api_plan_restricted":
        return failures.refused("Intercom", shown(message))
    if code == "admin_not_found":
        return failures.refused("Intercom", "there is no such teammate: check RENDERER_INTERCOM_ADMIN")
    if answer.status in {400, 413, 422} and ("attachment" in words or "file" in words):
        is_size = "large" in words or "size" in words
        return failures.too_large("Intercom", "this one") if is_size else failures.type_refused("Intercom", "this one")
    return failures.refused("Intercom", shown(message)) if answer.status in {400, 422} and errors[0] else None
