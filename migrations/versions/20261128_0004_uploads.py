"""One table for everything that was uploaded and is not confirmed yet.

What lay between preview and confirmation when this ran is dropped: it lives a day at most, and its owner uploads it again.
The history of rosters (who, when, which file, what became of it) stays.

Revision ID: 0004
Revises: 0010
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Uploads of all kinds in one table."""
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("corrections", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_user_id"), "upload", ["user_id"])
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"])
    op.drop_index(op.f("ix_staged_table_user_id"), table_name="staged_table")
    op.drop_table("staged_table")
    for column in ("content", "expires_at", "version"):
        op.drop_column("roster_upload", column)


def downgrade() -> None:
    """Two tables again; what is not confirmed is dropped, as on the way up."""
    op.create_table(
        "staged_table",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_table")),
    )
    op.create_index(op.f("ix_staged_table_user_id"), "staged_table", ["user_id"])
    op.add_column("roster_upload", sa.Column("content", sa.Text(), nullable=True))
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "roster_upload", sa.Column("expires_at", moment, nullable=False, server_default="1970-01-01 00:00:00")
    )
    op.add_column("roster_upload", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    _fill_in()
    op.drop_index(op.f("ix_upload_expires_at"), table_name="upload")
    op.drop_index(op.f("ix_upload_user_id"), table_name="upload")
    op.drop_table("upload")


def _fill_in() -> None:
    """No roster has its content any more; each expired a day after it came."""
    rosters = sa.table(
        "roster_upload",
        sa.column("id", sa.String),
        sa.column("content", sa.Text),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("expires_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    for key, created_at in connection.execute(sa.select(rosters.c.id, rosters.c.created_at)).all():
        until = created_at + timedelta(hours=24)
        connection.execute(rosters.update().where(rosters.c.id == key).values(content="", expires_at=until))
