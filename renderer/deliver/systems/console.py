"""For trying out: the note on standard output, and where the files lie."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.dialects import plain
from renderer.deliver.note.document import Block, FileLink, Media
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.system import System, SystemSettings, bad_reference

_REFERENCE: Final = re.compile(r"[\w./#-]{1,100}")


class Settings(SystemSettings):
    pass


class Console(System):
    name = "console"
    title = "The console"
    reference_says = "console:anything"
    needs = "nothing"
    capabilities: ClassVar = Capabilities(
        takes={"mp4": None, "webm": None, "gif": None, "poster": None},
        inline=frozenset(),
        readers="addressee",
        dialect="plain text",
        note_chars=100_000,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        pass

    def ticket(self, reference: str) -> str:
        if not _REFERENCE.fullmatch(reference):
            raise bad_reference(self)
        return reference

    def check(self) -> Iterator[Finding]:
        yield Finding(True, "prints to standard output; nothing goes anywhere")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        return self.capabilities.takes

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        return [FileLink(str(each.file.path), each.file.name) for each in sent]

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, plain.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        sys.stdout.write(f"{note}\n")
        sys.stdout.flush()
        return Posted(id=ticket)

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        return None
