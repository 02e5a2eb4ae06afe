"""What documents are recognised by when they come a second time, and what persons decided on such pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables; what is there is compared once it is read or corrected again."""
    op.create_table(
        "fingerprints",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_fingerprints_record_id"),
        sa.PrimaryKeyConstraint("record_id", "kind", "value", name="pk_fingerprints"),
    )
    op.create_index("ix_fingerprints_value", "fingerprints", ["value", "kind"])
    op.create_table(
        "duplicates",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name="fk_duplicates_record_id"),
        sa.ForeignKeyConstraint(["other_id"], ["records.id"], name="fk_duplicates_other_id"),
        sa.PrimaryKeyConstraint("record_id", "other_id", name="pk_duplicates"),
    )
    op.create_index("ix_duplicates_other_id", "duplicates", ["other_id"])
