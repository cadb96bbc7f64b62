"""The tables of a PostgreSQL database, told from its catalogue. Knows no table.

PostgreSQL tells every CHECK in a form of its own, which changes once more when a database is dumped and restored (casts
move); so casts and parentheses are left out. Column defaults are left out as on SQLite.
"""

import re
from collections import defaultdict

from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection

OURS, TEMPORARY = "to_regnamespace(current_schema())::oid", "pg_my_temp_schema()"
"""The schema whose tables are told, as an expression."""
CASTS = re.compile(
    r"::(?:character varying|double precision|timestamp with(?:out)? time zone|\w+)(?:\(\d+\))?(?:\[\])?"
)
OWNER = re.compile(r" ON (?:ONLY )?\S+\.")
QUESTIONS = (
    """SELECT relname, concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
              CASE WHEN attnotnull THEN 'NOT NULL' END)
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped AND relnamespace = {schema}""",
    """SELECT relname, 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
       FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
       WHERE contype IN ('c', 'f', 'p', 'u', 'x') AND relnamespace = {schema}""",
    """SELECT relname, substr(pg_get_indexdef(indexrelid), 8) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
       FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
       WHERE relnamespace = {schema} AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid
                                                     AND conrelid = indrelid)""",
    """SELECT relname, 'TRIGGER ' || tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
       WHERE NOT tgisinternal AND NOT starts_with(tgname, relname || '_no_') AND relnamespace = {schema}""",
)
"""Columns, constraints, indexes that no constraint made, triggers that are not the audit's (`<table>_no_…`)."""


def lines(connection: Connection, schema: str) -> dict[str, set[str]]:
    """Table → its lines."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for question in QUESTIONS:
        for table, line in connection.execute(text(question.format(schema=schema))):
            found[table].add(normalised(line))
    return found


def normalised(line: str) -> str:
    """A line without what depends on how it came into the catalogue."""
    line = OWNER.sub(" ON ", CASTS.sub("", line))
    return " ".join(re.sub(r"[()\[\]]", " ", line).replace(" ,", ",").split())


def made_and_told(connection: Connection, models: MetaData) -> dict[str, set[str]]:
    """What the models make of temporary tables, which are gone again when this returns."""
    trial = connection.begin_nested()
    try:
        connection.execute(text("SET LOCAL search_path = pg_temp"))
        models.create_all(connection, checkfirst=False)
        return lines(connection, TEMPORARY)
    finally:
        trial.rollback()
