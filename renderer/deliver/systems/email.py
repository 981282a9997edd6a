"""E-mail, to people and to help desks that read mail: the clip in the letter, over SMTP."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final
from urllib.parse import quote, unquote

from pydantic import Field, SecretStr, field_validator

from renderer.assets.resolve import is_public_host
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.compose import plain_title
from renderer.deliver.note.document import Block, FileLink, Image, Media
from renderer.deliver.note.tidy import clean
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.systems.email_letter import Letter, content_id, letter, message
from renderer.deliver.systems.email_smtp import Door, Security, session
from renderer.errors import DestinationError, RequestError

_DOMAIN: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,8}"
_ADDRESS: Final = re.compile(rf"[A-Za-z0-9_.+'&=~-]{{1,64}}@{_DOMAIN}", re.ASCII)
_REFERENCE: Final = re.compile(rf"({_ADDRESS.pattern})(?:\?subject=([^\s?&]{{1,300}}))?", re.ASCII)
_PORTS: Final[dict[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}
_MB: Final = 1000 * 1000
_TEXTS_BYTES: Final = 256 * 1024
"""What headers, text and HTML may take of a message."""
_ENCODED: Final = 78 / 57
"""Of a file in a mail: 57 bytes make a line of 76 characters and its end."""
_GIF_SHARE: Final = 0.4


class Settings(SystemSettings):
    """`allowed`: addresses and @domains, with commas between, that mail may go to; by default the sender's domain. `max_bytes`: of a whole
    message as it is sent. `subject_prefix`: what a help desk files mail by.
    """

    host: str
    sender: str
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Security = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    allowed: str = ""
    max_bytes: int = Field(default=10 * _MB, ge=_MB, le=100 * _MB)
    subject_prefix: str = Field(default="", max_length=60)

    @field_validator("sender")
    @classmethod
    def _is_address(cls, sender: str) -> str:
        if not _ADDRESS.fullmatch(sender):
            raise ValueError("write it as support@example.com")
        return sender

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", host):
            raise ValueError("write it as smtp.example.com, and the port in RENDERER_EMAIL_PORT")
        return host


class Email(System):
    name = "email"
    title = "E-mail"
    reference_says = "email:anna@example.com, or email:help@example.com?subject=[Ticket%2048213]"
    needs = "a mail server that takes mail from this machine"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": None, "webm": None, "gif": None, "poster": None},
        inline=frozenset({"gif", "poster"}),
        readers="addressee",
        dialect="HTML and plain text",
        note_chars=60_000,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        if (settings.user is None) != (settings.password is None):
            raise RequestError(
                "destination_bad_setting",
                "RENDERER_EMAIL_USER and RENDERER_EMAIL_PASSWORD go together: set both, or none of them",
            )
        if settings.password is not None and not f"{settings.user}{settings.password.get_secret_value()}".isascii():
            raise RequestError(
                "destination_bad_setting",
                "RENDERER_EMAIL_USER and RENDERER_EMAIL_PASSWORD may hold ASCII characters alone: set another password",
            )
        if settings.security == "none" and is_public_host(settings.host):
            raise RequestError(
                "destination_bad_setting",
                "RENDERER_EMAIL_SECURITY is none: over a public network anybody could read the mail; set starttls or tls",
            )
        self._settings = settings
        self._door = Door(
            settings.host,
            settings.port or _PORTS[settings.security],
            settings.security,
            settings.user,
            settings.password.get_secret_value() if settings.password is not None else None,
        )
        self._allowed = _allowed(settings)

    def ticket(self, reference: str) -> str:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise bad_reference(self)
        name, _, domain = found[1].rpartition("@")
        address = f"{name}@{domain.lower()}"
        return f"{address}?subject={quote(_subject(found[2]), safe='')}" if found[2] else address

    def check(self) -> Iterator[Finding]:
        with session(self._door) as mail:
            way = {"starttls": "encrypted", "tls": "encrypted", "none": "not encrypted"}[self._door.security]
            who = f"signed in as {self._settings.user}" if self._settings.user else "without a login"
            yield Finding(True, f"{self._door.host} answers, {way}, {who}")
            if (most := mail.most_bytes) is not None:
                yield Finding(True, f"takes mail of up to {most:,} bytes")
        yield Finding(True, f"mail may go to {', '.join(sorted(self._allowed))}")
        yield Finding(None, "whether a mailbox is there shows when a clip is sent to it")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        address = _address(ticket)
        if not {address.lower(), f"@{address.rpartition('@')[2]}"} & self._allowed:
            raise DestinationError(
                "destination_forbidden",
                f"mail may not go to {address}: add it, or its @domain, to RENDERER_EMAIL_ALLOWED",
            )
        with session(self._door) as mail:
            mail.address(self._settings.sender, address)
            mail.forget()
            most = min(self._settings.max_bytes, mail.most_bytes or self._settings.max_bytes)
        return _shares(max(0, int((most - _TEXTS_BYTES) / _ENCODED)), parcel)

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [
            Image(f"cid:{content_id(each)}", f"The clip ({each.file.name})")
            if each.inline
            else FileLink(each.file.name, each.file.name)
            for each in sent
        ]

    def write(self, blocks: Sequence[Block]) -> Letter:
        return letter(blocks, self.capabilities.note_chars)

    def post(self, ticket: str, note: Letter, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        address = _address(ticket)
        domain = self._settings.sender.rpartition("@")[2]
        number = f"<{parcel.marker}@{domain}>"
        headers = {
            "From": self._settings.sender,
            "To": address,
            "Subject": self._title(ticket, parcel),
            # The same at every attempt: mailboxes and help desks know by it what they have already.
            "Message-ID": number,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        whole = message(headers, note, sent)
        with session(self._door) as mail:
            mail.address(self._settings.sender, address, len(whole))
            mail.hand_over(whole)
        return Posted(id=number, facts={"message_id": number})

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        """Nobody can look into somebody else's mailbox."""
        return None

    def _title(self, ticket: str, parcel: Parcel) -> str:
        told = ticket.partition("?subject=")[2]
        parts = [
            clean(self._settings.subject_prefix).strip(),
            _subject(told) if told else "",
            plain_title(parcel.summary),
        ]
        return " ".join(part for part in parts if part)


def _address(ticket: str) -> str:
    return ticket.partition("?")[0]


def _subject(quoted: str) -> str:
    return clean(unquote(quoted)).strip()[:100]


def _allowed(settings: Settings) -> frozenset[str]:
    given = frozenset(part.strip().lower() for part in settings.allowed.split(",") if part.strip())
    return given or frozenset({f"@{settings.sender.rpartition('@')[2].lower()}"})


def _shares(room: int, parcel: Parcel) -> dict[FileKind, int | None]:
    """Of what one mail holds, so that picture and film fit in together."""
    gif = int(room * _GIF_SHARE)
    own = parcel.file("gif")
    film = room - (own.bytes if own is not None and own.bytes <= gif else gif)
    return {"mp4": film, "webm": film, "gif": gif, "poster": room}
