"""Zammad: an internal article with its files in the request (https://docs.zammad.org/en/latest/api/ticket/articles.html)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.http.encoded import Base64File, encoded_json
from renderer.deliver.http.gone import gone_already
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import html
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"#?[1-9][0-9]{0,18}")
_SETTINGS: Final = "RENDERER_ZAMMAD_URL and RENDERER_ZAMMAD_TOKEN"
_NEEDS: Final = "a token with the permission ticket.agent, of an agent who may change tickets of the group"
# Zammad has no limit of its own; the nginx that comes with it takes 50 MB, and base64 makes files a third larger.
_MOST_BYTES: Final = 36 * MIB
_NEWEST: Final = 50
"""Of a ticket's articles, where all together are too much for one answer."""


class Settings(SystemSettings):
    """`token`: an access token of an agent, with the permission ticket.agent."""

    url: str
    token: SecretStr


class Zammad(System):
    name = "zammad"
    title = "Zammad"
    reference_says = "zammad:123, or zammad:#67001 for the number of a ticket"
    needs = _NEEDS
    capabilities: ClassVar = Capabilities(
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), _MOST_BYTES),
        # Shown below the text. In it only JPEG and PNG can stand: Zammad's sanitizer drops a GIF.
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="HTML",
        note_chars=100_000,
        total_bytes=_MOST_BYTES,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_ZAMMAD_URL", "https://zammad.acme.com")
        self._http = Http(
            self.title,
            self._base,
            headers={"Authorization": f"Token token={settings.token.get_secret_value()}"},
            settings=_SETTINGS,
            needs=_NEEDS,
            judge=_judge,
        )
        self._numbers: dict[str, str] = {}

    def ticket(self, reference: str) -> str:
        found = pasted(reference, f"{self._base}/#ticket/zoom/", f"{self._base}/desktop/tickets/")
        if not _REFERENCE.fullmatch(found):
            raise bad_reference(self)
        return found

    def check(self) -> Iterator[Finding]:
        me = self._read("/api/v1/users/me", what="such user")
        yield Finding(True, f"signed in as {shown(me.get('login'))}")
        if self._is_agent():
            yield Finding(True, "may write internal articles; tickets of which groups, cannot be told")
        else:
            yield Finding(False, "is no agent, or the token lacks ticket.agent: what it writes is public")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        found = self._ticket(self._id(ticket), f"ticket {ticket}")
        if found.get("state") == "merged":
            raise failures.refused(self.title, f"ticket {ticket} was merged into another one: take that")
        # Of who is no agent, Zammad publishes what was meant to be internal, and says 201.
        if not parcel.is_public and not self._is_agent():
            raise failures.not_internal("the account is no agent, and Zammad makes what it writes public", "")
        return self.capabilities.takes

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [FileLink(each.file.name, each.file.name) for each in sent]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, lambda some: html.write(some, html.FOLDING), self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        files = [
            {
                "filename": each.file.name,
                "data": Base64File(each.file.path, each.file.bytes),
                "mime-type": each.file.content_type,
            }
            for each in sent
        ]
        number = self._id(ticket)
        body = encoded_json(
            {
                "ticket_id": int(number),
                "body": note,
                "content_type": "text/html",
                "type": "note",
                "internal": not parcel.is_public,
                **({"attachments": files} if files else {}),
            }
        )
        answer = self._http.ask(
            "POST",
            "/api/v1/ticket_articles",
            what=f"ticket {ticket}",
            headers=body.headers(),
            content=body.content(),
        ).object()
        return self._posted(number, answer)

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        number = self._id(ticket)
        article = self._article(number, parcel.marker)
        return None if article is None else self._posted(number, article)

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        number = self._id(ticket)
        path = f"/api/v1/ticket_articles/{posted.id}"
        article = self._read(path, what="such article")
        if not parcel.is_public and article["internal"] is not True:
            with hiding():
                self._http.ask("PUT", path, what="such article", json={"internal": True})
            article = self._read(path, what="such article")
            if article["internal"] is not True:
                raise DestinationError(
                    "not_internal", f"Zammad made the note on ticket {ticket} public, and keeps it so"
                )
        there = {str(each.get("filename")): each for each in article.get("attachments") or []}
        for each in sent:
            file, found = each.file, there.get(each.file.name)
            if found is None:
                raise failures.damaged(self.title, file.name, "it is not there")
            size, digest = self._http.digest(
                f"/api/v1/ticket_attachment/{number}/{article['id']}/{found['id']}",
                headers={"Accept": "*/*"},
                what="such attachment",
                most_bytes=file.bytes,
            )
            if (size, digest) != (file.bytes, file.sha256):
                raise failures.damaged(self.title, file.name, "it holds something else")
        return self._posted(number, article)

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        with gone_already():
            self._http.ask("DELETE", f"/api/v1/ticket_articles/{facts['article']}", what="such article")

    def _is_agent(self) -> bool:
        """By an endpoint that the permission ticket.agent alone opens, whatever the account's roles are called."""
        answer = self._http.ask("GET", "/api/v1/ticket_recent", ok=frozenset({200, 403}))
        if answer.json() is None:
            raise failures.bad_answer(self.title, _SETTINGS)
        return answer.status == 200

    def _id(self, ticket: str) -> str:
        """Of a ticket's number, by which people know it."""
        if not ticket.startswith("#"):
            return ticket
        if ticket not in self._numbers:
            number = ticket.removeprefix("#")
            params = {"query": number, "limit": 50, "expand": "true"}
            answer = self._http.ask("GET", "/api/v1/tickets/search", params=params, what=f"ticket {ticket}").json()
            if not isinstance(answer, list):
                raise failures.bad_answer(self.title, _SETTINGS)
            found = next((each for each in answer if str(each.get("number")) == number), None)
            if found is None:
                raise failures.not_found(self.title, f"ticket {ticket}")
            self._numbers[ticket] = str(int(found["id"]))
        return self._numbers[ticket]

    def _article(self, number: str, marker: str) -> dict[str, Any] | None:
        return next((each for each in self._articles(number) if marker in str(each.get("body"))), None)

    def _articles(self, number: str) -> Iterator[dict[str, Any]]:
        """Newest first. Zammad tells all in one answer, which of a long ticket is too much: of that the newest are read one by one."""
        path, what = f"/api/v1/ticket_articles/by_ticket/{number}", f"ticket {number}"
        try:
            articles = self._http.ask("GET", path, what=what).json()
            if not isinstance(articles, list):
                raise failures.bad_answer(self.title, _SETTINGS)
        except DestinationError as error:
            if error.code != "destination_bad_answer":
                raise
        else:
            yield from reversed(articles)
            return
        newest = sorted((int(each) for each in self._ticket(number, what)["article_ids"]), reverse=True)
        for each in newest[:_NEWEST]:
            with gone_already():
                yield self._read(f"/api/v1/ticket_articles/{each}", what="such article")

    def _ticket(self, number: str, what: str) -> dict[str, Any]:
        return self._read(f"/api/v1/tickets/{number}", what=what, expand="true")

    def _read(self, path: str, *, what: str, **query: str) -> dict[str, Any]:
        found = self._http.ask("GET", path, what=what, params=query or None).object()
        if not isinstance(found.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _posted(self, number: str, article: Mapping[str, Any]) -> Posted:
        return Posted(
            id=str(article["id"]),
            url=f"{self._base}/#ticket/zoom/{number}/{article['id']}",
            facts={"article": article["id"]},
        )


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {401, 403, 422}:
        return None
    said = str(answer.object().get("error") or "")
    if "access disabled" in said:
        return failures.refused("Zammad", "access by token is off: turn it on under System, API")
    if "Maintenance mode" in said:
        return failures.failed("Zammad", answer.status, None)
    if "too old to be deleted" in said:
        return failures.refused("Zammad", "a note can be deleted for ten minutes only: ask an administrator")
    return failures.refused("Zammad", shown(said)) if answer.status == 422 else None
