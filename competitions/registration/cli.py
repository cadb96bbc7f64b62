"""Commands of registration: `flask roster check FILE --json` (contracts.md)."""

import json
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.tabular.roster_check import check

roster = AppGroup("roster", help="名单")


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


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(roster)
