"""三人办赛: the three people who run a competition, and the device that they share.

Revision: 0047
"""

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a request may ask to take a recusal back."""
    op.create_table(
        "county_profile",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("competition_id", sa.String(length=36), nullable=False),
        sa.Column("first_id", sa.String(length=36), nullable=False),
        sa.Column("second_id", sa.String(length=36), nullable=False),
        sa.Column("third_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("device_name", sa.String(length=40), nullable=False),
        sa.Column("device_reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=36), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'refused', 'replaced', 'ended')",
            name=op.f("ck_county_profile_state_known"),
        ),
        sa.CheckConstraint(
            "first_id <> second_id AND second_id <> third_id AND first_id <> third_id",
            name=op.f("ck_county_profile_three_people"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by OR state = 'refused'",
            name=op.f("ck_county_profile_two_people"),
        ),
        sa.CheckConstraint("(device IS NULL) = (device_name = '')", name=op.f("ck_county_profile_device_named")),
        sa.ForeignKeyConstraint(["first_id"], ["user_account.id"], name=op.f("fk_county_profile_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["user_account.id"], name=op.f("fk_county_profile_second_id")),
        sa.ForeignKeyConstraint(["third_id"], ["user_account.id"], name=op.f("fk_county_profile_third_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_profile")),
    )
    op.create_index(op.f("ix_county_profile_competition_id"), "county_profile", ["competition_id"])
    op.create_index(op.f("ix_county_profile_second_id"), "county_profile", ["second_id"])
    op.create_index(
        "uq_county_profile_agreed",
        "county_profile",
        ["competition_id"],
        unique=True,
        sqlite_where=sa.text("state = 'agreed'"),
        postgresql_where=sa.text("state = 'agreed'"),
    )
    _kinds("'reopen', 'late_delivery', 'take_back'")


def downgrade() -> None:
    """The table goes, and the requests that could not be made before."""
    op.execute("DELETE FROM change_request WHERE kind = 'take_back'")
    _kinds("'reopen', 'late_delivery'")
    op.drop_table("county_profile")


def _kinds(kinds: str) -> None:
    with altered("change_request") as table:
        table.drop_constraint(op.f("ck_change_request_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_change_request_kind_known"), f"kind IN ({kinds})")
