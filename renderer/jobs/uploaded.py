"""Whose an uploaded recording is, and what came with it."""

from renderer.database.engine import Database
from renderer.database.tables import UploadedRecording
from renderer.jobs.model import Claim

PREFIX = "recording:"


class UploadedEvents:
    """Of a claim, the events file that was uploaded with its recording, None without one.

    LookupError when the tenant has no such recording: equal ones are stored once, but each tenant sees its own uploads alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, claim: Claim) -> str | None:
        if not claim.recording.startswith(PREFIX):
            return None
        with self._database.read() as session:
            row = session.get(UploadedRecording, (claim.tenant, claim.recording.removeprefix(PREFIX)))
            if row is None:
                raise LookupError
            return row.events
