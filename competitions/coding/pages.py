"""The one blueprint of this feature and what its pages share: a stage in scope, workbooks as answers. Knows the request."""

from typing import Any

from flask import Blueprint, Response
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.coding.queries import staged
from competitions.programme.models import Stage
from competitions.programme.queries import stages_in_scope
from competitions.tabular.writing import Table, content_disposition, write_workbook

bp = Blueprint("coding", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EMPTY = {
    "title": "还没有可办理的阶段",
    "text": "组委会把本账号设为某个赛项的工作人员后，该赛项的各阶段会列在这里。",
    "url": "",
    "label": "",
}


def stage_here(session: Session, stage_id: str, *permissions: Permission) -> Stage:
    """The stage in the caller's scope, with event and competition. Raises NotFound."""
    found = session.scalar(staged(stages_in_scope(current_user, *permissions)).where(Stage.id == stage_id))
    if found is None:
        raise NotFound
    return found


def workbook(tables: list[Table], name: str) -> Response:
    """An .xlsx with neutral properties: no time, no person (design.md §7)."""
    return Response(
        write_workbook(tables, title=name),
        mimetype=XLSX,
        headers={"Content-Disposition": content_disposition(f"{name}.xlsx")},
    )


def words_of(stage: Stage) -> dict[str, Any]:
    """What every page of a stage shows over its heading."""
    return {"stage": stage, "event": stage.event, "competition": stage.event.competition}
