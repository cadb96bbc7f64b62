"""Seats of panels: a sheet belongs to a seat and a code, and is closed with a reason when nobody marks it.

Members who followed each other get one seat; J-numbers stay as they are; a recused judge's sheet is closed.

Revision: 0009
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALIVE = sa.text("closed IS NULL")
HOLDS = sa.text("left_at IS NULL AND code IS NULL")
STANDS = sa.text("revoked_at IS NULL")
member = sa.table(
    "panel_member",
    *(
        sa.column(name)
        for name in ("id", "module_id", "user_id", "duty", "sitting_id", "position", "seat_id", "number")
    ),
    *(sa.column(name) for name in ("assigned_at", "left_at")),
)
sheet = sa.table(
    "score_sheet",
    *(sa.column(name) for name in ("id", "module_id", "code", "judge_id", "sitting_id", "seat_id", "closed")),
)
recusal = sa.table("recusal", *(sa.column(name) for name in ("module_id", "code", "judge_id")))


def upgrade() -> None:
    """Add the columns, say who sat where, close what is recused."""
    with altered("panel_member") as table:
        table.add_column(sa.Column("seat_id", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.add_column(sa.Column("code", sa.String(length=12), nullable=True))
    with altered("score_sheet") as table:
        table.add_column(sa.Column("seat_id", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("closed", sa.String(length=10), nullable=True))
        table.create_check_constraint("closed_known", "closed IN ('recused', 'vacant', 'barred', 'spare')")
        table.drop_constraint("uq_score_sheet_module_id_code_judge_id", type_="unique")
    with altered("recusal") as table:
        table.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("revoked_by", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("revoked_reason", sa.Text(), nullable=False, server_default=""))
        table.drop_constraint("uq_recusal_module_id_code_judge_id", type_="unique")
    _seat_everybody(op.get_bind())
    with altered("panel_member") as table:
        table.alter_column("seat_id", existing_type=sa.String(length=36), nullable=False)
    with altered("score_sheet") as table:
        table.alter_column("seat_id", existing_type=sa.String(length=36), nullable=False)
    with altered("recusal") as table:
        table.alter_column("revoked_reason", existing_type=sa.Text(), server_default=None)
    _index("uq_panel_member_holder", "panel_member", ["seat_id"], HOLDS)
    _index("uq_score_sheet_judge", "score_sheet", ["module_id", "code", "judge_id"], ALIVE)
    _index("uq_score_sheet_seat", "score_sheet", ["seat_id", "code"], ALIVE)
    _index("uq_recusal_standing", "recusal", ["module_id", "code", "judge_id"], STANDS)
    _changes()


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _changes() -> None:
    op.create_table(
        "sheet_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sheet_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_judge_id", sa.String(length=36), nullable=False),
        sa.Column("judge_id", sa.String(length=36), nullable=False),
        sa.Column("closed", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('passed', 'recused', 'vacated', 'barred', 'opened', 'restored', 'spared', 'appointed', 'taken')",
            name=op.f("ck_sheet_change_kind_known"),
        ),
        sa.CheckConstraint(
            "closed IN ('recused', 'vacant', 'barred', 'spare')", name=op.f("ck_sheet_change_closed_known")
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheet.id"], name=op.f("fk_sheet_change_sheet_id")),
        sa.ForeignKeyConstraint(["from_judge_id"], ["user_account.id"], name=op.f("fk_sheet_change_from_judge_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["user_account.id"], name=op.f("fk_sheet_change_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_change")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_sheet_change_sheet_id_number")),
    )
    op.create_index(op.f("ix_sheet_change_sheet_id"), "sheet_change", ["sheet_id"])
    op.create_index(op.f("ix_sheet_change_from_judge_id"), "sheet_change", ["from_judge_id"])


def _seat_everybody(connection: sa.Connection) -> None:
    order = member.c.module_id, member.c.position, member.c.assigned_at, member.c.id
    members = list(connection.execute(sa.select(member).order_by(*order)).mappings())
    seats = _seats(members)
    numbers: dict[tuple[str, str], int] = {}
    counted: dict[str, int] = {}
    for row in members:
        key = row["module_id"], row["user_id"]
        if key not in numbers:
            numbers[key] = counted[row["module_id"]] = counted.get(row["module_id"], 0) + 1
        connection.execute(
            sa.update(member).where(member.c.id == row["id"]).values(seat_id=seats[row["id"]], number=numbers[key])
        )
    _seat_sheets(connection, members, seats)
    recused = sa.exists().where(
        recusal.c.module_id == sheet.c.module_id,
        recusal.c.code == sheet.c.code,
        recusal.c.judge_id == sheet.c.judge_id,
    )
    connection.execute(sa.update(sheet).where(recused).values(closed="recused"))


def _seats(members: list[Mapping[Any, Any]]) -> dict[str, str]:
    """Member → seat: whoever came at or after the moment when somebody left the same place sits in his seat."""
    seats: dict[str, str] = {}
    last: dict[tuple[Any, ...], Mapping[Any, Any]] = {}
    for row in members:
        place = row["module_id"], row["duty"], row["position"], row["sitting_id"]
        before = last.get(place)
        follows = before is not None and before["left_at"] is not None and before["left_at"] <= row["assigned_at"]
        seats[row["id"]] = seats[before["id"]] if before is not None and follows else row["id"]
        last[place] = row
    return seats


def _seat_sheets(connection: sa.Connection, members: list[Mapping[Any, Any]], seats: dict[str, str]) -> None:
    """A sheet is of the seat of its judge: in its sitting, the seat that he took last; one of nobody's is of its own."""
    for row in list(connection.execute(sa.select(sheet)).mappings()):
        of_judge = [
            each for each in members if (each["module_id"], each["user_id"]) == (row["module_id"], row["judge_id"])
        ]
        here = [each for each in of_judge if each["sitting_id"] in (None, row["sitting_id"])] or of_judge
        seat_id = seats[max(here, key=lambda each: each["assigned_at"])["id"]] if here else row["id"]
        connection.execute(sa.update(sheet).where(sheet.c.id == row["id"]).values(seat_id=seat_id))


def downgrade() -> None:
    """Seats, history and reasons go; sheets without a judge and recusals taken back have no place in the old tables."""
    op.drop_table("sheet_change")
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM recusal WHERE revoked_at IS NOT NULL"))
    op.drop_index("uq_recusal_standing", "recusal")
    op.drop_index("uq_score_sheet_seat", "score_sheet")
    op.drop_index("uq_score_sheet_judge", "score_sheet")
    op.drop_index("uq_panel_member_holder", "panel_member")
    with altered("recusal", unlike=("revoked_at", "revoked_by", "revoked_reason")) as table:
        for name in ("revoked_at", "revoked_by", "revoked_reason"):
            table.drop_column(name)
        table.create_unique_constraint("uq_recusal_module_id_code_judge_id", ["module_id", "code", "judge_id"])
    with altered("score_sheet", unlike=("seat_id", "closed")) as table:
        table.drop_constraint(op.f("ck_score_sheet_closed_known"), type_="check")
        table.drop_column("seat_id")
        table.drop_column("closed")
        table.create_unique_constraint("uq_score_sheet_module_id_code_judge_id", ["module_id", "code", "judge_id"])
    with altered("panel_member", unlike=("seat_id", "number", "code")) as table:
        for name in ("seat_id", "number", "code"):
            table.drop_column(name)
