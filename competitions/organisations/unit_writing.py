"""Writing what an import of unions or employers comes to: made ready before the write transaction, written in it by as many
statements for two thousand rows as for one, all or nothing. Knows no file format.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.recording import record, record_all
from competitions.base.errors import Stale, StateForbids
from competitions.base.many import add_rows, values_of
from competitions.base.permissions import Actor, Permission
from competitions.organisations import unit_import
from competitions.organisations.models import Area, Employer, Union
from competitions.organisations.queries import employers_to_edit, unions_in_scope
from competitions.organisations.services import DEEPEST, EmployerFacts, UnionFacts
from competitions.organisations.unit_import import Compared

_EDIT = Permission.EDIT_ORGANISATIONS
BATCH = 500
Rows = Sequence[Mapping[str, Any]]
Told = list[tuple[str, dict[str, Any]]]


@dataclass(slots=True)
class PreparedUnits:
    """The compared rows, what they rest on (`ground`), and all that is written: new rows, new facts of known units by id
    and version, and what the audit says of each.
    """

    purpose: str
    rows: Rows
    compared: list[Compared]
    ground: dict[str, Any]
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    created: Told = field(default_factory=list)
    edited: Told = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, same."""
        return {state: sum(row.state == state for row in self.compared) for state in ("new", "changed", "same")}


def prepare_units(session: Session, actor: Actor, purpose: str, rows: Rows) -> PreparedUnits:
    """Compare the rows with what is there and make ready what confirming them writes. Only reads."""
    ground = _ground(session, actor, purpose, rows)
    found = PreparedUnits(purpose, rows, unit_import.compare(session, actor, purpose, rows), ground)
    if any(row.faults for row in found.compared):
        return found
    places = _Places(ground)
    for row in found.compared:
        if row.existing is not None:
            _edit(found, row, row.existing)
        elif isinstance(row.facts, UnionFacts):
            unit = places.union(row, row.facts)
            _create(found, unit, row, {"parent": unit.parent_id})
        else:
            _create(found, Employer(**asdict(row.facts)), row, {"union": row.facts.union_id})
    return found


def apply_prepared(
    session: Session, actor: Actor, sha256: str, prepared: PreparedUnits, *, at: datetime, upload_id: str | None = None
) -> dict[str, int]:
    """Write it, all or nothing; `upload_id`: what the record is of. Returns how many rows are new, changed, same.

    Raises StateForbids when a row is wrong, Stale when what the rows were compared with has changed since: compare anew.
    """
    if any(row.faults for row in prepared.compared):
        raise StateForbids("import_changed")
    if _ground(session, actor, prepared.purpose, prepared.rows, lock=True) != prepared.ground:
        raise Stale()
    model = _model(prepared.purpose)
    try:
        add_rows(session, model, prepared.new)
        if prepared.changed:
            session.connection().execute(_new_facts(model), prepared.changed)
    except IntegrityError as fault:  # a name or code that somebody else has taken in this moment
        raise Stale() from fault
    kind, counts = prepared.purpose.removesuffix("s"), prepared.counts
    record_all(session, f"{kind}.create", kind, prepared.created, by=actor, at=at)
    record_all(session, f"{kind}.edit", kind, prepared.edited, by=actor, at=at)
    after = {**counts, "file": sha256}
    record(session, f"{prepared.purpose}.import", "import", upload_id, by=actor, at=at, after=after)
    return counts


class _Places:
    """Where new unions hang in the tree; a class, because a row may hang below another one of the same file."""

    def __init__(self, ground: Mapping[str, Any]) -> None:
        self._paths: dict[str, tuple[str, str]] = dict(ground["uppers"])
        self._last: dict[str, int] = dict(ground["last"])

    def union(self, row: Compared, facts: UnionFacts) -> Union:
        """The union of a row. Raises StateForbids when the tree would be too deep."""
        parent_id, path = self._paths[row.parent_name]
        if path.count("/") > DEEPEST:
            raise StateForbids("tree_too_deep", most=DEEPEST)
        self._last[parent_id] = self._last.get(parent_id, 0) + 1
        union = Union(**asdict(facts), parent_id=parent_id, position=self._last[parent_id])
        union.path = f"{path}{union.id}/"
        self._paths[row.name] = union.id, union.path
        return union


def _create(found: PreparedUnits, unit: Union | Employer, row: Compared, told: dict[str, Any]) -> None:
    found.new.append(values_of(unit))
    found.created.append((unit.id, {"after": {**told, "digest": digest(asdict(row.facts))}}))


def _edit(found: PreparedUnits, row: Compared, unit: Union | Employer) -> None:
    before, after = asdict(type(row.facts).of(unit)), asdict(row.facts)  # type: ignore[arg-type]
    names = [name for name in after if after[name] != before[name]]
    if names:
        known = {column: after.get(column, getattr(unit, column)) for column in unit.searched_texts}
        search = {"search_text": unit.search_text_of(known)}
        found.changed.append({**after, **search, "unit": unit.id, "next": unit.version + 1})
        facts = {"before": {"digest": digest(before)}, "after": {"digest": digest(after), "changed": names}}
        found.edited.append((unit.id, facts))


def _new_facts(model: type[Union] | type[Employer]) -> Any:
    table = model.metadata.tables[model.__tablename__]
    names = (UnionFacts if model is Union else EmployerFacts).__slots__
    values: dict[str, Any] = {name: bindparam(name) for name in (*names, "search_text")}
    return update(table).where(table.c.id == bindparam("unit")).values(**values, version=bindparam("next"))


def _model(purpose: str) -> type[Union] | type[Employer]:
    return Union if purpose == "unions" else Employer


def _ground(session: Session, actor: Actor, purpose: str, rows: Rows, *, lock: bool = False) -> dict[str, Any]:
    """All that the rows may refer to, as values. `lock`: the units above are held until the transaction ends, so that
    nobody moves them.
    """
    values = [row["values"] for row in rows]
    model = _model(purpose)
    names = _given(values, "unit_name")
    uppers = [*_given(values, "parent"), *_given(values, "union")]
    visible = unions_in_scope(session, actor, _EDIT)
    own = visible if purpose == "unions" else employers_to_edit(session, actor)
    above = [
        row
        for part in _parts(uppers)
        for row in session.execute(
            visible.where(Union.name.in_(part))
            .order_by(Union.id)
            .with_only_columns(Union.name, Union.id, Union.path)
            .with_for_update(of=Union, read=True)
            if lock
            else visible.where(Union.name.in_(part)).with_only_columns(Union.name, Union.id, Union.path)
        )
    ]
    return {
        "units": _pairs(session, select(model.name, model.id, model.version), model.name, names),
        "codes": _pairs(session, select(model.uscc, model.id), model.uscc, _given(values, "uscc")),
        "mine": _pairs(session, own.with_only_columns(model.name), model.name, names),
        "areas": _pairs(session, select(Area.code), Area.code, _given(values, "area_code")),
        "uppers": {name: (key, path) for name, key, path in above},
        "last": _last_positions(session, [key for _, key, _ in above]) if purpose == "unions" else {},
    }


def _last_positions(session: Session, parents: Sequence[str]) -> dict[str, int]:
    return {
        str(key): last
        for part in _parts(parents)
        for key, last in session.execute(
            select(Union.parent_id, func.max(Union.position)).where(Union.parent_id.in_(part)).group_by(Union.parent_id)
        )
    }


def _given(values: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [value[name] for value in values if value.get(name)]


def _pairs(session: Session, asked: Any, column: Any, wanted: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """First column → the others, of the rows whose `column` is among those wanted."""
    return {row[0]: tuple(row[1:]) for part in _parts(wanted) for row in session.execute(asked.where(column.in_(part)))}


def _parts(wanted: Iterable[str]) -> list[list[str]]:
    unique = sorted(set(wanted))
    return [unique[start : start + BATCH] for start in range(0, len(unique), BATCH)]
