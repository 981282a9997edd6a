"""GitHub: a comment with a film that plays in it (https://docs.github.com/rest/issues/comments)."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http, Judge, content_of
from renderer.deliver.http.gone import gone_already
from renderer.deliver.http.waits import wait_s
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import github
from renderer.deliver.note.document import Block, Image, Media, Video
from renderer.deliver.note.fit import fitted
from renderer.deliver.note.tidy import web_url
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.errors import DestinationError

MB: Final = 1000 * 1000
_NAME: Final = r"(?!\.{1,2}[/#])[\w.-]{1,100}"
_NUMBER: Final = r"([1-9]\d{0,9})"
_SHORT: Final = re.compile(rf"({_NAME}/{_NAME})#{_NUMBER}", re.ASCII)
_PASTED: Final = re.compile(rf"({_NAME}/{_NAME})/(?:issues|pull)/{_NUMBER}(?:[?#].*)?", re.ASCII)
_LAST: Final = re.compile(r"<[^>]*[?&]page=([1-9]\d{0,5})(?:&[^>]*)?>; rel=\"last\"")
_SETTINGS: Final = "RENDERER_GITHUB_TOKEN and RENDERER_GITHUB_URL"
_MOVED: Final = frozenset({200, 301})
_LOOKED_AT: Final = timedelta(days=14)
_MOST_PAGES: Final = 10
_PAUSE_S: Final = 60.0
_TAKES_NO_FILES: Final = ("ghs_", "ghu_")


class Settings(SystemSettings):
    """`url`: of the API. `uploads`: `off` posts a link and no file. `video_bytes`: of one film, more on a paid plan. `uploads_url`: where files
    go, by default what belongs to `url`.
    """

    token: SecretStr
    url: str = "https://api.github.com"
    uploads: Literal["auto", "off"] = "auto"
    uploads_url: str | None = None
    video_bytes: int = Field(default=10 * MB, ge=MB // 10, le=100 * MB)


class GitHub(System):
    name = "github"
    title = "GitHub"
    reference_says = "github:acme/shop#12"
    needs = "write access to the repository (a fine-grained token: Issues and Contents, read and write)"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": 10 * MB, "webm": 10 * MB, "gif": 10 * MB, "poster": 10 * MB},
        inline=frozenset({"mp4", "webm", "gif", "poster"}),
        readers="members",
        dialect="GitHub's Markdown",
        note_chars=65_536,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        base = checked_base(settings.url, "RENDERER_GITHUB_URL", "https://api.github.com")
        self._web = web_of(base)
        self._token = settings.token
        self._video_bytes = settings.video_bytes
        self._http = self._client(base, _judge)
        uploads = settings.uploads_url or uploads_of(base)
        self._uploads: Http | None = None
        self._repository_ids: dict[str, int] = {}
        if settings.uploads == "auto" and uploads is not None:
            uploads = checked_base(uploads, "RENDERER_GITHUB_UPLOADS_URL", "https://uploads.github.com")
            self._uploads = self._client(uploads, _judge_upload)

    def _client(self, base: str, judge: Judge) -> Http:
        return Http(
            self.title,
            base,
            headers={
                "Authorization": f"Bearer {self._token.get_secret_value()}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            settings=_SETTINGS,
            needs=self.needs,
            judge=judge,
        )

    def ticket(self, reference: str) -> str:
        path = reference.removeprefix(f"{self._web}/")
        found = _SHORT.fullmatch(reference) if path == reference else _PASTED.fullmatch(path)
        if found is None:
            raise bad_reference(self)
        return f"{found[1]}#{found[2]}"

    def check(self) -> Iterator[Finding]:
        try:
            answer = self._http.ask("GET", "/user")
        except DestinationError as error:
            if error.code != "destination_forbidden":
                raise
            yield Finding(None, "is an app's token, which stands for no user")
        else:
            yield Finding(True, f"signed in as {shown(answer.object().get('login'))}")
            scopes = answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(",")
            if scopes != [""] and not {"repo", "public_repo"} & set(scopes):
                yield Finding(False, "the token may not write to repositories: give it the scope repo")
        if self._uploads is None:
            yield Finding(None, "uploads are off or GitHub has none here: a link is posted instead of files")
        elif self._token.get_secret_value().startswith(_TAKES_NO_FILES):
            yield Finding(None, "GitHub takes no files from tokens of apps: a link is posted where it refuses")
        yield Finding(None, "access to a repository shows when a clip is delivered to it")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        name = ticket.partition("#")[0]
        repository = self._repository(name)
        if repository.get("archived"):
            raise failures.refused(self.title, f"{name} is archived, so that nobody can comment there")
        if repository.get("private") is not True and not parcel.is_public and "public_project" not in parcel.accepts:
            raise failures.not_internal(f"{name} is public: everybody reads its comments", "public_project")
        issue = self._http.ask("GET", _issue(ticket), what=ticket, ok=_MOVED)
        if issue.status != 200:
            raise failures.refused(self.title, f"{ticket} was moved to another repository: name it as it is there")
        may_push = repository.get("permissions", {}).get("push")
        told = issue.object()
        if not isinstance(told.get("number"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        if told.get("locked") and may_push is False:
            raise failures.refused(self.title, f"{ticket} is locked: only who may write to {name} comments there")
        if self._uploads is None or may_push is False:
            return {}
        return {**self.capabilities.takes, "mp4": self._video_bytes, "webm": self._video_bytes}

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        name = ticket.partition("#")[0]
        if self._uploads is None:
            raise _takes_no_files()
        if name not in self._repository_ids:
            self._repository(name)
        params = {
            "name": file.name,
            "content_type": file.content_type,
            "repository_id": str(self._repository_ids[name]),
        }
        try:
            answer = self._uploads.ask(
                "POST",
                "/user-attachments/assets",
                what=file.name,
                params=params,
                headers={"Content-Type": "application/octet-stream", "Content-Length": str(file.bytes)},
                content=content_of(file.path),
            ).object()
        except DestinationError as error:
            if error.code not in {"ticket_not_found", "destination_forbidden"}:
                raise
            self._uploads = None  # no other file would be taken either
            raise _takes_no_files() from None
        url = web_url(str(answer.get("url")))
        if url is None:
            raise failures.bad_answer(self.title, _SETTINGS)
        return {"url": url}

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Video(each.upload["url"], each.file.name)
            if each.file.kind in {"mp4", "webm"}
            else Image(each.upload["url"], "The clip")
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, github.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        answer = self._http.ask("POST", f"{_issue(ticket)}/comments", what=ticket, json={"body": note})
        return self._posted(ticket, answer.object())

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        """Among those of the last two weeks. GitHub lists an issue's comments from the oldest on: the last page is the first to be read."""
        since = f"{datetime.fromtimestamp(time.time(), UTC) - _LOOKED_AT:%Y-%m-%dT%H:%M:%SZ}"
        first, last = self._page(ticket, since, 1)
        for page in range(last, max(0, last - _MOST_PAGES), -1):
            comments = first if page == 1 else self._page(ticket, since, page)[0]
            if found := next((each for each in reversed(comments) if parcel.marker in str(each.get("body"))), None):
                return self._posted(ticket, found)
        return None

    def _page(self, ticket: str, since: str, page: int) -> tuple[list[dict[str, Any]], int]:
        """A hundred comments, and which page is the last one."""
        params = {"since": since, "per_page": 100, "page": page}
        answer = self._http.ask("GET", f"{_issue(ticket)}/comments", params=params, what=ticket)
        comments = answer.json()
        if not isinstance(comments, list):
            raise failures.bad_answer(self.title, _SETTINGS)
        link = answer.headers.get("link", "")
        last = _LAST.search(link)
        if last is None and 'rel="next"' in link:
            raise failures.bad_answer(self.title, _SETTINGS)
        return comments, int(last[1]) if last is not None else page

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        body = self._http.ask("GET", _comment(ticket, posted.id), what="such comment").object().get("body")
        if not isinstance(body, str):
            raise failures.bad_answer(self.title, _SETTINGS)
        for each in sent:
            # Where a file of an earlier attempt lies nobody may remember.
            if each.upload.get("url", "") not in body:
                raise failures.damaged(self.title, each.file.name, "the comment does not show it")
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        """The comment; GitHub has no way to delete an uploaded file."""
        with gone_already():
            self._http.ask("DELETE", _comment(ticket, str(facts["comment"])), what="such comment")

    def _repository(self, name: str) -> dict[str, Any]:
        answer = self._http.ask("GET", f"/repos/{name}", what=f"repository {name}", ok=_MOVED)
        if answer.status != 200:
            raise failures.refused(self.title, f"{name} has another name now: take that")
        repository = answer.object()
        if not isinstance(repository.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        self._repository_ids[name] = repository["id"]
        return repository

    def _posted(self, ticket: str, comment: Mapping[str, Any]) -> Posted:
        if not isinstance(comment.get("id"), int):
            raise failures.bad_answer(self.title, _SETTINGS)
        return Posted(
            id=str(comment["id"]), url=web_url(str(comment.get("html_url"))), facts={"comment": comment["id"]}
        )


def _issue(ticket: str) -> str:
    name, _, number = ticket.partition("#")
    return f"/repos/{name}/issues/{number}"


def _comment(ticket: str, comment: str) -> str:
    return f"/repos/{ticket.partition('#')[0]}/issues/comments/{comment}"


def uploads_of(base: str) -> str | None:
    """Where files go: nowhere with an Enterprise Server of one's own."""
    host = urlsplit(base).hostname or ""
    if host == "api.github.com" or re.fullmatch(r"api\.[\w-]+\.ghe\.com", host):
        return f"https://uploads.{host.removeprefix('api.')}"
    return None


def web_of(base: str) -> str:
    """Where people see what the API at `base` tells."""
    parts = urlsplit(base)
    host = parts.netloc
    if host == "api.github.com" or re.fullmatch(r"api\.[\w-]+\.ghe\.com", host):
        host = host.removeprefix("api.")
    return f"{parts.scheme}://{host}"


def _takes_no_files() -> DestinationError:
    return DestinationError(
        "file_type_refused",
        "GitHub takes no files from this token: a personal access token of somebody who may write to the repository is needed",
    )


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status not in {403, 422, 429}:
        return None
    said = str(answer.object().get("message") or "")
    if (after_s := _limit_s(answer, said)) is not None:
        return failures.limited("GitHub", after_s)
    if answer.status == 422:
        return failures.refused("GitHub", shown(said or answer.text()))
    if "saml" in said.lower() or "x-github-sso" in answer.headers:
        return DestinationError(
            "destination_forbidden",
            "GitHub wants the token authorised for the organisation's single sign-on: do that there",
        )
    return None


def _judge_upload(answer: Answer) -> DestinationError | None:
    if answer.status != 422:
        return _judge(answer)
    said = answer.text().lower()
    if "size" in said or "large" in said or "big" in said:
        return failures.too_large("GitHub", "this one")
    return failures.type_refused("GitHub", "this one")


def _limit_s(answer: Answer, said: str) -> float | None:
    """How long to wait where a limit was reached. Every answer says when the hour's quota begins anew, which is no matter while some is left."""
    headers = answer.headers
    if "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0":
        return wait_s(headers, time.time()) or _PAUSE_S
    return _PAUSE_S if answer.status == 429 or "rate limit" in said.lower() else None
