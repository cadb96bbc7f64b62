"""Corrections of approved entries: what was proposed, and what was decided on it.

Revision: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; their triggers follow."""
    op.create_table(
        "entry_correction",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_correction_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_correction")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_entry_correction_entry_id_number")),
    )
    op.create_index(op.f("ix_entry_correction_entry_id"), "entry_correction", ["entry_id"])
    op.create_table(
        "entry_correction_decision",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("correction_id", sa.String(length=36), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IN ('agreed', 'refused', 'taken_back')", name=op.f("ck_entry_correction_decision_answer_known")
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["entry_correction.id"], name=op.f("fk_entry_correction_decision_correction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_correction_decision")),
        sa.UniqueConstraint("correction_id", name=op.f("uq_entry_correction_decision_correction_id")),
    )


def downgrade() -> None:
    """What was corrected stands in the entries; who did it stands in the log."""
    op.drop_table("entry_correction_decision")
    op.drop_table("entry_correction")
