"""Commands about accounts."""

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.accounts import tampering
from competitions.accounts.factor.unbinding import unbind_only_administrator
from competitions.accounts.giving import other_administrators
from competitions.accounts.passwords import normalised_username
from competitions.accounts.queries import user_by_name
from competitions.accounts.services import create_administrator, reset_account
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import SYSTEM
from competitions.base.roles import ADMINISTRATOR
from competitions.words.sentences import worded

__all__ = ["register", "tampering"]
group = AppGroup("accounts", help="Accounts.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("lost-phone")
@click.argument("name")
def lost_phone_command(name: str) -> None:
    """Unbind the lost phone of the ONLY administrator; with two of them two people do it on the pages."""
    try:
        with transaction() as session:
            user = user_by_name(session, normalised_username(name))
            if user is None:
                raise click.ClickException("没有这个用户名。")
            unbind_only_administrator(session, user, at=clock.now())
    except StateForbids as fault:
        raise click.ClickException("；".join(worded(problem) for problem in fault.told)) from fault
    click.echo("动态口令已解除。下次登录时用新手机重新设置。")


@group.command("create-admin")
@click.argument("name")
def create_admin(name: str) -> None:
    """Make an administrator and print his one-time token (24 hours, /activate)."""
    try:
        with transaction() as session:
            code = create_administrator(session, name, at=clock.now())
            made = user_by_name(session, normalised_username(name))
            alone = made is not None and not other_administrators(session, made.id, clock.now())
    except Invalid as fault:
        said = [worded(problem) for problem in fault.told]
        raise click.ClickException("；".join(said)) from fault
    click.echo(code)
    click.echo("24 小时内打开 /activate，用用户名和这个一次性激活码设置密码。", err=True)
    if alone:
        click.echo(
            "这是唯一的系统管理员。授予审定、监督和管理角色须两人办理：请再运行一次，为另一个人建立账号，激活码直接交给他本人。",
            err=True,
        )


@group.command("reset-admin")
@click.argument("name")
def reset_admin(name: str) -> None:
    """Give an administrator a new one-time token, when no two others can do it on the pages."""
    with transaction() as session:
        user = user_by_name(session, normalised_username(name))
        if user is None or not any(row.role == ADMINISTRATOR for row in user.roles):
            raise click.ClickException("没有这个系统管理员。")
        code = reset_account(session, user, by=SYSTEM, at=clock.now())
    click.echo(code)
    click.echo("原密码已作废。24 小时内打开 /activate，用用户名和这个一次性激活码设置密码。", err=True)
