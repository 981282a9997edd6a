"""Jira Service Management, Cloud and Data Center: an internal comment with attachments (https://developer.atlassian.com/cloud/jira/service-desk/rest/)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.base import checked_base
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import wiki
from renderer.deliver.note.document import Block, Image, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.deliver.systems.jira_api import MULTIPART, NOTE_CHARS, JiraApi, authorization, issue_key
from renderer.errors import DestinationError

_DESK: Final = "/rest/servicedeskapi"
_ATTACHMENT: Final = re.compile(r"/attachment/(?:content/)?([0-9]+)(?:[/?]|$)")
_PAGE: Final = 100
_PAGES: Final = 50
_EXPERIMENTAL: Final = {"X-ExperimentalApi": "opt-in"}
"""Older versions keep some of these paths for who says so."""


class Settings(SystemSettings):
    """`email`: of the account that a Cloud API token is of; without one the token is a personal access token of Data Center. `site`: what the
    browser shows, where `url` is https://api.atlassian.com/ex/jira/….
    """

    url: str
    token: SecretStr
    email: str | None = None
    site: str | None = None


class JiraServiceManagement(System):
    name = "jsm"
    title = "Jira Service Management"
    reference_says = "jsm:HELP-12"
    needs = "an agent of the service project, with Browse Projects, Add Comments and Create Attachments"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 1024 * MIB, "webm": 1024 * MIB, "gif": 1024 * MIB, "poster": 1024 * MIB},
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="Jira's wiki markup",
        note_chars=NOTE_CHARS,
        withdraws=True,
    )
    settings_type = Settings
    # Not documented; Data Center ties them to a session.
    uploads_keep_s = 10 * 60.0

    def __init__(self, settings: Settings) -> None:
        site = checked_base(settings.site, "RENDERER_JSM_SITE", "https://acme.atlassian.net") if settings.site else None
        self._api = JiraApi(
            self.title,
            checked_base(settings.url, "RENDERER_JSM_URL", "https://acme.atlassian.net"),
            "/rest/api/2",
            authorization(settings.email, settings.token),
            site=site,
            settings="RENDERER_JSM_URL, RENDERER_JSM_EMAIL and RENDERER_JSM_TOKEN",
            needs=self.needs,
        )

    def ticket(self, reference: str) -> str:
        key = issue_key(reference, self._api.site)
        if key is None:
            raise bad_reference(self)
        return key

    def check(self) -> Iterator[Finding]:
        yield from self._api.check()
        desks = self._read("/servicedesk", what="service projects", limit=1).get("values") or []
        yield Finding(bool(desks), "sees a service project" if desks else "sees no service project")
        yield Finding(None, "whether it is an agent shows when a clip is delivered")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        takes = self._api.takes(self.capabilities.takes)
        desk = self._desk(ticket)
        self._api.demand_permissions(ticket)
        if not parcel.is_public:
            if not self._is_agent(desk):
                raise failures.not_internal("the account is no agent, and only agents write internal notes", "")
            self._api.demand_closed(ticket, parcel)
        return takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        name = self._api.free_name(ticket, file)
        with file.path.open("rb") as content:
            answer = self._api.http.ask(
                "POST",
                f"{_DESK}/servicedesk/{self._desk(ticket)}/attachTemporaryFile",
                what=file.name,
                headers={**MULTIPART, **_EXPERIMENTAL},
                files={"file": (name, content, file.content_type)},
            )
        made = self._api.read_answer(answer)["temporaryAttachments"][0]
        return {"temporary": str(made["temporaryAttachmentId"]), "name": name}

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        # Jira lists all files below the note by itself.
        return [Image(each.upload["name"], "The clip") for each in sent if each.inline]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, wiki.write, self.capabilities.note_chars - _ROOM)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment: dict[str, Any] = {"body": note, "public": parcel.is_public}
        path = f"{_DESK}/request/{ticket}/comment"
        if sent:
            path = f"{_DESK}/request/{ticket}/attachment"
            comment = {
                "temporaryAttachmentIds": [each.upload["temporary"] for each in sent],
                "public": parcel.is_public,
                "additionalComment": {"body": note},
            }
        answer = self._api.http.ask("POST", path, what=f"request {ticket}", headers=_EXPERIMENTAL, json=comment)
        made = self._api.read_answer(answer)
        return self._posted(ticket, str((made.get("comment") or {} if sent else made).get("id") or ""), [])

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        comment = self._api.find(ticket, parcel.marker)
        return None if comment is None else self._posted(ticket, comment, [])

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment = posted.id or self._api.find(ticket, parcel.marker) or ""
        if not comment:
            raise failures.damaged(self.title, "the note", f"{ticket} does not show it")
        self._api.comment(ticket, comment)
        attachments = self._api.demand_whole(ticket, sent)
        is_shown = False if parcel.is_public else self._is_shown(ticket, comment, attachments)
        if is_shown is not False:
            did = "showed the note to customers" if is_shown else "does not tell whether customers see the note"
            with hiding():
                self._api.take_away(ticket, comment, attachments)
            raise DestinationError("not_internal", f"{self.title} {did}, though it was asked for an internal one")
        return self._posted(ticket, comment, attachments)

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        self._api.take_away(ticket, facts["comment"], facts["attachments"])

    def _read(self, path: str, *, what: str, **query: Any) -> dict[str, Any]:
        answer = self._api.http.ask("GET", f"{_DESK}{path}", what=what, headers=_EXPERIMENTAL, params=query or None)
        return self._api.read_answer(answer)

    def _desk(self, ticket: str) -> str:
        try:
            return str(int(self._read(f"/request/{ticket}", what=f"request {ticket}")["serviceDeskId"]))
        except DestinationError as error:
            if error.code != "ticket_not_found":
                raise
        if self._api.project(ticket).get("projectTypeKey") == "service_desk":
            raise failures.refused(
                self.title, f"{ticket} has no request type, so that it is no request: give it one there"
            )
        raise DestinationError(
            "no_service_project", f"{ticket} is of no service project: write jira:{ticket} or jira-dc:{ticket}"
        )

    def _is_agent(self, desk: str) -> bool:
        """Only agents see the queues."""
        try:
            self._read(f"/servicedesk/{desk}/queue", what="queues", limit=1)
        except DestinationError as error:
            if error.code not in {"destination_forbidden", "ticket_not_found"}:
                raise
            return False
        return True

    def _is_shown(self, ticket: str, comment: str, attachments: Sequence[str]) -> bool | None:
        """Whether the note, or one of its files, is among what customers see; None when there is too much of that to tell."""
        start = 0
        for _ in range(_PAGES):
            found = self._read(
                f"/request/{ticket}/comment",
                what=f"request {ticket}",
                public="true",
                internal="false",
                expand="attachment",
                start=start,
                limit=_PAGE,
            )
            for each in found["values"]:
                if str(each["id"]) == comment or _attached(each) & set(attachments):
                    return True
            start += len(found["values"])
            if found.get("isLastPage") is True or not found["values"]:
                return False
        return None

    def _posted(self, ticket: str, comment: str, attachments: Sequence[str]) -> Posted:
        return Posted(
            id=comment,
            url=self._api.comment_url(ticket, comment),
            facts={"comment": comment, "attachments": list(attachments)},
        )


_ROOM: Final = 1_000
"""For the list of files that Jira writes below the note."""


def _attached(comment: Mapping[str, Any]) -> set[str]:
    files = (comment.get("attachments") or {}).get("values") or []
    links = [str(link) for file in files for link in (file.get("_links") or {}).values()]
    return {found[1] for link in links if (found := _ATTACHMENT.search(link))}
