"""Signatures bear a version: those that are there are of version 1, over revisions only. Places of answers to forms are
bound to their form from now on: those of the last week go. (Which rows the log covers is recorded after the migrations,
migrations/env.py.)

Revision: 0050
"""

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SIGNATURES = ("module_signature", "judge_signature")


def upgrade() -> None:
    """Version 1 for every signature that is there; nothing is signed again."""
    for name in SIGNATURES:
        with altered(name) as table:
            table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        with altered(name) as table:
            table.alter_column("version", existing_type=sa.Integer(), server_default=None)
    op.execute("UPDATE form_key SET place = NULL")


def downgrade() -> None:
    """The versions go. Raises RuntimeError when a signature of version 2 is there: the older house could not tell it."""
    for name in SIGNATURES:
        newer = op.get_bind().execute(sa.text(f"SELECT count(*) FROM {name} WHERE version > 1")).scalar()
        if newer:
            raise RuntimeError(f"{name}: {newer} signatures of version 2 cannot be taken back")
        with altered(name, unlike=("version",)) as table:
            table.drop_column("version")
    op.execute("UPDATE form_key SET place = NULL")
