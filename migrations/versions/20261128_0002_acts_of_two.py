"""Acts of two people: one table for all of them; what waits for its second person today is carried over.

Revision: 0002
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = {
    "codes.seal": "SELECT id, sealed_by, sealed_at, '' FROM code_sheet WHERE sealed_at IS NOT NULL AND state = 'open'",
    "codes.decode": "SELECT id, decode_coder_id, decode_coder_at, '' FROM code_sheet "
    "WHERE decode_coder_id IS NOT NULL AND state = 'sealed'",
    "tie.rule": "SELECT id, proposed_by, proposed_at, reason FROM tie_ruling "
    "WHERE confirmed_by IS NULL AND revoked_at IS NULL",
    "ruleset.change": "SELECT id, created_by, created_at, reason FROM ruleset WHERE state = 'proposed'",
    "scheme.change": "SELECT id, created_by, created_at, reason FROM marking_scheme WHERE approved_by IS NULL",
    "sheet.reopen": "SELECT id, requested_by, requested_at, reason FROM change_request WHERE state = 'waiting'",
    "publication.publish": "SELECT id, drafted_by, drafted_at, '' FROM publication WHERE state = 'draft'",
    "publication.withdraw": "SELECT id, withdrawal_by, withdrawal_at, withdrawn_reason FROM publication "
    "WHERE state = 'published' AND withdrawal_by IS NOT NULL",
}
"""Kind → id of the object, who proposed, when, why, of everything that waits for a second person."""


def upgrade() -> None:
    """Make the table and put in what waits; its digest is empty, since nobody took one when it was proposed."""
    table = op.create_table(
        "act_of_two",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=36), nullable=False),
        sa.Column("proposed_sign_in", sa.String(length=36), nullable=True),
        sa.Column("proposed_device", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_sign_in", sa.String(length=36), nullable=True),
        sa.Column("decided_device", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "decided_by IS NULL OR answer = 'taken_back' OR decided_by <> proposed_by",
            name=op.f("ck_act_of_two_two_people"),
        ),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_act_of_two_decided_whole")),
        sa.CheckConstraint("answer IN ('agreed', 'refused', 'taken_back')", name=op.f("ck_act_of_two_answer_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_of_two")),
    )
    op.create_index("ix_act_of_two_object", "act_of_two", ["object_id", "kind"])
    op.create_index(
        "uq_act_of_two_open",
        "act_of_two",
        ["kind", "object_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    connection = op.get_bind()
    typed = {"proposed_at": table.c.proposed_at.type}
    for kind, statement in OPEN.items():
        found = sa.text(statement).columns(
            sa.column("id"), sa.column("by"), sa.column("at", typed["proposed_at"]), sa.column("why")
        )
        rows = [
            {
                "id": str(uuid.uuid4()),
                "kind": kind,
                "object_id": row[0],
                "proposed_by": row[1],
                "proposed_at": row[2],
                "reason": row[3] or "",
            }
            for row in connection.execute(found)
        ]
        if rows:
            connection.execute(sa.insert(table), rows)


def downgrade() -> None:
    """The table goes; who proposed and who decided stands in the objects and in the log all the same."""
    op.drop_table("act_of_two")
