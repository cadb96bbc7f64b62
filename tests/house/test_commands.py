"""Commands about the application itself."""

import json

from flask import Flask


def test_every_rule_is_listed_with_its_methods_and_permission(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["permissions", "--json"])
    rules = json.loads(done.output)
    assert {rule["rule"] for rule in rules} == {rule.rule for rule in app.url_map.iter_rules()}
    login = next(rule for rule in rules if rule["rule"] == "/login" and rule["methods"] == ["POST"])
    assert login["permission"] == "public"
    assert all(rule["permission"] != "None" for rule in rules)
