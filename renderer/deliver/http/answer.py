"""What a ticket system answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

_SHOWN: Final = 200
_TAGS: Final = re.compile(r"<[^>]{0,200}>")


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers`: names in lower case. `body`: at most what was allowed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """None when it is no JSON: pages of proxies answer 200 too."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None

    def object(self) -> dict[str, Any]:
        """An empty one when it is no JSON object."""
        found = self.json()
        return found if isinstance(found, dict) else {}

    def text(self) -> str:
        """The beginning of the body in one printable line, for people; pages without their tags."""
        text = _TAGS.sub(" ", self.body[:4096].decode("utf-8", "replace"))
        return shown(text)


def shown(text: object) -> str:
    """A few of a stranger's words, in one printable line."""
    line = "".join(letter if letter.isprintable() else " " for letter in str(text)[:4096])
    return " ".join(line.split())[:_SHOWN]
