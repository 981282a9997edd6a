"""Jira Cloud: attachments, and a comment in Atlassian Document Format (https://developer.atlassian.com/cloud/jira/platform/rest/v3/)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.base import checked_base
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import adf
from renderer.deliver.note.document import Block, FileLink, Image, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.deliver.systems.jira_api import MEDIA_REFUSED, NOTE_CHARS, JiraApi, authorization, issue_key
from renderer.errors import DestinationError

_VISIBILITY: Final = re.compile(r"(role|group):\s*(\S.*)")
_MEDIA: Final = re.compile(r"/file/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/?]|$)", re.IGNORECASE)


def _checked(value: str | None) -> str | None:
    if value and not _VISIBILITY.fullmatch(value):
        raise ValueError('write "role:" or "group:" and its name, as "role:Developers"')
    return value or None


Visibility = Annotated[str | None, AfterValidator(_checked)]


class Settings(SystemSettings):
    """`email`: of the account that an API token is of; without one the token is OAuth's. `site`: what the browser shows, where `url` is
    https://api.atlassian.com/ex/jira/…. `visibility`: who reads notes, as "role:Developers" or "group:support"; without it, whoever sees the issue.
    """

    url: str
    token: SecretStr
    email: str | None = None
    site: str | None = None
    visibility: Visibility = None


class Jira(System):
    name = "jira"
    title = "Jira"
    reference_says = "jira:PROJ-123"
    needs = "Browse Projects, Add Comments and Create Attachments in the project"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 1024 * MIB, "webm": 1024 * MIB, "gif": 1024 * MIB, "poster": 1024 * MIB},
        inline=frozenset({"gif", "poster"}),
        readers="members",
        dialect="Atlassian Document Format",
        note_chars=NOTE_CHARS,
        withdraws=True,
    )
    settings_type: ClassVar[type[SystemSettings]] = Settings

    def __init__(self, settings: Settings) -> None:
        site = (
            checked_base(settings.site, "RENDERER_JIRA_SITE", "https://acme.atlassian.net") if settings.site else None
        )
        self._api = JiraApi(
            self.title,
            checked_base(settings.url, "RENDERER_JIRA_URL", "https://acme.atlassian.net"),
            "/rest/api/3",
            authorization(settings.email, settings.token),
            site=site,
            settings="RENDERER_JIRA_URL, RENDERER_JIRA_EMAIL and RENDERER_JIRA_TOKEN",
            needs=self.needs,
        )
        self._visibility = visibility_of(settings.visibility)

    def ticket(self, reference: str) -> str:
        key = issue_key(reference, self._api.site)
        if key is None:
            raise bad_reference(self)
        return key

    def check(self) -> Iterator[Finding]:
        yield from self._api.check()
        if self._visibility:
            who = f"the {self._visibility['type']} {self._visibility['value']}, if there is one"
            yield Finding(
                None, f"notes are for {who}; whoever sees the issue sees their files: deliveries have to accept that"
            )
        else:
            yield Finding(None, "notes and files are for whoever sees the issue")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        takes = self._api.takes(self.capabilities.takes)
        if self._api.project(ticket).get("projectTypeKey") == "service_desk":
            raise DestinationError(
                "service_project",
                f"{ticket} is of a service project, where customers read comments: write jsm:{ticket}, whose notes are internal",
            )
        self._api.demand_permissions(ticket)
        if not parcel.is_public:
            self._api.demand_closed(ticket, parcel)
            if self._visibility and takes and parcel.files and "visible_files" not in parcel.accepts:
                why = f"{self.title} shows files to everybody who sees {ticket}, whatever a note's visibility is"
                raise failures.not_internal(why, "visible_files")
        return takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        made = self._api.attach(ticket, file, file.name)
        number = str(made["id"])
        media = self._media(number) if file.kind in self.capabilities.inline else None
        return {
            "id": number,
            "url": f"{self._api.site}/rest/api/3/attachment/content/{number}",
            "media": media,
            "inline": media is not None,
        }

    def discard(self, upload: Mapping[str, Any]) -> None:
        self._api.delete_attachment(upload["id"])

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Image(each.upload["media"], each.file.name)
            if each.upload.get("media")
            else FileLink(each.upload["url"], each.file.name)
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> Any:
        # What Jira counts is not documented: its JSON is the longest form that it could be.
        return fitted(blocks, adf.write, self.capabilities.note_chars, _length)[0]

    def post(self, ticket: str, note: Any, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        restricted = {"visibility": self._visibility} if self._visibility and not parcel.is_public else {}
        try:
            comment = self._api.post(ticket, {"body": note, **restricted})
        except DestinationError as error:
            if error.code != MEDIA_REFUSED:
                raise
            comment = self._api.post(ticket, {"body": _linked(note, sent), **restricted})
        return self._posted(ticket, comment, _attachments(sent))

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        comment = self._api.find(ticket, parcel.marker, self._text)
        return None if comment is None else self._posted(ticket, comment, _attachments(sent))

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment = self._api.comment(ticket, posted.id)
        if self._visibility and not parcel.is_public and not comment.get("visibility"):
            with hiding():
                self._api.take_away(ticket, posted.id, posted.facts["attachments"])
            raise DestinationError(
                "not_internal", f"{self.title} did not restrict the note to whom it was for: check the visibility"
            )
        return self._posted(ticket, posted.id, self._api.demand_whole(ticket, sent))

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        self._api.take_away(ticket, facts["comment"], facts["attachments"])

    @staticmethod
    def _text(body: Any) -> str:
        return "".join(_texts(body))

    def _media(self, attachment: str) -> str | None:
        """What a comment calls the file; only where Jira sends those who download it tells that."""
        with suppress(DestinationError):
            path = f"/rest/api/3/attachment/content/{attachment}"
            found = _MEDIA.search(self._api.http.location(path, what="such attachment") or "")
            return found[1].lower() if found else None
        return None

    def _posted(self, ticket: str, comment: str, attachments: Sequence[str]) -> Posted:
        return Posted(
            id=comment,
            url=self._api.comment_url(ticket, comment),
            facts={"comment": comment, "attachments": list(attachments)},
        )


def _attachments(sent: Sequence[Sent]) -> list[str]:
    """As far as it is remembered what was said of them."""
    return [each.upload["id"] for each in sent if each.upload.get("id")]


def _length(note: Any) -> int:
    return len(json.dumps(note, ensure_ascii=False, separators=(",", ":")))


def visibility_of(setting: str | None) -> dict[str, str] | None:
    found = _VISIBILITY.fullmatch(setting or "")
    return {"type": found[1], "value": found[2].strip()} if found else None


def _linked(note: Any, sent: Sequence[Sent]) -> Any:
    """The same note with links in the place of pictures."""
    links = {
        each.upload["media"]: FileLink(each.upload["url"], each.file.name) for each in sent if each.upload.get("media")
    }
    nodes = []
    for node in note["content"]:
        if node["type"] == "mediaSingle" and (link := links.get(node["content"][0]["attrs"]["id"])) is not None:
            nodes += adf.write([link])["content"]
        else:
            nodes.append(node)
    return {**note, "content": nodes}


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "text":
            yield str(node.get("text"))
        for child in node.get("content") or []:
            yield from _texts(child)
