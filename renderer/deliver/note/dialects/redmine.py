"""A note on Redmine in CommonMark (in `textile` where it is set to Textile): attachments by name, folds by its macro."""

import re
from collections.abc import Sequence

from renderer.deliver.note.dialects import markdown
from renderer.deliver.note.document import Block
from renderer.deliver.note.tidy import LIVE, file_name, web_url

REDMINE_LIVE = re.compile(
    rf"""(?:{LIVE.pattern})|\[\[|\{{\{{|\}}\}}|\br\d|\b(?:attachment|board|commit|document|export|forum|issue|message|news|note|project
        |repo|source|user|version):\S""",
    re.VERBOSE | re.IGNORECASE,
)
"""Its own references too: [[wiki]], {{macro}}, r12, commit:…, user:…"""

_NOT_IN_TITLE = re.compile(r"[^\w\s,:;()'’“”-]+|_+|:(?=\S)")


def collapsed(title: str, body: str) -> str:
    """The macro splits its title at commas, and shows marks in it as they are."""
    shown = " · ".join(part for part in re.split(r"\s*,\s*", _NOT_IN_TITLE.sub(" ", title).strip()) if part)
    return f"{{{{collapse({shown})\n\n{body}\n\n}}}}"


def attachment(address: str, name: str) -> str:
    return markdown.link(address, name) if web_url(address) else f"attachment:{file_name(address)}"


REDMINE = markdown.Flavour(fold=collapsed, video=attachment, file=attachment, live=REDMINE_LIVE)


def write(blocks: Sequence[Block]) -> str:
    return markdown.write(blocks, REDMINE)
