"""Slack: a message with the film in a channel or a thread (https://docs.slack.dev/messaging/working-with-files)."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.answer import shown
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http, content_of
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import slack
from renderer.deliver.note.document import Block, Paragraph, Quote
from renderer.deliver.note.fit import fitted
from renderer.deliver.note.tidy import web_url
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.slack_errors import judge
from renderer.errors import DestinationError

_CHANNEL: Final = r"([CGD][A-Z0-9]{7,20})"
_SHORT: Final = re.compile(rf"{_CHANNEL}(?:/(\d{{10}}\.\d{{6}}))?", re.ASCII)
_PASTED: Final = re.compile(
    rf"https://([\w.-]+)/archives/{_CHANNEL}(?:/p(\d{{10}})(\d{{6}})(?:\?(?:.*[?&])?thread_ts=(\d{{10}}\.\d{{6}})(?:&.*)?|\?.*)?)?",
    re.ASCII,
)
_SETTINGS: Final = "RENDERER_SLACK_TOKEN"
_SCOPES: Final = ("chat:write", "files:read", "files:write", "channels:read", "channels:history")
_PRIVATE_SCOPES: Final = ("groups:read", "groups:history")
_GB: Final = 1000 * 1000 * 1000
_PART_CHARS: Final = 10
_LOOKED_AT_S: Final = 14 * 24 * 3600
_MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True)
class Message:
    """`text`: for notifications. `blocks`: in Block Kit. `short`: for when Slack finds those too long."""

    text: str
    blocks: tuple[slack.Node, ...]
    short: tuple[slack.Node, ...]


class Settings(SystemSettings):
    """`token`: of a bot (xoxb-…). `url`: another one for GovSlack alone."""

    token: SecretStr
    url: str = "https://slack.com"


class Slack(System):
    name = "slack"
    title = "Slack"
    reference_says = "slack:C0123ABCD, or slack:C0123ABCD/1700000000.000100 for a thread"
    needs = f"an app in the channel, with the scopes {', '.join((*_SCOPES, *_PRIVATE_SCOPES))}"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": _GB, "webm": _GB, "gif": _GB, "poster": _GB},
        inline=frozenset({"mp4", "gif", "poster"}),
        readers="members",
        dialect="Block Kit",
        note_chars=10_000,
        withdraws=True,
    )
    settings_type = Settings
    share_pauses_s: ClassVar[tuple[float, ...]] = (0.5, 1.0, 2.0, 4.0, 8.0)
    """Slack shows files a while after it said that it had them."""

    def __init__(self, settings: Settings) -> None:
        base = checked_base(settings.url, "RENDERER_SLACK_URL", "https://slack.com")
        self._host = urlsplit(base).hostname or ""
        self._http = Http(
            self.title,
            base,
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            settings=_SETTINGS,
            needs=self.needs,
            judge=judge,
        )

    def ticket(self, reference: str) -> str:
        if _SHORT.fullmatch(reference):
            return reference
        pasted = _PASTED.fullmatch(reference)
        if pasted is None or not f".{pasted[1]}".endswith(f".{self._host}"):
            raise bad_reference(self)
        channel, seconds, rest, thread = pasted.groups()[1:]
        if thread is None and seconds is None:
            return str(channel)
        return f"{channel}/{thread or f'{seconds}.{rest}'}"

    def check(self) -> Iterator[Finding]:
        answer = self._http.ask("POST", "/api/auth.test", data={})
        me = self._ok(answer.object())
        yield Finding(True, f"signed in to {shown(me.get('team'))} as {shown(me.get('user'))}")
        has = set(answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(","))
        lacking = [scope for scope in _SCOPES if scope not in has]
        if lacking:
            yield Finding(False, f"the app lacks the scopes {', '.join(lacking)}: add them and install it anew")
        else:
            yield Finding(True, "has the scopes for public channels")
        if not has.issuperset(_PRIVATE_SCOPES):
            yield Finding(None, f"private channels take the scopes {' and '.join(_PRIVATE_SCOPES)} too")
        yield Finding(None, "whether the app is in a channel shows when a clip is delivered to it")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        channel, thread = _parts(ticket)
        found = self._call("conversations.info", channel=channel).get("channel", {})
        if found.get("is_archived"):
            raise failures.refused(self.title, f"the channel {channel} is archived")
        if found.get("is_member") is False:
            raise DestinationError(
                "destination_forbidden", f"the app is not in Slack's channel {channel}: invite it there (/invite)"
            )
        is_shared = found.get("is_ext_shared") or found.get("is_pending_ext_shared")
        if is_shared and not parcel.is_public and "public_project" not in parcel.accepts:
            raise failures.not_internal(f"the channel {channel} is shared with other companies", "public_project")
        if thread is not None:
            self._call("conversations.replies", channel=channel, ts=thread, limit="1")
        return self.capabilities.takes

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        told = self._call("files.getUploadURLExternal", filename=file.name, length=str(file.bytes))
        url, number = told.get("upload_url"), told.get("file_id")
        if not isinstance(url, str) or not isinstance(number, str):
            raise failures.bad_answer(self.title, _SETTINGS)
        self._http.ask_elsewhere(
            "POST",
            url,
            what=file.name,
            headers={"Content-Type": "application/octet-stream", "Content-Length": str(file.bytes)},
            content=content_of(file.path),
        )
        return {"id": number}

    def write(self, blocks: Sequence[Block]) -> Message:
        shown, _ = fitted(blocks, _written, self.capabilities.note_chars, _size)
        top = list(takewhile(lambda block: isinstance(block, Paragraph | Quote), blocks[:-1]))
        return Message(slack.fallback(blocks), shown, _written([*top, *blocks[-1:]]))

    def post(self, ticket: str, note: Message, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        try:
            return self._post(ticket, note.text, note.blocks, sent)
        except DestinationError as error:
            if error.code != "note_too_long":
                raise
        return self._post(ticket, note.text, note.short, sent)

    def _post(self, ticket: str, text: str, nodes: tuple[slack.Node, ...], sent: Sequence[Sent]) -> Posted:
        channel, thread = _parts(ticket)
        where = {"thread_ts": thread} if thread is not None else {}
        blocks = json.dumps(nodes, ensure_ascii=False)
        if sent:
            files = json.dumps([{"id": each.upload["id"], "title": each.file.name} for each in sent])
            self._call("files.completeUploadExternal", channel_id=channel, files=files, blocks=blocks, **where)
            return Posted(id=str(sent[0].upload["id"]), facts=_facts(sent))
        # A link that opens without an account: nobody but the reader is to fetch it.
        quiet = {"unfurl_links": "false", "unfurl_media": "false"}
        said = self._call("chat.postMessage", channel=channel, text=text, blocks=blocks, **quiet, **where)
        return Posted(id=str(said.get("ts")), facts={**_facts(sent), "ts": said.get("ts")})

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        """By its files; without them among the newest messages."""
        uploaded = [each for each in sent if each.upload.get("id")]
        if uploaded:
            try:
                ts = self._shared(ticket, str(uploaded[0].upload["id"]))[1]
                if ts is None:
                    raise _not_shown_yet()
            except DestinationError as error:
                if error.code != "upload_lost":
                    raise
                ts = None  # Slack knows files not before a message has taken them up
            files = [each.upload["id"] for each in uploaded]
        else:
            message = self._among_newest(ticket, parcel.marker)
            ts = None if message is None else str(message["ts"])
            files = [] if message is None else [str(each["id"]) for each in message.get("files") or []]
        return None if ts is None else Posted(id=ts, facts={"files": files, "ts": ts})

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        ts = posted.facts.get("ts")
        for each in sent:
            if not each.upload.get("id"):
                continue
            file, ts = self._shared(ticket, str(each.upload["id"]))
            if file.get("size") != each.file.bytes or file.get("name") != each.file.name:
                raise failures.damaged(self.title, each.file.name, "it has another size or name there")
            if ts is None:
                raise _not_shown_yet()
        link = self._call("chat.getPermalink", channel=_parts(ticket)[0], message_ts=str(ts))
        return Posted(id=str(ts), url=web_url(str(link.get("permalink"))), facts={**posted.facts, "ts": ts})

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        steps = [("chat.delete", {"channel": _parts(ticket)[0], "ts": str(facts["ts"])})]
        steps += [("files.delete", {"file": str(number)}) for number in facts["files"]]
        for method, arguments in steps:
            try:
                self._call(method, **arguments)
            except DestinationError as error:
                if error.code not in {"ticket_not_found", "upload_lost"}:
                    raise

    def _shared(self, ticket: str, number: str) -> tuple[dict[str, Any], str | None]:
        """The file, and the message that shows it; waited for a little."""
        channel, thread = _parts(ticket)
        for pause_s in (*self.share_pauses_s, None):
            file = self._call("files.info", file=number).get("file", {})
            shares = file.get("shares", {})
            for share in [*shares.get("public", {}).get(channel, []), *shares.get("private", {}).get(channel, [])]:
                if thread in {None, share.get("thread_ts")}:
                    return file, str(share["ts"])
            if pause_s is not None:
                time.sleep(pause_s)
        return file, None

    def _among_newest(self, ticket: str, marker: str) -> dict[str, Any] | None:
        """Of the last two weeks. A channel's messages are told from the newest on, a thread's from the oldest on."""
        channel, thread = _parts(ticket)
        oldest_s = time.time() - _LOOKED_AT_S
        where = {"channel": channel, "limit": "200"}
        for _ in range(_MOST_PAGES):
            if thread is None:
                told = self._call("conversations.history", **where)
            else:
                told = self._call("conversations.replies", ts=thread, oldest=f"{oldest_s:.6f}", **where)
            for each in told["messages"]:
                if marker in json.dumps(each):
                    return dict(each)
            where["cursor"] = str((told.get("response_metadata") or {}).get("next_cursor") or "")
            is_past = thread is None and any(float(each["ts"]) < oldest_s for each in told["messages"])
            if is_past or not where["cursor"]:
                return None
        if thread is None:
            return None
        raise DestinationError(
            "thread_too_long",
            "so much was written in that thread of Slack lately that the message of an earlier attempt cannot be looked for: look there, and "
            "take a new thread",
            may_have_happened=True,
        )

    def _call(self, method: str, **arguments: str) -> dict[str, Any]:
        what = "such channel or thread"
        return self._ok(self._http.ask("POST", f"/api/{method}", what=what, data=arguments).object())

    def _ok(self, told: dict[str, Any]) -> dict[str, Any]:
        if told.get("ok") is not True:
            raise failures.bad_answer(self.title, _SETTINGS)
        return told


def _parts(ticket: str) -> tuple[str, str | None]:
    channel, _, thread = ticket.partition("/")
    return channel, thread or None


def _not_shown_yet() -> DestinationError:
    return DestinationError(
        "not_shown_yet", "Slack took the files, but does not show them in the channel yet", retryable=True
    )


def _facts(sent: Sequence[Sent]) -> dict[str, Any]:
    return {"files": [each.upload["id"] for each in sent]}


def _written(blocks: Sequence[Block]) -> tuple[slack.Node, ...]:
    """With files go rich text blocks alone: small print becomes such a one."""
    return tuple(
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": _plain(block)}]}
        if block["type"] == "context"
        else block
        for block in slack.write(blocks).blocks
    )


def _plain(block: slack.Node) -> list[slack.Node]:
    return [{"type": "text", "text": str(element["text"])} for element in block["elements"]]


def _size(node: Any) -> int:
    """Of what is read, of where links go, and a little for each part: Slack counts in that way, and documents none."""
    if isinstance(node, Mapping):
        texts = sum(len(value) for name, value in node.items() if name in {"text", "url"} and isinstance(value, str))
        return _PART_CHARS + texts + sum(map(_size, node.values()))
    return sum(map(_size, node)) if isinstance(node, list | tuple) else 0
