"""Accounts by two people: requests that another agrees to, codes in halves, the one device of a hall.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; codes that are there were shown whole to who issued them."""
    with op.batch_alter_table("activation_code") as table:
        table.add_column(sa.Column("agreed_by", sa.String(length=36), nullable=True))
    op.create_table(
        "account_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=True),
        sa.Column("scope_kind", sa.String(length=12), nullable=True),
        sa.Column("scope_id", sa.String(length=36), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("half_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(role IS NULL) = (scope_kind IS NULL)", name=op.f("ck_account_request_role_scoped")),
        sa.CheckConstraint("role IS NOT NULL OR half_digest IS NOT NULL", name=op.f("ck_account_request_reset_coded")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_request")),
    )
    op.create_index("ix_account_request_batch", "account_request", ["batch_id", "position"])
    op.create_index(op.f("ix_account_request_user_id"), "account_request", ["user_id"])
    op.create_table(
        "shared_device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scope_kind", sa.String(length=12), nullable=False),
        sa.Column("scope_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("named_by", sa.String(length=36), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_shared_device_ended_whole")),
        sa.CheckConstraint("name <> '' AND reason <> ''", name=op.f("ck_shared_device_reasoned")),
        sa.ForeignKeyConstraint(["named_by"], ["user_account.id"], name=op.f("fk_shared_device_named_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_device")),
    )
    op.create_index(op.f("ix_shared_device_device"), "shared_device", ["device"])
    op.create_index(op.f("ix_shared_device_scope_id"), "shared_device", ["scope_id"])


def downgrade() -> None:
    """One person gives and resets again; what waits for a second person is lost."""
    op.drop_table("shared_device")
    op.drop_table("account_request")
    with op.batch_alter_table("activation_code") as table:
        table.drop_column("agreed_by")
