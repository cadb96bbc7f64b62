"""One table for everything that was uploaded and is not confirmed yet.

What waits is carried over, up and down: it is opened with the key ring and sealed for its new place. What cannot be opened
(another key ring) nobody could have confirmed either; it stays behind.

Revision ID: 0004
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from competitions.base.keyring import ring
from competitions.base.rebuilding import altered

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LIFE = timedelta(hours=24)
WITH_MODULE = ("marks", "scheme")
"""Purposes of uploads for one module."""
GONE = ("content", "expires_at", "version")
"""Columns of a roster that are the upload's now."""
MOMENT = sa.DateTime(timezone=True)
UPLOAD = sa.table(
    "upload",
    *(sa.column(name) for name in ("id", "purpose", "subject", "user_id", "filename", "sha256", "content")),
    sa.column("corrections"),
    sa.column("version"),
    sa.column("created_at", MOMENT),
    sa.column("expires_at", MOMENT),
)
STAGED = sa.table(
    "staged_table",
    *(sa.column(name) for name in ("id", "purpose", "user_id", "filename", "sha256", "rows")),
    sa.column("staged_at", MOMENT),
)
ROSTER = sa.table(
    "roster_upload",
    *(sa.column(name) for name in ("id", "competition_id", "union_id", "user_id", "filename", "sha256", "content")),
    sa.column("version"),
    sa.column("created_at", MOMENT),
    sa.column("expires_at", MOMENT),
)


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
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_user_id"), "upload", ["user_id"])
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"])
    for old in rows(STAGED):
        keep_table(old)
    for old in rows(ROSTER, ROSTER.c.content != ""):
        keep_roster(old)
    op.drop_index(op.f("ix_staged_table_user_id"), table_name="staged_table")
    op.drop_table("staged_table")
    with altered("roster_upload", unlike=GONE) as roster:
        for column in GONE:
            roster.drop_column(column)


def downgrade() -> None:
    """Two tables again."""
    op.create_table(
        "staged_table",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("staged_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_table")),
    )
    op.create_index(op.f("ix_staged_table_user_id"), "staged_table", ["user_id"])
    with altered("roster_upload") as roster:
        roster.add_column(sa.Column("content", sa.Text(), nullable=True))
        roster.add_column(sa.Column("expires_at", MOMENT, nullable=True))
        roster.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    connection = op.get_bind()
    for key, created_at in connection.execute(sa.select(ROSTER.c.id, ROSTER.c.created_at)).all():
        until = {"content": "", "expires_at": created_at + LIFE}
        connection.execute(ROSTER.update().where(ROSTER.c.id == key).values(until))
    for upload in rows(UPLOAD):
        give_back(upload)
    with altered("roster_upload") as roster:
        roster.alter_column("expires_at", existing_type=MOMENT, nullable=False)
        roster.alter_column("version", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
    op.drop_index(op.f("ix_upload_expires_at"), table_name="upload")
    op.drop_index(op.f("ix_upload_user_id"), table_name="upload")
    op.drop_table("upload")


def rows(table: Any, *conditions: Any) -> Iterator[Any]:
    """The rows of a table one by one: a file in each may be large."""
    connection = op.get_bind()
    for key in connection.execute(sa.select(table.c.id).where(*conditions)).scalars().all():
        yield connection.execute(sa.select(table).where(table.c.id == key)).one()


def opened(sealed: str, *place: str) -> Any:
    """What a text holds; None when it cannot be opened."""
    try:
        return json.loads(ring().open(sealed, *place))
    except ValueError:
        return None


def sealed(document: Any, *place: str) -> str:
    """A JSON value sealed for a place."""
    return ring().seal(json.dumps(document, ensure_ascii=False), *place)


def keep_table(old: Any) -> None:
    """A worksheet or a list of rows as an upload."""
    found = opened(old.rows, "staged_table", "rows", old.id)
    if found is None:
        return
    subject = ""
    if old.purpose in WITH_MODULE:
        subject, found = found[0]["module"], {name: found[0][name] for name in ("cells", "data")}
    insert(old, old.purpose, subject, found, None, 1, old.staged_at, old.staged_at + LIFE)


def keep_roster(old: Any) -> None:
    """A roster's content as an upload; its history stays where it is."""
    found = opened(old.content, "roster_upload", "content", old.id)
    if found is None:
        return
    corrections = {name: found[name] for name in ("edits", "mapping", "line")}
    content = {"cells": found["cells"], "data": found["file"]}
    subject = f"{old.competition_id} {old.union_id}"
    insert(old, "roster", subject, content, corrections, old.version, old.created_at, old.expires_at)


def insert(
    old: Any, purpose: str, subject: str, content: Any, corrections: Any, version: int, created_at: Any, until: Any
) -> None:
    """An upload under the id that its page has."""
    op.get_bind().execute(
        UPLOAD.insert().values(
            id=old.id,
            purpose=purpose,
            subject=subject,
            user_id=old.user_id,
            filename=old.filename[-160:],
            sha256=old.sha256,
            content=sealed(content, "upload", "content", old.id),
            corrections=sealed(corrections, "upload", "corrections", old.id),
            version=version,
            created_at=created_at,
            expires_at=until,
        )
    )


def give_back(upload: Any) -> None:
    """An upload where it was kept before."""
    content = opened(upload.content, "upload", "content", upload.id)
    said = opened(upload.corrections, "upload", "corrections", upload.id)
    if content is None:
        return
    if upload.purpose == "roster":
        document = {"file": content["data"], "filename": upload.filename, "cells": content["cells"], **said}
        values = {
            "content": sealed(document, "roster_upload", "content", upload.id),
            "expires_at": upload.expires_at,
            "version": upload.version,
        }
        op.get_bind().execute(ROSTER.update().where(ROSTER.c.id == upload.id).values(values))
        return
    if upload.purpose in WITH_MODULE:
        content = [{"module": upload.subject, "filename": upload.filename, **content}]
    op.get_bind().execute(
        STAGED.insert().values(
            id=upload.id,
            purpose=upload.purpose,
            user_id=upload.user_id,
            filename=upload.filename,
            sha256=upload.sha256,
            rows=sealed(content, "staged_table", "rows", upload.id),
            staged_at=upload.created_at,
        )
    )
