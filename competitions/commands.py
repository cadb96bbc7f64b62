"""Commands about the application itself: its routes and permissions, its kept files. Knows no feature."""

import json

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.kept_files import end, sweep
from competitions.web.declared import declared

files = AppGroup("files", help="保存的文件")


@click.command("permissions")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def permissions(as_json: bool) -> None:
    """Every URL rule with its methods and its declared permission."""
    rules = [
        {
            "rule": rule.rule,
            "endpoint": rule.endpoint,
            "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            "permission": str(declared(current_app, rule.endpoint)),
        }
        for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
    ]
    if as_json:
        click.echo(json.dumps(rules, ensure_ascii=False, indent=1))
        return
    for rule in rules:
        click.echo(f"{rule['permission']:<24} {','.join(rule['methods']):<10} {rule['rule']}")


@files.command("sweep")
def sweep_files() -> None:
    """Remove the files that nothing links for a day (for cron, daily; `registration purge` does it too)."""
    try:
        with transaction() as session:
            end(session, clock.now())
        gone = sweep(db.session())
    except (SQLAlchemyError, OSError) as fault:
        reason = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise click.ClickException(f"清理没有完成：{reason}") from fault
    click.echo(f"已清理 {len(gone)} 个不再使用的文件。" if gone else "没有需要清理的文件。")


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(permissions)
    app.cli.add_command(files)
