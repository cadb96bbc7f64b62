"""How long the acts of clerks hold the write lock of SQLite, for which every judge's save waits: nobody over 150 ms.

One act after the other through the pages, in one process that does nothing else; a noisy machine tells more.
"""

import gc
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from competitions.app import create_app
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.config import from_environment
from competitions.base.database import db
from competitions.coding import services as coding
from competitions.coding.queries import code_sheets
from competitions.judging.panels.services import open_judging
from competitions.programme.models import Stage
from competitions.tabular.writing import Table, TableColumn, write_workbook
from tests import factories_worksheets as marks
from tests.bench.holding import holds
from tests.bench.rosters import roster_of
from tests.conftest import make_schema
from tests.factories import actor, make_union, make_user
from tests.factories_coding import make_contest, make_official
from tests.factories_judging import make_hall
from tests.factories_registration import make_region, signed_in
from tests.people import Client
from tests.registration.uploading import confirm, upload

LIMIT = 150
ENTRIES, CODES, ACCOUNTS, UNITS = 1_000, 500, 500, 2_000
Line = tuple[str, str, str]
GIVEN = "强春燕家豪德胜秀英"


def table() -> list[Line]:
    """The longest hold of each act in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="locks-bench-") as name:
        settings = from_environment({"INSTANCE_PATH": name, "DATABASE_URL": f"sqlite:///{Path(name) / 'b.sqlite'}"})
        make_schema(settings.database_url)
        app = create_app(settings)
        gc.collect()
        gc.freeze()  # as the server does
        try:
            with app.app_context():
                return [*registration(app), *imports(app), *codes(), *sheets(app)]
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def held(words: str, act: Callable[[], object]) -> Line:
    """The longest hold while the act is done."""
    with holds() as found:
        said = act()
    assert said in (None, 200, 303), (words, said)
    return f"{words}: write lock held, ms", f"{max(found) * 1000:.0f}", f"≤ {LIMIT}"


def registration(app: Flask) -> list[Line]:
    """Rosters of 300 and 1,000 rows, then the acts on all of the filter."""
    region = make_region()
    db.session.commit()
    clients = [signed_in(app, user) for user in (region.reporter, region.reviewer, region.organiser)]
    reporter, reviewer, organiser = clients
    employer, union, competition = region.employer.name, region.enterprise, region.competition
    lines = []
    for rows, first in ((300, 0), (ENTRIES - 300, 300), (ENTRIES, 0)):
        place = upload(reporter, competition, union, roster_of(employer, rows, first=first))
        db.session.rollback()
        lines.append(held(f"roster of {rows} rows", lambda place=place: confirm(reporter, place)))
    base, city = f"/desk/competitions/{competition.id}", region.city.id
    page = reporter.post(f"{base}/entries/submission", {"all": "1"}).get_data(as_text=True)
    consent = re.search(r'name="consent_version"[^>]*value="(\d+)"', page)
    assert consent
    told = {"all": "1", "is_true": "y", "told": "y", "consent_version": consent.group(1)}
    for words, client, place, fields in (
        ("submitting", reporter, "entries/submit", told),
        ("endorsing", reviewer, "entries/endorse", {"all": "1"}),
        ("closing the list of", reviewer, "lists", {"union": city}),
        ("approving", organiser, "entries/approve", {"all": "1"}),
    ):
        lines.append(held(f"{words} {ENTRIES} entries", _sending(client, f"{base}/{place}", fields)))
    return lines


def _sending(client: Client, path: str, fields: dict[str, str]) -> Callable[[], object]:
    return lambda: client.post(path, fields).status_code


def imports(app: Flask) -> list[Line]:
    """Unions and accounts by worksheet."""
    db.session.rollback()
    root = make_union(name="某某省总工会", area_code=None)
    administrator = make_user(("administrator", "system", None))
    db.session.commit()
    top, client = root.name, signed_in(app, administrator)
    unions = [[f"邕江{number}厂工会", top, "企业工会"] for number in range(UNITS)]
    accounts = [
        [f"qiye{number:04d}", f"韦国{GIVEN[number % len(GIVEN)]}", f"邕江{number}厂工会", "报送工会经办人"]
        for number in range(ACCOUNTS)
    ]
    lines = []
    for words, path, headings, rows in (
        (f"{UNITS} unions by worksheet", "/desk/import/unions", ["工会名称", "上级工会", "工会类型"], unions),
        (f"{ACCOUNTS} accounts by worksheet", "/desk/users/import", ["用户名", "姓名", "单位", "角色"], accounts),
    ):
        place, _ = marks.preview(client, path, _workbook(headings, rows))
        lines.append(held(words, _sending(client, f"{place}/confirm", {})))
    return lines


def _workbook(headings: list[str], rows: list[list[str]]) -> bytes:
    columns = [TableColumn(heading, heading) for heading in headings]
    return write_workbook([Table("表", columns, [dict(zip(headings, row, strict=True)) for row in rows])], title="表")


def codes() -> list[Line]:
    """Lots and codes of a large stage."""
    db.session.rollback()
    stage = make_contest(CODES, stations=CODES)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    at, key = clock.now(), stage.id

    def act(words: str, verb: Callable[..., object]) -> Line:
        def once() -> None:
            with transaction() as session:
                verb(session, session.get_one(Stage, key))

        return held(f"{words} {CODES}", once)

    return [
        act("lots of", lambda s, stage: coding.draw_lots(s, stage, "246810", by=coder, at=at)),
        act("codes of", lambda s, stage: coding.draw_codes(s, stage, 1, by=coder, at=at)),
        act("sealing", lambda s, stage: coding.seal(s, code_sheets(s, stage.id)[0], by=coder, at=at)),
        act("witnessing", lambda s, stage: coding.witness_seal(s, code_sheets(s, stage.id)[0], by=supervisor, at=at)),
    ]


def sheets(app: Flask) -> list[Line]:
    """Opening the sheets of five judges, a worksheet of marks."""
    codes = tuple(f"A{number:03d}" for number in range(CODES))
    hall = make_hall(app, judges=5, codes=codes, open_sheets=False)
    organiser, key = actor(hall.people["organiser"]), hall.stage.id

    def opening() -> None:
        with transaction() as session:
            open_judging(session, session.get_one(Stage, key), by=organiser, at=clock.now())

    lines = [held(f"opening {CODES} × 5 sheets", opening)]
    theory = marks.theory_hall(app, codes=codes)
    client, path = theory.client("tabulator"), marks.desk(theory)
    template = client.get(f"{path}/template.xlsx").data
    cells = {(ticket, "得分"): "85.5" for ticket in marks.tickets(theory).values()}
    place, _ = marks.preview(client, path, marks.filled(template, cells))
    lines.append(held(f"worksheet of {CODES} marks", lambda: marks.confirm(client, place).status_code))
    return lines
