"""The CHECK of role_assignment knows the roles to come (statistics, finance, venue, experts, discipline, leadership).

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import altered

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = (
    "administrator",
    "organiser_drafting",
    "organiser_approving",
    "reviewer",
    "reporter",
    "chief_judge",
    "deputy_chief_judge",
    "judge",
    "checker",
    "tabulator",
    "coder",
    "steward",
    "supervisor",
    "arbitrator",
    "team_leader",
)
ADDED = (
    "statistics_reporter",
    "statistics_reviewer",
    "finance_clerk",
    "venue_staff",
    "review_expert",
    "discipline_inspector",
    "leadership",
)


def upgrade() -> None:
    """The longer list."""
    _know((*BEFORE, *ADDED))


def downgrade() -> None:
    """The shorter list; fails while somebody holds one of the added roles."""
    _know(BEFORE)


def _know(codes: tuple[str, ...]) -> None:
    """Put another list in the CHECK; every row stays as it is."""
    listed = ", ".join(f"'{code}'" for code in codes)
    with altered("role_assignment") as table:
        table.drop_constraint(op.f("ck_role_assignment_role_known"), type_="check")
        table.create_check_constraint(op.f("ck_role_assignment_role_known"), sa.text(f"role IN ({listed})"))
