"""The one blueprint of this feature, and what its pages share: problems at their fields, conflicts shown side by side.

Knows forms and errors only; the pages are in the `…_views` modules.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint
from wtforms import Form as AnyForm
from wtforms import SelectField

from competitions.base.clock import beijing_text
from competitions.base.errors import Invalid, Stale
from competitions.words.sentences import worded

bp = Blueprint("programme", __name__)


def show_problems(form: AnyForm, fault: Invalid) -> None:
    """Put each problem beside the field it is about (or at the form when it is about none)."""
    for problem in fault.problems:
        if problem.where in form:
            field = form[problem.where]
            field.errors = [*field.errors, worded(problem)]
        else:
            form.form_errors.append(worded(problem))


def show_conflict(form: AnyForm, fault: Stale) -> list[tuple[str, str, str]]:
    """(label, what is there now, what was typed) for every field that differs; the form then carries the current
    version, so that sending it once more is a decision and not an accident.
    """
    current: Mapping[str, Any] = fault.extra["current"]
    differing = []
    for name, value in current.items():
        if name in form and name != "version" and _text(form[name].data) != _text(value):
            field = form[name]
            differing.append((field.label.text, _shown(field, value), _shown(field, field.data)))
    form["version"].process_data(current["version"])
    form["version"].raw_data = None
    return differing


def _shown(field: Any, value: Any) -> str:
    """A value as people read it: a choice by its label."""
    words = (
        {str(choice.value): str(choice.label) for choice in field.iter_choices()}
        if isinstance(field, SelectField)
        else {}
    )
    return words.get(_text(value)) or _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if hasattr(value, "strftime"):
        return beijing_text(value)
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return "\n".join(_text(each) for each in value)
    return "是" if value is True else "否" if value is False else str(value)
