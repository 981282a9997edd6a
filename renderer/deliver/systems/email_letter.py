"""A mail: what is read, in plain text and in HTML, with the picture in it and the film beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import Final, cast

from renderer.deliver.model import Sent
from renderer.deliver.note.dialects import html, plain
from renderer.deliver.note.document import Block, Image, Paragraph, Text
from renderer.deliver.note.fit import fitted

# Python folds a subject that begins with a bracket before its first word, and readers then see a blank there.
_UNFOLDED: Final = SMTP.clone(max_line_length=990)


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    html: str


def letter(blocks: Sequence[Block], most_chars: int) -> Letter:
    """`most_chars`: of the HTML, and of the text."""
    shown, _ = fitted(blocks, lambda some: html.write(some, html.MAIL), most_chars)
    read, _ = fitted([_without_picture(block) for block in blocks], plain.write, most_chars)
    return Letter(read, f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{shown}</body></html>\n')


def content_id(sent: Sent) -> str:
    return f"{sent.file.sha256[:32]}@renderer"


def message(headers: dict[str, str], note: Letter, sent: Sequence[Sent]) -> bytes:
    """As it goes over the wire: 7-bit, lines with CRLF. `sent`: those that are `inline` are seen in the HTML by their `content_id`."""
    words = MIMEPart(policy=SMTP)
    words.set_content(note.text, cte="quoted-printable")
    words.add_alternative(note.html, subtype="html", cte="quoted-printable")
    body = _parts("related", words, *(_file(each) for each in sent if each.inline))
    body.set_param("type", "multipart/alternative")
    whole = _parts("mixed", body, *(_file(each) for each in sent if not each.inline))
    for name, value in {**headers, "Date": format_datetime(localtime()), "MIME-Version": "1.0"}.items():
        whole[name] = value
    return whole.as_bytes(policy=_UNFOLDED if all(value.isascii() for value in headers.values()) else SMTP)


def _parts(kind: str, *parts: MIMEPart) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["Content-Type"] = f"multipart/{kind}"
    for part in parts:
        made.attach(cast("EmailMessage", part))  # a part of a mail is no mail, but typeshed says that it is
    return made


def _file(sent: Sent) -> MIMEPart:
    part = MIMEPart(policy=SMTP)
    main, _, sub = sent.file.content_type.partition("/")
    part.set_content(
        sent.file.path.read_bytes(),
        main,
        sub,
        disposition="inline" if sent.inline else "attachment",
        filename=sent.file.name,
        cid=f"<{content_id(sent)}>" if sent.inline else None,
    )
    return part


def _without_picture(block: Block) -> Block:
    return Paragraph((Text(f"Attached: {block.alt}"),)) if isinstance(block, Image) else block
