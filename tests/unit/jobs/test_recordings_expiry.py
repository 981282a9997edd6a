"""Uploads go when their time is up, and with the last tenant that had them."""

from collections.abc import Iterator
from typing import cast

import pytest

from renderer.database.engine import Database
from renderer.database.tables import UploadedRecording
from renderer.errors import StoreError
from renderer.jobs.recordings import Recordings
from renderer.settings import Settings
from renderer.store.recordings.shared import SharedRecordings
from tests.unit.jobs.desk import Desk

ID = "a" * 64


class Kept:
    """What is in the store, and what was taken out of it."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self.away = False

    def delete(self, recording_id: str) -> None:
        self._take(recording_id)

    def delete_events(self, name: str) -> None:
        self._take(name)

    def ages(self) -> Iterator[tuple[str, int]]:
        return iter(())

    def _take(self, name: str) -> None:
        if self.away:
            raise StoreError("store_unreachable", "it is away", retryable=True)
        self.gone.append(name)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def recordings(database: Database, kept: Kept, desk: Desk) -> Recordings:
    return Recordings(database, cast(SharedRecordings, kept), Settings(), desk.clock)


def upload(desk: Desk, tenant: str, expires_in_ms: int, events: str | None = None, recording_id: str = ID) -> None:
    with desk.database.write() as session:
        session.add(
            UploadedRecording(
                tenant=tenant,
                recording_id=recording_id,
                events=events,
                bytes=1,
                text_bytes=1,
                event_count=1,
                created_ms=0,
                expires_ms=desk.clock() + expires_in_ms,
            )
        )


def owners(recordings: Recordings) -> list[str]:
    return [tenant for tenant in ("acme", "other") for _ in recordings.page(tenant).recordings]


def test_what_is_too_old_goes_and_what_is_not_stays(recordings: Recordings, kept: Kept, desk: Desk) -> None:
    upload(desk, "acme", 0)
    upload(desk, "acme", 1, recording_id="b" * 64)
    assert recordings.expire() == 0
    desk.clock.ms += 1
    assert recordings.expire() == 1
    assert kept.gone == [ID]
    assert [row.recording_id for row in recordings.page("acme").recordings] == ["b" * 64]


def test_another_tenant_keeps_it_and_the_events_of_each_are_its_own(
    recordings: Recordings, kept: Kept, desk: Desk
) -> None:
    upload(desk, "acme", -1, events="events-acme")
    upload(desk, "other", 1000, events="events-other")
    assert recordings.expire() == 1
    assert kept.gone == ["events-acme"]
    assert owners(recordings) == ["other"]


@pytest.mark.parametrize("how", ["expire", "delete"])
def test_equal_events_of_another_tenant_stay(how: str, recordings: Recordings, kept: Kept, desk: Desk) -> None:
    upload(desk, "acme", -1, events="events-same")
    upload(desk, "other", 1000, events="events-same")
    if how == "expire":
        recordings.expire()
    else:
        recordings.delete("acme", ID)
    assert kept.gone == []
    assert owners(recordings) == ["other"]


def test_a_store_that_is_away_is_asked_again(recordings: Recordings, kept: Kept, desk: Desk) -> None:
    upload(desk, "acme", -1)
    kept.away = True
    with pytest.raises(StoreError):
        recordings.expire()
    assert owners(recordings) == ["acme"], "a row is forgotten after its files"
    kept.away = False
    recordings.expire()
    assert (owners(recordings), kept.gone) == ([], [ID])


def test_what_was_uploaded_again_meanwhile_stays(recordings: Recordings, kept: Kept, desk: Desk) -> None:
    upload(desk, "acme", -1)

    def again(recording_id: str) -> None:
        with desk.database.write() as session:
            row = session.get_one(UploadedRecording, ("acme", ID))
            row.expires_ms = desk.clock() + 1000

    kept.delete = again  # type: ignore[method-assign]
    recordings.expire()
    assert owners(recordings) == ["acme"]
