"""Commands about accounts."""

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.accounts import tampering
from competitions.accounts.services import create_administrator
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid
from competitions.words.sentences import worded

__all__ = ["register", "tampering"]
group = AppGroup("accounts", help="Accounts.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("create-admin")
@click.argument("name")
def create_admin(name: str) -> None:
    """Make an administrator and print his one-time token (24 hours, /activate)."""
    try:
        with transaction() as session:
            code = create_administrator(session, name, at=clock.now())
    except Invalid as fault:
        said = [worded(problem) for problem in fault.told]
        raise click.ClickException("；".join(said)) from fault
    click.echo(code)
    click.echo("24 小时内打开 /activate，用用户名和这个一次性激活码设置密码。", err=True)
