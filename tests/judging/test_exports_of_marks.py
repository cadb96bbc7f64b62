"""Files with marks are counted by the hour and recorded with their digest; blank papers are neither."""

import hashlib
import json

from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.base.database import db
from competitions.judging.settings import HALL_FILES
from tests.factories import allow
from tests.judging.test_signing import signed_hall


def recorded() -> list[dict[str, object]]:
    db.session.rollback()
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "marks.export").order_by(AuditEvent.seq))
    return [{"by": event.by_id, "module": event.object_id, **json.loads(event.payload)["after"]} for event in events]


def test_score_sheets_and_the_summary_with_marks_are_recorded(app: Flask) -> None:
    hall = signed_hall(app)
    module, chief = hall.modules["practice"].id, hall.client("chief_judge")
    said = []
    for path in ("score-sheets.xlsx", "summary.xlsx"):
        answer = chief.get(f"/desk/modules/{module}/{path}")
        assert answer.status_code == 200
        said.append(hashlib.sha256(answer.data).hexdigest())
    found = recorded()
    assert [each["file"] for each in found] == said
    assert {(each["by"], each["module"]) for each in found} == {(hall.people["chief_judge"].id, module)}
    assert all(isinstance(each["rows"], int) and each["rows"] for each in found)


def test_files_with_marks_are_limited_by_the_hour_and_refused_ones_are_not_recorded(app: Flask) -> None:
    hall = signed_hall(app)
    allow(HALL_FILES, 10)
    path = f"/desk/modules/{hall.modules['practice'].id}/score-sheets.xlsx"
    chief = hall.client("chief_judge")
    assert [chief.get(path).status_code for _ in range(11)] == [200] * 10 + [429]
    assert len(recorded()) == 10


def test_blank_papers_are_not_counted(app: Flask) -> None:
    hall = signed_hall(app)
    judge = hall.client(hall.judges[0])
    path = f"/desk/modules/{hall.modules['practice'].id}/own-worksheet/papers.xlsx"
    assert judge.get(path).status_code == 200 and recorded() == []
    assert judge.get(f"{path}?marks=1").status_code == 200 and len(recorded()) == 1


def test_a_worksheet_is_recorded_when_marks_are_in_it(app: Flask) -> None:
    hall = signed_hall(app)
    judge, module = hall.client(hall.judges[0]), hall.modules["practice"].id
    answer = judge.get(f"/desk/modules/{module}/own-worksheet/template.xlsx")
    assert answer.status_code == 200
    assert [each["file"] for each in recorded()] == [hashlib.sha256(answer.data).hexdigest()]
