"""What the unit tests prove on SQLite holds on PostgreSQL, test by test."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from renderer.database.engine import Database
from tests.unit.jobs import (
    test_claims,
    test_claims_order,
    test_claims_sharing,
    test_duties,
    test_queue,
    test_recordings_expiry,
    test_schedules,
    test_segments,
    test_surveys,
    test_sweeper,
)
from tests.unit.jobs.machine import QueueMachine


def _tests_and_fixtures(*modules: Any) -> dict[str, Any]:
    """Under names that tell where each comes from; `database` and `desk` are those of this folder."""
    found: dict[str, Any] = {}
    for module in modules:
        subject = module.__name__.rpartition(".test_")[2]
        for name, value in vars(module).items():
            if name.startswith("test_"):
                found[f"test_{subject}_{name.removeprefix('test_')}"] = value
            elif type(value).__name__ == "FixtureFunctionDefinition":
                found[name] = value
    return found


globals().update(
    _tests_and_fixtures(
        test_claims,
        test_claims_order,
        test_claims_sharing,
        test_duties,
        test_queue,
        test_recordings_expiry,
        test_schedules,
        test_segments,
        test_surveys,
        test_sweeper,
    )
)


def test_whatever_happens_in_whatever_order(database: Database) -> None:
    machine = type("Machine", (QueueMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
