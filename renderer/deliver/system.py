"""What each ticket system says of itself, and how it is asked for: one subclass a file, in `systems`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from renderer.deliver.model import Capabilities, Finding, Posted, Sent
from renderer.deliver.note.document import Block, Media
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.errors import RequestError


class SystemSettings(BaseModel):
    """Of one destination. A field `token` is set with RENDERER_ZENDESK_TOKEN, or in the secrets file. Secrets are SecretStr."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class System(ABC):
    """A ticket system. Methods raise DestinationError, and RequestError for what the caller asked wrong.

    `name`: what stands before the colon of a destination. `title`: for people. `reference_says`: how a ticket is referred to, with an
    example. `needs`: the permissions of the account. `uploads_keep_s`: how long an upload that no note took up yet is kept, None for
    good or where files go with the note.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reference_says: ClassVar[str]
    needs: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    settings_type: ClassVar[type[SystemSettings]]
    uploads_keep_s: ClassVar[float | None] = None

    @abstractmethod
    def ticket(self, reference: str) -> str:
        """The reference in its one right spelling. Raises RequestError `bad_ticket_reference`; asks nobody."""

    @abstractmethod
    def check(self) -> Iterator[Finding]:
        """Tries credentials and permissions without posting anything."""

    @abstractmethod
    def vet(self, ticket: str, parcel: Parcel) -> Mapping[FileKind, int | None]:
        """That the ticket is there, that we may post, and that a note meant to be internal will be. Returns what it takes right now, as
        `Capabilities.takes` but with the real limits.

        Raises DestinationError `not_internal` among others, and posts nothing.
        """

    def upload(self, ticket: str, file: ParcelFile) -> Mapping[str, Any]:
        """What is needed to refer to the file in the note; of systems that take files before the note."""
        return {}

    def discard(self, upload: Mapping[str, Any]) -> None:
        """Takes away an upload that no note will refer to, where that can be done; as well as it can be."""
        return

    def media(self, sent: Sequence[Sent]) -> Sequence[Media]:
        """How the files appear in the note."""
        return ()

    @abstractmethod
    def write(self, blocks: Sequence[Block]) -> Any:
        """The note in the system's dialect, at most `Capabilities.note_chars` long."""

    @abstractmethod
    def post(self, ticket: str, note: Any, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        """Puts the note on the ticket, with its files."""

    @abstractmethod
    def find(self, ticket: str, parcel: Parcel, sent: Sequence[Sent]) -> Posted | None:
        """The note of an earlier attempt, by its marker; None when there is none, or it cannot be told."""

    def confirm(self, ticket: str, posted: Posted, sent: Sequence[Sent], parcel: Parcel) -> Posted:
        """That what arrived is what was sent; raises `attachment_damaged` otherwise. Returns `posted`, with what was learned."""
        return posted

    def withdraw(self, ticket: str, facts: Mapping[str, Any]) -> None:
        """Takes a delivered clip away again. `facts`: of `Posted`. Only where `capabilities.withdraws`."""
        raise NotImplementedError


def bad_reference(system: System) -> RequestError:
    return RequestError(
        "bad_ticket_reference", f"that is no ticket of {system.title}: write it as {system.reference_says}"
    )
