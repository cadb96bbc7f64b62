"""Unions and employers in bulk: each row compared with what is there (unit_writing writes them). Knows no file format.

A row names its unit; blank cells leave what is there. Moving a union is not an import's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.permissions import Actor, Permission
from competitions.organisations.models import TERRITORIAL_KINDS, Area, Employer, Union
from competitions.organisations.queries import employers_to_edit, is_own_union, unions_in_scope
from competitions.organisations.services import EmployerFacts, UnionFacts
from competitions.words.codes import WORDS
from competitions.words.sentences import sentence

_EDIT = Permission.EDIT_ORGANISATIONS
_UNION_CELLS = ("short_name", "area_code", "uscc", "contact", "contact_phone")
_CODED_CELLS = (("ownership", "ownership"), ("industry", "industry"), ("size", "unit_size"))


@dataclass(slots=True)
class Compared:
    """One row of the file beside what is there: `state` is new, changed, same or wrong; `changes` name old and new."""

    row: int
    name: str
    values: Mapping[str, str | None]
    facts: UnionFacts | EmployerFacts
    faults: list[str]
    existing: Union | Employer | None = None
    parent_name: str = ""
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)

    @property
    def changes_in_words(self) -> list[tuple[str, str, str]]:
        """What confirming would change: the field, what stands there, what comes; units by id are named by the file."""
        kinds = {"kind": "union_kind", "ownership": "ownership", "size": "unit_size", "industry": "industry"}
        return [
            (
                WORDS["unit_field"][name],
                "" if name == "union_id" else _word(kinds.get(name), old),
                str(self.values.get("union")) if name == "union_id" else _word(kinds.get(name), new),
            )
            for name, old, new in self.changes
        ]

    @property
    def state(self) -> str:
        """What confirming would do with this row."""
        return "wrong" if self.faults else "new" if self.existing is None else "changed" if self.changes else "same"


def compare(session: Session, actor: Actor, purpose: str, rows: Sequence[Mapping[str, Any]]) -> list[Compared]:
    """Every row with its state; `purpose` is "unions" or "employers"."""
    known = _Known(session, actor, purpose, rows)
    compared = [known.union(row) if purpose == "unions" else known.employer(row) for row in rows]
    _note_repeats(compared)
    return compared


class _Known:
    """What the rows may refer to, loaded in a few queries; a class, because every row needs all of it."""

    def __init__(self, session: Session, actor: Actor, purpose: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.actor = actor
        values = [row["values"] for row in rows]
        model: type[Union] | type[Employer] = Union if purpose == "unions" else Employer
        names = [value["unit_name"] for value in values if value.get("unit_name")]
        uppers = [name for value in values if (name := value.get("parent") or value.get("union"))]
        self.units = {unit.name: unit for unit in _named(session, model, names)}
        codes = [value["uscc"] for value in values if value.get("uscc")]
        self.codes = {
            code: unit for code, unit in session.execute(select(model.uscc, model.id).where(model.uscc.in_(codes)))
        }
        visible = unions_in_scope(session, actor, _EDIT)
        self.uppers = {union.name: union for union in session.scalars(visible.where(Union.name.in_(uppers)))}
        mine = (
            visible.where(Union.name.in_(names))
            if purpose == "unions"
            else employers_to_edit(session, actor).where(Employer.name.in_(names))
        )
        self.mine = {unit.id for unit in session.scalars(mine)}
        self.areas = set(
            session.scalars(
                select(Area.code).where(
                    Area.code.in_([value["area_code"] for value in values if value.get("area_code")])
                )
            )
        )
        self.added: set[str] = set()

    def union(self, row: Mapping[str, Any]) -> Compared:
        """A row of the union worksheet."""
        value = row["values"]
        name, parent = value.get("unit_name") or "", value.get("parent") or ""
        facts = UnionFacts(name=name, kind=_code("union_kind", value.get("kind")) or "enterprise")
        compared = self._compared(row, name, replace(facts, **_filled(value, _UNION_CELLS)))
        compared.parent_name = parent
        existing = compared.existing
        if isinstance(existing, Union):
            given = {"kind": facts.kind, **_filled(value, _UNION_CELLS)}
            self._note_changes(compared, UnionFacts.of(existing), given)
            if is_own_union(self.actor, existing, _EDIT) and compared.changes:
                self._refuse(compared, "own_union")
            if parent and (existing.parent is None or existing.parent.name != parent):
                self._refuse(compared, "other_parent", parent=parent)
        elif parent and parent not in self.uppers and parent not in self.added:
            self._refuse(compared, "parent_unknown", parent=parent)
        if compared.facts.area_code and facts.kind not in TERRITORIAL_KINDS:
            self._refuse(compared, "area_not_territorial")
        if compared.facts.uscc and not compared.facts.uscc.startswith("81"):
            self._refuse(compared, "uscc_union")
        self.added.add(name)
        return compared

    def employer(self, row: Mapping[str, Any]) -> Compared:
        """A row of the employer worksheet."""
        value = row["values"]
        name, union = value.get("unit_name") or "", value.get("union") or ""
        given = {
            **_filled(value, ("uscc", "park", "area_code")),
            **{name_: code for name_, kind in _CODED_CELLS if (code := _code(kind, value.get(name_)))},
        }
        if value.get("new_employment"):
            given["new_employment"] = value["new_employment"] == "是"
        if union in self.uppers:
            given["union_id"] = self.uppers[union].id
        compared = self._compared(row, name, replace(EmployerFacts(name=name), **given))
        if isinstance(compared.existing, Employer):
            self._note_changes(compared, EmployerFacts.of(compared.existing), given)
        if union and union not in self.uppers:
            self._refuse(compared, "parent_unknown", parent=union)
        if not union and compared.existing is None and not self.actor.scopes(_EDIT).system:
            self._refuse(compared, "union_needed")
        if compared.facts.uscc and compared.facts.uscc.startswith("81"):
            self._refuse(compared, "uscc_employer")
        return compared

    def _compared(self, row: Mapping[str, Any], name: str, facts: UnionFacts | EmployerFacts) -> Compared:
        compared = Compared(row["row"], name, row["values"], facts, list(row["faults"]), self.units.get(name))
        if compared.existing is not None and compared.existing.id not in self.mine:
            compared.existing = None
            self._refuse(compared, "name_taken")
        owner = self.codes.get(facts.uscc) if facts.uscc else None
        if owner and (compared.existing is None or owner != compared.existing.id):
            self._refuse(compared, "uscc_taken")
        if facts.area_code and facts.area_code not in self.areas:
            self._refuse(compared, "area_unknown")
        return compared

    @staticmethod
    def _note_changes(compared: Compared, before: UnionFacts | EmployerFacts, given: Mapping[str, Any]) -> None:
        compared.facts = replace(before, **given)
        old = asdict(before)
        compared.changes = [(name, old[name], new) for name, new in given.items() if old[name] != new]

    @staticmethod
    def _refuse(compared: Compared, code: str, **params: Any) -> None:
        compared.faults.append(f"第 {compared.row} 行：" + sentence(f"invalid.unit.{code}", **params))


def _note_repeats(compared: Sequence[Compared]) -> None:
    seen: dict[str, int] = {}
    for row in compared:
        first = seen.setdefault(row.name, row.row)
        if row.name and first != row.row:
            row.faults.append(f"第 {row.row} 行：" + sentence("invalid.unit.repeated", first=first))
    codes: dict[str, str] = {}
    for row in compared:
        if row.facts.uscc and codes.setdefault(row.facts.uscc, row.name) != row.name:
            row.faults.append(f"第 {row.row} 行：" + sentence("invalid.unit.uscc_taken"))


def _named(session: Session, model: type[Any], names: Sequence[str]) -> list[Any]:
    """Units by name, in portions that both databases take."""
    unique = sorted(set(names) - {""})
    return [
        unit
        for start in range(0, len(unique), 500)
        for unit in session.scalars(select(model).where(model.name.in_(unique[start : start + 500])))
    ]


def _word(kind: str | None, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return WORDS[kind].get(value, str(value)) if kind else str(value or "")


def _code(kind: str, word: str | None) -> str:
    return next((code for code, known in WORDS[kind].items() if known == word), "")


def _filled(value: Mapping[str, str | None], names: Sequence[str]) -> dict[str, Any]:
    return {name: value[name] for name in names if value.get(name)}
