"""Freshdesk: a private note with its files in one request (https://developers.freshdesk.com/api/#conversations)."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import html
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"#?([1-9][0-9]{0,18})")
_SETTINGS: Final = "RENDERER_FRESHDESK_URL and RENDERER_FRESHDESK_TOKEN"
_TICKET_BYTES: Final = 20_000_000
"""Of all files of a ticket together."""
_PAGE: Final = 100
_MOST_PAGES: Final = 20
_GONE: Final = frozenset({200, 204, 404})
_SCOPES: Final = {2: "of its groups", 3: "assigned to it"}


class Settings(SystemSettings):
    """`token`: the API key of an agent."""

    url: str
    token: SecretStr


class Freshdesk(System):
    name = "freshdesk"
    title = "Freshdesk"
    reference_says = "freshdesk:123"
    needs = "an agent who may see the ticket and add notes"
    capabilities: ClassVar = Capabilities(
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), _TICKET_BYTES),
        inline=frozenset(),
        readers="internal",
        dialect="HTML",
        note_chars=60_000,
        total_bytes=_TICKET_BYTES,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_FRESHDESK_URL", "https://acme.freshdesk.com")
        # The key is the user's name; Freshdesk reads no password.
        credentials = base64.b64encode(f"{settings.token.get_secret_value()}:X".encode()).decode()
        self._http = Http(
            self.title,
            self._base,
            headers={"Authorization": f"Basic {credentials}"},
            settings=_SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(pasted(reference, f"{self._base}/a/tickets/", f"{self._base}/helpdesk/tickets/"))
        if found is None:
            raise bad_reference(self)
        return found[1]

    def check(self) -> Iterator[Finding]:
        me = self._read("/api/v2/agents/me", what="such agent")
        yield Finding(True, f"signed in as {shown(me.get('contact', {}).get('name'))}, an agent")
        scope = _SCOPES.get(me.get("ticket_scope", 1))
        if scope is None:
            yield Finding(True, "sees all tickets")
        else:
            yield Finding(None, f"sees only tickets {scope}")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        found = self._read(f"/api/v2/tickets/{ticket}", what=f"ticket {ticket}")
        if found.get("deleted") or found.get("spam"):
            raise failures.refused(self.title, f"ticket {ticket} is in the trash or marked as spam: restore it first")
        used = sum(_bytes(each) for each in (found, *self._conversations(ticket)))
        return dict.fromkeys(self.capabilities.takes, max(1, _TICKET_BYTES - used))

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        # What a file's address will be is known only when the note is there.
        return [FileLink(each.file.name, each.file.name) for each in sent]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, html.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        path, what = f"/api/v2/tickets/{ticket}/notes", f"ticket {ticket}"
        if not sent:
            given = {"body": note, "private": not parcel.is_public}
            return self._posted(ticket, self._http.ask("POST", path, what=what, json=given).object())
        with ExitStack() as opened:
            files = [
                (
                    "attachments[]",
                    (each.file.name, opened.enter_context(each.file.path.open("rb")), each.file.content_type),
                )
                for each in sent
            ]
            fields = {"body": note, "private": "false" if parcel.is_public else "true"}
            answer = self._http.ask("POST", path, what=what, data=fields, files=files)
        return self._posted(ticket, answer.object())

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        found = self._note(ticket, parcel.marker)
        return None if found is None else self._posted(ticket, found)

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        found = self._note(ticket, parcel.marker)
        if found is None:
            raise failures.damaged(self.title, "the note", f"ticket {ticket} does not show it")
        posted = self._posted(ticket, found)
        if not parcel.is_public and found.get("private") is not True:
            # Of a note that is there its text can be changed, and no more.
            with hiding():
                self.withdraw(ticket, posted.facts)
            raise DestinationError("not_internal", "Freshdesk showed the note to the customer: look at its automations")
        there = {(each.get("name"), each.get("size")) for each in found.get("attachments", [])}
        for each in sent:
            if (each.file.name, each.file.bytes) not in there:
                raise failures.damaged(self.title, each.file.name, "its size is another one, or it is not there")
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        for attachment in facts["attachments"]:
            self._http.ask("DELETE", f"/api/v2/attachments/{attachment}", what="such attachment", ok=_GONE)
        self._http.ask("DELETE", f"/api/v2/conversations/{facts['note']}", what="such note", ok=_GONE)

    def _note(self, ticket: str, marker: str) -> dict[str, Any] | None:
        notes = reversed(self._conversations(ticket))
        return next((each for each in notes if marker in str(each.get("body_text") or each.get("body"))), None)

    def _conversations(self, ticket: str) -> list[dict[str, Any]]:
        """Oldest first; there is no other order. Raises `ticket_too_long` where there are more than are read: a note is among the last ones."""
        found: list[dict[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            answer = self._http.ask(
                "GET",
                f"/api/v2/tickets/{ticket}/conversations",
                params={"page": page, "per_page": _PAGE},
                what=f"ticket {ticket}",
            ).json()
            if not isinstance(answer, list):
                raise failures.bad_answer(self.title, _SETTINGS)
            found += answer
            if len(answer) < _PAGE:
                return found
        raise DestinationError(
            "ticket_too_long",
            f"ticket {ticket} has {_MOST_PAGES * _PAGE:,} conversations or more, so that a note could not be found again there: take a new ticket",
            may_have_happened=True,
        )

    def _read(self, path: str, *, what: str) -> dict[str, Any]:
        found = self._http.ask("GET", path, what=what).object()
        if not isinstance(found.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _posted(self, ticket: str, note: Mapping[str, Any]) -> Posted:
        attachments = [each["id"] for each in note.get("attachments", [])]
        return Posted(
            id=str(note["id"]),
            url=f"{self._base}/a/tickets/{ticket}",
            facts={"note": note["id"], "attachments": attachments},
        )


def _bytes(conversation: Mapping[str, Any]) -> int:
    return sum(int(each.get("size") or 0) for each in conversation.get("attachments") or [])


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {400, 403, 409, 413, 415}:
        return None
    said = answer.object()
    errors = [each for each in said.get("errors", []) if isinstance(each, dict)]
    of_files = next((each for each in errors if "attachment" in str(each.get("field"))), None)
    if of_files is not None:
        words = f"{of_files.get('code')} {of_files.get('message')}".lower()
        is_size = "size" in words or "mb" in words or "large" in words
        return (
            failures.too_large("Freshdesk", "this one") if is_size else failures.type_refused("Freshdesk", "this one")
        )
    if errors:
        first = errors[0]
        return failures.refused("Freshdesk", shown(f"{first.get('field')}: {first.get('message')}"))
    if said.get("code") in {"account_suspended", "require_feature", "ssl_required"}:
        return failures.refused("Freshdesk", shown(said.get("message")))
    return None
