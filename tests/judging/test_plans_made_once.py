"""Confirming an upload plans it once; the file is read, and a worksheet of marks planned, before the transaction begins."""

from typing import Any

import pytest
from flask import Flask

from competitions.base.database import write_intent
from competitions.judging.schemes import worksheet_views
from competitions.judging.worksheets import services
from competitions.uploads.files import SentFile
from tests.factories_judging import make_hall
from tests.factories_worksheets import confirm, desk, filled, preview, theory_hall, tickets, workbook_of
from tests.judging.test_scheme_tables import A1, A2, A3, HEADING, place_of


def watched(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[bool]:
    """Each call of a function, and whether it came in a transaction that writes."""
    calls: list[bool] = []
    known = getattr(owner, name)

    def calling(*arguments: Any, **more: Any) -> Any:
        calls.append(write_intent.get())
        return known(*arguments, **more)

    monkeypatch.setattr(owner, name, calling)
    return calls


def test_a_worksheet_is_read_and_planned_once_before_the_transaction(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    template = tabulator.get(f"{desk(hall)}/template.xlsx").data
    place, _ = preview(tabulator, desk(hall), filled(template, {(ticket["A01"], "得分"): 71}))
    reads, plans = watched(monkeypatch, SentFile, "table"), watched(monkeypatch, services, "plan_marks")
    assert confirm(tabulator, place).status_code == 303
    assert (reads, plans) == ([False], [False])


def test_a_refused_worksheet_is_shown_by_the_plan_that_was_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    template = tabulator.get(f"{desk(hall)}/template.xlsx").data
    place, _ = preview(tabulator, desk(hall), filled(template, {(ticket["A01"], "得分"): 171}))
    plans = watched(monkeypatch, services, "plan_marks")
    refused = confirm(tabulator, place)
    assert refused.status_code == 409 and "没有写入" in refused.get_data(as_text=True)
    assert plans == [False]


def test_a_scheme_is_read_before_the_transaction_and_judged_once_in_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = make_hall(app, aspects=[], open_sheets=False)
    organiser = hall.client("organiser")
    place, _ = preview(organiser, place_of(hall), workbook_of(HEADING, A1, A2, A3))
    reads, plans = watched(monkeypatch, SentFile, "table"), watched(monkeypatch, worksheet_views, "read_scheme")
    assert confirm(organiser, place, base="0", reason="").status_code == 303
    assert (reads, plans) == ([False], [True])
