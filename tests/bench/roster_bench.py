"""The whole preview request of a roster of 1,000 rows, against calamine's bare read of the same file."""

import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineWorkbook

from competitions.app import create_app
from competitions.base.config import from_environment
from competitions.base.database import db
from tests.conftest import make_schema
from tests.factories_registration import make_id_number, make_region, make_roster, roster_row, signed_in
from tests.registration.uploading import counts, upload

ROWS, RUNS, LIMIT = 1_000, 7, 20
HEADINGS = (
    "序号",
    "代表队",
    "单位名称",
    "参赛项目",
    "姓名",
    "性别",
    "民族",
    "出生年月",
    "身份证号",
    "文化程度",
    "职业技能等级",
    "本工种工龄",
    "手机",
    "衣服尺码",
    "备注",
)


def table() -> list[tuple[str, str, str]]:
    """What was measured, its figure and its limit."""
    with tempfile.TemporaryDirectory() as place:
        settings = from_environment(
            {"INSTANCE_PATH": place, "DATABASE_URL": f"sqlite:///{Path(place) / 'bench.sqlite'}"}
        )
        make_schema(settings.database_url)
        app = create_app(settings)
        with app.app_context():
            region = make_region()
            db.session.commit()
            data = make_roster([_row(region.employer.name, count) for count in range(ROWS)], HEADINGS)
            client = signed_in(app, region.reporter)
            where = upload(client, region.competition, region.enterprise, data)
            db.session.rollback()
            assert counts(client, where) == {"新增": ROWS, "变化": 0, "相同": 0, "有误": 0}
            bare = _best(lambda: CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python())
            preview = _best(lambda: client.get(where))
            sent = _best(lambda: upload(client, region.competition, region.enterprise, data))
            db.session.remove()
            db.engine.dispose()
    return [
        (f"{name} of {ROWS} rows / bare read ({bare * 1000:.0f} ms)", f"{seconds / bare:.1f}", f"≤ {LIMIT}")
        for name, seconds in (("preview request", preview), ("upload request", sent))
    ]


def _row(employer: str, count: int) -> dict[str, object]:
    number = make_id_number(count, born=f"{1970 + count % 30}0307", area=f"4501{3 + count // 30 % 9:02d}")
    return roster_row(
        employer,
        身份证号=number,
        序号=count + 1,
        代表队="甲市",
        民族="壮族",
        出生年月=f"{number[6:10]}-03",
        文化程度="大专",
        本工种工龄="8",
        衣服尺码="XL",
        备注="",
    )


def _best(act: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds: the machine has other work."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return min(times)
