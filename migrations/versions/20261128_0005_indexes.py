"""Indexes that the plans of the pages ask for; names and paths in the order of code points on PostgreSQL.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_competition_state", "competition", ["state", "report_until"]),
    ("ix_entry_member_employer_id", "entry_member", ["employer_id"]),
    ("ix_entry_member_event_id", "entry_member", ["event_id"]),
    ("ix_entry_replaces_id", "entry", ["replaces_id"]),
    ("ix_entry_reporting", "entry", ["competition_id", "reporting_union_id"]),
    ("ix_entry_reviewing", "entry", ["competition_id", "review_union_id"]),
    ("ix_marking_scheme_approved_by", "marking_scheme", ["approved_by"]),
    ("ix_publication_drafted_at", "publication", ["drafted_at"]),
    ("ix_publication_state", "publication", ["state", "published_at"]),
    ("ix_publication_withdrawal_by", "publication", ["withdrawal_by"]),
    ("ix_role_assignment_kind_user", "role_assignment", ["scope_kind", "user_id"]),
    ("ix_role_assignment_scope_id", "role_assignment", ["scope_id"]),
    ("ix_ruleset_state", "ruleset", ["state", "stage_id"]),
    ("ix_unit_application_state", "unit_application", ["state", "parent_id"]),
    ("ix_user_account_created_by", "user_account", ["created_by"]),
    ("ix_user_account_display_name", "user_account", ["display_name", "id"]),
)
PLACE = sa.text("(length(path) * 100000 + position)")
BY_CODE_POINT = (
    ("trade_union", "path", 600),
    ("trade_union", "name", 120),
    ("employer", "name", 120),
    ("user_account", "username", 64),
    ("user_account", "display_name", 60),
)
"""Table, column, length of the texts that lists and ranges go by; SQLite compares by code point anyhow."""


def upgrade() -> None:
    """The columns first, so that the indexes on them are made once."""
    _recollate("C")
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.create_index("ix_trade_union_place", "trade_union", [PLACE, "id"])
    op.drop_index("ix_entry_listing", table_name="entry")
    op.create_index("ix_entry_listing", "entry", ["competition_id", "state", "review_union_id"])


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_entry_listing", table_name="entry")
    op.create_index("ix_entry_listing", "entry", ["competition_id", "state"])
    op.drop_index("ix_trade_union_place", table_name="trade_union")
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    _recollate("default")


def _recollate(collation: str) -> None:
    """PostgreSQL: the texts in another order. The index on paths knows the order of code points by its operators until
    then, and by its column from then on.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("ix_trade_union_path", table_name="trade_union")
    for table, column, length in BY_CODE_POINT:
        op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR({length}) COLLATE "{collation}"')
    operators = {} if collation == "C" else {"path": "text_pattern_ops"}
    op.create_index("ix_trade_union_path", "trade_union", ["path"], postgresql_ops=operators)
