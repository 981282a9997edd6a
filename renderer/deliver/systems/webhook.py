"""Any server of one's own: what a note would say, as JSON, signed as Standard Webhooks 1.0.0 asks."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final

from pydantic import SecretStr

from renderer.deliver.http import failures
from renderer.deliver.http.base import checked_base
from renderer.deliver.http.client import Http
from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.compose import plain_title
from renderer.deliver.note.dialects import markdown
from renderer.deliver.note.document import Block
from renderer.deliver.note.fit import fitted
from renderer.deliver.parcel import FileKind, Parcel
from renderer.deliver.system import System, SystemSettings, bad_reference
from renderer.deliver.webhooks.webhook import MAX_BODY_BYTES, signed

_REFERENCE: Final = re.compile(r"[\w./#@:-]{1,200}")
# What stands around the note in a message, with the longest names that there are.
_NOTE_CHARS: Final = 12_000


class Settings(SystemSettings):
    """`secret`: as `whsec_…`, or any text."""

    url: str
    secret: SecretStr


class OwnWebhook(System):
    name = "webhook"
    title = "The webhook"
    reference_says = "webhook:anything, which the receiver is told"
    needs = "nothing"
    capabilities: ClassVar = Capabilities(
        takes={},
        inline=frozenset(),
        readers="addressee",
        dialect="Markdown",
        note_chars=_NOTE_CHARS,
        takes_words=True,
    )
    settings_type = Settings

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret.get_secret_value()
        base = checked_base(settings.url, "RENDERER_WEBHOOK_URL", "https://support.example.com/hooks/renderer")
        self._http = Http(self.title, base, headers={}, settings="RENDERER_WEBHOOK_URL", needs=self.needs)

    def ticket(self, reference: str) -> str:
        if not _REFERENCE.fullmatch(reference):
            raise bad_reference(self)
        return reference

    def check(self) -> Iterator[Finding]:
        yield Finding(None, "whether it takes messages cannot be told without sending one")

    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        return {}

    def write(self, blocks: Sequence[Block]) -> str:
        return fitted(blocks, markdown.write, self.capabilities.note_chars)[0]

    def post(self, ticket: str, note: str, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        at_s = time.time()
        data = {
            "ticket": ticket,
            "title": plain_title(parcel.summary),
            "note": note,
            "public": parcel.is_public,
            "replay_url": parcel.replay_url,
            "files": [
                {"kind": file.kind, "name": file.name, "bytes": file.bytes, "sha256": file.sha256}
                for file in parcel.files
            ],
        }
        at = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = json.dumps({"type": "clip.attached", "timestamp": at, "data": data}, ensure_ascii=False).encode()
        if len(body) > MAX_BODY_BYTES:
            raise failures.refused(self.title, f"the message has more than {MAX_BODY_BYTES:,} bytes")
        headers = {"Content-Type": "application/json", **signed(parcel.key, at_s, body, [self._secret])}
        self._http.ask("POST", "", what="such webhook", content=body, headers=headers)
        return Posted(id=parcel.key)

    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        """A receiver knows a message that comes again by its id."""
        return None
