"""What model readers need: options of a batch, and documents that wait for a server."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and a column to two more; what is there has no options and waits for nothing."""
    op.create_table(
        "reader_options",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_reader_options"),
    )
    op.add_column("batches", sa.Column("options", sa.Text(), nullable=True))
    op.add_column("records", sa.Column("options", sa.Text(), nullable=True))
    op.create_table(
        "waits",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_waits_record_id"),
        sa.PrimaryKeyConstraint("record_id", name="pk_waits"),
    )
