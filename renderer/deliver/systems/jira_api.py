"""What Jira Cloud, Jira Data Center and Jira Service Management have in common: issues, attachments, comments, errors."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.client import Http
from renderer.deliver.http.gone import gone_already
from renderer.deliver.model import Finding, Sent
from renderer.deliver.note.tidy import file_name
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.errors import DestinationError, RequestError

MEDIA_REFUSED: Final = "jira_media_refused"
NOTE_CHARS: Final = 32_767
"""Of a comment, as Jira is delivered."""
MULTIPART: Final = {"X-Atlassian-Token": "no-check"}
_NEEDED: Final = {
    "BROWSE_PROJECTS": "Browse Projects",
    "ADD_COMMENTS": "Add Comments",
    "CREATE_ATTACHMENTS": "Create Attachments",
}
_KEY: Final = r"([A-Za-z][A-Za-z0-9_]{0,30}-[1-9][0-9]{0,9})"
_REFERENCE: Final = re.compile(_KEY)
_IN_PATH: Final = re.compile(rf"/(?:[\w.%/-]*/)?{_KEY}/?")
_IN_QUERY: Final = re.compile(rf"(?:[^#]*&)?selectedIssue={_KEY}(?:&[^#]*)?")
_GATEWAY: Final = "api.atlassian.com"
_PAGE: Final = 100
_PAGES: Final = 3
_TYPE_REFUSED: Final = re.compile(
    r"file (?:type|extension|format)|(?:type|extension)s? (?:is|are) not (?:allowed|supp)", re.I
)
_TEMPORARY_LOST: Final = re.compile(r"temporary\s?attachment", re.I)


def authorization(email: str | None, token: SecretStr) -> str:
    """Cloud's API tokens belong to an e-mail address; Data Center's personal access tokens and OAuth's stand alone."""
    secret = token.get_secret_value()
    if email is None:
        return f"Bearer {secret}"
    return f"Basic {base64.b64encode(f'{email}:{secret}'.encode()).decode()}"


def issue_key(reference: str, site: str) -> str | None:
    """Of a key, or of the address of an issue of this very site, as it is pasted from the browser."""
    found = _REFERENCE.fullmatch(reference)
    if found is None and "://" in reference:
        parts, own = urlsplit(reference), urlsplit(site)
        if (parts.scheme, parts.netloc.lower()) == (own.scheme, own.netloc):
            found = _IN_QUERY.fullmatch(parts.query) or _IN_PATH.fullmatch(parts.path)
    return found[1].upper() if found else None


class JiraApi:
    """`api`: the path of the platform's API, as "/rest/api/2". `site`: the address that people see, where it is not `base`. `settings`: the variables
    that hold the credentials, in words. `needs`: the permissions that a delivery takes.
    """

    def __init__(
        self, title: str, base: str, api: str, credentials: str, *, site: str | None = None, settings: str, needs: str
    ) -> None:
        if site is None and urlsplit(base).hostname == _GATEWAY:
            raise RequestError(
                "destination_bad_setting",
                f"{settings.split(',', maxsplit=1)[0]} is Atlassian's gateway, where nobody can tell what strangers see: set {settings.split(',', maxsplit=1)[0].removesuffix('_URL')}_SITE "
                "to the address that the browser shows",
            )
        self.site = site or base
        self.http = Http(
            title,
            base,
            headers={"Authorization": credentials},
            settings=settings,
            needs=needs,
            judge=_judge(title, settings),
        )
        self._title, self._api, self._settings = title, api, settings

    def read(self, path: str, *, what: str, **query: Any) -> dict[str, Any]:
        """A JSON object; a page of HTML is none, whatever its status."""
        return self.read_answer(self.http.ask("GET", path, what=what, params=query or None))

    def read_answer(self, answer: Answer) -> dict[str, Any]:
        found = answer.json()
        if not isinstance(found, dict):
            raise failures.bad_answer(self._title, self._settings)
        return found

    def check(self) -> Iterator[Finding]:
        me = self.read(f"{self._api}/myself", what="such account")
        yield Finding(True, f"signed in as {shown(me.get('displayName'))}")
        limits = self.read(f"{self._api}/attachment/meta", what="attachments")
        if limits.get("enabled", True):
            yield Finding(True, f"files of up to {int(limits.get('uploadLimit') or 0):,} bytes are taken")
        else:
            yield Finding(False, "attachments are turned off in Jira: notes will hold a link only")
        lacks = self._lacks({})
        yield Finding(
            not lacks,
            f"may not {', '.join(lacks)} in any project" if lacks else "may comment and attach in some project",
        )

    def takes(self, kinds: Mapping[FileKind, int | None]) -> dict[FileKind, int | None]:
        """The real limit; nothing where attachments are turned off."""
        limits = self.read(f"{self._api}/attachment/meta", what="attachments")
        if not limits.get("enabled", True):
            return {}
        most = limits.get("uploadLimit")
        return {kind: int(most) if most is not None else known for kind, known in kinds.items()}

    def project(self, key: str) -> Mapping[str, Any]:
        """Of an issue. Raises `ticket_not_found`."""
        found = self.read(f"{self._api}/issue/{key}", what=f"issue {key}", fields="project")
        return dict(found["fields"]["project"])

    def demand_permissions(self, key: str) -> None:
        lacks = self._lacks({"issueKey": key})
        if lacks:
            raise failures.forbidden(self._title, f"{', '.join(lacks)} in the project of {key}")

    def demand_closed(self, key: str, parcel: Parcel) -> None:
        """Raises `not_internal` when everybody in the world reads the issue, and the caller does not know."""
        if "public_project" not in parcel.accepts and self._is_open(key):
            raise failures.not_internal(f"everybody can read {key} and its files without an account", "public_project")

    def attach(self, key: str, file: ParcelFile, name: str) -> dict[str, Any]:
        with file.path.open("rb") as content:
            answer = self.http.ask(
                "POST",
                f"{self._api}/issue/{key}/attachments",
                what=file.name,
                headers=MULTIPART,
                files={"file": (name, content, file.content_type)},
            )
        made = answer.json()
        if not isinstance(made, list) or not made:
            raise failures.bad_answer(self._title, self._settings)
        return dict(made[0])

    def free_name(self, key: str, file: ParcelFile) -> str:
        """A note in wiki markup refers to files by name, and a name means the newest file of it: another clip would take the place of this one."""
        name = file_name(file.name)
        taken = {each.get("filename") for each in self.attachments(key) if each.get("size") != file.bytes}
        if name not in taken:
            return name
        return _other_name(file)

    def attachments(self, key: str) -> list[dict[str, Any]]:
        found = self.read(f"{self._api}/issue/{key}", what=f"issue {key}", fields="attachment")
        return list(found["fields"].get("attachment") or [])

    def post(self, key: str, comment: Mapping[str, Any]) -> str:
        path = f"{self._api}/issue/{key}/comment"
        answer = self.http.ask("POST", path, what=f"issue {key}", json=dict(comment))
        return str(self.read_answer(answer)["id"])

    def find(self, key: str, marker: str, text: Callable[[Any], str] = str) -> str | None:
        """The id of the newest comment with it. `text`: of a comment's body."""
        for page in range(_PAGES):
            comments = self.read(
                f"{self._api}/issue/{key}/comment",
                what=f"issue {key}",
                orderBy="-created",
                startAt=page * _PAGE,
                maxResults=_PAGE,
            )["comments"]
            for each in comments:
                if marker in text(each["body"]).replace("\\", ""):
                    return str(each["id"])
            if len(comments) < _PAGE:
                break
        return None

    def comment(self, key: str, comment: str) -> dict[str, Any]:
        """Raises `attachment_damaged` when it is not there."""
        try:
            return self.read(f"{self._api}/issue/{key}/comment/{comment}", what="such comment")
        except DestinationError as error:
            if error.code != "ticket_not_found":
                raise
        raise failures.damaged(self._title, "the note", f"{key} does not show it")

    def demand_whole(self, key: str, sent: Sequence[Sent]) -> list[str]:
        """The ids of the files on the issue, which are compared with what was sent. Raises `attachment_damaged`."""
        there = self.attachments(key) if sent else []
        return [self._demand_file(there, each) for each in sent]

    def take_away(self, key: str, comment: str, attachments: Sequence[str]) -> None:
        """What is not there any more is no error."""
        if comment:
            self._delete(f"{self._api}/issue/{key}/comment/{comment}", "such comment")
        for attachment in attachments:
            self.delete_attachment(attachment)

    def delete_attachment(self, attachment: str) -> None:
        self._delete(f"{self._api}/attachment/{attachment}", "such attachment")

    def comment_url(self, key: str, comment: str) -> str:
        return f"{self.site}/browse/{key}?focusedCommentId={comment}"

    def _is_open(self, key: str) -> bool:
        """Whether somebody without an account reads the issue: asked as nobody."""
        try:
            url = f"{self.site}{self._api}/issue/{key}?fields=project"
            answer = self.http.ask_elsewhere("GET", url, what=f"issue {key}")
        except DestinationError as error:
            if error.retryable:
                raise
            return False
        return "key" in answer.object()

    def _lacks(self, query: Mapping[str, str]) -> list[str]:
        path = f"{self._api}/mypermissions"
        what = f"issue {query['issueKey']}" if "issueKey" in query else "permissions"
        told = self.read(path, what=what, permissions=",".join(_NEEDED), **query)["permissions"]
        return [name for key, name in _NEEDED.items() if key in told and not told[key].get("havePermission")]

    def _demand_file(self, there: Sequence[Mapping[str, Any]], sent: Sent) -> str:
        file = sent.file
        names = {sent.upload.get("name") or file.name}
        if not sent.upload:  # an earlier attempt chose among these, and nobody remembers which
            names |= {file_name(file.name), _other_name(file)}
        number = sent.upload.get("id")
        of_it = [
            each
            for each in there
            if each.get("filename") in names and each.get("size") == file.bytes and number in {None, str(each["id"])}
        ]
        if not of_it:
            raise failures.damaged(self._title, file.name, "its size is another one, or it is not there")
        newest = max(of_it, key=lambda each: int(each["id"]))
        if not self._is_same(str(newest.get("content") or ""), file):
            raise failures.damaged(self._title, file.name, "its bytes are others")
        return str(newest["id"])

    def _is_same(self, url: str, file: ParcelFile) -> bool:
        """As far as its bytes are to be had: behind a gateway or on a media server's own host they are not, and their number is enough."""
        if not url.startswith(f"{self.http.base}/"):
            return True
        # Cloud sends to its media server otherwise.
        path = f"{url}?redirect=false" if "/attachment/content/" in url else url
        try:
            size, digest = self.http.digest(path, headers={"Accept": "*/*"}, what=file.name, most_bytes=file.bytes)
        except DestinationError as error:
            if error.retryable:
                raise
            return True
        return (size, digest) == (file.bytes, file.sha256)

    def _delete(self, path: str, what: str) -> None:
        try:
            with gone_already():
                self.http.ask("DELETE", path, what=what)
        except DestinationError as error:
            if error.code == "destination_forbidden":
                needs = "Delete Own Comments and Delete Own Attachments for this"
                raise failures.forbidden(self._title, needs) from None
            raise


def _other_name(file: ParcelFile) -> str:
    name = PurePath(file_name(file.name))
    return f"{name.stem}-{file.sha256[:8]}{name.suffix}"


def _judge(title: str, settings: str) -> Callable[[Answer], DestinationError | None]:
    def judged(answer: Answer) -> DestinationError | None:
        # Jira takes wrong credentials for none on some paths, and answers as to a stranger.
        if re.search("AUTHENTICATED_FAILED|AUTHENTICATION_DENIED", answer.headers.get("x-seraph-loginreason", "")):
            return failures.unauthorized(title, settings)
        if answer.status < 400 or answer.status in {401, 413, 429} or answer.status >= 500:
            return None
        said = _words(answer)
        if "ATTACHMENT_VALIDATION_ERROR" in said:
            return DestinationError(MEDIA_REFUSED, f"{title} does not show the attached picture in a comment")
        if _TEMPORARY_LOST.search(said):
            return failures.upload_lost(title)
        if answer.status == 415 or _TYPE_REFUSED.search(said):
            return failures.type_refused(title, "this one")
        return failures.refused(title, said) if answer.status == 400 and said else None

    return judged


def _words(answer: Answer) -> str:
    said = answer.object()
    words: list[str] = []
    with suppress(TypeError, AttributeError):
        words += [str(each) for each in said.get("errorMessages") or []]
        words += [f"{field}: {each}" for field, each in (said.get("errors") or {}).items()]
    words += [str(said[name]) for name in ("errorMessage", "message") if said.get(name)]
    return shown(" ".join(words)) if words else answer.text()
