"""Text is compared one way, wherever it is searched: a table of pairs, on the server and in the database."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import DeclarativeBase

from competitions.accounts.models import User
from competitions.base import clock
from competitions.base.database import Base, db, new_id
from competitions.base.searching import Searched, contains, folded, found_by, parts_of
from competitions.organisations.models import Employer
from competitions.web.listing import searched
from tests.factories import make_user
from tests.searching_pairs import PEOPLE, TEXTS

SOURCES, OWN = Path(__file__).parents[2] / "competitions", "searching.py"


@pytest.mark.parametrize(("stored", "typed", "found"), PEOPLE)
def test_a_person_is_found_by_name_and_pinyin(stored: str, typed: str, found: bool) -> None:
    parts = parts_of(typed)
    assert (bool(parts) and contains(found_by((), [stored]), parts)) is found


@pytest.mark.parametrize(("stored", "typed", "found"), TEXTS)
def test_a_text_is_found_by_its_parts(stored: str, typed: str, found: bool) -> None:
    parts = parts_of(typed)
    assert (bool(parts) and contains(found_by([stored]), parts)) is found


def test_what_is_typed_is_folded_once_and_for_all() -> None:
    for text in (each for pair in (*PEOPLE, *TEXTS) for each in pair[:2]):
        assert folded(folded(text)) == folded(text)


def test_the_database_finds_what_the_table_says(app: Flask) -> None:
    stored = {name: Employer(name=name) for name, _, _ in TEXTS}
    people = {name: make_user(username=f"u{place}", display_name=name) for place, (name, _, _) in enumerate(PEOPLE)}
    db.session.add_all(stored.values())
    db.session.commit()
    for model, rows, pairs in ((Employer, stored, TEXTS), (User, people, PEOPLE)):
        for name, typed, found in pairs:
            ids = db.session.scalars(searched(select(model.id), [model.search_text], typed)).all()
            assert (rows[name].id in ids) is found, (name, typed)


def test_nothing_typed_leaves_the_list_whole_and_marks_alone_find_nothing(app: Flask) -> None:
    db.session.add(Employer(name="柳州一厂"))
    db.session.commit()
    for typed, number in (("", 1), ("  ", 1), ("%", 0), ("·（）", 0), ("_", 0)):
        assert len(db.session.scalars(searched(select(Employer), [Employer.search_text], typed)).all()) == number


def test_what_a_row_is_found_by_follows_its_columns(app: Flask) -> None:
    user = make_user(username="li.wei", display_name="李伟")
    db.session.commit()
    assert user.search_text == "李伟\nliwei\nliwei lw"
    user.display_name = "覃伟"
    db.session.commit()
    assert user.search_text == "覃伟\nliwei\nqinwei qw tanwei tw"
    user.password_hash = None
    user.active = False
    db.session.commit()
    assert user.search_text.startswith("覃伟")


def test_rows_inserted_in_bulk_are_found_too(app: Flask) -> None:
    rows = [{"id": new_id(), "name": f"第{number}厂（柳州）"} for number in range(3)]
    db.session.execute(insert(Employer), rows)
    users = [
        {"id": new_id(), "username": f"u{each}", "display_name": each, "created_at": clock.now()} for each in "甲乙"
    ]
    db.session.connection().execute(insert(User.__table__), users)
    db.session.commit()
    assert len(db.session.scalars(searched(select(Employer), [Employer.search_text], "厂柳州")).all()) == 3
    assert len(db.session.scalars(searched(select(User), [User.search_text], "yi")).all()) == 1


def searched_tables() -> list[type[DeclarativeBase]]:
    return [each.class_ for each in Base.registry.mappers if issubclass(each.class_, Searched)]


def test_a_table_that_is_searched_names_columns_that_it_has(app: Flask) -> None:
    tables = searched_tables()
    assert len(tables) >= 10
    for model in tables:
        named = {*model.searched_texts, *model.searched_names}  # type: ignore[attr-defined]
        assert named and named <= set(inspect(model).columns.keys()), model


def test_no_list_looks_through_a_text_that_is_not_folded() -> None:
    """Search boxes give `search_text` of a marked table; what compares by itself is base/searching alone."""
    wrong = []
    for path in SOURCES.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lists = [
            node.value for node in tree.body if isinstance(node, ast.Assign) and "SEARCH" in ast.unparse(node.targets)
        ]
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        lists += [each.value for call in calls for each in call.keywords if each.arg == "search"]
        wrong += [f"{path.name}: {column}" for given in lists for column in unfolded(given)]
        compared = (each.func.attr for each in calls if isinstance(each.func, ast.Attribute))
        wrong += [f"{path.name}: {each}" for each in compared if each in ("icontains", "ilike") and path.name != OWN]
    assert not wrong


def unfolded(given: ast.expr) -> list[str]:
    """Columns among those given to a search that are no `search_text`; a list with a name is looked at where it is made."""
    columns = given.elts if isinstance(given, ast.List | ast.Tuple) else []
    return [column for each in columns if not (column := ast.unparse(each)).endswith(".search_text")]
