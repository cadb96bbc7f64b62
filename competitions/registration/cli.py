"""Commands of registration: `flask roster check FILE --json` (contracts.md), `flask registration purge`."""

import json
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.clock import beijing_text
from competitions.base.database import db
from competitions.base.kept_files import end, sweep
from competitions.base.permissions import SYSTEM
from competitions.registration.purging import Purge, planned, purge
from competitions.tabular.roster_check import check

roster = AppGroup("roster", help="名单")
group = AppGroup("registration", help="报名")


@roster.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="打印 JSON")
@click.pass_context
def check_file(context: click.Context, file: Path, as_json: bool) -> None:
    """What is in a roster; exit 0 without errors, 1 with, 2 when it cannot be read. Needs no database."""
    try:
        data = file.read_bytes()
    except OSError:
        data = b""
    document, code = check(data, file.name)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{len(document['people'])} 人，{len(document['problems'])} 处问题")
        for problem in document["problems"]:
            click.echo(f"{problem['sheet'] or ''} {problem['message']}")
    context.exit(code)


@group.command("purge")
@click.option("--dry-run", is_flag=True, help="只列出将删除的内容，不删除")
@click.option("--json", "as_json", is_flag=True, help="打印 JSON")
def purge_personal_data(dry_run: bool, as_json: bool) -> None:
    """Delete ID numbers, phones and the like of competitions archived twelve months ago (for cron, daily), and
    files that nothing links. Exit 1 with a sentence when the database cannot be used; nothing is deleted then.
    """
    try:
        if dry_run:
            found = planned(db.session(), clock.now())
        else:
            with transaction() as session:
                found = purge(session, by=SYSTEM, at=clock.now())
                end(session, clock.now())
    except SQLAlchemyError as fault:
        reason = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise click.ClickException(f"没有删除任何内容，数据库出错：{reason}") from fault
    if not dry_run:
        sweep(db.session())
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **found.document()}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_lines_of(found, "将删除" if dry_run else "已删除")))


def _lines_of(found: Purge, done: str) -> list[str]:
    lines = [
        f"{each.name}（{beijing_text(each.archived_at, '%Y-%m-%d')} 归档）：{done} {each.members} 名成员的手机号和其他个人信息"
        for each in found.competitions
    ]
    if found.workers:
        lines.append(f"{done} {found.workers} 人的身份证号")
    if found.uploads:
        lines.append(f"{done} {found.uploads} 份过期未确认的上传表格")
    return lines or ["没有到期的个人信息。"]


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(group)
    app.cli.add_command(roster)
