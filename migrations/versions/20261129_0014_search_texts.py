"""What rows are found by: a column in every table that is searched, filled; the pinyin of members moves into it.

Revision ID: 0014
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from competitions.base.rebuilding import AT_ONCE, altered
from competitions.base.searching import found_by
from competitions.tabular.names_order import pinyin_words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEARCHED: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "trade_union": ("id", ("name", "short_name", "uscc", "area_code"), ()),
    "employer": ("id", ("name", "uscc", "area_code", "park"), ()),
    "unit_application": ("id", ("name", "uscc"), ()),
    "user_account": ("id", ("username",), ("display_name",)),
    "occupation": ("code", ("code", "name", "aliases"), ()),
    "competition": ("id", ("name", "document_number", "place"), ()),
    "event": ("id", ("name",), ()),
    "stage": ("id", ("name",), ()),
    "change_request": ("id", ("reason",), ()),
    "entry_member": ("id", ("employer_name",), ("name",)),
}
"""Table → its key, its columns of texts, its columns of people's names."""


def upgrade() -> None:
    """Add the column, fill it as the application will, take the pinyin of members away."""
    for table, (key, texts, names) in SEARCHED.items():
        op.add_column(table, sa.Column("search_text", sa.Text(), nullable=True))
        _fill(table, key, "search_text", (*texts, *names), _found_by(len(texts)))
        gone = ("name_reading",) if table == "entry_member" else ()
        with altered(table, unlike=gone) as changed:
            changed.alter_column("search_text", existing_type=sa.Text(), nullable=False)
            for column in gone:
                changed.drop_column(column)


def downgrade() -> None:
    """The pinyin of members comes back."""
    op.add_column("entry_member", sa.Column("name_reading", sa.Text(), nullable=True))
    _fill("entry_member", "id", "name_reading", ("name",), lambda row: pinyin_words(row[0]))
    for table in SEARCHED:
        with altered(table, unlike=("search_text",)) as changed:
            changed.drop_column("search_text")
            if table == "entry_member":
                changed.alter_column("name_reading", existing_type=sa.Text(), nullable=False)


def _found_by(texts: int) -> Any:
    """Values of a row, the texts first, as what it is found by."""
    return lambda row: found_by(row[:texts], row[texts:])


def _fill(table: str, key: str, column: str, read: Sequence[str], value: Any) -> None:
    """Fill one column from others, some rows at a time."""
    rows = sa.table(table, *(sa.column(name) for name in dict.fromkeys((key, column, *read))))
    written = sa.update(rows).where(rows.c[key] == sa.bindparam("row_key")).values({column: sa.bindparam("found")})
    connection = op.get_bind()
    for keys in _keys(rows, key):
        asked = sa.select(rows.c[key], *(rows.c[name] for name in read)).where(rows.c[key].in_(keys))
        filled = [{"row_key": row[0], "found": value(tuple(row[1:]))} for row in connection.execute(asked)]
        connection.execute(written, filled)


def _keys(rows: Any, key: str) -> Iterator[Sequence[str]]:
    """The keys of all rows, some at a time."""
    keys = list(op.get_bind().scalars(sa.select(rows.c[key])))
    yield from (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
