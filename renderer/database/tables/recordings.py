"""Uploaded recordings."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class UploadedRecording(Base):
    """`recording_id`: of the recording store, which keeps equal ones once; each tenant has a row of its own.

    `events`: the name of the events file that came with it, in the store, or None. `bytes`: on disk. `first_ms`, `last_ms`: Unix time
    of its earliest and latest event.
    """

    __tablename__ = "recordings"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    events: Mapped[str | None]
    bytes: Mapped[int]
    text_bytes: Mapped[int]
    event_count: Mapped[int]
    first_ms: Mapped[int | None]
    last_ms: Mapped[int | None]
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)
