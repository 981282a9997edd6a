"""Lists: a page, and the cursor of the next one."""

from typing import Annotated

from pydantic import Field

from renderer.api.models.base import Told
from renderer.api.models.clip import Clip
from renderer.api.models.recording import Recording


class _Page(Told):
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="`?cursor=` of the next page; also in the header Link.")]


class ClipPage(_Page):
    """Clips, newest first."""

    data: tuple[Clip, ...]


class RecordingPage(_Page):
    """Recordings, newest first."""

    data: tuple[Recording, ...]
