"""Commands about the union tree."""

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import NotFound
from competitions.base.permissions import SYSTEM
from competitions.organisations.seed import seed_region

group = AppGroup("organisations", help="The union tree.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("seed")
@click.option("--area", default="450000", show_default=True, help="GB/T 2260 code of the province.")
def seed(area: str) -> None:
    """Build the union tree of a province; what is there already stays."""
    try:
        with transaction() as session:
            name = seed_region(session, area, by=SYSTEM, at=clock.now()).name
    except NotFound as fault:
        raise click.ClickException(f"{area} 不是省级行政区划代码。") from fault
    click.echo(f"已建立：{name}")
