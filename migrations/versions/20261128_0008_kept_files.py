"""Files that lay in rows move into the folder of kept files (FILES_PATH): attachments of notices, scans of signed
papers and of check-in lists.

Every file is written, synced and compared with its SHA-256 before its row forgets it; one that does not open, or is not what
its row says, stops the upgrade, and nothing has changed. The way back puts them into their rows again.

Revision ID: 0005
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from competitions.base.database import new_id
from competitions.base.file_store import FileChanged, FileMissing, Stored, store
from competitions.base.keyring import ring
from competitions.base.rebuilding import RowsChanged, altered

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEPT = sa.table(
    "kept_file",
    *(sa.column(name) for name in ("id", "digest", "media_type", "owner_kind", "owner_id", "keep_for")),
    sa.column("sealed", sa.Boolean),
    sa.column("size", sa.BigInteger),
    sa.column("keep_until", MOMENT),
    sa.column("linked_at", MOMENT),
)
ATTACHMENT = sa.table(
    "attachment",
    *(sa.column(name) for name in ("id", "media_type", "size", "sha256", "file_id")),
    sa.column("content", sa.LargeBinary),
)
SCAN = sa.table(
    "signed_scan",
    *(sa.column(name) for name in ("id", "media_type", "size", "sha256", "file_id", "content")),
)
PAPER = sa.table("paper_check_in", *(sa.column(name) for name in ("id", "media_type", "sha256", "file_id", "content")))
SCANS = (SCAN, PAPER)
GONE = ("media_type", "size", "content")
"""Columns that the kept file has now, or is; a paper of check-in had no size."""


def upgrade() -> None:
    """Out of the rows, into the folder."""
    op.create_table(
        "kept_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("keep_for", sa.String(length=20), nullable=False),
        sa.Column("keep_until", MOMENT, nullable=True),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_file")),
    )
    op.create_index(op.f("ix_kept_file_digest"), "kept_file", ["digest"])
    op.create_index(op.f("ix_kept_file_owner_id"), "kept_file", ["owner_id"])
    move_out(ATTACHMENT, "notice", lambda row: bytes(row.content or b""), sealed=False)
    for table in SCANS:
        move_out(table, "paper", scanned(table.name), sealed=True)


def downgrade() -> None:
    """Into the rows again; what is left in the folder, nothing reads."""
    move_in(ATTACHMENT, sa.LargeBinary(), sa.String(length=100), lambda _key, content: content)
    for table in SCANS:
        move_in(table, sa.Text(), sa.String(length=40), sealed_for(table.name))
    op.drop_index(op.f("ix_kept_file_owner_id"), table_name="kept_file")
    op.drop_index(op.f("ix_kept_file_digest"), table_name="kept_file")
    op.drop_table("kept_file")


def scanned(table: str) -> Callable[[Any], bytes]:
    """The file of a scan, which was sealed for its row. Raises ValueError when it does not open."""
    return lambda row: ring().open_bytes(row.content or "", table, "content", row.id)


def sealed_for(table: str) -> Callable[[str, bytes], str]:
    """A file sealed for its row again."""
    return lambda key, content: ring().seal(content, table, "content", key)


def move_out(table: Any, keep_for: str, content_of: Callable[[Any], bytes], *, sealed: bool) -> None:
    """The files of a table's rows, one by one; then the columns that held them go."""
    with altered(table.name) as rows:
        rows.add_column(sa.Column("file_id", sa.String(length=36), nullable=True))
    connection = op.get_bind()
    for row in each(table):
        try:
            content = content_of(row)
        except ValueError as fault:
            raise RowsChanged(f"表 {table.name} 的记录 {row.id} 无法用密钥环打开") from fault
        if hashlib.sha256(content).hexdigest() != row.sha256:
            raise RowsChanged(f"表 {table.name} 的记录 {row.id} 的文件与校验值不符")
        stored, key = store().put(content, sealed=sealed), new_id()
        connection.execute(
            KEPT.insert().values(
                id=key,
                digest=stored.digest,
                sealed=sealed,
                size=stored.size,
                media_type=row.media_type,
                owner_kind=table.name,
                owner_id=row.id,
                keep_for=keep_for,
                keep_until=None,
                linked_at=datetime.now(UTC),
            )
        )
        connection.execute(table.update().where(table.c.id == row.id).values(file_id=key))
    gone = [column for column in GONE if column in table.c]
    with altered(table.name, unlike=gone) as rows:
        for column in gone:
            rows.drop_column(column)
        rows.alter_column("file_id", existing_type=sa.String(length=36), nullable=False)
        rows.create_foreign_key(op.f(f"fk_{table.name}_file_id"), "kept_file", ["file_id"], ["id"])


def move_in(table: Any, content_type: Any, media_type: Any, kept: Callable[[str, bytes], Any]) -> None:
    """The files back into the rows of a table."""
    with altered(table.name) as rows:
        rows.add_column(sa.Column("content", content_type, nullable=True))
        rows.add_column(sa.Column("media_type", media_type, nullable=True))
        if "size" in table.c:
            rows.add_column(sa.Column("size", sa.Integer(), nullable=True))
    connection = op.get_bind()
    for row in each(table):
        file = connection.execute(sa.select(KEPT).where(KEPT.c.id == row.file_id)).one()
        try:
            content = store().read(Stored(file.digest, file.sealed, file.size))
        except (FileMissing, FileChanged) as fault:
            raise RowsChanged(f"文件目录中 {table.name} {row.id} 的文件缺失或被改动") from fault
        values = {"content": kept(row.id, content), "media_type": file.media_type}
        values |= {"size": file.size} if "size" in table.c else {}
        connection.execute(table.update().where(table.c.id == row.id).values(values))
    with altered(table.name, unlike=("file_id",)) as rows:
        rows.drop_constraint(op.f(f"fk_{table.name}_file_id"), type_="foreignkey")
        rows.drop_column("file_id")
        rows.alter_column("media_type", existing_type=media_type, nullable=False)
        if "size" in table.c:
            rows.alter_column("size", existing_type=sa.Integer(), nullable=False)
        if table.name == PAPER.name:
            rows.alter_column("content", existing_type=content_type, nullable=False)


def each(table: Any) -> Iterator[Any]:
    """The rows of a table one by one: each may hold a large file."""
    connection = op.get_bind()
    for key in connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all():
        yield connection.execute(sa.select(table).where(table.c.id == key)).one()
