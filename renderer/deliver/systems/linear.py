"""Linear: a comment with uploaded files (https://linear.app/developers/graphql)."""

import base64
import hashlib
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from pydantic import Field, SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http, content_of
from renderer.deliver.http.gone import gone_already
from renderer.deliver.http.waits import wait_s
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import linear
from renderer.deliver.note.document import Block, Image, Media, Video
from renderer.deliver.note.fit import fitted
from renderer.deliver.note.tidy import web_url
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.errors import DestinationError

_KEY: Final = r"([A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,9})"
_REFERENCE: Final = re.compile(_KEY, re.ASCII)
_PASTED: Final = re.compile(rf"https://linear\.app/([\w-]+)/issue/{_KEY}(?:/[\w%-]*)?(?:[?#]\S*)?", re.ASCII)
_SETTINGS: Final = "RENDERER_LINEAR_TOKEN"
_PERSONAL: Final = "lin_api_"
_ANSWERED: Final = frozenset({200, 400})
_PAUSE_S: Final = 60.0
_TIMES: Final = 5
"""How often a note of one delivery may have been taken away and be posted anew."""

VIEWER: Final = "query Viewer { viewer { name organization { name } } }"
ISSUE: Final = "query Issue($id: String!) { issue(id: $id) { id url trashed archivedAt } }"
COMMENTS: Final = (
    "query Comments($id: String!, $ids: [ID!]!) "
    "{ issue(id: $id) { comments(filter: { id: { in: $ids } }) { nodes { id url body } } } }"
)
UPLOAD: Final = (
    "mutation Upload($contentType: String!, $filename: String!, $size: Int!) "
    "{ fileUpload(contentType: $contentType, filename: $filename, size: $size) "
    "{ success uploadFile { uploadUrl assetUrl headers { key value } } } }"
)
CREATE: Final = (
    "mutation Create($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url } } }"
)
DELETE: Final = "mutation Delete($id: String!) { commentDelete(id: $id) { success } }"


class Settings(SystemSettings):
    """`token`: a personal API key (lin_api_…), or an OAuth access token. `url`: of the API. `workspace`: its name in addresses; with it those are
    references too, and without it nobody could tell whose issue they mean.
    """

    token: SecretStr
    url: str = "https://api.linear.app"
    workspace: str | None = Field(default=None, pattern=r"^[\w-]{1,80}$")


class Linear(System):
    name = "linear"
    title = "Linear"
    reference_says = "linear:ENG-123"
    needs = "a key that may read, create comments and upload, of somebody who sees the issue's team"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": None, "webm": None, "gif": None, "poster": None},
        inline=frozenset({"gif", "poster"}),
        readers="members",
        dialect="Linear's Markdown",
        note_chars=50_000,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        token = settings.token.get_secret_value()
        self._workspace = (settings.workspace or "").lower()
        self._http = Http(
            self.title,
            checked_base(settings.url, "RENDERER_LINEAR_URL", "https://api.linear.app"),
            headers={"Authorization": token if token.startswith(_PERSONAL) else f"Bearer {token}"},
            settings=_SETTINGS,
            needs=self.needs,
        )

    def ticket(self, reference: str) -> str:
        address = _PASTED.fullmatch(reference)
        if address is not None and address[1].lower() == self._workspace:
            return address[2].upper()
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise bad_reference(self)
        return found[1].upper()

    def check(self) -> Iterator[Finding]:
        me = self._ask(VIEWER, {}, "such account")["viewer"]
        yield Finding(True, f"signed in to {shown(me['organization']['name'])} as {shown(me['name'])}")
        yield Finding(
            None,
            "whether the key may write shows when a clip is delivered; notes are for whoever sees the issue's team",
        )

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        issue = self._ask(ISSUE, {"id": ticket}, f"issue {ticket}")["issue"]
        if issue.get("trashed"):
            raise failures.refused(self.title, f"{ticket} is in the trash: restore it there first")
        return self.capabilities.takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        variables = {"contentType": file.content_type, "filename": file.name, "size": file.bytes}
        try:
            to = self._ask(UPLOAD, variables, file.name)["fileUpload"]["uploadFile"]
        except DestinationError as error:
            raise _of_upload(error, file.name) from None
        url = web_url(str((to or {}).get("assetUrl")))
        if url is None:
            raise failures.bad_answer(self.title, _SETTINGS)
        headers = {"Content-Type": file.content_type, "Cache-Control": "public, max-age=31536000"}
        headers |= {str(each["key"]): str(each["value"]) for each in to["headers"]}
        try:
            answer = self._http.ask_elsewhere(
                "PUT",
                str(to["uploadUrl"]),
                what=file.name,
                headers={**headers, "Content-Length": str(file.bytes)},
                content=content_of(file.path),
            )
        except DestinationError as error:
            raise _of_upload(error, file.name) from None
        _demand_same(answer, file)
        return {"url": url}

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Image(each.upload["url"], each.file.name) if each.inline else Video(each.upload["url"], each.file.name)
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, linear.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        refusal = failures.refused(self.title, "the note")
        for comment in _ids(parcel):
            # With an id of ours Linear cannot make the note twice.
            made = {"id": comment, "issueId": ticket, "body": note, "doNotSubscribeToIssue": True}
            try:
                answer = self._ask(CREATE, {"input": made}, f"issue {ticket}")["commentCreate"]
            except DestinationError as error:
                if error.code != "destination_refused":
                    raise
                refusal = error
                if (there := self.find(ticket, parcel, sent)) is not None:
                    # Nobody remembers that attempt, so that its files have other addresses.
                    return replace(there, facts={**there.facts, "earlier": True})
            else:
                return _posted(answer["comment"])
        raise refusal

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        comment = self._comment(ticket, _ids(parcel))
        return None if comment is None else _posted(comment)

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        comment = self._comment(ticket, [posted.id])
        if comment is None:
            raise failures.damaged(self.title, "the note", f"{ticket} does not show it")
        for each in sent:
            wanted = None if posted.facts.get("earlier") else each.upload.get("url")
            if (wanted or each.file.name) not in str(comment.get("body")):
                raise failures.damaged(self.title, each.file.name, "the note does not show it")
        return _posted(comment)

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        """The comment; its files stay in Linear's storage, for whoever has their addresses and an account."""
        with gone_already():
            self._ask(DELETE, {"id": facts["comment"]}, "such comment")

    def _comment(self, ticket: str, ids: Sequence[str]) -> dict[str, Any] | None:
        found = self._ask(COMMENTS, {"id": ticket, "ids": list(ids)}, f"issue {ticket}")["issue"]["comments"]["nodes"]
        return dict(found[0]) if found else None

    def _ask(self, query: str, variables: Mapping[str, Any], what: str) -> dict[str, Any]:
        """Linear tells errors of its own in answers with 200 and with 400."""
        answer = self._http.ask(
            "POST", "/graphql", what=what, ok=_ANSWERED, json={"query": query, "variables": dict(variables)}
        )
        said = answer.object()
        errors = said.get("errors")
        if errors:
            raise self._error(answer, errors[0], what)
        data = said.get("data")
        if not isinstance(data, dict):
            raise failures.bad_answer(self.title, _SETTINGS)
        return data

    def _error(self, answer: Answer, error: Mapping[str, Any], what: str) -> DestinationError:
        about = error.get("extensions") or {}
        said = shown(about.get("userPresentableMessage") or error.get("message"))
        # One of the two is there, in capitals or in words: AUTHENTICATION_ERROR, "authentication error".
        kinds = {str(about.get(name)).upper().replace(" ", "_") for name in ("code", "type")}
        if kinds & {"RATELIMITED", "RATE_LIMITED"}:
            return failures.limited(self.title, wait_s(answer.headers, time.time()) or _PAUSE_S)
        if kinds & {"AUTHENTICATION_ERROR", "UNAUTHENTICATED"}:
            return failures.unauthorized(self.title, _SETTINGS)
        if kinds & {"FORBIDDEN", "FEATURE_NOT_ACCESSIBLE"}:
            return failures.forbidden(self.title, self.needs)
        if "not found" in str(error.get("message")).lower():
            return failures.not_found(self.title, what)
        if kinds & {"INTERNAL_SERVER_ERROR", "INTERNAL_ERROR", "LOCK_TIMEOUT", "NETWORK_ERROR"}:
            return failures.failed(self.title, answer.status, wait_s(answer.headers, time.time()))
        return failures.refused(self.title, said)


def _ids(parcel: Parcel) -> list[str]:
    """UUIDs of version 4 in form, as Linear wants them: the first one, and the next ones for when that was taken away."""
    seeds = [hashlib.sha256(f"{parcel.marker}#{number}".encode()).digest() for number in range(_TIMES)]
    return [str(uuid.UUID(bytes=seed[:16], version=4)) for seed in seeds]


def _posted(comment: Mapping[str, Any]) -> Posted:
    return Posted(id=str(comment["id"]), url=web_url(str(comment.get("url"))), facts={"comment": str(comment["id"])})


def _of_upload(error: DestinationError, name: str) -> DestinationError:
    said = error.message.lower()
    if error.code == "destination_refused":
        if re.search(r"size|too large|entitytoolarge", said):
            return failures.too_large("Linear", name)
        if re.search(r"content ?type|file type|unsupported", said):
            return failures.type_refused("Linear", name)
    return error


def _demand_same(answer: Answer, file: ParcelFile) -> None:
    """Linear's storage says the hash of what it stored."""
    told = re.search(r"md5=([A-Za-z0-9+/]{22}==)", answer.headers.get("x-goog-hash", ""))
    if told is None:
        return
    found = hashlib.md5(usedforsecurity=False)
    for block in content_of(file.path):
        found.update(block)
    if base64.b64encode(found.digest()).decode() != told[1]:
        raise failures.damaged("Linear", file.name, "its bytes are others")
