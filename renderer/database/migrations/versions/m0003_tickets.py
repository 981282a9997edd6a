"""Deliveries to ticket systems."""

import sqlalchemy as sa
from alembic import op

revision = "0003_tickets"
down_revision = "0002_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("options", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("deliveries", sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "delivery_steps",
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery", "step"),
    )
