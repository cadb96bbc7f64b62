"""Answers that several pages give: a workbook to download, a form again with what was refused. Knows no feature's objects."""

from collections.abc import Callable
from typing import Any

from flask import Response

from competitions.base import clock
from competitions.base.errors import Refusal, Stale
from competitions.tabular.writing import Table, content_disposition, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: bytes, name: str) -> Response:
    """An .xlsx as a download with a Chinese name and today's date."""
    answer = Response(data, mimetype=XLSX)
    answer.headers["Content-Disposition"] = content_disposition(
        f"{name}{clock.beijing_text(clock.now(), '%Y%m%d')}.xlsx"
    )
    return answer


def file_download(content: bytes, filename: str, media_type: str) -> Response:
    """A file that somebody sent us, always as a download: never shown by the browser as a page of ours."""
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = content_disposition(filename)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def table_download(name: str, *tables: Table) -> Response:
    """Tables as a workbook to download."""
    return download(write_workbook(tables, title=name, at=clock.now()), name)


def form_again(form: Any, fault: Refusal, version: int, page: Callable[[], str]) -> tuple[str, int]:
    """The form once more with what was refused; after a stale save the next one overwrites, knowing both versions."""
    if isinstance(fault, Stale):
        form.version.raw_data, form.version.data = None, version
    else:
        form.show(fault)
    return page(), fault.status
