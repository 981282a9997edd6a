"""Keeping a session, as it was recorded, in the service's own store: to be rendered again when its source has it no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from renderer.bootstrap import build_shared_recordings, build_sources
from renderer.jobs.survey.model import Archived
from renderer.settings import Settings
from renderer.timeline.forms.write import write_events

_BLOCK: Final = 1 << 20
_KEPT_HERE: Final = "recording:"


def archive(reference: str, settings: Settings) -> Archived | None:
    """None for what is an uploaded recording already. Nothing is redacted: what is archived is the recording itself. Raises SourceError,
    RecordingError, StoreError.
    """
    if reference.startswith(_KEPT_HERE):
        return None
    fetched = build_sources(settings).fetch(reference)
    shared = build_shared_recordings(settings)
    stored = shared.take_in(_blocks(fetched.raw.path))
    told = fetched.events.events
    events = shared.put_events(stored.id, [write_events(told)]) if told else None
    return Archived(stored=stored, events=events)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
