"""Rows of the ruleset form: choices that depend on other rows; adding, removing and moving; faults put at their fields."""

import re
from typing import Any

from competitions.base.problems import Problem
from competitions.programme.rulesets.form_rows import MOST_ROWS
from competitions.programme.rulesets.forms import RulesetForm, leaves
from competitions.programme.rulesets.key_words import offered
from competitions.web.fields import choices
from competitions.words.sentences import sentence

NEW_ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "modules": (
        "m",
        {
            "name": "",
            "kind": "practice",
            "full_marks": "100",
            "weight": "0",
            "judges": 1,
            "drop_highest": 0,
            "drop_lowest": 0,
            "overtime": "none",
            "places": 2,
            "mode": "half_up",
        },
    ),
    "groups": ("g", {"weight": "100", "places": 2, "modules": []}),
    "tie_breaks": ("", {"by": "time", "aspect": "", "better": ""}),
    "awards-list": ("a", {"kind": "count", "amount": "1"}),
    "honours": ("h", {"kind": "rank_to", "rank_from": 1, "amount": "1", "awards": []}),
    "teams-tie_breaks": ("", {"by": "time", "aspect": "", "better": ""}),
    "teams-awards-list": ("t", {"kind": "count", "amount": "1"}),
}
"""List → (first letter of new ids, values of a new row)."""
PLACES = (
    (r"-(round)-places$", "-places"),
    (r"-weighted_round-places$", "-weighted_places"),
    (r"-panel$", "-judges"),
    (r"-overtime$", "-limit"),
    (r"(tie_breaks-\d+)$", r"\1-by"),
    (r"(list-\d+)$", r"\1-amount"),
    (r"(honours-\d+)$", r"\1-amount"),
    (r"^advance-(count|percent)$", "advance-amount"),
    (r"^teams-award_points.*$", "awards-list-0-points"),
    (r"^standard_score$", "standard-on"),
)
"""Where in the document → which field of the form, as patterns."""


def offer_choices(form: RulesetForm) -> None:
    """Offer the modules, groups and awards that stand in the form where they are to be chosen."""
    modules = [(row["id"], row["name"] or row["id"]) for row in form.modules.data]
    groups = [(row["id"], row["name"] or row["id"]) for row in form.groups.data]
    for row in form.groups:
        row.form.modules.choices = choices(modules)
    for row in form.tie_breaks:
        row.form.by.choices = choices(offered(modules, groups, for_teams=False))
    for row in form.teams.form.tie_breaks:
        row.form.by.choices = choices(offered(modules, groups, for_teams=True))
    named = [(row["id"], row["name"] or row["id"]) for row in form.awards.form.list.data]
    for row in form.honours:
        row.form.awards.choices = choices(named)


def changed_rows(typed: dict[str, Any], act: str) -> dict[str, Any]:
    """The typed values after "add:modules", "remove:groups:0", "up:tie_breaks:2" or "down:…"; else unchanged."""
    verb, _, rest = act.partition(":")
    name, _, number = rest.partition(":")
    if name not in NEW_ROWS:
        return typed
    rows = _list(typed, name)
    index = int(number) if number.isdecimal() and len(number) < 4 else -1
    if verb == "add" and len(rows) < MOST_ROWS:
        rows.append(_new_row(name, rows))
    elif verb == "remove" and 0 <= index < len(rows):
        rows.pop(index)
    elif verb == "up" and 0 < index < len(rows):
        rows[index - 1], rows[index] = rows[index], rows[index - 1]
    elif verb == "down" and 0 <= index < len(rows) - 1:
        rows[index + 1], rows[index] = rows[index], rows[index + 1]
    return typed


def _list(typed: dict[str, Any], name: str) -> list[dict[str, Any]]:
    place: Any = typed
    for part in name.split("-"):
        place = place[part]
    rows: list[dict[str, Any]] = place
    return rows


def _new_row(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    letter, values = NEW_ROWS[name]
    if not letter:
        return dict(values)
    taken = {row["id"] for row in rows}
    number = next(number for number in range(1, MOST_ROWS + 2) if f"{letter}{number}" not in taken)
    return {**values, "id": f"{letter}{number}"}


def show_faults(form: RulesetForm, problems: list[Problem]) -> None:
    """Put every fault of the document at the field it comes from; one that has none stands above the form."""
    fields = {field.name: field for field in leaves(form)}
    for problem in problems:
        where = problem.params.get("where", problem.where or "")
        message = sentence(problem.code, **{**problem.params, "where": "规则"})
        field = fields.get(field_name(where))
        if field is None:
            form.form_errors.append(message)
        else:
            field.errors = [*field.errors, message]


def field_name(where: str) -> str:
    """The name of the form's field for a place in the document: "modules[0].panel" → "modules-0-judges"."""
    name = re.sub(r"\[(\d+)\]", r"-\1", where).replace(".", "-")
    for pattern, field in PLACES:
        changed = re.sub(pattern, field, name)
        if changed != name:
            return changed
    return name


def errors_of(form: RulesetForm) -> list[tuple[str | None, str, str]]:
    """(id of the field, its label with the row it stands in, what is wrong) for everything that is wrong."""
    found: list[tuple[str | None, str, str]] = [(None, "", error) for error in form.form_errors]
    for field in leaves(form):
        for error in field.errors:
            if isinstance(error, str):
                found.append((field.id, _label(field), error))
    return found


def _label(field: Any) -> str:
    """ "模块“理论”的满分", "奖项第 2 行的数量"."""
    row = re.match(r"(.+)-(\d+)-", field.name)
    label = field.label.text
    if not row:
        return str(label)
    words = {
        "modules": "模块",
        "groups": "分组",
        "tie_breaks": "比较项",
        "awards-list": "奖项",
        "honours": "荣誉",
        "teams-tie_breaks": "团体比较项",
        "teams-awards-list": "团体奖项",
    }
    return f"{words.get(row[1], '')}第 {int(row[2]) + 1} 行“{label}”"
