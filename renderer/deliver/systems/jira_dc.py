"""Jira Data Center: attachments, and a comment in wiki markup (https://developer.atlassian.com/server/jira/platform/rest/)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import SecretStr

from renderer.deliver.http.base import checked_base
from renderer.deliver.model import MIB, Capabilities, Sent
from renderer.deliver.note.dialects import wiki
from renderer.deliver.note.document import Block, FileLink, Image, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import ParcelFile
from renderer.deliver.system import SystemSettings
from renderer.deliver.systems.jira import Jira, Visibility, visibility_of
from renderer.deliver.systems.jira_api import NOTE_CHARS, JiraApi, authorization


class Settings(SystemSettings):
    """`token`: a personal access token. `visibility`: who reads notes, as "role:Developers" or "group:support"; without it, whoever sees the issue."""

    url: str
    token: SecretStr
    visibility: Visibility = None


class JiraDataCenter(Jira):
    name = "jira-dc"
    title = "Jira Data Center"
    reference_says = "jira-dc:PROJ-123"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 10 * MIB, "webm": 10 * MIB, "gif": 10 * MIB, "poster": 10 * MIB},
        inline=frozenset({"gif", "poster"}),
        readers="members",
        dialect="Jira's wiki markup",
        note_chars=NOTE_CHARS,
        withdraws=True,
    )
    settings_type: ClassVar[type[SystemSettings]] = Settings

    def __init__(self, settings: Settings) -> None:
        self._api = JiraApi(
            self.title,
            checked_base(settings.url, "RENDERER_JIRA_DC_URL", "https://jira.acme.example"),
            "/rest/api/2",
            authorization(None, settings.token),
            settings="RENDERER_JIRA_DC_URL and RENDERER_JIRA_DC_TOKEN",
            needs=self.needs,
        )
        self._visibility = visibility_of(settings.visibility)

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        name = self._api.free_name(ticket, file)
        return {"id": str(self._api.attach(ticket, file, name)["id"]), "name": name}

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return wiki_media(sent)

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, wiki.write, self.capabilities.note_chars)[0]

    @staticmethod
    def _text(body: Any) -> str:
        return str(body)


def wiki_media(sent: Sequence[Sent]) -> list[Media]:
    """Attachments are called by their names in wiki markup."""
    return [
        Image(each.upload["name"], "The clip") if each.inline else FileLink(each.upload["name"], each.file.name)
        for each in sent
    ]
