"""The tables of an SQLite database, told from the statements that it keeps of them. Knows no table.

The statement of a table is the only place where SQLite tells its CHECKs and the names of its constraints. It is read
into the items between its outer parentheses, in a form that does not depend on quotes, blanks or order: a column that
was added later stands at the end, a renamed one in quotes. Defaults are left out: the house gives every value itself,
and a column that is added to filled rows needs one for a moment.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.engine import Connection

TOKEN = re.compile(r"""'(?:[^']|'')*' | "[^"]*" | `[^`]*` | \[[^\]]*\] | [\w.$]+ | [<>=!|]{2} | \S""", re.VERBOSE)
QUOTES = '"`['
CONSTRAINTS = ("CONSTRAINT", "CHECK", "FOREIGN", "PRIMARY", "UNIQUE")


def lines(connection: Connection) -> dict[str, set[str]]:
    """Table → its lines. Triggers of append-only tables (`<table>_no_…`) are the audit's to judge and not told."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    kept = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    for kind, name, table, statement in kept:
        if kind == "table":
            found[table] |= set(_items(statement))
        elif kind == "index":
            found[table].add(" ".join(_tokens(statement)[1:]))
        elif not name.startswith(f"{table}_no_"):
            found[table].add(f"TRIGGER {name}")
    return found


def _tokens(statement: str) -> list[str]:
    """The words and signs of a statement, names without their quotes."""
    return [token[1:-1] if token[0] in QUOTES else token for token in TOKEN.findall(statement)]


def _items(statement: str) -> Iterator[str]:
    """Columns and constraints of a CREATE TABLE, then what stands behind its parentheses."""
    tokens = _tokens(statement)
    item: list[str] = []
    depth = 0
    for token in tokens[tokens.index("(") + 1 :]:
        if depth == 0 and token in ",)":
            yield _told(item)
            item = []
        else:
            depth += (token == "(") - (token == ")")
            item.append(token)
    if item:
        yield _told(item)


def _told(item: list[str]) -> str:
    """The line of an item; a column without its default."""
    if item[0] not in CONSTRAINTS and "DEFAULT" in item:
        start = item.index("DEFAULT")
        end = item.index(")", start) + 1 if item[start + 1] == "(" else start + 2
        item = item[:start] + item[end:]
    return " ".join(item)
