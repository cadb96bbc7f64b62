"""Stops, extra time, changed limits and moves of a module, signed by the chief judge; when a tablet's clock ran.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table for the changes of time; revisions may say when the clock ran."""
    op.add_column("score_revision", sa.Column("runs", sa.Text(), nullable=True))
    op.create_table(
        "time_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("module_id", sa.String(length=36), nullable=False),
        sa.Column("sitting_id", sa.String(length=36), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("to_sitting_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("resumed_by", sa.String(length=36), nullable=True),
        sa.Column("resumed_at", MOMENT, nullable=True),
        sa.Column("signed_by", sa.String(length=36), nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.String(length=36), nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('stop', 'grant', 'limit', 'moved', 'rerun')", name=op.f("ck_time_change_kind_known")
        ),
        sa.CheckConstraint("source IN ('hall', 'paper')", name=op.f("ck_time_change_source_known")),
        sa.CheckConstraint(
            "kind NOT IN ('limit', 'moved', 'rerun') OR code IS NOT NULL", name=op.f("ck_time_change_of_one_code")
        ),
        sa.CheckConstraint("kind NOT IN ('grant', 'limit') OR seconds > 0", name=op.f("ck_time_change_some_seconds")),
        sa.CheckConstraint(
            "ends_at IS NULL OR (kind = 'stop' AND ends_at >= begins_at)", name=op.f("ck_time_change_ends_after")
        ),
        sa.CheckConstraint(
            "(kind = 'moved') = (to_sitting_id IS NOT NULL)", name=op.f("ck_time_change_moved_somewhere")
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR kind <> 'stop' OR ends_at IS NOT NULL OR seconds > 0",
            name=op.f("ck_time_change_signed_when_ended"),
        ),
        sa.ForeignKeyConstraint(["module_id"], ["module.id"], name=op.f("fk_time_change_module_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_time_change_sitting_id")),
        sa.ForeignKeyConstraint(["to_sitting_id"], ["sitting.id"], name=op.f("fk_time_change_to_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_change")),
    )
    op.create_index(op.f("ix_time_change_module_id"), "time_change", ["module_id"])


def downgrade() -> None:
    """Changes of time have no place in the old tables."""
    op.drop_index(op.f("ix_time_change_module_id"), table_name="time_change")
    op.drop_table("time_change")
    with altered("score_revision", unlike=("runs",)) as table:
        table.drop_column("runs")
