"""Request Tracker 5: a comment with its files (https://docs.bestpractical.com/rt/5.0/RT/REST2.html)."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.http.decoded import base64_field
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import html
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"#?([1-9][0-9]{0,9})")
_SETTINGS: Final = "RENDERER_RT_URL and RENDERER_RT_TOKEN"
_API: Final = "/REST/2.0"
_PAGE: Final = 100
_MOST_PAGES: Final = 20
_NOTES: Final = frozenset({"Comment", "Correspond"})
_CUT: Final = {
    "AttachmentTruncate": "it cuts off what is longer than {limit} bytes; raise MaxAttachmentSize, or turn TruncateLongAttachments off",
    "AttachmentDrop": "it drops what is longer than {limit} bytes; raise MaxAttachmentSize, or turn DropLongAttachments off",
    "AttachmentError": "its database did not take it; raise what one statement may hold there (MySQL: max_allowed_packet)",
}
_TRANSACTION: Final = re.compile(r"/transaction/([1-9][0-9]{0,18})$")


class Settings(SystemSettings):
    """`token`: an authentication token; with `user`, that user's password."""

    url: str
    token: SecretStr
    user: str | None = None


class RT(System):
    name = "rt"
    title = "Request Tracker"
    reference_says = "rt:12"
    needs = "the rights SeeQueue, ShowTicket, ShowTicketComments and CommentOnTicket (ReplyToTicket for public notes)"
    capabilities: ClassVar = Capabilities(
        # There is a limit only where it cuts or drops files, and it does not tell it.
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), None),
        # Pictures that are attached are shown below the text.
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="HTML",
        # More than 25 KiB of text are shown as a link.
        note_chars=25_000,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_RT_URL", "https://rt.example.com")
        token = settings.token.get_secret_value()
        credentials = base64.b64encode(f"{settings.user}:{token}".encode()).decode()
        self._http = Http(
            self.title,
            self._base,
            headers={"Authorization": f"Basic {credentials}" if settings.user else f"token {token}"},
            settings=_SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(pasted(reference, f"{self._base}/Ticket/Display.html?id="))
        if found is None:
            raise bad_reference(self)
        return found[1]

    def check(self) -> Iterator[Finding]:
        about = self._http.ask("GET", f"{_API}/rt", what="such address (REST2 is part of Request Tracker 5)").object()
        if "Version" not in about:
            raise failures.bad_answer(self.title, _SETTINGS)
        yield Finding(True, f"signed in to Request Tracker {shown(about.get('Version'))}")
        queues = self._http.ask("GET", f"{_API}/queues/all", params={"per_page": _PAGE}, what="such address").object()
        count = len(queues.get("items", []))
        if count:
            yield Finding(True, f"sees {count} queue{'' if count == 1 else 's'}")
        else:
            yield Finding(False, "sees no queue: it needs the right SeeQueue")
        yield Finding(None, "whether it may comment is told by a ticket alone")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        found = self._http.ask("GET", f"{_API}/ticket/{ticket}", what=f"ticket {ticket}").object()
        way = "correspond" if parcel.is_public else "comment"
        if not any(each.get("ref") == way for each in found["_hyperlinks"]):
            raise failures.forbidden(self.title, self.needs)
        return self.capabilities.takes

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        # What a file's address will be is known only when the note is there.
        return [FileLink(each.file.name, each.file.name) for each in sent]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, _html, self.capabilities.note_chars, lambda text: len(text.encode()))[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        way = "correspond" if parcel.is_public else "comment"
        message = {"Subject": _subject(parcel), "Content": note, "ContentType": "text/html"}
        with ExitStack() as opened:
            parts: list[tuple[str, tuple[str | None, Any, str]]] = [
                ("JSON", (None, json.dumps(message), "application/json"))
            ]
            parts += [
                (
                    "Attachments",
                    (each.file.name, opened.enter_context(each.file.path.open("rb")), each.file.content_type),
                )
                for each in sent
            ]
            answer = self._http.ask("POST", f"{_API}/ticket/{ticket}/{way}", what=f"ticket {ticket}", files=parts)
        made = _TRANSACTION.search(answer.headers.get("location", ""))
        return self._posted(ticket, made[1] if made is not None else "")

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        found = next(
            (
                each["id"]
                for each in self._history(ticket)
                if each.get("Type") in _NOTES and parcel.marker in str(each.get("Data"))
            ),
            None,
        )
        return None if found is None else self._posted(ticket, str(found))

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        found = posted if posted.id else self.find(ticket, parcel, sent)
        if found is None:
            raise failures.damaged(
                self.title, "the note", f"ticket {ticket} does not show it; its account needs ShowTicketComments"
            )
        parts = {each["Filename"]: each["id"] for each in self._parts(found.id) if each.get("Filename")}
        for each in sent:
            # Sizes that it lists are those of what was sent, whatever was kept of it.
            part = parts.get(each.file.name)
            kept = None if part is None else self._digest(part, each)
            if kept != (each.file.bytes, each.file.sha256):
                raise failures.damaged(self.title, each.file.name, self._why(ticket, found.id, each))
        return found

    def _digest(self, part: str, sent: Sent) -> tuple[int, str]:
        return self._http.digest(
            f"{_API}/attachment/{int(part)}",
            what=sent.file.name,
            most_bytes=sent.file.bytes,
            decode=base64_field("Content"),
        )

    def _why(self, ticket: str, transaction: str, sent: Sent) -> str:
        for each in self._history(ticket):
            if int(each["id"]) < int(transaction):
                break
            if each.get("Type") in _CUT and each.get("Data") in {sent.file.name, None, ""}:
                return _CUT[each["Type"]].format(limit=shown(each.get("NewValue")))
        return "its bytes are other ones, or it is not there"

    def _parts(self, transaction: str) -> list[dict[str, Any]]:
        answer = self._http.ask(
            "GET",
            f"{_API}/transaction/{transaction}/attachments",
            params={"fields": "Filename", "per_page": _PAGE},
            what="such transaction",
        )
        return list(answer.object()["items"])

    def _history(self, ticket: str) -> Iterator[dict[str, Any]]:
        """Newest first."""
        for page in range(1, _MOST_PAGES + 1):
            answer = self._http.ask(
                "GET",
                f"{_API}/ticket/{ticket}/history",
                params={
                    "fields": "Type,Data,NewValue",
                    "orderby": "id",
                    "order": "DESC",
                    "per_page": _PAGE,
                    "page": page,
                },
                what=f"ticket {ticket}",
            )
            items = answer.object()["items"]
            yield from items
            if len(items) < _PAGE:
                return

    def _posted(self, ticket: str, transaction: str) -> Posted:
        url = f"{self._base}/Ticket/Display.html?id={ticket}"
        return Posted(id=transaction, url=f"{url}#txn-{transaction}" if transaction else url)


def _html(blocks: Sequence[Block]) -> str:
    # Its tables have no lines of their own, and it lets these attributes through.
    return html.write(blocks, html.MAIL)


def _subject(parcel: Parcel) -> str:
    """It stands in the ticket's history, where it can be looked for without reading notes."""
    return f"Clip of the session ({parcel.marker})"


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status != 400:
        return None
    said = shown(answer.object().get("message") or answer.text())
    # The ticket is there, as was asked before.
    if "permission denied" in said.lower():
        return failures.forbidden("Request Tracker", RT.needs)
    return failures.refused("Request Tracker", said)
