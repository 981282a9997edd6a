"""When a message that was not taken is sent again."""

from random import Random

import pytest

from renderer.deliver.schedule import LONGEST_S, PAUSES_S, pause_s

HOUR_S = 3600


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    pauses = [pause_s(failures, 0.5) for failures in range(1, 10)]
    assert pauses == [5, 300, 1800, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S]
    assert [PAUSES_S[0], *pauses] == list(PAUSES_S)
    assert 3 * 24 * HOUR_S < sum(PAUSES_S) < 4 * 24 * HOUR_S


@pytest.mark.parametrize("failures", [10, 11, 1000])
@pytest.mark.parametrize("retry_after_s", [None, 0.0, 60.0])
def test_after_ten_attempts_it_is_over(failures: int, retry_after_s: float | None) -> None:
    assert pause_s(failures, 0.5, retry_after_s) is None


@pytest.mark.parametrize("failures", range(1, 10))
def test_chance_spreads_attempts_by_a_tenth(failures: int) -> None:
    draws = Random(1)
    pauses = [pause_s(failures, draws.random()) or 0 for _ in range(200)]
    assert all(0.9 * PAUSES_S[failures] <= pause <= 1.1 * PAUSES_S[failures] for pause in pauses)
    assert max(pauses) > 1.05 * PAUSES_S[failures]
    assert min(pauses) < 0.95 * PAUSES_S[failures]


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_a_server_that_asks_for_patience_is_never_asked_sooner(chance: float) -> None:
    assert 120 <= (pause_s(1, chance, 120.0) or 0) <= 132
    assert pause_s(3, chance, 120.0) == pause_s(3, chance)  # the schedule is more patient
    assert pause_s(1, chance, 0.0) == pause_s(1, chance)


def test_nobody_is_waited_for_longer_than_a_day() -> None:
    assert pause_s(1, 0.0, 10.0**12) == LONGEST_S == 24 * HOUR_S
