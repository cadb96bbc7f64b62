"""The tabulator's grid says what can still be typed, and when nothing can."""

from flask import Flask
from sqlalchemy import update

from competitions.base.database import db
from competitions.judging.models import ScoreSheet
from tests.factories_worksheets import theory_hall


def test_a_signed_grid_says_so_and_has_no_button(app: Flask) -> None:
    hall = theory_hall(app)
    tabulator, address = hall.client("tabulator"), f"/desk/modules/{hall.modules['theory'].id}/tabulation"
    open_grid = tabulator.get(address).get_data(as_text=True)
    assert ">保存</button>" in open_grid and "已签字" not in open_grid
    db.session.rollback()
    db.session.execute(update(ScoreSheet).values(state="signed"))
    db.session.commit()
    signed = tabulator.get(address).get_data(as_text=True)
    assert ">保存</button>" not in signed and "本模块已签字，成绩不能再改" in signed


def test_the_menu_speaks_of_marks_and_not_of_theory(app: Flask) -> None:
    page = theory_hall(app).client("tabulator").get("/desk/judging/tabulation").get_data(as_text=True)
    assert "成绩录入" in page and "理论成绩录入" not in page
