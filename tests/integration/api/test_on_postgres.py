"""What of the API depends on the database, on PostgreSQL: the same tests."""
# ruff: noqa: F401, F811 # imported to be run

from collections.abc import Callable

import pytest

from tests.integration.api.desk import Desk
from tests.integration.api.test_batches import (
    test_a_batch_is_all_or_nothing,
    test_a_batch_is_finished_when_none_of_its_clips_goes_on,
    test_a_batch_that_is_repeated_is_made_once,
)
from tests.integration.api.test_clips import (
    test_a_deleted_clip_is_gone_with_its_files,
    test_a_key_in_flight_is_not_taken_twice_and_not_for_ever,
    test_a_refused_request_does_not_use_its_key_up,
    test_a_request_that_is_repeated_is_done_once,
    test_pages_are_newest_first_and_complete,
    test_quotas_and_rates_are_told_apart,
    test_the_same_key_at_the_same_time_makes_one_clip,
    test_what_was_done_is_in_the_audit_log,
    test_who_waits_hears_of_the_end,
)
from tests.integration.api.test_events import (
    test_a_watcher_sees_every_stage_once_and_the_end,
    test_who_was_cut_off_goes_on_where_it_was,
)
from tests.integration.api.test_operation import test_metrics_are_counted_from_the_rows
from tests.integration.api.test_recordings import (
    client,
    test_recordings_are_listed_by_pages,
    test_what_a_kill_left_behind_is_swept,
    test_what_another_tenant_has_too_stays,
)


@pytest.fixture
def desk(make_desk: Callable[..., Desk], postgres_url: str) -> Desk:
    return make_desk(database_url=postgres_url)


def test_texts_that_postgres_cannot_hold_are_no_fault(desk: Desk) -> None:
    client = desk.client()
    asked = ({"recording": "posthog:a\x00b"}, {"recording": "posthog:s", "metadata": {"a\x00": 1}})
    assert [client.post("/v1/clips", json=body).status_code for body in asked] == [422, 422]
    # In JSON it is a letter like any other.
    assert client.post("/v1/clips", json={"recording": "posthog:s", "window": "\x00"}).status_code == 202
    for name in ("session_id", "recording", "cursor", "batch_id"):
        answer = client.get(f"/v1/clips?{name}=a%00b")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, name)
