"""`flask demo load`: fills an empty database with the demonstration and says who can sign in."""

import json
import sys

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.base.migrating import upgrade_when_old
from competitions.demo.crowd.sizes import SIZES, Scale
from competitions.demo.loading import SEED, NotEmpty, load
from competitions.demo.telling import document, sign_ins

group = AppGroup("demo", help="Demonstration data (synthetic people only).")


@group.command("load")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same names, numbers and marks.")
@click.option(
    "--scale",
    type=click.Choice(list(SIZES)),
    default="small",
    show_default=True,
    help="small: the demonstration; city, region: a whole installation around it, with years of competitions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print ids and sign-ins as JSON.")
def load_command(seed: int, scale: Scale, as_json: bool) -> None:
    """Fill an EMPTY database; exits 1 when it holds anything."""
    upgrade_when_old()
    try:
        story = load(seed, SIZES[scale], lambda told: click.echo(told, err=True))
    except NotEmpty:
        click.echo("数据库里已有账号，演示数据只能装入空库。请另设 DATABASE_URL 或 INSTANCE_PATH。", err=True)
        sys.exit(1)
    click.echo(json.dumps(document(story), ensure_ascii=False) if as_json else sign_ins(story))


def register(app: Flask) -> None:
    """Put the commands on the application."""
    app.cli.add_command(group)
