"""Which status may follow which, told as a table of all pairs."""

from itertools import product

import pytest
from sqlalchemy.orm import Session

from renderer.database.states import CLIP_STATUSES, ENDED, UNFINISHED, WORKING, is_before, may_follow
from renderer.database.tables import Clip
from renderer.jobs.history import turn

MAY_FOLLOW = {
    ("queued", "fetching"),
    ("queued", "succeeded"),
    ("fetching", "rendering"),
    ("fetching", "succeeded"),
    ("rendering", "encoding"),
    ("encoding", "publishing"),
    ("publishing", "succeeded"),
    ("succeeded", "expired"),
    *((status, "queued") for status in ("fetching", "rendering", "encoding", "publishing")),
    *((status, "failed") for status in ("queued", "fetching", "rendering", "encoding", "publishing")),
    *((status, "canceled") for status in ("queued", "fetching", "rendering", "encoding", "publishing")),
}


@pytest.mark.parametrize(("old", "new"), list(product(CLIP_STATUSES, repeat=2)))
def test_every_pair_of_statuses(old: str, new: str) -> None:
    assert may_follow(old, new) == ((old, new) in MAY_FOLLOW)


def test_every_status_is_queued_at_work_or_ended() -> None:
    assert sorted(("queued", *WORKING, *ENDED)) == sorted(CLIP_STATUSES)
    assert ("queued", *WORKING) == UNFINISHED


@pytest.mark.parametrize(("old", "new"), list(product(("queued", *WORKING), repeat=2)))
def test_a_stage_is_before_those_that_come_later(old: str, new: str) -> None:
    order = ("queued", *WORKING)
    assert is_before(old, new) == (new in WORKING and order.index(old) < order.index(new))


@pytest.mark.parametrize("old", ENDED)
def test_an_ended_clip_is_before_nothing(old: str) -> None:
    assert not any(is_before(old, new) for new in WORKING)


@pytest.mark.parametrize(("old", "new"), sorted(set(product(CLIP_STATUSES, repeat=2)) - MAY_FOLLOW))
def test_a_turn_that_may_not_be_is_a_fault_and_changes_nothing(old: str, new: str) -> None:
    clip = Clip(id="clip_1", status=old, revision=3)
    session = Session()
    with pytest.raises(AssertionError, match=f"from {old} into {new}"):
        turn(session, clip, new, 0)
    assert (clip.status, clip.revision, list(session.new)) == (old, 3, [])
