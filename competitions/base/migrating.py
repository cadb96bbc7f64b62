"""Bringing the database to the newest schema, and seeing that its tables are those of the models. Knows Alembic, no
feature.
"""

from collections.abc import Sequence

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click import ClickException
from flask_migrate import Migrate, upgrade
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from competitions.base.config import ROOT
from competitions.base.database import Base, db
from competitions.base.schema import Description, Difference, described, differences, wanted

migrate = Migrate()
AT_ONCE = 10
"""Tables that are named; who has more is told that there are more."""
_wanted: dict[str, Description] = {}


class SchemaDiffers(ClickException):
    """The revision is the newest, the tables are not: somebody changed them, or the models without a migration.

    On the command line it is a sentence and exit status 1.
    """

    def __init__(self, found: Sequence[Difference]) -> None:
        lines = [_told(difference) for difference in found[:AT_ONCE]]
        lines += [f"……另有 {len(found) - AT_ONCE} 张表。"] if len(found) > AT_ONCE else []
        super().__init__(
            "\n".join(
                [
                    f"数据库版本号已是最新，但有 {len(found)} 张表的结构与程序不一致，已停止，没有作任何改动：",
                    *lines,
                    "请从最近的备份恢复，或请维护人员按上面所列补正，再运行 flask db upgrade。在此之前不要启动服务。",
                ]
            )
        )


def head_revision() -> str | None:
    """The newest revision of the history."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def current_revision() -> str | None:
    """The revision of the database."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade_when_old() -> None:
    """Run the migrations that are missing; nothing when there are none.

    Raises SchemaDiffers when the tables are not those of the models all the same.
    """
    if current_revision() != head_revision():
        upgrade(directory=str(ROOT / "migrations"))  # migrations/env.py asks for the schema before it commits
        return
    with db.engine.connect() as connection:
        require_schema(connection)


def upgrade_other(engine: Engine) -> None:
    """Bring another database than the application's own to the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def is_known(revision: str) -> bool:
    """Whether a revision belongs to our history; not, when a newer version of the program made it."""
    return any(each.revision == revision for each in ScriptDirectory(str(ROOT / "migrations")).walk_revisions())


def require_schema(connection: Connection) -> None:
    """Raises SchemaDiffers unless the tables are those of the models."""
    found = schema_differences(connection)
    if found:
        raise SchemaDiffers(found)


def schema_differences(connection: Connection) -> list[Difference]:
    """The tables that are not what the models say. What they say is worked out once in a process."""
    kind = connection.dialect.name
    if kind not in _wanted:
        _wanted[kind] = wanted(connection, Base.metadata)
    return differences(described(connection, _wanted[kind]), _wanted[kind])


def _told(difference: Difference) -> str:
    said = [f"缺少 {line}" for line in difference.missing] + [f"多出 {line}" for line in difference.surplus]
    return f"  表 {difference.table}：" + "；".join(said)
