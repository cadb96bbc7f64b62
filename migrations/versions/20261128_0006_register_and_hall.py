"""Register and hall: since when an entry is bound, 弃权 at check-in, check-in by paper, changes of presence after signing.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BOUND = """
UPDATE entry SET bound_at = COALESCE(
    (SELECT MIN(lot.at) FROM lot WHERE lot.entry_id = entry.id),
    (SELECT MIN(code_row.created_at) FROM code_row WHERE code_row.source = entry.id),
    (SELECT MIN(check_in.at) FROM check_in WHERE check_in.entry_id = entry.id))
"""
PRESENCES = "presence IN ('present', 'late', 'absent', 'withdrawn')"
EARLIER = "presence IN ('present', 'late', 'absent')"


def upgrade() -> None:
    """Who has a lot, a code or a check-in today is bound."""
    op.add_column("entry", sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(BOUND)
    _known(PRESENCES)
    op.create_table(
        "paper_check_in",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stage_id", sa.String(length=36), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_paper_check_in_somebody")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_paper_check_in_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_check_in")),
    )
    op.create_index(op.f("ix_paper_check_in_stage_id"), "paper_check_in", ["stage_id"])
    op.create_table(
        "presence_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stage_id", sa.String(length=36), nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("presence", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(PRESENCES, name=op.f("ck_presence_change_presence_known")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_presence_change_stage_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_presence_change_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_change")),
    )
    op.create_index(op.f("ix_presence_change_stage_id"), "presence_change", ["stage_id"])
    op.create_index(op.f("ix_presence_change_entry_id"), "presence_change", ["entry_id"])


def downgrade() -> None:
    """Goes back while nobody has given up at check-in; scans of paper lists are lost."""
    op.drop_table("presence_change")
    op.drop_table("paper_check_in")
    _known(EARLIER)
    with altered("entry", unlike=["bound_at"]) as entry:
        entry.drop_column("bound_at")


def _known(condition: str) -> None:
    with altered("check_in") as check_in:
        check_in.drop_constraint(op.f("ck_check_in_presence_known"), type_="check")
        check_in.create_check_constraint(op.f("ck_check_in_presence_known"), sa.text(condition))
