"""Redmine: a private note with its files (https://www.redmine.org/projects/redmine/wiki/Rest_Issues), in Textile or CommonMark."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http, content_of
from renderer.deliver.http.gone import gone_already
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import redmine, textile
from renderer.deliver.note.document import Block, FileLink, Image, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems import redmine_rights as rights
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"#?([1-9][0-9]{0,9})")
_NAMED: Final = re.compile(r"[^A-Za-z0-9._-]+")
_DONE_OR_REFUSED: Final = frozenset({200, 201, 204, 422})


class Settings(SystemSettings):
    """`token`: an API key. `format`: what Administration → Settings → General → Text formatting says."""

    url: str
    token: SecretStr
    format: Literal["textile", "markdown"] = "textile"


class Redmine(System):
    name = "redmine"
    title = "Redmine"
    reference_says = "redmine:12"
    needs = rights.NEEDS
    capabilities: ClassVar = Capabilities(
        # 5 MiB unless an administrator says otherwise, which is told when a file is refused.
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), None),
        inline=frozenset({"gif", "poster"}),
        readers="internal",
        dialect="Textile or CommonMark",
        note_chars=60_000,
        withdraws=True,
    )
    settings_type = Settings
    # Its own task that clears away what no issue took up leaves what is younger than a day.
    uploads_keep_s = 20 * 3600.0

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_REDMINE_URL", "https://redmine.example.com")
        self._dialect = textile.write if settings.format == "textile" else redmine.write
        self._http = Http(
            self.title,
            self._base,
            headers={"X-Redmine-API-Key": settings.token.get_secret_value()},
            settings=rights.SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(pasted(reference, f"{self._base}/issues/"))
        if found is None:
            raise bad_reference(self)
        return found[1]

    def check(self) -> Iterator[Finding]:
        return rights.findings(self._http)

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        may = rights.in_project(self._http, self._issue(ticket)["project"]["id"])
        if may is not None and rights.POSTS not in may:
            raise failures.forbidden(self.title, self.needs)
        if parcel.is_public:
            return self.capabilities.takes
        if may is None:
            raise failures.not_internal(
                "the account is no member of the issue's project: its rights cannot be told", ""
            )
        if rights.HIDES not in may:
            raise failures.not_internal(
                "the account lacks the permission Set notes as private, and Redmine makes what it writes public", ""
            )
        if parcel.files and "visible_files" not in parcel.accepts:
            raise failures.not_internal(
                "Redmine shows the files of a private note to everybody who sees the issue", "visible_files"
            )
        return self.capabilities.takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        name = _free_name(file.name, {each["filename"] for each in self._issue(ticket, "attachments")["attachments"]})
        answer = self._http.ask(
            "POST",
            "/uploads.json",
            what=file.name,
            ok=_DONE_OR_REFUSED,
            params={"filename": name},
            # Any other type is refused; Redmine looks at the content itself.
            headers={"Content-Type": "application/octet-stream", "Content-Length": str(file.bytes)},
            content=content_of(file.path),
        )
        if answer.status == 422:
            raise _too_much(answer, file)
        upload = rights.told(answer, "upload")
        token = str(upload["token"])
        return {"token": token, "id": int(upload.get("id") or token.partition(".")[0]), "name": name}

    def discard(self, upload: Mapping[str, Any]) -> None:
        self._http.ask("DELETE", f"/attachments/{upload['id']}.json", what="such upload")

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Image(each.upload["name"], "The clip") if each.inline else FileLink(each.upload["name"], each.file.name)
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, self._dialect, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        uploads = [
            {
                "token": each.upload["token"],
                "filename": each.upload["name"],
                "content_type": each.file.content_type,
                "description": "",
            }
            for each in sent
        ]
        issue = {"notes": note, "private_notes": not parcel.is_public, "uploads": uploads}
        path, what = f"/issues/{ticket}.json", f"issue {ticket}"
        answer = self._http.ask("PUT", path, what=what, ok=_DONE_OR_REFUSED, json={"issue": issue})
        if answer.status == 422:
            if not all(self._is_waiting(ticket, each.upload["id"]) for each in sent):
                raise failures.upload_lost(self.title)
            raise failures.refused(self.title, _errors(answer))
        # It says nothing of what it made. Where looking fails, `confirm` looks again: an error here would say that nothing was made.
        with suppress(DestinationError):
            if (made := self.find(ticket, parcel, sent)) is not None:
                return made
        return Posted(id="", url=f"{self._base}/issues/{ticket}", facts=_facts("", _known(sent)))

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        journal = _journal(self._issue(ticket, "journals"), parcel.marker)
        return None if journal is None else self._posted(ticket, journal, _known(sent))

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        issue = self._issue(ticket, "attachments,journals")
        journal = _journal(issue, parcel.marker)
        if journal is None:
            raise failures.damaged(self.title, "the note", f"issue {ticket} does not show it")
        stored = [_stored(issue["attachments"], each) for each in sent]
        posted = self._posted(ticket, journal, [each["id"] for each in stored if each is not None])
        if not parcel.is_public and journal.get("private_notes") is not True:
            with hiding():
                self.withdraw(ticket, posted.facts)
            raise DestinationError(
                "not_internal", "Redmine made the note public, and its text may still stand there: look at its plugins"
            )
        for each, there in zip(sent, stored, strict=True):
            if there is None:
                raise failures.damaged(self.title, each.file.name, f"issue {ticket} does not have it")
            path = f"/attachments/download/{there['id']}/{quote(there['filename'])}"
            found = self._http.digest(path, headers={"Accept": "*/*"}, what=each.file.name, most_bytes=each.file.bytes)
            if found != (each.file.bytes, each.file.sha256):
                raise failures.damaged(self.title, each.file.name, "its bytes are other ones")
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        """Redmine deletes notes that are made empty, from version 5 on and where the account may edit its notes; others stay."""
        for attachment in facts["attachments"]:
            with gone_already():
                self._http.ask("DELETE", f"/attachments/{attachment}.json", what="such attachment")
        if facts["journal"]:
            path = f"/journals/{facts['journal']}.json"
            try:
                self._http.ask("PUT", path, what="such note", json={"journal": {"notes": ""}})
            except DestinationError as error:
                if error.code not in {"destination_forbidden", "ticket_not_found"}:
                    raise

    def _issue(self, ticket: str, include: str = "") -> dict[str, Any]:
        params = {"include": include} if include else {}
        answer = self._http.ask("GET", f"/issues/{ticket}.json", what=f"issue {ticket}", params=params)
        return rights.told(answer, "issue")

    def _is_waiting(self, ticket: str, attachment: int) -> bool:
        """Whether it is there, and no note has taken it up."""
        found = self._http.ask(
            "GET", f"/attachments/{attachment}.json", ok=frozenset({200, 403, 404}), what="such attachment"
        )
        taken = {each["id"] for each in self._issue(ticket, "attachments")["attachments"]}
        return found.status == 200 and attachment not in taken

    def _posted(self, ticket: str, journal: Mapping[str, Any], attachments: Sequence[int]) -> Posted:
        return Posted(
            id=str(journal["id"]),
            url=f"{self._base}/issues/{ticket}#change-{journal['id']}",
            facts=_facts(journal["id"], attachments),
        )


def _facts(journal: int | str, attachments: Sequence[int]) -> dict[str, Any]:
    return {"journal": journal, "attachments": list(attachments)}


def _known(sent: Sequence[Sent]) -> list[int]:
    """The numbers of the files, as far as it is remembered what was said of them."""
    return [each.upload["id"] for each in sent if each.upload.get("id")]


def _stored(attachments: Sequence[Mapping[str, Any]], sent: Sent) -> Mapping[str, Any] | None:
    """A file on the issue; of one whose number nobody remembers the newest that is as long, of the same type."""
    number, end = sent.upload.get("id"), PurePath(sent.file.name).suffix
    these = [
        each
        for each in attachments
        if each["id"] == number
        or (number is None and each.get("filesize") == sent.file.bytes and each["filename"].endswith(end))
    ]
    return max(these, key=lambda each: int(each["id"]), default=None)


def _journal(issue: Mapping[str, Any], marker: str) -> Mapping[str, Any] | None:
    """The newest of ours; a user may have the order turned round."""
    mine = [each for each in issue["journals"] if marker in html.unescape(str(each.get("notes")))]
    return max(mine, key=lambda each: int(each["id"]), default=None)


def _free_name(name: str, taken: set[str]) -> str:
    """Notes refer to files by name, and of several of one name to the newest: an older note would show a newer clip."""
    plain = PurePath(_NAMED.sub("-", name).strip("-.") or "clip")
    names = (str(plain), *(f"{plain.stem}-{number}{plain.suffix}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def _too_much(answer: Answer, file: ParcelFile) -> DestinationError:
    """Redmine says it in the account's language: an extension is named in one error, a number of bytes in the other."""
    said = _errors(answer)
    if file.path.suffix.lower() in said.lower() or PurePath(file.name).suffix.lower() in said.lower():
        return failures.type_refused("Redmine", file.name)
    limit = re.search(r"\((\d{1,15})\)", said)
    if limit is not None:
        return failures.too_large("Redmine", file.name, int(limit[1]))
    return failures.refused("Redmine", said)


def _errors(answer: Answer) -> str:
    told = answer.object().get("errors")
    return shown("; ".join(str(each) for each in told) if isinstance(told, list) else answer.text())


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status == 401:
        return DestinationError(
            "destination_credentials",
            "Redmine does not accept the credentials: check RENDERER_REDMINE_TOKEN, and that its REST API is enabled "
            "(Administration, Settings, API)",
        )
    return None
