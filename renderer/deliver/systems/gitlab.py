"""GitLab: an internal note on an issue or a merge request, with a film that plays in it (https://docs.gitlab.com/api/notes/)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.http.gone import gone_already
from renderer.deliver.model import MIB, Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import gitlab
from renderer.deliver.note.document import Block, Image, Media, Video
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.exposed import hiding
from renderer.errors import DestinationError

_NAME: Final = r"(?!\.{1,2}(?:[/#!]|$))[\w.][\w.-]{0,254}"
_PROJECT: Final = rf"{_NAME}(?:/{_NAME}){{1,20}}"
_NUMBER: Final = r"([1-9]\d{0,9})"
_SHORT: Final = re.compile(rf"({_PROJECT})([#!]){_NUMBER}", re.ASCII)
_PASTED: Final = re.compile(rf"({_PROJECT})/-/(issues|work_items|merge_requests)/{_NUMBER}/?(?:[?#].*)?", re.ASCII)
_UPLOAD: Final = re.compile(r"/uploads/([0-9a-f]{16,64})/([^/?#]+)")
_SETTINGS: Final = "RENDERER_GITLAB_TOKEN and RENDERER_GITLAB_URL"
_PLANNER: Final = 15
_REPORTER: Final = 20
_MOST_PAGES: Final = 3
_CANNOT_TELL: Final = frozenset({"ticket_not_found", "destination_redirected", "destination_forbidden"})


class Settings(SystemSettings):
    """`token`: of a person, a project or a group, with the scope `api`."""

    token: SecretStr
    url: str = "https://gitlab.com"


class GitLab(System):
    name = "gitlab"
    title = "GitLab"
    reference_says = "gitlab:acme/shop#12 (an issue) or gitlab:acme/shop!12 (a merge request)"
    needs = "a token with the scope api, and the role Reporter in the project"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 100 * MIB, "webm": 100 * MIB, "gif": 100 * MIB, "poster": 100 * MIB},
        inline=frozenset({"mp4", "webm", "gif", "poster"}),
        readers="internal",
        dialect="GitLab's Markdown",
        note_chars=1_000_000,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_GITLAB_URL", "https://gitlab.example.com")
        self._http = Http(
            self.title,
            self._base,
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            settings=_SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        if _SHORT.fullmatch(reference):
            return reference
        path = reference.removeprefix(f"{self._base}/")
        pasted = _PASTED.fullmatch(path) if path != reference else None
        if pasted is None:
            raise bad_reference(self)
        return f"{pasted[1]}{'!' if pasted[2] == 'merge_requests' else '#'}{pasted[3]}"

    def check(self) -> Iterator[Finding]:
        yield Finding(True, f"signed in as {shown(self._me().get('username'))}")
        try:
            token = self._http.ask("GET", "/api/v4/personal_access_tokens/self").object()
        except DestinationError as error:
            if error.code not in _CANNOT_TELL:
                raise
            yield Finding(None, "GitLab does not say what this token may do")
        else:
            may = "api" in token.get("scopes", [])
            yield Finding(may, "the token has the scope api" if may else "the token lacks the scope api")
            if until := token.get("expires_at"):
                yield Finding(None, f"the token is good until {shown(until)}")
        yield Finding(None, "the role in a project shows when a clip is delivered to it")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        name = _parts(ticket)[0]
        project = self._read(_project(ticket), what=f"project {name}")
        if project.get("archived"):
            raise failures.refused(self.title, f"{name} is archived, so that nobody can comment there")
        self._read(_noteable(ticket), what=ticket)
        if not parcel.is_public:
            self._demand_private_files(name, project, parcel)
            self._demand_role(ticket, project)
        return self.capabilities.takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        with file.path.open("rb") as content:
            files = {"file": (file.name, content, file.content_type)}
            answer = self._http.ask("POST", f"{_project(ticket)}/uploads", what=file.name, files=files).object()
        url = answer.get("url")
        if not isinstance(url, str) or not _UPLOAD.fullmatch(url):
            raise failures.bad_answer(self.title, _SETTINGS)
        return {"url": url, "id": answer.get("id"), "project": _project(ticket)}

    def discard(self, upload: Mapping[str, Any]) -> None:
        if upload.get("id") is not None:
            self._http.ask("DELETE", f"{upload['project']}/uploads/{int(upload['id'])}", what="such upload")

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Video(each.upload["url"], each.file.name)
            if each.file.kind in {"mp4", "webm"}
            else Image(each.upload["url"], "The clip")
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, gitlab.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        body = {"body": note} if parcel.is_public else {"body": note, "internal": True}
        made = self._http.ask("POST", f"{_noteable(ticket)}/notes", what=ticket, json=body).object()
        if not isinstance(made.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        return self._posted(ticket, made, sent)

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        for page in range(1, _MOST_PAGES + 1):
            params = {"order_by": "created_at", "sort": "desc", "per_page": 100, "page": page}
            notes = self._http.ask("GET", f"{_noteable(ticket)}/notes", params=params, what=ticket).json()
            if not isinstance(notes, list):
                raise failures.bad_answer(self.title, _SETTINGS)
            if found := next((each for each in notes if parcel.marker in str(each.get("body"))), None):
                return self._posted(ticket, found, sent)
            if len(notes) < 100:
                break
        return None

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        note = self._read(f"{_noteable(ticket)}/notes/{posted.id}", what="such note")
        self._demand_internal(ticket, note, parcel)
        for each in sent:
            url = each.upload.get("url")
            if url is None:
                continue  # an earlier attempt sent it, and nobody remembers where it lies
            if url not in str(note.get("body")):
                raise failures.damaged(self.title, each.file.name, "the note does not show it")
            arrived = self._digest(ticket, url, each.file)
            if arrived is not None and arrived != (each.file.bytes, each.file.sha256):
                raise failures.damaged(self.title, each.file.name, "other bytes came back")
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        self._delete_note(ticket, facts["note"])
        for upload in facts["uploads"]:
            try:
                with gone_already():
                    self._http.ask("DELETE", f"{_project(ticket)}/uploads/{int(upload)}", what="such upload")
            except DestinationError as error:
                if error.code != "destination_forbidden":
                    raise
                raise DestinationError(
                    error.code,
                    "the note is gone from GitLab, but its files are not: to delete them takes the role Maintainer",
                ) from None

    def _demand_private_files(self, name: str, project: Mapping[str, Any], parcel: Parcel) -> None:
        if "visible_files" in parcel.accepts:
            return
        if project.get("visibility") == "public":
            why = f"{name} is public: whoever learns the address of a file there can open it, of internal notes too"
            raise failures.not_internal(why, "visible_files")
        if project.get("enforce_auth_checks_on_uploads") is False:
            why = (
                f"in {name} pictures and films open without signing in for whoever learns their address"
                " (Settings, Visibility: require authentication to view media files)"
            )
            raise failures.not_internal(why, "visible_files")

    def _demand_role(self, ticket: str, project: Mapping[str, Any]) -> None:
        """Below it GitLab takes an internal note, and makes it public."""
        needed = _REPORTER if "!" in ticket else _PLANNER
        told = project.get("permissions") or {}
        levels = [int((told.get(way) or {}).get("access_level") or 0) for way in ("project_access", "group_access")]
        if max(levels) >= needed or self._inherited(ticket) >= needed:
            return
        raise failures.not_internal("the account is below Reporter, and GitLab makes its internal notes public", "")

    def _inherited(self, ticket: str) -> int:
        me = self._me()
        if me.get("is_admin"):
            return _REPORTER
        try:
            member = self._read(f"{_project(ticket)}/members/all/{int(me['id'])}", what="such member")
        except DestinationError as error:
            if error.code not in _CANNOT_TELL:
                raise
            return 0
        return int(member.get("access_level") or 0)

    def _demand_internal(self, ticket: str, note: Mapping[str, Any], parcel: Parcel) -> None:
        if parcel.is_public or note.get("internal") or note.get("confidential"):
            return
        with hiding():
            self._delete_note(ticket, note["id"])
        raise DestinationError(
            "not_internal",
            "GitLab made the note public, and mails of it may be out: give the account the role Reporter",
        )

    def _digest(self, ticket: str, url: str, file: ParcelFile) -> tuple[int, str] | None:
        """None where it cannot be told: before GitLab 17.4, and where files lie in an object store that browsers are sent to."""
        match = _UPLOAD.fullmatch(url)
        if match is None:
            return None
        path = f"{_project(ticket)}/uploads/{match[1]}/{quote(match[2], safe='%')}"
        try:
            return self._http.digest(path, what="such upload", most_bytes=file.bytes)
        except DestinationError as error:
            if error.code not in _CANNOT_TELL:
                raise
            return None

    def _delete_note(self, ticket: str, note: int) -> None:
        with gone_already():
            self._http.ask("DELETE", f"{_noteable(ticket)}/notes/{int(note)}", what="such note")

    def _me(self) -> dict[str, Any]:
        return self._read("/api/v4/user", what="such user")

    def _read(self, path: str, *, what: str) -> dict[str, Any]:
        """An object with an id, as all are that are read here."""
        found = self._http.ask("GET", path, what=what).object()
        if not isinstance(found.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        return found

    def _posted(self, ticket: str, note: Mapping[str, Any], sent: Sequence[Sent]) -> Posted:
        project, kind, number = _parts(ticket)
        uploads = [each.upload["id"] for each in sent if each.upload.get("id") is not None]
        return Posted(
            id=str(note["id"]),
            url=f"{self._base}/{project}/-/{kind}/{number}#note_{note['id']}",
            facts={"note": note["id"], "uploads": uploads},
        )


def _parts(ticket: str) -> tuple[str, str, str]:
    project, sign, number = re.split(r"([#!])", ticket)
    return project, "merge_requests" if sign == "!" else "issues", number


def _project(ticket: str) -> str:
    return f"/api/v4/projects/{quote(_parts(ticket)[0], safe='')}"


def _noteable(ticket: str) -> str:
    _, kind, number = _parts(ticket)
    return f"{_project(ticket)}/{kind}/{number}"


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {400, 413, 422}:
        return None
    said = answer.text()
    if answer.status == 413 or re.search(r"too (?:big|large)|maximum (?:file )?size", said, re.IGNORECASE):
        return failures.too_large("GitLab", "this one")
    return failures.refused("GitLab", shown(answer.object().get("message") or answer.object().get("error") or said))
