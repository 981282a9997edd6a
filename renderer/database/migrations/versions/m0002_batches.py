"""Batches that look through sessions for what rules find."""

import sqlalchemy as sa
from alembic import op

revision = "0002_batches"
down_revision = "0001_service"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("spec", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("listing", sa.String(), server_default=sa.text("'done'"), nullable=False),
        sa.Column("available_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("schedule_id", sa.String(), nullable=True),
    ):
        op.add_column("batches", column)
    op.create_index("batches_to_list", "batches", ["listing", "available_ms"])
    op.create_index("ix_batches_schedule_id", "batches", ["schedule_id"])
    op.create_table(
        "batch_sessions",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("events", sa.String(), nullable=True),
        sa.Column("replay_url", sa.String(), nullable=True),
        sa.Column("recording_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("moments", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("archived", sa.String(), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("available_ms", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.PrimaryKeyConstraint("batch_id", "number"),
        sa.UniqueConstraint("batch_id", "recording", name="batch_sessions_once"),
    )
    op.create_index("batch_sessions_queue", "batch_sessions", ["status", "available_ms", "batch_id", "number"])
    op.create_index("batch_sessions_same", "batch_sessions", ["batch_id", "recording_id"])

    op.create_table(
        "schedules",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("every_ms", sa.BigInteger(), nullable=False),
        sa.Column("late_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("watermark_ms", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("paused_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_schedules_tenant", "schedules", ["tenant"])
    op.create_index("schedules_due", "schedules", ["paused_ms", "next_ms"])
    op.create_table(
        "schedule_sessions",
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"]),
        sa.PrimaryKeyConstraint("schedule_id", "recording"),
    )
    op.create_index("ix_schedule_sessions_seen_ms", "schedule_sessions", ["seen_ms"])


def downgrade() -> None:
    op.drop_table("schedule_sessions")
    op.drop_table("schedules")
    op.drop_table("batch_sessions")
    op.drop_index("ix_batches_schedule_id", "batches")
    op.drop_index("batches_to_list", "batches")
    with op.batch_alter_table("batches") as batches:
        for name in (
            "spec",
            "listing",
            "available_ms",
            "attempt",
            "lease_owner",
            "lease_until_ms",
            "error",
            "schedule_id",
        ):
            batches.drop_column(name)
