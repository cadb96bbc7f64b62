"""Commands of this feature: `flask programme load-reference` puts in the levels and occupations to start with."""

import click
from flask import Flask
from flask.cli import AppGroup

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.permissions import SYSTEM
from competitions.programme.reference.services import load_reference

group = AppGroup("programme", help="Competitions and their editable data.")


@group.command("load-reference")
def load_reference_command() -> None:
    """Add the levels and occupations that are missing; nothing is changed."""
    with transaction() as session:
        added = load_reference(session, by=SYSTEM, at=clock.now())
    click.echo(f"新增 {added} 条级别和职业")


def register(app: Flask) -> None:
    """Put the commands on the application."""
    app.cli.add_command(group)
