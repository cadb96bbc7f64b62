"""Commands about the application itself. Knows routes and permissions, no feature."""

import json

import click
from flask import Flask, current_app

from competitions.web.declared import declared


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


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(permissions)
