"""Schedules, as they are asked for and told."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from renderer.api.models.base import Given, Instant, Told, storable
from renderer.api.models.batch import BatchCreate


def _text(told: str) -> str:
    if not storable(told):
        raise ValueError("it holds a character that cannot be stored")
    return told


class ScheduleCreate(Given):
    """A batch that is made again and again, of the sessions that have come since."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["every night"]), AfterValidator(_text)]
    every_s: Annotated[int, Field(strict=True, ge=300, le=31 * 86_400, description="From one to the next, in seconds.")]
    late_s: Annotated[
        int,
        Field(
            strict=True,
            ge=3600,
            le=31 * 86_400,
            description="How late sessions may come: each time, those are asked for too that began so long before the last time.",
        ),
    ] = 86_400
    archive: Annotated[
        bool,
        Field(
            strict=True,
            description="Keep the recordings in which something is found, as uploads that do not expire. Needs recordings:write too.",
        ),
    ] = False
    batch: BatchCreate

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.batch.source is None:
            raise ValueError("a schedule's batch needs a source: recordings that are named do not change")
        return self


class ScheduleChange(Given):
    """What is left out stays as it is."""

    every_s: Annotated[int | None, Field(strict=True, ge=300, le=31 * 86_400)] = None
    enabled: Annotated[
        bool | None, Field(strict=True, description="false: no batch is made until it is true again.")
    ] = None


class Schedule(Told):
    """A batch that is made again and again. No session is missed, and none is looked into twice."""

    id: Annotated[str, Field(examples=["sch_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["schedule"] = "schedule"
    name: str
    every_s: int
    late_s: int
    archive: bool
    rules: str | None
    enabled: bool
    watermark_at: Annotated[Instant, Field(description="Sessions that began before it have been asked for.")]
    next_at: Annotated[Instant, Field(description="When the next batch is made.")]
    last_batch_id: str | None
    last_batch_url: Annotated[str | None, Field(json_schema_extra={"format": "uri"})]
    metadata: dict[str, Any]
    created_at: Instant


class Schedules(Told):
    """All of yours, oldest first."""

    data: tuple[Schedule, ...]
