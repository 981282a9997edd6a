"""Roundup: a message with its files on an issue (https://www.roundup-tracker.org/docs/rest.html)."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import plain
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.pasted import pasted
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.errors import DestinationError

_REFERENCE: Final = re.compile(r"(?:issue|#)?([1-9][0-9]{0,9})")
_SETTINGS: Final = "RENDERER_ROUNDUP_URL, RENDERER_ROUNDUP_USER and RENDERER_ROUNDUP_PASSWORD"
_CHANGED: Final = frozenset({200, 412})
_MOST_CHANGES: Final = 10
_NEWEST: Final = 20
_CLOSED: Final = frozenset(
    {"destination_credentials", "destination_forbidden", "destination_redirected", "ticket_not_found"}
)
"""What is said to a stranger who asks for an issue that is not for everybody."""
_ANY: Final = {"Accept": "*/*"}


class Settings(SystemSettings):
    """`url`: of the tracker, as its own configuration has it."""

    url: str
    user: str
    password: SecretStr


class Roundup(System):
    """A message carries an id that is made of the parcel's key: by it one that stands in no issue yet is found again."""

    name = "roundup"
    title = "Roundup"
    reference_says = "roundup:12"
    needs = "a role with Rest Access that may create files and messages and edit issues"
    capabilities: ClassVar = Capabilities(
        takes=dict.fromkeys(("mp4", "webm", "gif", "poster"), None),
        inline=frozenset(),
        readers="members",
        dialect="plain text",
        note_chars=60_000,
        withdraws=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._base = checked_base(settings.url, "RENDERER_ROUNDUP_URL", "https://bugs.example.com/demo")
        self._user = settings.user
        credentials = base64.b64encode(f"{settings.user}:{settings.password.get_secret_value()}".encode()).decode()
        host = urlsplit(self._base)
        self._http = Http(
            self.title,
            self._base,
            headers={
                "Authorization": f"Basic {credentials}",
                # Without these it takes nothing but GET; with the first one a GET, too, tells whether the address is the right one.
                "Origin": f"{host.scheme}://{host.netloc}",
                "X-Requested-With": "rest",
            },
            settings=_SETTINGS,
            needs=self.needs,
            judge=_judge,
        )

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(pasted(reference, f"{self._base}/"))
        if found is None:
            raise bad_reference(self)
        return found[1]

    def check(self) -> Iterator[Finding]:
        """Asks once with the password, and goes on only when it is right: after a few wrong ones the account is locked."""
        me = self._me()
        yield Finding(
            True, f"signed in as {shown(self._user)}{'' if me else ', whose own entry it may not search for'}"
        )
        for kind, what in (("issue", "issues"), ("msg", "messages"), ("file", "files")):
            self._http.ask("GET", f"/rest/data/{kind}", params={"@page_size": 1}, what=what)
        yield Finding(True, "sees issues, messages and files")
        yield Finding(None, "whether it may edit an issue is told by that issue alone")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        # Adding nothing changes nothing, and is refused to whoever may not add.
        self._change(ticket, "/messages", {"@op": "add", "data": []})
        if not parcel.is_public and "public_project" not in parcel.accepts and self._is_open(ticket):
            raise failures.not_internal(
                f"everybody in the world may read issue {ticket} without an account", "public_project"
            )
        return self.capabilities.takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        with file.path.open("rb") as content:
            answer = self._http.ask(
                "POST",
                "/rest/data/file",
                what=file.name,
                data={"name": file.name, "type": file.content_type},
                files={"content": (file.name, content, file.content_type)},
            )
        number = int(_data(answer)["id"])
        return {"id": number, "url": f"{self._base}/file{number}/{quote(file.name)}"}

    def discard(self, upload: Mapping[str, Any]) -> None:
        self._empty(upload["id"])

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [FileLink(each.upload["url"], each.file.name) for each in sent]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, plain.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        # One that an earlier attempt made, and did not come to put into the issue.
        message = next((each for each in self._messages(parcel) if self._text(each) == note.strip()), None)
        if message is None:
            made = {"content": note, "type": "text/plain", "messageid": _message_id(parcel), "date": ".", **self._me()}
            message = int(_data(self._http.ask("POST", "/rest/data/msg", what="such class", json=made))["id"])
        links = {"@op": "add", "messages": [str(message)], "files": [str(each.upload["id"]) for each in sent]}
        self._change(ticket, "", links)
        return self._posted(ticket, message, _known(sent))

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        there = _linked(self._issue(ticket), "messages")
        mine = [each for each in self._messages(parcel) if each in there]
        return self._posted(ticket, max(mine), _known(sent)) if mine else None

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        issue = self._issue(ticket)
        if int(posted.id) not in _linked(issue, "messages"):
            raise failures.damaged(self.title, "the note", f"issue {ticket} does not show it")
        there = _linked(issue, "files")
        files = []
        for each in sent:
            number = each.upload.get("id")
            # Of one whose number nobody remembers: the newest files are looked at.
            these = [number] if number is not None else sorted(there, reverse=True)[:_NEWEST]
            if not there.intersection(these):
                raise failures.damaged(self.title, each.file.name, f"issue {ticket} does not have it")
            found = next((number for number in these if self._is_same(number, each.file)), None)
            if found is None:
                raise failures.damaged(self.title, each.file.name, "its bytes are other ones")
            files.append(found)
        return self._posted(ticket, int(posted.id), files)

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        """A file that is in no issue can still be read by its address: it is made empty first."""
        for number in facts["files"]:
            self._empty(number)
        links = {"messages": [str(facts["message"])], "files": [str(each) for each in facts["files"]]}
        self._change(ticket, "", {"@op": "remove", **links})

    def _issue(self, ticket: str) -> dict[str, Any]:
        return _data(self._http.ask("GET", f"/rest/data/issue/{ticket}", what=f"issue {ticket}"))

    def _change(self, ticket: str, attribute: str, change: Mapping[str, Any]) -> None:
        """Begun anew as often as somebody else changed the issue meanwhile."""
        self._edit("PATCH", f"/rest/data/issue/{ticket}", attribute, change, f"issue {ticket}")

    def _edit(self, method: str, path: str, attribute: str, change: Mapping[str, Any], what: str) -> None:
        for _ in range(_MOST_CHANGES):
            known = _data(self._http.ask("GET", path, what=what))
            headers = {"If-Match": str(known["@etag"])}
            answer = self._http.ask(
                method, path + attribute, what=what, ok=_CHANGED, headers=headers, json=dict(change)
            )
            if answer.status != 412:
                return
        raise DestinationError(
            "destination_busy", f"{what} of {self.title} changes too often: try again later", retryable=True
        )

    def _empty(self, file: int) -> None:
        self._edit("PUT", f"/rest/data/file/{file}", "/content", {"data": "taken away"}, "such file")

    def _messages(self, parcel: Parcel) -> list[int]:
        """Of this delivery, in whatever issue they are, or in none."""
        answer = self._http.ask("GET", "/rest/data/msg", params={"messageid:": _message_id(parcel)}, what="such class")
        return [int(each["id"]) for each in _data(answer)["collection"]]

    def _text(self, message: int) -> str:
        return str(
            _data(self._http.ask("GET", f"/rest/data/msg/{message}/content", what="such message"))["data"]
        ).strip()

    def _me(self) -> dict[str, str]:
        """The author of a message; none where the account may not look for itself."""
        answer = self._http.ask(
            "GET", "/rest/data/user", params={"username:": self._user}, ok=frozenset({200, 403}), what="such class"
        )
        found = _data(answer)["collection"] if answer.status == 200 else []
        return {"author": str(found[0]["id"])} if len(found) == 1 else {}

    def _is_open(self, ticket: str) -> bool:
        try:
            self._http.ask_elsewhere("GET", f"{self._base}/issue{ticket}", headers=_ANY, what=f"issue {ticket}")
        except DestinationError as error:
            if error.code in _CLOSED:
                return False
            raise
        return True

    def _is_same(self, number: int, file: ParcelFile) -> bool:
        path = f"/rest/data/file/{number}/binary_content"
        found = self._http.digest(path, headers=_ANY, what=file.name, most_bytes=file.bytes)
        return found == (file.bytes, file.sha256)

    def _posted(self, ticket: str, message: int, files: Sequence[int]) -> Posted:
        facts = {"message": message, "files": list(files)}
        return Posted(id=str(message), url=f"{self._base}/issue{ticket}#msg{message}", facts=facts)


def _known(sent: Sequence[Sent]) -> list[int]:
    """The numbers of the files, as far as it is remembered what was said of them."""
    return [each.upload["id"] for each in sent if each.upload.get("id")]


def _message_id(parcel: Parcel) -> str:
    """As of a mail, of which it takes the place."""
    return f"<{parcel.marker}@renderer.invalid>"


def _data(answer: Answer) -> dict[str, Any]:
    found = answer.object().get("data")
    if not isinstance(found, dict):
        raise failures.bad_answer("Roundup", _SETTINGS)
    return found


def _linked(issue: Mapping[str, Any], name: str) -> set[int]:
    return {int(each["id"]) for each in issue["attributes"][name]}


def _judge(answer: Answer) -> DestinationError | None:
    if answer.status != 400:
        return None
    error = answer.object().get("error")
    said = shown(error.get("msg") if isinstance(error, dict) else answer.text())
    if "not allowed to use Rest Interface" in said:
        return DestinationError(
            "destination_bad_address",
            "Roundup knows itself by another address: set RENDERER_ROUNDUP_URL to the one that its configuration has "
            "([tracker] web)",
        )
    return failures.refused("Roundup", said)
