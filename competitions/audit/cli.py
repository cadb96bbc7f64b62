"""Commands: verifying the audit chain and all that hangs on it, and writing an anchor."""

import json
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from competitions.audit import anchors as anchoring
from competitions.audit.findings import first_bad
from competitions.audit.verification import Report
from competitions.audit.verification import verify as verify_all
from competitions.base import clock
from competitions.base.database import db

SOUND, BROKEN, UNCHECKED = 0, 1, 2
_HEADS = {"error": "错误", "warning": "注意", "note": "说明"}
group = AppGroup("audit", help="The audit chain.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--chain", "chain_only", is_flag=True, help="Only the chain: numbers, links and hashes.")
@click.option("--from", "start", type=click.IntRange(min=1), default=1, metavar="SEQ", help="Begin at this record.")
@click.option(
    "--anchors", type=click.Path(path_type=Path, dir_okay=False), help="File of anchors (default: the instance's)."
)
@click.pass_context
def verify(context: click.Context, as_json: bool, chain_only: bool, start: int, anchors: Path | None) -> None:
    """Exit 0 when everything is sound, 1 when it is broken (the first bad record is named), 2 when it cannot be checked."""
    own = anchoring.anchor_file(current_app.extensions["settings"].instance_path)
    try:
        if anchors and not anchors.is_file():
            raise FileNotFoundError(f"没有锚点文件 {anchors}")
        report = verify_all(db.session(), at=clock.now(), start=start, anchors=anchors or own, chain_only=chain_only)
    except (SQLAlchemyError, OSError, RuntimeError) as fault:
        reason = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        click.echo(
            json.dumps({"sound": None, "error": reason}, ensure_ascii=False) if as_json else f"无法核验：{reason}"
        )
        context.exit(UNCHECKED)
    finally:
        db.session.rollback()
    click.echo(json.dumps(report.document(), ensure_ascii=False, indent=1) if as_json else _words(report))
    context.exit(SOUND if report.sound else BROKEN)


@group.command("anchor")
@click.option("--reason", default="manual", show_default=True, help="Why it is written down now.")
def anchor(reason: str) -> None:
    """Append number and hash of the last record to instance/anchors.jsonl, outside the database."""
    file = anchoring.anchor_file(current_app.extensions["settings"].instance_path)
    written = anchoring.write_anchor(db.session(), file, reason=reason, at=clock.now())
    click.echo(f"已写入锚点：第 {written.seq} 条 {written.hash}")


def _words(report: Report) -> str:
    lines = [f"共 {report.records} 条审计记录，末条第 {report.seq} 条 {report.hash}"]
    lines += [f"{_HEADS[finding.document()['severity']]}：{finding.sentence}" for finding in report.findings]
    bad = first_bad(report.findings)
    return "\n".join([*lines, f"核验未通过。最早的问题：{bad.sentence}" if bad else "核验通过。"])
