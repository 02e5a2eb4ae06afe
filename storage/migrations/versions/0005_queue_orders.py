"""Orders of the review queue, what is put off or sent to somebody, and what each person prefers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and their indexes; money at risk gets better figures as records are read and changed again."""
    op.add_column("records", sa.Column("risk_rank", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("records", sa.Column("postponed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("records", sa.Column("sent_to", sa.Text(), nullable=True))
    op.execute("UPDATE records SET risk_rank = -risk")
    op.create_index(
        "ix_records_by_risk", "records", ["status", "risk_rank", "created_at", "batch_id", "position", "id"]
    )
    op.create_index("ix_records_by_age", "records", ["status", "created_at", "batch_id", "position", "id"])
    op.create_index(
        "ix_records_by_flags", "records", ["status", "priority", "created_at", "batch_id", "position", "id"]
    )
    op.create_index("ix_records_postponed_until", "records", ["postponed_until"])
    op.create_index("ix_records_sent_to", "records", ["sent_to"])
    op.create_table(
        "preferences",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user", "name", name="pk_preferences"),
    )
