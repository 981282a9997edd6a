"""Properties of the queue over any interleaving."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from renderer.database.engine import Database
from tests.unit.jobs.machine import QueueMachine

pytestmark = pytest.mark.slow


def test_whatever_happens_in_whatever_order(database: Database) -> None:
    machine = type("Machine", (QueueMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
