"""Sorted lists have one order on both databases, whatever language the PostgreSQL server was set up for."""

import pytest
from flask import Flask
from sqlalchemy import String, column, select, text

from competitions.base.database import db
from competitions.base.ordering import ordered

UNITS = ["柳州钢铁", "a焊接厂", "广西路桥", "Z厂", "（筹）南宁轨道", "北海港", "01厂", "𠮷田机械", "安吉汽运"]


@pytest.mark.parametrize("sort", ["unit", "-unit"])
def test_text_is_sorted_by_code_point_under_any_collation(app: Flask, sort: str) -> None:
    values = ", ".join(f"('{name}')" for name in UNITS)
    if db.engine.dialect.name == "postgresql":  # what a server set up in Chinese does by itself
        rows = f'(SELECT unit COLLATE "zh-x-icu" AS unit FROM (VALUES {values}) AS given(unit)) AS listed'
    else:
        rows = f"(SELECT column1 AS unit FROM (VALUES {values})) AS listed"
    unit = column("unit", String)
    statement = ordered(select(unit).select_from(text(rows)), {"unit": unit}, sort, unit)
    assert list(db.session.scalars(statement)) == sorted(UNITS, reverse=sort.startswith("-"))
