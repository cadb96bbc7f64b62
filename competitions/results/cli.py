"""Commands of results: `flask event export` (a scoring case with codes) and `flask results verify`."""

import hashlib
import json
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from competitions.audit.chain import canonical
from competitions.audit.recording import record, transaction
from competitions.audit.verification import register_check
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.results.publications.verifying import audit_findings, verify_results
from competitions.results.standings.exporting import Ambiguous, division_named, event_named, exported_case, stage_named

SOUND, DIFFERENT, UNCHECKED = 0, 1, 2
events = AppGroup("event", help="Events: their scoring cases.")
group = AppGroup("results", help="Settled and published results.")
register_check("results", audit_findings)


@events.command("export")
@click.argument("event")
@click.option("--stage", help="Id or name; may be left out where the event has only one.")
@click.option("--division", help="Id or name; may be left out where the event has only one.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False, writable=True), help="File to write."
)
def export(event: str, stage: str | None, division: str | None, out: Path) -> None:
    """Write the scoring case of EVENT (id or name), with codes in place of people. Recorded; exit 1 with a sentence when
    something named is not there or the file cannot be written.
    """
    session = db.session()
    try:
        found = event_named(session, event)
        chosen = stage_named(session, found, stage)
        case, chosen_id = exported_case(session, chosen, division_named(session, found, division)), chosen.id
    except Ambiguous as fault:
        _stop(str(fault))
    except NotFound:
        _stop("这个阶段还没有计分规则，没有可以导出的计分数据。")
    except SQLAlchemyError as fault:
        _stop(f"无法读取数据库：{_reason(fault)}")
    written = canonical(case)
    try:
        with transaction():
            after = {"file": hashlib.sha256(written.encode()).hexdigest(), "rows": len(case["entrants"])}
            record(session, "case.export", "stage", chosen_id, by=None, at=clock.now(), after=after)
            out.write_text(written, encoding="utf-8")
    except OSError as fault:
        _stop(f"无法写入“{out}”：{fault.strerror}。")
    click.echo(f"已导出 {len(case['entrants'])} 个参赛编号的计分数据：{out}")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Recompute every settlement and publication. Exit 0 when all agree, 1 when not, 2 when it cannot be checked."""
    try:
        found = verify_results(db.session())
    except (SQLAlchemyError, OSError) as fault:
        reason = _reason(fault)
        click.echo(
            json.dumps({"sound": None, "error": reason}, ensure_ascii=False) if as_json else f"无法核验：{reason}"
        )
        context.exit(UNCHECKED)
    if as_json:
        document = {
            "sound": not found.findings,
            "publications": found.publications,
            "settlements": found.settlements,
            "findings": [finding.document() for finding in found.findings],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        click.echo(
            f"重新计算了 {found.publications} 份公布、{found.settlements} 次结算，{len(found.findings)} 处不一致。"
        )
        for finding in found.findings:
            click.echo(finding.sentence)
    context.exit(DIFFERENT if found.findings else SOUND)


def register(app: Flask) -> None:
    """Put the commands on the application."""
    app.cli.add_command(events)
    app.cli.add_command(group)


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "orig", None) or fault).splitlines()[0]


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(1)
